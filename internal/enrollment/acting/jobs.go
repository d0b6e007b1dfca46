package acting

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Workers registers what this side of enrollment does outside of a request.
func (s *Service) Workers(w *river.Workers) {
	river.AddWorker(w, &linkMailer{s: s})
	river.AddWorker(w, &noticeMailer{s: s})
	river.AddWorker(w, &rosterMailer{s: s})
}

// linkMail sends one invitation to a caregiver.
type linkMail struct {
	Invitation uuid.UUID   `json:"invitation"`
	Actor      audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (linkMail) Kind() string { return "enrollment_caregiver_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: a mail server may be away
// for a day.
func (linkMail) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 12} }

type linkMailer struct {
	river.WorkerDefaults[linkMail]
	s *Service
}

// Work implements river.Worker. A mail that left just before a crash is sent
// again with the same link and Message-ID.
func (w *linkMailer) Work(ctx context.Context, job *river.Job[linkMail]) error {
	s, id := w.s, job.Args.Invitation
	i, err := s.q.CaregiverInvitationToMail(ctx, s.d.DB.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an invitation: %w", err)
	}
	if i.State != invitationQueued || i.Expired {
		return nil
	}
	token, err := s.d.Seal.OpenSecret(purposeTokenOf(id), i.TokenSealed)
	if err != nil {
		return fmt.Errorf("opening a link: %w", err)
	}
	err = s.d.Mail.Send(ctx, s.letters.link(i.Email, i.Language, names.Proper(i.GivenName), string(token), id.String()))
	if err != nil && job.Attempt < job.MaxAttempts {
		return fmt.Errorf("mailing an invitation: %w", err)
	}
	return s.settle(ctx, id, job.Args.Actor, err)
}

// settle notes that the mail has left, or never will, and wipes the link with
// it.
func (s *Service) settle(ctx context.Context, id uuid.UUID, actor audit.Actor, failed error) error {
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		action, mark := "caregiver.send", s.q.MarkCaregiverInvitationSent
		if failed != nil {
			action, mark = "caregiver.fail", s.q.MarkCaregiverInvitationFailed
		}
		n, err := mark(ctx, tx, id)
		if err != nil || n == 0 {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: action, Subject: invitationSubject(id)})
	})
	if err != nil {
		return fmt.Errorf("settling an invitation: %w", err)
	}
	return failed
}

// What a notice says.
const (
	noticeAsked    = "asked"    // staff will look at the request
	noticeRefused  = "refused"  // staff did not approve it
	noticeBegun    = "begun"    // you act for a child
	noticeAnother  = "another"  // somebody else acts for a child of yours
	noticeCaring   = "caring"   // you act for an adult
	noticeAccepted = "accepted" // somebody acts for you
	noticeEnded    = "ended"    // you act for somebody no more
	noticeLeft     = "left"     // somebody acts for you no more
	noticeHeld     = "held"     // you act for somebody no more until we have seen papers
	noticeBack     = "back"     // you act for somebody again
)

// notice tells an account what changed. It holds ids; names and the address are
// looked up when the mail leaves.
type notice struct {
	What string    `json:"what"`
	To   uuid.UUID `json:"to"`
	// About is the patient whose first name stands in the mail.
	About     uuid.UUID `json:"about,omitzero"`
	Reference string    `json:"reference,omitempty"`
	// Key is what the notice comes from: the same makes the same Message-ID.
	Key uuid.UUID `json:"key"`
}

// Kind implements river.JobArgs.
func (notice) Kind() string { return "enrollment_acting_notice" }

// InsertOpts implements river.JobArgsWithInsertOpts: a mail server may be away
// for a day.
func (notice) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 12} }

func (s *Service) tell(ctx context.Context, tx pgx.Tx, n notice) error {
	return s.d.Jobs.Insert(ctx, tx, n, nil)
}

// TellHeld mails an account that it acts for a patient no more until somebody
// has seen papers.
func (s *Service) TellHeld(ctx context.Context, tx pgx.Tx, account, patient uuid.UUID) error {
	return s.tell(ctx, tx, notice{What: noticeHeld, To: account, About: patient, Key: ids.NewUUID()})
}

// TellBack mails an account that it acts for a patient again.
func (s *Service) TellBack(ctx context.Context, tx pgx.Tx, account, patient uuid.UUID) error {
	return s.tell(ctx, tx, notice{What: noticeBack, To: account, About: patient, Key: ids.NewUUID()})
}

type noticeMailer struct {
	river.WorkerDefaults[notice]
	s *Service
}

// Work implements river.Worker. Who has no proven address any more is not told,
// nor is what was overtaken while it waited: what came after has a notice of its
// own.
func (w *noticeMailer) Work(ctx context.Context, job *river.Job[notice]) error {
	s, n := w.s, job.Args
	to, err := s.reader(ctx, s.d.DB.W.DB(), n.To)
	if err != nil || to.Email == "" {
		return err
	}
	holds, err := s.stillTrue(ctx, n)
	if err != nil || !holds {
		return err
	}
	about, err := s.q.PatientName(ctx, s.d.DB.W.DB(), n.About)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("reading about whom: %w", err)
	}
	letter := s.letters.notice(n.What, to.Email, to.Language, names.Proper(about), n.Reference, n.Key.String())
	if err := s.d.Mail.Send(ctx, letter); err != nil {
		return fmt.Errorf("mailing a notice: %w", err)
	}
	return nil
}

// reader is the patient that an account itself is, whom a notice goes to; empty
// where there is none.
func (s *Service) reader(ctx context.Context, dbtx pg.DBTX, account uuid.UUID) (db.OwnPatientRow, error) {
	to, err := s.q.OwnPatient(ctx, dbtx, db.OwnPatientParams{Account: account, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return to, nil
	}
	if err != nil {
		return to, fmt.Errorf("reading whom to tell: %w", err)
	}
	return to, nil
}

// writtenTo says whether a notice to an account has somewhere to go.
func (s *Service) writtenTo(ctx context.Context, dbtx pg.DBTX, account uuid.UUID) (bool, error) {
	to, err := s.reader(ctx, dbtx, account)
	return to.Email != "", err
}

// stillTrue says whether what a notice tells is so now.
func (s *Service) stillTrue(ctx context.Context, n notice) (bool, error) {
	now, err := s.q.Stands(ctx, s.d.DB.W.DB(), db.StandsParams{Account: n.To, About: n.About, Request: n.Key, Today: s.today()})
	if err != nil {
		return false, fmt.Errorf("reading whether a notice is still true: %w", err)
	}
	switch n.What {
	case noticeAsked:
		return now.Waits, nil
	case noticeBegun, noticeCaring, noticeBack:
		return now.Acts, nil
	case noticeAnother:
		return now.Acts && now.Another, nil
	case noticeEnded, noticeHeld:
		return !now.Acts, nil
	case noticeAccepted:
		return now.ActedFor, nil
	case noticeLeft:
		return !now.ActedFor, nil
	}
	return true, nil
}
