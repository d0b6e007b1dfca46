package people

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

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
	return s.activate(ctx, proof{
		activation: &a.ActivationID, reference: a.Reference, member: *a.MemberID, email: a.Email,
		language: a.Language, id: activationSubject(a.ActivationID),
	})
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
