package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Workers registers what this side of enrollment does outside of a request.
func (s *Service) Workers(w *river.Workers) {
	river.AddWorker(w, &registrationMailer{s: s})
	river.AddWorker(w, &caseMailer{s: s})
}

// registrationMail answers a start in the mailbox: with a code, or with the
// word that there is an account.
type registrationMail struct {
	Registration uuid.UUID `json:"registration"`
	// Code is sealed.
	Code  []byte      `json:"code"`
	Actor audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (registrationMail) Kind() string { return "enrollment_registration_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: the code is good for
// minutes only, and somebody is waiting for it.
func (registrationMail) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 5, Priority: 1}
}

type registrationMailer struct {
	river.WorkerDefaults[registrationMail]
	s *Service
}

// Work implements river.Worker.
func (w *registrationMailer) Work(ctx context.Context, job *river.Job[registrationMail]) error {
	s, id := w.s, job.Args.Registration
	r, err := s.q.RegistrationToMail(ctx, s.db.W.DB(), db.RegistrationToMailParams{RegistrationID: id, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a registration: %w", err)
	}
	if r.Expired {
		return nil
	}
	var m mail.Message
	if r.Known {
		m = s.letters.signIn(r.Email, r.Language, id.String())
	} else {
		code, err := s.seal.OpenSecret(purposeCodeOf(id), job.Args.Code)
		if err != nil {
			return fmt.Errorf("opening a registration's code: %w", err)
		}
		m = s.letters.code(r.Email, r.Language, string(code), id.String())
	}
	if err := s.mail.Send(ctx, m); err != nil {
		return fmt.Errorf("mailing the answer to a registration: %w", err)
	}
	return s.note(ctx, audit.Entry{Actor: job.Args.Actor, Action: "registration.mail", Subject: registrationSubject(id)})
}

// caseMail tells a claimant that staff have looked.
type caseMail struct {
	Case      uuid.UUID   `json:"case"`
	Patient   uuid.UUID   `json:"patient"`
	Reference string      `json:"reference"`
	Linked    bool        `json:"linked"`
	Actor     audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (caseMail) Kind() string { return "enrollment_case_mail" }

type caseMailer struct {
	river.WorkerDefaults[caseMail]
	s *Service
}

// Work implements river.Worker.
func (w *caseMailer) Work(ctx context.Context, job *river.Job[caseMail]) error {
	s, a := w.s, job.Args
	c, err := s.q.ClaimantOf(ctx, s.db.W.DB(), db.ClaimantOfParams{Patient: a.Patient, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a claimant: %w", err)
	}
	if c.Email == "" {
		return nil
	}
	outcome, err := s.q.OutcomeFor(ctx, s.db.W.DB(), db.OutcomeForParams{CaseID: a.Case, Patient: a.Patient})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("reading how a case has ended: %w", err)
	}
	if a.Linked != (outcome == outcomeLinked) || !a.Linked && outcome != outcomeClosed { // overtaken
		return nil
	}
	m := s.letters.closed(c.Email, c.Language, a.Reference, a.Case.String())
	if a.Linked {
		m = s.letters.linked(c.Email, c.Language, a.Case.String())
	}
	if err := s.mail.Send(ctx, m); err != nil {
		return fmt.Errorf("mailing what became of a case: %w", err)
	}
	return s.note(ctx, audit.Entry{Actor: a.Actor, Action: "case.mail", Subject: caseSubject(a.Case)})
}

// note writes an entry about something that has left.
func (s *Service) note(ctx context.Context, e audit.Entry) error {
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return audit.Append(ctx, tx, e) })
	if err != nil {
		return fmt.Errorf("noting a mail: %w", err)
	}
	return nil
}
