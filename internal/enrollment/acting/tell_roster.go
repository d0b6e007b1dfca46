package acting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// rosterNotice tells the roster's address of a child's subscriber that somebody
// has become the child's guardian. It holds ids; addresses are looked up when
// the mail leaves.
type rosterNotice struct {
	Patient uuid.UUID `json:"patient"`
	// Key is the request that it comes from.
	Key uuid.UUID `json:"key"`
}

// Kind implements river.JobArgs.
func (rosterNotice) Kind() string { return "enrollment_guardian_roster_notice" }

// InsertOpts implements river.JobArgsWithInsertOpts: a mail server may be away
// for a day.
func (rosterNotice) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 12} }

// tellRoster queues the mail to the subscribers of a child, whoever else is
// told: a guardian who should be none cannot keep it from them.
func (s *Service) tellRoster(ctx context.Context, tx pgx.Tx, patient ids.PatientID, request uuid.UUID) error {
	return s.d.Jobs.Insert(ctx, tx, rosterNotice{Patient: patient.UUID, Key: request}, nil)
}

type rosterMailer struct {
	river.WorkerDefaults[rosterNotice]
	s *Service
}

// Work implements river.Worker. Who has come of age since is nobody's business
// but their own: then nobody is told. A mail that is sent again has the same
// Message-ID.
func (w *rosterMailer) Work(ctx context.Context, job *river.Job[rosterNotice]) error {
	s, n := w.s, job.Args
	all, err := s.q.SubscribersToTell(ctx, s.d.DB.W.DB(), db.SubscribersToTellParams{Patient: n.Patient, Today: s.today()})
	if err != nil {
		return fmt.Errorf("reading which subscribers to tell: %w", err)
	}
	for _, to := range all {
		address := sha256.Sum256([]byte(to.Email))
		letter := s.letters.onPlan(to.Email, to.Language, n.Key.String()+"-"+hex.EncodeToString(address[:8]))
		if err := s.d.Mail.Send(ctx, letter); err != nil {
			return fmt.Errorf("telling a subscriber: %w", err)
		}
	}
	return nil
}
