package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// myAccount says what the caller signs in with.
func (s *Service) myAccount(ctx context.Context, p principal.Principal) (*authv1.MyAccountResponse, error) {
	row, err := s.credentials(ctx, p)
	if err != nil {
		return nil, err
	}
	res := &authv1.MyAccountResponse{
		Email: row.Email, Roles: rolesFrom(row.Roles), SecondFactor: row.TotpSealed != nil, RecoveryCodesLeft: row.RecoveryCodes,
	}
	if row.PasswordSetAt != nil {
		res.PasswordSetAt = timestamppb.New(*row.PasswordSetAt)
	}
	return res, nil
}

func (s *Service) credentials(ctx context.Context, p principal.Principal) (db.CredentialsOfRow, error) {
	row, err := s.q.CredentialsOf(ctx, s.db.W.DB(), p.Account.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, errSessionEnded()
	}
	if err != nil {
		return row, fmt.Errorf("reading what proves an account: %w", err)
	}
	return row, nil
}

// renewRecoveryCodes replaces the caller's recovery codes. Whoever sits at a
// browser that was left open lacks the authenticator.
func (s *Service) renewRecoveryCodes(ctx context.Context, p principal.Principal, totp string) ([]string, error) {
	if err := s.allow(ctx, s.attempts.setPassword, s.seal.Hash(purposeAddress, p.Account.String()), ""); err != nil {
		return nil, err
	}
	row, err := s.credentials(ctx, p)
	if err != nil {
		return nil, err
	}
	step, ok, err := s.checkTOTP(db.AccountToProveRow{
		AccountID: &p.Account.UUID, TotpSealed: row.TotpSealed, TotpLastStep: row.TotpLastStep, Now: row.Now,
	}, cleanCode(totp))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errTOTPWrong()
	}
	codes, hashes, err := s.newRecoveryCodes(p.Account)
	if err != nil {
		return nil, err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.replaceCodes(ctx, tx, p.Account, step, hashes)
	})
	if err != nil {
		return nil, fmt.Errorf("making new recovery codes: %w", err)
	}
	return codes, nil
}

func (s *Service) replaceCodes(ctx context.Context, tx pgx.Tx, account ids.AccountID, step int64, hashes [][]byte) error {
	n, err := s.q.UseTOTPStep(ctx, tx, db.UseTOTPStepParams{AccountID: account.UUID, Step: step})
	if err != nil {
		return fmt.Errorf("using an authenticator step: %w", err)
	}
	if n == 0 {
		return errTOTPWrong()
	}
	if err := s.putRecoveryCodes(ctx, tx, account, hashes); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Action: "auth.recovery_codes", Subject: accountSubject(account),
	})
}

// signInEmail is the address that an account has proven.
func (s *Service) signInEmail(ctx context.Context, account ids.AccountID) (string, error) {
	row, err := s.q.AccountByID(ctx, s.db.W.DB(), account.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errAccountUnknown()
	}
	if err != nil {
		return "", fmt.Errorf("reading an account: %w", err)
	}
	return row.Email, nil
}
