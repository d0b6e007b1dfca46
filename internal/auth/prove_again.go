package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// freshProof is what somebody who is signed in brings to show that it is still
// they who sit there.
type freshProof struct {
	password, totp string
	from           client
}

// provenAgain is a proof that was right, and how it was given; its authenticator
// step is still to be spent.
type provenAgain struct {
	passwordAttempt
	by method
}

// proveAgain asks for a code of the authenticator where the account needs a
// second factor, else for the password where it has one. Who signs in by mailed
// code alone brings nothing: a new code goes to the mailbox anyway. Tries count
// together with those of signing in, and so do failures.
func (s *Service) proveAgain(ctx context.Context, account ids.AccountID, email string, proof freshProof) (provenAgain, error) {
	row, err := s.q.AccountToProve(ctx, s.db.W.DB(), db.AccountToProveParams{Email: email, Demo: s.demo})
	if err != nil {
		return provenAgain{}, fmt.Errorf("reading an account: %w", err)
	}
	if row.AccountID == nil || *row.AccountID != account.UUID || row.DisabledAt != nil { // since the session was looked at
		return provenAgain{}, errSessionEnded()
	}
	who := s.seal.Hash(purposeAddress, email)
	out := provenAgain{passwordAttempt{row: row, subject: "address/" + hex.EncodeToString(who[:8]), from: proof.from}, byPassword}
	code, second := cleanCode(proof.totp), needsSecondFactor(row.Roles)
	switch {
	case second && code == "":
		return provenAgain{}, errs.InvalidFields(errs.Field{Name: "totp", Reason: "missing"})
	case !second && row.PasswordHash == nil:
		return out, nil
	case !second && proof.password == "":
		return provenAgain{}, errs.InvalidFields(errs.Field{Name: "password", Reason: "missing"})
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

// notAgain counts and records a proof that was wrong.
func (s *Service) notAgain(ctx context.Context, a provenAgain, refusal error) error {
	_, err := s.decide(ctx, "refusing a fresh proof", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		return s.fail(ctx, tx, a.passwordAttempt, a.by, refusal)
	})
	return err
}
