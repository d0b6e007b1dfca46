package auth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// signInWithPassword checks a password and, for accounts that are more than a
// patient's, a code of their authenticator. Without that code the answer is
// that it is needed; only who knows the password learns that.
//
// An unknown address, a disabled account, one without a password and a wrong
// password all cost one statement, one hash and one audit row.
func (s *Service) signInWithPassword(ctx context.Context, rawEmail, password, totp string, from client) (o opened, totpNeeded bool, err error) {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return opened{}, false, err
	}
	who := s.seal.Hash(purposeAddress, email)
	if err := s.allow(ctx, s.attempts.password, who, from.address); err != nil {
		return opened{}, false, err
	}
	row, err := s.q.AccountToProve(ctx, s.db.W.DB(), db.AccountToProveParams{Email: email, Demo: s.demo})
	if err != nil {
		return opened{}, false, fmt.Errorf("reading an account: %w", err)
	}
	stored := row.PasswordHash
	if row.DisabledAt != nil || utf8.RuneCountInString(password) > maxPassword {
		stored, password = nil, ""
	}
	right, err := s.hasher.check(ctx, normalizePassword(password), stored)
	if err != nil {
		return opened{}, false, err
	}
	attempt := passwordAttempt{row: row, subject: "address/" + hex.EncodeToString(who[:8]), from: from}
	if !right || row.AccountID == nil {
		o, err = s.turnAway(ctx, attempt, byPassword, errWrong())
		return o, false, err
	}
	if !needsSecondFactor(row.Roles) {
		o, err = s.enter(ctx, attempt, byPassword)
		return o, false, err
	}
	code := cleanCode(totp)
	if code == "" {
		return opened{}, true, s.asked(ctx, attempt)
	}
	step, ok, err := s.checkTOTP(row, code)
	if err != nil {
		return opened{}, false, err
	}
	if !ok {
		o, err = s.turnAway(ctx, attempt, byPasswordTOTP, errTOTPWrong())
		return o, false, err
	}
	attempt.step = step
	o, err = s.enter(ctx, attempt, byPasswordTOTP)
	return o, false, err
}

// passwordAttempt is one attempt of signing in with a password.
type passwordAttempt struct {
	row     db.AccountToProveRow
	subject string // of the audit row: the account's keyed hash, never its address
	step    int64  // of the authenticator, once it is known
	from    client
}

// checkTOTP opens the account's secret and finds the step of the code. An
// account that has no authenticator has no right code.
func (s *Service) checkTOTP(row db.AccountToProveRow, code string) (step int64, ok bool, err error) {
	if row.TotpSealed == nil {
		return 0, false, nil
	}
	secret, err := s.seal.OpenSecret(totpPurpose(ids.AccountID{UUID: *row.AccountID}), row.TotpSealed)
	if err != nil {
		return 0, false, fmt.Errorf("opening an authenticator secret: %w", err)
	}
	return matchTOTP(string(secret), code, row.Now, row.TotpLastStep)
}

// asked records that somebody knew the password of an account that needs more:
// of a password that was stolen, this is the only trace.
func (s *Service) asked(ctx context.Context, a passwordAttempt) error {
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return record(ctx, tx, "auth.second_factor_asked", a.subject)
	})
	if err != nil {
		return fmt.Errorf("asking for a second factor: %w", err)
	}
	return nil
}

// turnAway records a failed attempt.
func (s *Service) turnAway(ctx context.Context, a passwordAttempt, by method, refusal error) (opened, error) {
	return s.decide(ctx, "refusing a password", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		return s.refuse(ctx, tx, by, a.subject, refusal)
	})
}

// enter opens the session of a proven account. Of two that bring the same TOTP
// step at once, the row lets one through.
func (s *Service) enter(ctx context.Context, a passwordAttempt, by method) (opened, error) {
	account := ids.AccountID{UUID: *a.row.AccountID}
	return s.decide(ctx, "signing in with a password", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		if by == byPasswordTOTP {
			n, err := s.q.UseTOTPStep(ctx, tx, db.UseTOTPStepParams{AccountID: account.UUID, Step: a.step})
			if err != nil {
				return outcome{}, fmt.Errorf("using an authenticator step: %w", err)
			}
			if n == 0 {
				return s.refuse(ctx, tx, by, a.subject, errTOTPWrong())
			}
		}
		o, err := s.openSession(ctx, tx, account, a.row.Roles, by, a.from)
		if errors.Is(err, errRefused) {
			return s.refuse(ctx, tx, by, a.subject, errWrong())
		}
		return outcome{opened: o}, err
	})
}
