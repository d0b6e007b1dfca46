package letters

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// serviceName is the schema, and the actor of what happens by itself.
const serviceName = "enrollment"

const (
	// letterLife is how long a code is good.
	letterLife = 60 * 24 * time.Hour
	// printLife is how long a batch can be printed.
	printLife = 24 * time.Hour
	// activationLife is how long it may take from the code of the letter to
	// that of the mail.
	activationLife = time.Hour
	// maxTries is how often a birth date or a mailed code may be wrong.
	maxTries = 5
	// maxMails is how many codes one activation mails.
	maxMails = 5
	// batchMost is how many letters one batch holds.
	batchMost = 500
)

// Deps is what letters need. Every field but Jobs, HelpPhone and Pace is
// required.
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
	// Activate makes a proven member a patient with an account.
	Activate func(ctx context.Context, p people.Proof) (people.Activated, error)
	// Hold locks patients and whoever is the same human, before anything is
	// written about them.
	Hold func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// Publish publishes patients' facts, in the transaction that changes them;
	// Ring says so after its commit.
	Publish func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	Ring    func()
	// HelpPhone stands in mails; empty leaves the line out.
	HelpPhone string
	// Pace is the time that asking for a letter, and trying a code, takes at
	// least, so that its length tells nothing; 150 ms if zero.
	Pace time.Duration
}

// Service makes letters, and opens accounts by them.
type Service struct {
	d Deps
	q *db.Queries
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Seal", d.Seal != nil}, {"Throttle", d.Throttle != nil},
		{"Mail", d.Mail != nil}, {"Activate", d.Activate != nil}, {"Hold", d.Hold != nil}, {"Publish", d.Publish != nil}, {"Ring", d.Ring != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's letters need %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if d.Pace <= 0 {
		d.Pace = 150 * time.Millisecond
	}
	return &Service{d: d, q: db.New()}, nil
}

// SetJobs gives the service its queue, before it serves.
func (s *Service) SetJobs(q *jobs.Queue) { s.d.Jobs = q }

// Runners wipes codes that nobody can print any more.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Every("sweep of letters' codes", s.d.Log, 10*time.Minute, s.sweep)}
}

func (s *Service) sweep(ctx context.Context) error {
	if _, err := s.q.ForgetOldCodes(ctx, s.d.DB.W.DB(), printLife.Seconds()); err != nil {
		return fmt.Errorf("wiping the codes of old letters: %w", err)
	}
	return nil
}

// today is the day that rights and ages are judged on.
func (s *Service) today() time.Time { return ofage.Day(s.d.Clock.Now()) }

func (s *Service) adultIfBornBy() time.Time { return ofage.BornBy(s.today()) }

// self is the actor of what nobody signed in has done.
func self() audit.Actor { return audit.Actor{Service: serviceName} }

// limit is how often something may be tried from one network.
type limit struct {
	name   string
	most   int
	window time.Duration
}

// allow counts one attempt from a client's network address, or at one thing.
func (s *Service) allow(ctx context.Context, l limit, what string) error {
	key := hex.EncodeToString(s.d.Seal.Hash("enrollment.letters.throttle", what))
	if ok, retry := s.d.Throttle.Allow(ctx, "letters:"+l.name+":"+key, l.most, l.window); !ok {
		return errs.TooManyTries(retry)
	}
	return nil
}

// paced lets an answer take its time, whatever it is.
func (s *Service) paced(ctx context.Context, do func() error) error {
	pace := time.NewTimer(s.d.Pace)
	defer pace.Stop()
	err := do()
	select {
	case <-pace.C:
	case <-ctx.Done():
	}
	return err
}
