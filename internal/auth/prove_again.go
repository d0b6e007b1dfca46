package auth

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// freshProof is what somebody who is signed in brings to show that it is still
// they who sit there.
type freshProof struct {
	password, totp string
	passwordField  string    // what the message calls the password
	challenge      uuid.UUID // whose mailed code is in code
	code           string
	from           client
}

// byNothing is how an account is proven that has neither an authenticator nor
// a password.
const byNothing method = ""

// provenAgain is a proof that was right, and how it was given; its authenticator
// step, or its mailed code, is still to be spent.
type provenAgain struct {
	passwordAttempt
	by        method
	challenge uuid.UUID
}

// prove asks for what shows that it is still they who sit there: a code of the
// authenticator where the account needs a second factor, else the password where
// it has one, else a code that was mailed to the address that it signs in with.
func (s *Service) prove(ctx context.Context, account ids.AccountID, email string, proof freshProof) (provenAgain, error) {
	fresh, err := s.proveAgain(ctx, account, email, proof)
	if err == nil && fresh.by == byNothing {
		return s.proveMailbox(ctx, fresh, email, proof)
	}
	return fresh, err
}

// proveAgain judges an authenticator's code or a password. Who signs in by
// mailed code alone is proven by nothing here. Tries count together with those
// of signing in, and so do failures.
func (s *Service) proveAgain(ctx context.Context, account ids.AccountID, email string, proof freshProof) (provenAgain, error) {
	row, err := s.q.AccountToProve(ctx, s.db.W.DB(), db.AccountToProveParams{Email: email, Demo: s.demo})
	if err != nil {
		return provenAgain{}, fmt.Errorf("reading an account: %w", err)
	}
	if row.AccountID == nil || *row.AccountID != account.UUID || row.DisabledAt != nil { // since the session was looked at
		return provenAgain{}, errSessionEnded()
	}
	who := s.seal.Hash(purposeAddress, email)
	out := provenAgain{passwordAttempt: passwordAttempt{row: row, subject: "address/" + hex.EncodeToString(who[:8]), from: proof.from}}
	code, second := cleanCode(proof.totp), needsSecondFactor(row.Roles)
	switch {
	case second && code == "":
		return provenAgain{}, errs.InvalidFields(errs.Field{Name: "totp", Reason: "missing"})
	case !second && row.PasswordHash == nil:
		return out, nil
	case !second && proof.password == "":
		return provenAgain{}, errs.InvalidFields(errs.Field{Name: proof.passwordField, Reason: "missing"})
	}
	if err := s.allow(ctx, s.attempts.password, who, proof.from.address); err != nil {
		return provenAgain{}, err
	}
	if second {
		return s.proveTOTP(ctx, out, code)
	}
	return s.provePassword(ctx, out, proof.password)
}

// proveTOTP finds the step of a code.
func (s *Service) proveTOTP(ctx context.Context, out provenAgain, code string) (provenAgain, error) {
	out.by = byPasswordTOTP
	step, ok, err := s.checkTOTP(out.row, code)
	if err != nil {
		return provenAgain{}, err
	}
	if !ok {
		return provenAgain{}, s.notAgain(ctx, out, errTOTPWrong())
	}
	out.step = step
	return out, nil
}

// provePassword checks a password; one that failed too often is never right.
func (s *Service) provePassword(ctx context.Context, out provenAgain, password string) (provenAgain, error) {
	out.by = byPassword
	stored := out.row.PasswordHash
	if out.row.Locked || utf8.RuneCountInString(password) > maxPassword {
		stored, password = nil, ""
	}
	right, err := s.hasher.check(ctx, normalizePassword(password), stored)
	if err != nil {
		return provenAgain{}, err
	}
	if !right {
		return provenAgain{}, s.notAgain(ctx, out, errPasswordWrong())
	}
	return out, nil
}

// proveMailbox judges a code that was mailed for signing in: tries, limits and
// its life are those of a sign-in. Another account's is expired like one that
// never was, and no try of it is counted.
func (s *Service) proveMailbox(ctx context.Context, out provenAgain, email string, proof freshProof) (provenAgain, error) {
	code := cleanCode(proof.code)
	if code == "" {
		return provenAgain{}, errs.InvalidFields(errs.Field{Name: "code", Reason: "missing"})
	}
	who := s.seal.Hash(purposeAddress, email)
	state, err := s.q.ChallengeState(ctx, s.db.W.DB(), proof.challenge)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return provenAgain{}, fmt.Errorf("reading a challenge: %w", err)
	}
	if !hmac.Equal(state.AddressHash, who) {
		return provenAgain{}, errCodeExpired()
	}
	if err := s.allow(ctx, s.attempts.code, who, proof.from.address); err != nil {
		return provenAgain{}, err
	}
	if err := closed(state); err != nil {
		return provenAgain{}, err
	}
	out.by, out.challenge = byCode, proof.challenge
	_, err = s.decide(ctx, "proving a mailbox", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		row, err := s.q.TryChallenge(ctx, tx, proof.challenge)
		if errors.Is(err, pgx.ErrNoRows) { // used, spent or expired since it was read
			return outcome{refusal: errCodeExpired()}, nil
		}
		if err != nil {
			return outcome{}, fmt.Errorf("counting a try: %w", err)
		}
		mine := row.AccountID != nil && *row.AccountID == out.account().UUID
		if !mine || !hmac.Equal(row.CodeHash, s.codeHash(proof.challenge, code)) {
			return s.refuse(ctx, tx, byCode, challengeSubject(proof.challenge), errCodeWrong())
		}
		return outcome{}, nil
	})
	return out, err
}

// spend uses up what a proof was given by: of two that bring the same at once,
// the row lets one through.
func (s *Service) spend(ctx context.Context, tx pgx.Tx, a provenAgain) error {
	if a.by == byCode {
		n, err := s.q.UseChallenge(ctx, tx, a.challenge)
		if err != nil {
			return fmt.Errorf("ending a challenge: %w", err)
		}
		if n == 0 {
			return errCodeExpired()
		}
		return nil
	}
	ok, err := s.useSecond(ctx, tx, a.passwordAttempt, a.by)
	if err != nil {
		return err
	}
	if !ok {
		return errTOTPWrong()
	}
	return nil
}

// notAgain counts and records a proof that was wrong.
func (s *Service) notAgain(ctx context.Context, a provenAgain, refusal error) error {
	_, err := s.decide(ctx, "refusing a fresh proof", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		return s.fail(ctx, tx, a.passwordAttempt, a.by, refusal)
	})
	return err
}
