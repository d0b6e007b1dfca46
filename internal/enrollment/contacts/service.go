package contacts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/contacts/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The kinds of contact points, and who says so.
const (
	kindEmail   = "email"
	kindPhone   = "phone"
	kindAddress = "address"
	fromPatient = "patient"
)

// Accounts is the part of auth's generated client that knows proven addresses.
type Accounts interface {
	SignInEmail(ctx context.Context, req *authv1.SignInEmailRequest) (*authv1.SignInEmailResponse, error)
}

// Deps is what the contacts of enrollment need. Every field is required.
type Deps struct {
	DB       *pg.DB
	Clock    clock.Clock
	Audit    *audit.Reads
	Accounts Accounts
	// Addresses is where auth tells of addresses that were changed.
	Addresses feed.Client
	Log       *slog.Logger
	// Hold locks patients and whoever is the same human, before anything is
	// written about them.
	Hold func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// Publish tells others of patients' facts in the transaction that changed
	// them; Ring says so after the commit.
	Publish func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	Ring    func()
}

// Service keeps how patients are reached.
type Service struct {
	Deps
	q         *db.Queries
	addresses *feed.Follower
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Audit", d.Audit != nil}, {"Accounts", d.Accounts != nil},
		{"Addresses", d.Addresses != nil}, {"Log", d.Log != nil}, {"Hold", d.Hold != nil},
		{"Publish", d.Publish != nil}, {"Ring", d.Ring != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's contacts need %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	s := &Service{Deps: d, q: db.New()}
	s.addresses = feed.NewFollower("enrollment/addresses", topicAddresses, rpc.ServiceFeed(d.Addresses), s.storeOfAddresses(), d.Log)
	return s, nil
}

// Runners follow auth's changed addresses.
func (s *Service) Runners() []lifecycle.Runner { return []lifecycle.Runner{s.addresses} }

// today is the day that rights are judged on.
func (s *Service) today() time.Time { return ofage.Day(s.Clock.Now()) }

// lockOwn locks a patient that the actor may act for today; any other is not
// found, and not locked. A right that ends while we wait counts no more.
func (s *Service) lockOwn(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID) error {
	if err := s.mayActFor(ctx, tx, actor, patient); err != nil {
		return err
	}
	if err := s.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return fmt.Errorf("locking a patient: %w", err)
	}
	return s.mayActFor(ctx, tx, actor, patient)
}

func (s *Service) mayActFor(ctx context.Context, from pg.DBTX, actor audit.Actor, patient ids.PatientID) error {
	own, err := s.q.IsOwnPatient(ctx, from, db.IsOwnPatientParams{Patient: patient.UUID, Account: actor.Account.UUID, Today: s.today()})
	if err != nil {
		return fmt.Errorf("looking for a patient: %w", err)
	}
	if !own {
		return errPatientUnknown()
	}
	return nil
}

// read refuses who may not act for a patient, and records the read.
func (s *Service) read(ctx context.Context, actor audit.Actor, patient ids.PatientID, action string) error {
	if err := s.mayActFor(ctx, s.DB.R.DB(ctx), actor, patient); err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, audit.Entry{Actor: actor, Patient: patient, Action: action}); err != nil {
		return fmt.Errorf("recording a read: %w", err)
	}
	return nil
}

func errPatientUnknown() *errs.Error {
	return errs.New(errs.NotFound, "patient_unknown", "We could not find that person among those you act for.")
}
