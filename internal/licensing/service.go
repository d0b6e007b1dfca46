package licensing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/licensing/rules"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/pg"
)

// serviceName is the schema, and the actor of what licensing does by itself.
const serviceName = "licensing"

// The feed topics.
const (
	topicPhysicians = "physicians"
	topicRules      = "rules"
)

// Deps is what licensing needs. Every field but Demo is required; the zero
// Clock is the system's.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Bell  *cache.Bell
	// Demo lets invented physicians in: NPIs that begin with 9999, SeedDemo.
	Demo bool
}

// Service answers who may treat whom, where and how.
type Service struct {
	db     *pg.DB
	q      *db.Queries
	clock  clock.Clock
	log    *slog.Logger
	demo   bool
	source *feed.Source
	// files are the rule files of this binary, states the codes among them.
	files     []rules.File
	states    []string
	published atomic.Bool
}

// New builds the service; it reports every missing dependency at once and
// refuses a rule file that it cannot read.
func New(d Deps) (*Service, error) {
	var failed []error
	if d.DB == nil {
		failed = append(failed, errors.New("licensing needs DB"))
	}
	if d.Log == nil {
		failed = append(failed, errors.New("licensing needs Log"))
	}
	if d.Bell == nil {
		failed = append(failed, errors.New("licensing needs Bell"))
	}
	files, err := rules.Load()
	if err := errors.Join(append(failed, err)...); err != nil {
		return nil, err
	}
	s := &Service{
		db: d.DB, q: db.New(), clock: d.Clock, log: d.Log, demo: d.Demo, files: files,
		source: feed.NewSource(d.DB, d.Bell, serviceName, topicPhysicians, topicRules),
	}
	for _, f := range files {
		if f.Rules.State != jurisdiction.FederalState {
			s.states = append(s.states, f.Rules.State)
		}
	}
	return s, nil
}

// Runners publishes the rule files and sweeps what is of no more use.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Loop("licensing", s.log, s.run)}
}

const (
	sweepEvery = time.Hour
	keepFeed   = 30 * 24 * time.Hour
)

func (s *Service) run(ctx context.Context) error {
	if err := s.PublishRules(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.source.Prune(ctx, keepFeed); err != nil {
				return fmt.Errorf("sweeping licensing: %w", err)
			}
		}
	}
}

// Ready says whether neighbors can learn the rules: the primary answers and
// this process has published its files.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return fmt.Errorf("licensing is not ready: %w", err)
	}
	if !s.published.Load() {
		return errs.New(errs.Unavailable, "rules_not_published", "The licensing rules are still being published.")
	}
	return nil
}

// needsConfirmation reports whether an officer has to look before a license may
// be used: it was issued through the compact, by a state that is not known to
// be a member today.
func (s *Service) needsConfirmation(basis jurisdiction.Basis, state string) bool {
	if basis != jurisdiction.BasisIMLC {
		return false
	}
	today := jurisdiction.DateOf(s.clock.Now())
	return !slices.ContainsFunc(s.files, func(f rules.File) bool {
		return f.Rules.State == state && f.Rules.KnownMember(today)
	})
}
