package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// serviceName is the schema, and the actor of what happens by itself.
const serviceName = "enrollment"

// People is what this side uses of package people.
type People interface {
	// Hold locks patients and whoever is the same human, before anything is
	// written about them.
	Hold(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// Publish tells other services what is known of patients; Ring follows the
	// commit.
	Publish(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	Ring()
	// TellRoster queues the mail to a member's address on the roster.
	TellRoster(ctx context.Context, tx pgx.Tx, actor audit.Actor, member uuid.UUID, patient ids.PatientID, language string) error
	OpenTyped(activation uuid.UUID, sealed []byte) (people.Typed, error)
}

// Deps is what this side of enrollment needs. Every field but Jobs, HelpPhone
// and Pace is required.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *audit.Reads
	Seal  *seal.Sealer
	// Jobs may follow by SetJobs: the queue is built with our workers.
	Jobs     *jobs.Queue
	Throttle *cache.Throttle
	Mail     mail.Sender
	Accounts people.Accounts
	Owners   Owners
	People   People
	// BaseURL is where the portal's pages are: what links in mails begin with.
	BaseURL string
	// HelpPhone stands in mails; empty leaves the line out.
	HelpPhone string
	// Pace is the time that every start takes at least, so that its length
	// tells nothing; 150 ms if zero.
	Pace time.Duration
}

// Service opens accounts with addresses of people's own, and keeps what staff
// found out about them.
type Service struct {
	db       *pg.DB
	q        *db.Queries
	clock    clock.Clock
	log      *slog.Logger
	audit    *audit.Reads
	seal     *seal.Sealer
	jobs     *jobs.Queue
	throttle *cache.Throttle
	mail     mail.Sender
	accounts people.Accounts
	owners   Owners
	people   People
	letters  letters
	pace     time.Duration
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Seal", d.Seal != nil},
		{"Throttle", d.Throttle != nil}, {"Mail", d.Mail != nil}, {"Accounts", d.Accounts != nil}, {"Owners", d.Owners != nil},
		{"People", d.People != nil}, {"BaseURL", d.BaseURL != ""},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's identity needs %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	pace := d.Pace
	if pace <= 0 {
		pace = 150 * time.Millisecond
	}
	return &Service{
		db: d.DB, q: db.New(), clock: d.Clock, log: d.Log, audit: d.Audit, seal: d.Seal, jobs: d.Jobs, throttle: d.Throttle,
		mail: d.Mail, accounts: d.Accounts, owners: d.Owners, people: d.People, pace: pace,
		letters: letters{baseURL: d.BaseURL, helpPhone: d.HelpPhone},
	}, nil
}

// SetJobs gives the service its queue, before it serves.
func (s *Service) SetJobs(q *jobs.Queue) { s.jobs = q }

// sweepEvery is how often what came to nothing is forgotten.
const sweepEvery = time.Hour

// Runners forget what nobody has to look at any more.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Every("enrollment-identity-sweep", s.log, sweepEvery, s.sweep)}
}

func (s *Service) sweep(ctx context.Context) error {
	if _, err := s.q.ForgetTyped(ctx, s.db.W.DB()); err != nil {
		return fmt.Errorf("forgetting typed details: %w", err)
	}
	if _, err := s.q.ForgetRegistrations(ctx, s.db.W.DB()); err != nil {
		return fmt.Errorf("forgetting registrations: %w", err)
	}
	return nil
}

// today is the day that rights and ages are judged on.
func (s *Service) today() time.Time { return people.Day(s.clock.Now()) }

// self is the actor of what nobody signed in has done.
func self() audit.Actor { return audit.Actor{Service: serviceName} }
