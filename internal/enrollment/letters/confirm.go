package letters

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// nameEmail mails a code to the address that somebody wants to sign in with.
// Whether it has an account already is told to nobody but its mailbox.
func (s *Service) nameEmail(ctx context.Context, id uuid.UUID, typed, from string) error {
	email, ok := mail.Address(typed)
	if !ok {
		return errs.InvalidFields(errs.Field{Name: "email", Reason: "malformed"})
	}
	for _, l := range []struct {
		limit limit
		what  string
	}{
		{limit{"mail", 20, time.Hour}, cache.Network(from)}, {limit{"mailbox", 5, time.Hour}, email},
	} {
		if err := s.allow(ctx, l.limit, l.what); err != nil {
			return err
		}
	}
	code, err := newMailCode()
	if err != nil {
		return err
	}
	sealed, err := s.d.Seal.SealSecret(purposeMailOf(id), []byte(code))
	if err != nil {
		return fmt.Errorf("sealing a code: %w", err)
	}
	return s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		a, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Confirmed || a.Mails >= maxMails {
			return errActivationOver()
		}
		if err := s.q.SetEmail(ctx, tx, db.SetEmailParams{ActivationID: id, Email: email, CodeHash: s.mailHash(id, code)}); err != nil {
			return fmt.Errorf("keeping an address: %w", err)
		}
		if err := s.d.Jobs.Insert(ctx, tx, codeMail{Activation: id, Code: sealed}, nil); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "letter.email", Subject: activationSubject(id)})
	})
}

// lock reads an activation that is still good.
func (s *Service) lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.LockActivationRow, error) {
	a, err := s.q.LockActivation(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, errActivationOver()
	}
	if err != nil {
		return a, fmt.Errorf("reading an activation: %w", err)
	}
	if a.Expired || !a.Confirmed && (a.LetterState != "open" || a.Moved) {
		return a, errActivationOver()
	}
	return a, nil
}

// confirm ends the activation with the mailed code. Repeating it with the right
// code repeats its answer, also after a crash in the middle.
func (s *Service) confirm(ctx context.Context, id uuid.UUID, code, from string) (people.Activated, error) {
	if err := s.allow(ctx, limit{"confirm", 60, 15 * time.Minute}, cache.Network(from)); err != nil {
		return people.Activated{}, err
	}
	a, err := s.tryCode(ctx, id, s.mailHash(id, cleanCode(code)))
	if err != nil {
		return people.Activated{}, err
	}
	if a.Reference != "" { // proven, and with staff already
		return people.Activated{Reference: a.Reference}, nil
	}
	done, err := s.d.Activate(ctx, people.Proof{
		ID: activationSubject(id), Member: ids.MemberID{UUID: a.MemberID}, Email: a.Email, Language: a.Language,
	})
	if err != nil {
		return people.Activated{}, fmt.Errorf("opening an account: %w", err)
	}
	if err := s.finish(ctx, a, done); err != nil {
		return people.Activated{}, err
	}
	return done, nil
}

// tryCode checks a mailed code and counts a wrong one, in a transaction that
// commits either way.
func (s *Service) tryCode(ctx context.Context, id uuid.UUID, hash []byte) (db.LockActivationRow, error) {
	var a db.LockActivationRow
	var refusal error
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		refusal = nil
		if a, err = s.lock(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case a.Email == "":
			return errActivationOver()
		case a.Tries >= maxTries:
			refusal = errCodeSpent()
			return nil
		case !hmac.Equal(a.CodeHash, hash):
			refusal = errCodeWrong()
			if err := s.q.CountCodeTry(ctx, tx, id); err != nil {
				return fmt.Errorf("counting a try: %w", err)
			}
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "letter.code_try", Subject: activationSubject(id)})
	})
	if err != nil {
		return a, err
	}
	return a, refusal
}

// finish notes what the letter led to, and that the postal address is proven.
func (s *Service) finish(ctx context.Context, a db.LockActivationRow, done people.Activated) error {
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := s.q.ConfirmActivation(ctx, tx, db.ConfirmActivationParams{ActivationID: a.ActivationID, Reference: done.Reference})
		if err != nil {
			return fmt.Errorf("confirming an activation: %w", err)
		}
		if done.Reference == "" {
			if err := s.proven(ctx, tx, a, done.Patient); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Patient: done.Patient, Action: "letter.use", Subject: "letter/" + a.LetterID.String()})
	})
	if err != nil {
		return fmt.Errorf("closing a letter: %w", err)
	}
	s.d.Ring()
	return nil
}

func (s *Service) proven(ctx context.Context, tx pgx.Tx, a db.LockActivationRow, patient ids.PatientID) error {
	if err := s.d.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return fmt.Errorf("locking the patient: %w", err)
	}
	if err := s.q.UseLetter(ctx, tx, a.LetterID); err != nil {
		return fmt.Errorf("using a letter: %w", err)
	}
	err := s.q.PutProvenAddress(ctx, tx, db.PutProvenAddressParams{ContactID: ids.NewUUID(), PatientID: patient.UUID, MemberID: a.MemberID})
	if err != nil {
		return fmt.Errorf("keeping the proven postal address: %w", err)
	}
	return s.d.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

func activationSubject(id uuid.UUID) string { return "letter_activation/" + id.String() }
