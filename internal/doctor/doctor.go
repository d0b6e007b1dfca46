// Package doctor looks at everything that the portal depends on and says how to mend what is wrong. It changes nothing,
// and what it tells holds no secrets and no health data.
package doctor

import (
	"context"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/stack"
)

// patience bounds one check: a dead host must not hold the others up.
const patience = 5 * time.Second

// Check is what was found out about one dependency.
type Check struct {
	Name   string
	OK     bool
	Detail string // what was found, or what is wrong
	Mend   string // what to do; empty when OK
}

// Options say where to look.
type Options struct {
	Config *config.Config
	Dir    string // data folder of `bedside up`
	Port   int    // port of `bedside up`
	// Texts lists the words that nobody has reviewed; nil if there are none.
	Texts func() error
}

// exam is a check that has not been made.
type exam struct {
	name string
	mend string
	look func(ctx context.Context) (detail string, err error)
}

// Run makes all checks at once and returns them in their order. Where no database is configured, the machine is checked
// for `bedside up`, and the portal that runs in the data folder, if there is one.
func Run(ctx context.Context, o Options) []Check {
	if o.Config.DatabaseURL != "" {
		return examine(ctx, append(append(secrets(o.Config), texts(o)), servers(o.Config)...))
	}
	exams := machine(o)
	if h, ok, err := stack.Find(o.Dir); err == nil && ok && h.Primary != "" {
		running := *o.Config
		running.DatabaseURL, running.OwnerURL, running.ReplicaURL, running.RedisAddr = h.Primary, h.Primary, h.Standby, h.Redis
		exams = append(exams, servers(&running)...)
	}
	return examine(ctx, exams)
}

func examine(ctx context.Context, exams []exam) []Check {
	checks := make([]Check, len(exams))
	var all sync.WaitGroup
	for i, e := range exams {
		all.Go(func() {
			limit, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			checks[i] = Check{Name: e.name, OK: true}
			detail, err := e.look(limit)
			checks[i].Detail = detail
			if err != nil {
				checks[i] = Check{Name: e.name, Detail: err.Error(), Mend: e.mend}
			}
		})
	}
	all.Wait()
	return checks
}
