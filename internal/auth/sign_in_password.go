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
// An unknown address, a disabled account, one that failed too often, one
// without a password and a wrong password all cost the same two statements,
// one hash and one audit row.
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
	if row.DisabledAt != nil || row.Locked || utf8.RuneCountInString(password) > maxPassword {
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
	if attempt.recovery = cleanRecovery(totp); attempt.recovery != "" {
		o, err = s.enter(ctx, attempt, byRecovery)
		return o, false, err
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

// maxFailures is how many sign-ins may fail in a row before the password opens
// nothing any more.
const maxFailures = 100

// passwordAttempt is one attempt of signing in with a password.
type passwordAttempt struct {
	row      db.AccountToProveRow
	subject  string // of the audit row: the account's keyed hash, never its address
	step     int64  // of the authenticator, once it is known
	recovery string // the recovery code, where one was typed instead
	from     client
}

// account is whose the attempt is; the zero id for nobody's.
func (a passwordAttempt) account() ids.AccountID {
	if a.row.AccountID == nil {
		return ids.AccountID{}
	}
	return ids.AccountID{UUID: *a.row.AccountID}
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
		return s.fail(ctx, tx, a, by, refusal)
	})
}

// fail counts a failed attempt at an account and records it. The one that
// reaches the limit closes the password until it is set anew, and its owner is
// told.
func (s *Service) fail(ctx context.Context, tx pgx.Tx, a passwordAttempt, by method, refusal error) (outcome, error) {
	failures, err := s.q.CountFailure(ctx, tx, a.account().UUID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return outcome{}, fmt.Errorf("counting a failed sign-in: %w", err)
	}
	if failures == maxFailures {
		if err := s.tell(ctx, tx, a.account(), noticeLocked, ""); err != nil {
			return outcome{}, err
		}
		if err := record(ctx, tx, "auth.password_locked", accountSubject(a.account())); err != nil {
			return outcome{}, err
		}
	}
	return s.refuse(ctx, tx, by, a.subject, refusal)
}

// enter opens the session of a proven account. Of two that bring the same TOTP
// step or recovery code at once, the row lets one through.
func (s *Service) enter(ctx context.Context, a passwordAttempt, by method) (opened, error) {
	return s.decide(ctx, "signing in with a password", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		ok, err := s.useSecond(ctx, tx, a, by)
		if err != nil {
			return outcome{}, err
		}
		if !ok {
			return s.fail(ctx, tx, a, by, errTOTPWrong())
		}
		n, err := s.q.ForgetFailures(ctx, tx, a.account().UUID)
		if err != nil {
			return outcome{}, fmt.Errorf("forgetting failed sign-ins: %w", err)
		}
		if n == 0 { // the last of too many came in between
			return s.refuse(ctx, tx, by, a.subject, errWrong())
		}
		o, err := s.openSession(ctx, tx, a.account(), a.row.Roles, by, a.from)
		if errors.Is(err, errRefused) {
			return s.refuse(ctx, tx, by, a.subject, errWrong())
		}
		return outcome{opened: o}, err
	})
}

// useSecond spends the second factor that the attempt brought.
func (s *Service) useSecond(ctx context.Context, tx pgx.Tx, a passwordAttempt, by method) (bool, error) {
	switch by {
	case byPasswordTOTP:
		n, err := s.q.UseTOTPStep(ctx, tx, db.UseTOTPStepParams{AccountID: a.account().UUID, Step: a.step})
		if err != nil {
			return false, fmt.Errorf("using an authenticator step: %w", err)
		}
		return n == 1, nil
	case byRecovery:
		n, err := s.q.UseRecoveryCode(ctx, tx, db.UseRecoveryCodeParams{
			AccountID: a.account().UUID, CodeHash: s.recoveryHash(a.account(), a.recovery),
		})
		if err != nil {
			return false, fmt.Errorf("using a recovery code: %w", err)
		}
		if n == 0 {
			return false, nil
		}
		return true, s.tell(ctx, tx, a.account(), noticeRecovery, "")
	}
	return true, nil
}
