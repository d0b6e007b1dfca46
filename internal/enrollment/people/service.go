package people

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
)

// serviceName is the schema, and the actor of what happens by itself.
const serviceName = "enrollment"

// topicPatients is the feed of patients' facts.
const topicPatients = "patients"

// Accounts is the part of auth's generated client that activation needs.
type Accounts interface {
	EnsureAccount(ctx context.Context, req *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error)
}

// Deps is what the people side of enrollment needs. Every field but Jobs,
// HelpPhone, Demo, MailsPerSecond and Pace is required.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *audit.Reads
	Seal  *seal.Sealer
	// Jobs may follow by SetJobs: the queue is built with our workers.
	Jobs     *jobs.Queue
	Bell     *cache.Bell
	Throttle *cache.Throttle
	Mail     mail.Sender
	Accounts Accounts
	// BaseURL is where the portal's pages are: what links in mails begin with.
	BaseURL string
	// HelpPhone stands in mails; empty leaves the line out.
	HelpPhone string
	// Demo allows SeedDemo.
	Demo bool
	// MailsPerSecond spaces invitations; 5 if zero.
	MailsPerSecond int
	// Pace is the time that every answer to typed details takes at least, so
	// that its length tells nothing; 150 ms if zero.
	Pace time.Duration
}

// Service turns members into patients and keeps who acts for whom.
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
	accounts Accounts
	letters  letters
	demo     bool
	step     time.Duration
	pace     time.Duration
	source   *feed.Source
	docs     documents
	attempts attempts
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Seal", d.Seal != nil},
		{"Bell", d.Bell != nil}, {"Throttle", d.Throttle != nil}, {"Mail", d.Mail != nil},
		{"Accounts", d.Accounts != nil}, {"BaseURL", d.BaseURL != ""},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's people need %s", need.name))
		}
	}
	docs, err := readDocuments()
	if err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	perSecond, pace := d.MailsPerSecond, d.Pace
	if perSecond <= 0 {
		perSecond = 5
	}
	if pace <= 0 {
		pace = 150 * time.Millisecond
	}
	return &Service{
		db: d.DB, q: db.New(), clock: d.Clock, log: d.Log, audit: d.Audit, seal: d.Seal, jobs: d.Jobs,
		throttle: d.Throttle, mail: d.Mail, accounts: d.Accounts, demo: d.Demo, pace: pace,
		letters:  letters{baseURL: d.BaseURL, helpPhone: d.HelpPhone},
		step:     time.Second / time.Duration(perSecond),
		source:   feed.NewSource(d.DB, d.Bell, serviceName, topicPatients),
		docs:     docs,
		attempts: defaultAttempts(),
	}, nil
}

// SetJobs gives the service its queue, before it serves.
func (s *Service) SetJobs(q *jobs.Queue) { s.jobs = q }

// Ready says whether the service can answer: the primary does.
func (s *Service) Ready(ctx context.Context) error {
	if s.jobs == nil {
		return errors.New("enrollment's people are not ready: no job queue")
	}
	if err := s.db.Ping(ctx); err != nil {
		return fmt.Errorf("enrollment is not ready: %w", err)
	}
	return nil
}

// Ring says that patients' facts changed; call it after the commit of a
// transaction that ran OnMembersChanged.
func (s *Service) Ring() { s.source.Ring(topicPatients) }

// today is the day that rights and ages are judged on.
func (s *Service) today() time.Time { return ofage.Day(s.clock.Now()) }

// self is the actor of what nobody signed in has done.
func self() audit.Actor { return audit.Actor{Service: serviceName} }
