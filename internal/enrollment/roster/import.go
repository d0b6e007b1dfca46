package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// File is a roster that somebody imports at a command line.
type File struct {
	// Payer is the payer's name.
	Payer string
	// Name is what the file is called in lists.
	Name string
	// Content is the file itself, plain, gzip or zip.
	Content io.ReaderAt
	Size    int64
	Actor   audit.Actor
	// Test accepts a file that is marked as a test (ISA15=T).
	Test bool
	// Progress is told how far it is; it may be nil.
	Progress func(Progress)
}

// Progress is how far an import is.
type Progress struct {
	// Phase is reading, checking or applying.
	Phase string
	// Bytes of Total have been read, as the file came.
	Bytes, Total int64
	// Members were read so far; Checked and Applied of them.
	Members, Checked, Applied int64
}

// Import imports a file and returns what became of it: done, refused or
// replayed. An error means that it could not go on; running it again goes on
// where it stood. It returns errs.NotFound "payer_unknown" and errs.Conflict
// "import_running".
func (s *Service) Import(ctx context.Context, f File) (*enrollmentv1.Import, error) {
	payer, err := s.payerNamed(ctx, f.Payer)
	if err != nil {
		return nil, err
	}
	if err := s.clearTheWay(ctx, payer, f.Progress); err != nil {
		return nil, err
	}
	id, owner := ids.NewUUID(), ids.NewUUID()
	insert := importRow(id, payer.PayerID, f.Name, f.Actor)
	insert.Status, insert.AcceptTest, insert.BytesTotal = "reading", f.Test, f.Size
	insert.LeaseOwner, insert.LeaseSeconds = &owner, s.lease.Seconds()
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.q.InsertImport(ctx, tx, insert); err != nil {
			return asRunning(err)
		}
		return s.auditImport(ctx, tx, f.Actor, "roster.import", id)
	})
	if err != nil {
		return nil, err
	}
	w := &worker{s: s, id: id, owner: owner, payer: payer, actor: f.Actor, content: f.Content, size: f.Size, progress: f.Progress}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	return s.describe(ctx, id)
}

// clearTheWay finishes what a killed command left for this payer. One that is
// at work, here or elsewhere, is not disturbed.
func (s *Service) clearTheWay(ctx context.Context, payer db.EnrollmentPayer, progress func(Progress)) error {
	for {
		before, err := s.q.WorkingForPayer(ctx, s.db.W.DB(), payer.PayerID)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("looking for an import at work: %w", err)
		case before.Alive:
			return running(nil)
		}
		took, err := s.takeUp(ctx, before.ImportID, progress)
		if err != nil {
			return err
		}
		if !took {
			return running(nil)
		}
	}
}

func running(cause error) error {
	return errs.New(errs.Conflict, "import_running", "Another import for this payer is at work. Try again when it has ended.").With(cause)
}

// asRunning tells a second import at the same moment what is wrong with it.
func asRunning(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.ConstraintName == "imports_one_working" {
		return running(err)
	}
	return fmt.Errorf("beginning an import: %w", err)
}

func importRow(id, payer uuid.UUID, name string, actor audit.Actor) db.InsertImportParams {
	p := db.InsertImportParams{
		ImportID: id, PayerID: payer, FileName: clip(name, 255), OsUser: actor.OSUser, ActorService: actor.Service,
	}
	if actor.Account.UUID != uuid.Nil {
		p.AccountID = &actor.Account.UUID
	}
	if actor.Session.UUID != uuid.Nil {
		p.SessionID = &actor.Session.UUID
	}
	return p
}

func actorOf(i db.EnrollmentImport) audit.Actor {
	a := audit.Actor{OSUser: i.OsUser, Service: i.ActorService}
	if i.AccountID != nil {
		a.Account = ids.AccountID{UUID: *i.AccountID}
	}
	if i.SessionID != nil {
		a.Session = ids.SessionID{UUID: *i.SessionID}
	}
	return a
}

func (s *Service) auditImport(ctx context.Context, tx pgx.Tx, actor audit.Actor, action string, id uuid.UUID) error {
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: action, Subject: "import/" + id.String()})
}

// takeUp goes on with an import that nobody works on. It says false where
// somebody else was quicker, or an older one of the payer comes first.
func (s *Service) takeUp(ctx context.Context, id uuid.UUID, progress func(Progress)) (bool, error) {
	owner := ids.NewUUID()
	i, err := s.q.ClaimImport(ctx, s.db.W.DB(), db.ClaimImportParams{LeaseOwner: &owner, LeaseSeconds: s.lease.Seconds(), ImportID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.ConstraintName == "imports_one_working" {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("taking up an import: %w", err)
	}
	payer, err := s.q.PayerByID(ctx, s.db.W.DB(), i.PayerID)
	if err != nil {
		return false, fmt.Errorf("reading the payer of an import: %w", err)
	}
	w := &worker{s: s, id: id, owner: owner, payer: payer, actor: actorOf(i), progress: progress}
	if i.UploadID != nil {
		up := &upload{s: s, id: *i.UploadID}
		if err := up.open(ctx); err != nil {
			return true, err
		}
		w.content, w.size = up, up.size
	}
	return true, w.run(ctx)
}

// Sweep takes up imports that wait or whose worker is gone, drops uploads that
// nobody needs any more, and counts alarms.
func (s *Service) Sweep(ctx context.Context) error {
	found, err := s.q.Workable(ctx, s.db.W.DB())
	if err != nil {
		return fmt.Errorf("looking for imports to take up: %w", err)
	}
	var failed []error
	for _, id := range found {
		if _, err := s.takeUp(ctx, id, nil); err != nil {
			failed = append(failed, fmt.Errorf("import %s: %w", id, err))
		}
	}
	return errors.Join(append(failed, s.dropUploads(ctx), s.countAlarms(ctx))...)
}

func (s *Service) countAlarms(ctx context.Context) error {
	n, err := s.q.CountAlarms(ctx, s.db.W.DB(), controlReused)
	if err != nil {
		return fmt.Errorf("counting alarms: %w", err)
	}
	s.alarms.Store(n)
	return nil
}

// pause is how long a failing import rests before it is tried again.
func pause(attempts int32) time.Duration {
	return min(time.Second<<min(attempts, 10), 5*time.Minute)
}
