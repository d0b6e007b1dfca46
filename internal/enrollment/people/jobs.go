package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Workers registers what this side of enrollment does outside of a request.
func (s *Service) Workers(w *river.Workers) {
	river.AddWorker(w, &invitationMailer{s: s})
	river.AddWorker(w, &codeMailer{s: s})
	river.AddWorker(w, &activatedMailer{s: s})
}

// invitationMail sends one invitation.
type invitationMail struct {
	Invitation uuid.UUID   `json:"invitation"`
	Actor      audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (invitationMail) Kind() string { return "enrollment_invitation_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: a mail server may be away
// for a day.
func (invitationMail) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 12} }

type invitationMailer struct {
	river.WorkerDefaults[invitationMail]
	s *Service
}

// Work implements river.Worker. A mail that left just before a crash is sent
// again with the same link and Message-ID.
func (w *invitationMailer) Work(ctx context.Context, job *river.Job[invitationMail]) error {
	s, id := w.s, job.Args.Invitation
	i, err := s.q.InvitationToMail(ctx, s.db.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an invitation: %w", err)
	}
	if i.State != invitationQueued || i.Expired {
		return nil
	}
	if err := s.awaitTurn(ctx); err != nil {
		return err
	}
	token, err := s.seal.OpenSecret(purposeTokenOf(id), i.TokenSealed)
	if err != nil {
		return fmt.Errorf("opening an invitation's token: %w", err)
	}
	err = s.mail.Send(ctx, s.letters.invitation(i.Email, i.Language, names.Proper(i.GivenName), i.PayerName, string(token), id.String()))
	refused, never := errors.AsType[*mail.Refused](err)
	if err != nil && !never && job.Attempt < job.MaxAttempts {
		return fmt.Errorf("mailing an invitation: %w", err)
	}
	if never {
		return s.bounceInvitation(ctx, id, job.Args.Actor, i.Email, refused.Class)
	}
	return s.settleInvitation(ctx, id, job.Args.Actor, err)
}

// soon is how long a job waits for its turn; for a later one it comes again.
const soon = 5 * time.Second

// awaitTurn keeps the pace of all processes together. A turn is taken when it is
// asked for, so that nobody is overtaken for ever where as many ask as may send.
func (s *Service) awaitTurn(ctx context.Context) error {
	turn, err := s.q.TakeInvitationTurn(ctx, s.db.W.DB(), db.TakeInvitationTurnParams{Step: s.step.Seconds(), Soon: soon.Seconds()})
	if err != nil {
		return fmt.Errorf("taking a turn to send: %w", err)
	}
	wait := time.Duration(turn.Seconds * float64(time.Second))
	if !turn.Taken {
		return river.JobSnooze(wait)
	}
	pace := time.NewTimer(wait)
	defer pace.Stop()
	select {
	case <-pace.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a turn to send: %w", ctx.Err())
	}
}

// bounceInvitation notes that a mail was refused for good. The address is not
// mailed to again, unless what was refused is us rather than the address.
func (s *Service) bounceInvitation(ctx context.Context, id uuid.UUID, actor audit.Actor, email, class string) error {
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := s.q.MarkInvitationFailed(ctx, tx, db.MarkInvitationFailedParams{InvitationID: id, Failure: class})
		if err != nil || n == 0 {
			return err
		}
		if class != mail.ClassPolicy {
			err := s.q.MarkUndeliverable(ctx, tx, db.MarkUndeliverableParams{AddressID: ids.NewUUID(), Address: email, Reason: class})
			if err != nil {
				return fmt.Errorf("marking an address: %w", err)
			}
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Action: "invitation.bounce", Subject: invitationSubject(id), Detail: map[string]string{"class": class},
		})
	})
	if err != nil {
		return fmt.Errorf("noting a bounce: %w", err)
	}
	return nil
}

// settleInvitation notes that the mail has left, or never will, and wipes the
// token with it.
func (s *Service) settleInvitation(ctx context.Context, id uuid.UUID, actor audit.Actor, failed error) error {
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		action, mark := "invitation.send", s.q.MarkInvitationSent
		if failed != nil {
			action, mark = "invitation.fail", s.giveUp
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

// giveUp notes that the relay was away for too long.
func (s *Service) giveUp(ctx context.Context, tx db.DBTX, id uuid.UUID) (int64, error) {
	return s.q.MarkInvitationFailed(ctx, tx, db.MarkInvitationFailedParams{InvitationID: id, Failure: "relay"})
}

// codeMail answers typed details by mail. Every attempt makes one, so that its
// making tells nothing; for an attempt that found nobody it does nothing.
type codeMail struct {
	Activation uuid.UUID `json:"activation"`
	// Code is sealed.
	Code  []byte      `json:"code"`
	Actor audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (codeMail) Kind() string { return "enrollment_code_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: the code is good for
// minutes only, and somebody is waiting for it.
func (codeMail) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 5, Priority: 1} }

type codeMailer struct {
	river.WorkerDefaults[codeMail]
	s *Service
}

// Work implements river.Worker.
func (w *codeMailer) Work(ctx context.Context, job *river.Job[codeMail]) error {
	s, id := w.s, job.Args.Activation
	a, err := s.q.ActivationToMail(ctx, s.db.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an activation: %w", err)
	}
	if a.Expired || a.Email == "" {
		return nil
	}
	var m mail.Message
	switch {
	case a.State == stateStarted:
		code, err := s.seal.OpenSecret(purposeCodeOf(id), job.Args.Code)
		if err != nil {
			return fmt.Errorf("opening an activation's code: %w", err)
		}
		m = s.letters.code(a.Email, a.Language, string(code), id.String())
	case a.Reason == reasonAlreadyActive:
		m = s.letters.signIn(a.Email, a.Language, id.String())
	default:
		return nil
	}
	if err := s.mail.Send(ctx, m); err != nil {
		return fmt.Errorf("mailing the answer to typed details: %w", err)
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.q.MarkCodeSent(ctx, tx, id); err != nil {
			return fmt.Errorf("noting that a code was sent: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: job.Args.Actor, Action: "activation.mail", Subject: activationSubject(id)})
	})
	if err != nil {
		return fmt.Errorf("settling a code mail: %w", err)
	}
	return nil
}

// activatedMail tells the roster's address that an account was opened.
type activatedMail struct {
	Member   uuid.UUID   `json:"member"`
	Patient  uuid.UUID   `json:"patient"`
	Language string      `json:"language"`
	Actor    audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (activatedMail) Kind() string { return "enrollment_activated_mail" }

type activatedMailer struct {
	river.WorkerDefaults[activatedMail]
	s *Service
}

// Work implements river.Worker.
func (w *activatedMailer) Work(ctx context.Context, job *river.Job[activatedMail]) error {
	m, err := w.s.q.MemberContact(ctx, w.s.db.W.DB(), job.Args.Member)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a member's address: %w", err)
	}
	if m.Email == "" {
		return nil
	}
	letter := w.s.letters.activated(m.Email, languageOr(m.Language, job.Args.Language), job.Args.Patient.String()+"-"+job.Args.Member.String())
	if err := w.s.mail.Send(ctx, letter); err != nil {
		return fmt.Errorf("mailing that an account was opened: %w", err)
	}
	return nil
}

func invitationSubject(id uuid.UUID) string { return "invitation/" + id.String() }
func activationSubject(id uuid.UUID) string { return "activation/" + id.String() }
