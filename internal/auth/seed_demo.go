package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DemoAccount is an invented person's account. One-click sign-in picks the
// first in the list that has the role.
type DemoAccount struct {
	AccountID ids.AccountID
	Email     string
	Roles     []rpcv1.Role
	// Password is set where the account has none yet; empty for none.
	Password string
	// TOTPSecret is a base32 secret for an authenticator app; empty for none.
	TOTPSecret string
}

// SeedDemo puts demo accounts in place. Doing so again changes nothing but
// what the list says differently. It returns errs.Forbidden unless the portal
// runs in demo, and never touches an account that is not a demo account.
func (s *Service) SeedDemo(ctx context.Context, accounts []DemoAccount) error {
	if !s.demo {
		return errDemoOff()
	}
	for i, a := range accounts {
		if err := s.seedOne(ctx, i, a); err != nil {
			return fmt.Errorf("seeding demo account %d: %w", i, err)
		}
	}
	return nil
}

func (s *Service) seedOne(ctx context.Context, order int, a DemoAccount) error {
	email, err := normalizeEmail(a.Email)
	if err != nil {
		return err
	}
	roles, err := roleNames(a.Roles)
	if err != nil {
		return err
	}
	if a.AccountID.UUID == uuid.Nil {
		return errs.InvalidFields(errs.Field{Name: "account_id", Reason: "missing"})
	}
	phc, err := s.demoPassword(ctx, a)
	if err != nil {
		return err
	}
	return s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		changed, err := s.q.UpsertDemoAccount(ctx, tx, db.UpsertDemoAccountParams{
			AccountID: a.AccountID.UUID, Email: email, Roles: roles, DemoOrder: int32(order), //nolint:gosec // a list of people
		})
		if err != nil {
			return fmt.Errorf("storing the account: %w", err)
		}
		if changed == 0 {
			return errs.New(errs.Conflict, "not_a_demo_account", "That account belongs to a real person.")
		}
		if err := s.seedCredentials(ctx, tx, a, phc); err != nil {
			return err
		}
		return record(ctx, tx, "auth.demo_seed", "account/"+a.AccountID.String())
	})
}

// demoPassword hashes the password of an account that has none: seeding sixty
// people at every start must not cost sixty hashes.
func (s *Service) demoPassword(ctx context.Context, a DemoAccount) (string, error) {
	if a.Password == "" {
		return "", nil
	}
	stored, err := s.q.PasswordOf(ctx, s.db.W.DB(), a.AccountID.UUID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("reading a password: %w", err)
	}
	if stored != nil {
		return "", nil
	}
	return s.hasher.hash(ctx, normalizePassword(a.Password))
}

func (s *Service) seedCredentials(ctx context.Context, tx pgx.Tx, a DemoAccount, phc string) error {
	if phc != "" {
		if err := s.q.SetPassword(ctx, tx, db.SetPasswordParams{AccountID: a.AccountID.UUID, PasswordHash: phc}); err != nil {
			return fmt.Errorf("storing the password: %w", err)
		}
	}
	if a.TOTPSecret == "" {
		return nil
	}
	sealed, err := s.seal.SealSecret(totpPurpose(a.AccountID), []byte(a.TOTPSecret))
	if err != nil {
		return fmt.Errorf("sealing the authenticator secret: %w", err)
	}
	if err := s.q.SeedTOTP(ctx, tx, db.SeedTOTPParams{AccountID: a.AccountID.UUID, TotpSealed: sealed}); err != nil {
		return fmt.Errorf("storing the authenticator secret: %w", err)
	}
	return nil
}
