package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/feed"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
)

// serviceName is the schema, and the actor of what auth does by itself.
const serviceName = "auth"

// The feeds: of ended sessions, and of addresses that were changed.
const (
	topicRevocations = "revocations"
	topicAddresses   = "addresses"
)

// Deps is what auth needs. Every field but HelpPhone and Demo is required.
type Deps struct {
	DB       *pg.DB
	Log      *slog.Logger
	Seal     *seal.Sealer
	Jobs     *jobs.Queue
	Bell     *cache.Bell
	Throttle *cache.Throttle
	Mail     mail.Sender
	// BaseURL is where the portal's pages are: what links in mails begin with.
	BaseURL string
	// HelpPhone stands in mails; empty leaves the line out.
	HelpPhone string
	// Demo opens the one-click sign-in of demo accounts.
	Demo bool
}

// Service answers who is signed in, and whether that is still good.
type Service struct {
	db       *pg.DB
	q        *db.Queries
	log      *slog.Logger
	seal     *seal.Sealer
	jobs     *jobs.Queue
	throttle *cache.Throttle
	mail     mail.Sender
	letters  letters
	demo     bool
	source   *feed.Source
	hasher   *hasher
	keys     *keyring
	attempts attempts
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var missing []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Seal", d.Seal != nil}, {"Jobs", d.Jobs != nil},
		{"Bell", d.Bell != nil}, {"Throttle", d.Throttle != nil}, {"Mail", d.Mail != nil},
		{"BaseURL", d.BaseURL != ""},
	} {
		if !need.ok {
			missing = append(missing, fmt.Errorf("auth needs %s", need.name))
		}
	}
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	q := db.New()
	return &Service{
		db: d.DB, q: q, log: d.Log, seal: d.Seal, jobs: d.Jobs,
		throttle: d.Throttle, mail: d.Mail, demo: d.Demo,
		letters:  letters{baseURL: d.BaseURL, helpPhone: d.HelpPhone},
		source:   feed.NewSource(d.DB, d.Bell, serviceName, topicRevocations, topicAddresses),
		hasher:   newHasher(runtime.GOMAXPROCS(0), hashWait),
		keys:     &keyring{db: d.DB, q: q, seal: d.Seal, log: d.Log},
		attempts: defaultAttempts(),
	}, nil
}

// Runners keeps the signing keys fresh and sweeps what is of no more use.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{
		lifecycle.Loop("auth-keys", s.log, s.keys.run),
		lifecycle.Loop("auth-sweep", s.log, s.sweepLoop),
	}
}

// Ready says whether sign-in works: the primary answers and there is a key.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return fmt.Errorf("auth is not ready: %w", err)
	}
	if _, err := s.keys.current(ctx); err != nil {
		return fmt.Errorf("auth is not ready: %w", err)
	}
	return nil
}

// self is the actor of what nobody signed in has done: a failed sign-in, a
// code that was asked for, a sweep.
func self() audit.Actor { return audit.Actor{Service: serviceName} }
