package acting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Deps is what this side of enrollment needs. Every field but Jobs and
// HelpPhone is required.
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
	// BaseURL is where the portal's pages are: what links in mails begin with.
	BaseURL string
	// HelpPhone stands in mails; empty leaves the line out.
	HelpPhone string
	// Hold locks patients and whoever is the same human, before anything is
	// written about them.
	Hold func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// Publish puts patients' facts into the feed, in the transaction that
	// changed them; Ring says so after its commit.
	Publish func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	Ring    func()
	// PatientOf is the patient that a member is, made if need be.
	PatientOf func(ctx context.Context, tx pgx.Tx, member uuid.UUID, language string) (ids.PatientID, error)
	// Document is the hash of the words of a document, if they exist.
	Document func(kind, version, language string) (hash []byte, ok bool)
}

// Service keeps who acts for others.
type Service struct {
	d       Deps
	q       *db.Queries
	letters letters
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Seal", d.Seal != nil},
		{"Throttle", d.Throttle != nil}, {"Mail", d.Mail != nil}, {"BaseURL", d.BaseURL != ""}, {"Hold", d.Hold != nil}, {"Publish", d.Publish != nil},
		{"Ring", d.Ring != nil}, {"PatientOf", d.PatientOf != nil}, {"Document", d.Document != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's acting side needs %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Service{d: d, q: db.New(), letters: letters{baseURL: d.BaseURL, helpPhone: d.HelpPhone}}, nil
}

// SetJobs gives the service its queue, before it serves.
func (s *Service) SetJobs(q *jobs.Queue) { s.d.Jobs = q }

// today is the day that rights and ages are judged on.
func (s *Service) today() time.Time { return people.Day(s.d.Clock.Now()) }

// own is the patient that an account is itself: an adult, or it is refused.
func (s *Service) own(ctx context.Context, from pg.DBTX, account ids.AccountID) (db.OwnPatientRow, error) {
	own, err := s.q.OwnPatient(ctx, from, db.OwnPatientParams{Account: account.UUID, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return db.OwnPatientRow{}, errOwnPatientNeeded()
	}
	if err != nil {
		return db.OwnPatientRow{}, fmt.Errorf("reading whom the account is: %w", err)
	}
	if own.BirthDate.After(people.AdultIfBornBy(s.today())) {
		return db.OwnPatientRow{}, errAdultNeeded()
	}
	return own, nil
}

// allow counts one try of an account, or of an address.
func (s *Service) allow(ctx context.Context, what, who string, most int) error {
	if ok, retry := s.d.Throttle.Allow(ctx, "acting:"+what+":"+who, most, time.Hour); !ok {
		return errs.TooManyTries(retry)
	}
	return nil
}

// sweepEvery is how often links past their time are put away. Nothing depends
// on it: every statement judges time itself.
const sweepEvery = 10 * time.Minute

// Runners puts away what has ended.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Loop("enrollment-acting-sweep", s.d.Log, s.sweepLoop)}
}

func (s *Service) sweepLoop(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if _, err := s.q.EndInvitations(ctx, s.d.DB.W.DB()); err != nil {
			return fmt.Errorf("ending invitations to caregivers: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
