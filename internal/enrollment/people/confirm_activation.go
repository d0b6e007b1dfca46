package people

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// confirmActivation ends an activation with the mailed code. Repeating it with
// the right code repeats its answer, also after a crash in the middle.
func (s *Service) confirmActivation(ctx context.Context, id uuid.UUID, code, from string) (activated, error) {
	if err := s.allow(ctx, s.attempts.confirm, nil, from); err != nil {
		return activated{}, err
	}
	a, err := s.tryCode(ctx, id, s.codeHash(id, cleanCode(code)))
	if err != nil {
		return activated{}, err
	}
	if a.State == stateToStaff { // proven, but the account was taken
		return activated{reference: a.Reference}, nil
	}
	if a.MemberID == nil {
		return activated{}, fmt.Errorf("activation %s has a code but no member", id)
	}
	said, err := s.OpenTyped(id, a.Typed)
	if err != nil {
		return activated{}, err
	}
	return s.activate(ctx, proof{
		activation: &a.ActivationID, reference: a.Reference, member: *a.MemberID, email: a.Email,
		language: a.Language, id: activationSubject(a.ActivationID),
		typed: &typed{number: said.Number, familyName: said.FamilyName, birthDate: said.BirthDate},
	})
}

// changed rolls back: the rosters have changed since a code was mailed.
type changed struct {
	reason string
	// member is whom the details mean now; zero for nobody for certain.
	member uuid.UUID
}

// Error implements error.
func (c *changed) Error() string {
	return "the rosters have changed since the code was mailed: " + c.reason
}

// judgeAgain decides anew whom typed details mean, under the lock of the member
// to whom the code went: a code is good for a quarter of an hour, and a roster
// does not wait for that. What the first step would not have done now is not
// done.
func (s *Service) judgeAgain(ctx context.Context, tx pgx.Tx, p proof) error {
	found, reason, err := s.whoIsMeant(ctx, tx, *p.typed, s.today())
	if err != nil {
		return err
	}
	if reason == "" && (found.member != p.member || !strings.EqualFold(found.email, p.email)) {
		reason = reasonDetailsDiffer
	}
	if reason == "" {
		return nil
	}
	c := &changed{reason: reason}
	if found != nil {
		c.member = found.member
	}
	return c
}

// tryCode checks a code and counts a wrong one, in a transaction that commits
// either way.
func (s *Service) tryCode(ctx context.Context, id uuid.UUID, hash []byte) (db.LockActivationRow, error) {
	var a db.LockActivationRow
	var refusal error
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		refusal = nil
		a, err = s.q.LockActivation(ctx, tx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errCodeExpired()
		}
		if err != nil {
			return fmt.Errorf("reading an activation: %w", err)
		}
		switch {
		case a.Expired, a.State == stateExpired:
			refusal = errCodeExpired()
			return nil
		case a.Tries >= maxTries:
			refusal = errCodeSpent()
			return nil
		case !hmac.Equal(a.CodeHash, hash), a.State == stateToStaff && !a.Proven:
			refusal = errCodeWrong()
			err = s.q.CountTry(ctx, tx, id)
		default:
			err = s.q.MarkProven(ctx, tx, id)
		}
		if err != nil {
			return fmt.Errorf("noting a try: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "activation.try", Subject: activationSubject(id)})
	})
	if err != nil {
		return db.LockActivationRow{}, fmt.Errorf("trying a code: %w", err)
	}
	return a, refusal
}
