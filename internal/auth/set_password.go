package auth

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// setPassword sets the caller's password, ends the account's other sessions,
// and tells the account's address by mail. A session that has proven less than
// the account holds may not: a mailbox must not become staff's first factor.
// Nor may one that was left open: the caller proves once more who they are,
// also for a first password, which would open the account from then on.
func (s *Service) setPassword(ctx context.Context, p principal.Principal, password string, proof freshProof) error {
	if err := s.allow(ctx, s.attempts.setPassword, s.seal.Hash(purposeAddress, p.Account.String()), ""); err != nil {
		return err
	}
	account, err := s.q.AccountByID(ctx, s.db.W.DB(), p.Account.UUID)
	if err != nil {
		return fmt.Errorf("reading an account: %w", err)
	}
	if account.DisabledAt != nil {
		return errSessionEnded()
	}
	if !provenAll(p, account.Roles) {
		return errSecondFactorNeeded()
	}
	password = normalizePassword(password)
	if err := checkNewPassword(password, account.Email); err != nil {
		return err
	}
	fresh, err := s.prove(ctx, p.Account, account.Email, proof)
	if err != nil {
		return err
	}
	phc, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	actor := audit.ActorFrom(ctx)
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.spend(ctx, tx, fresh); err != nil {
			return err
		}
		return s.storePassword(ctx, tx, actor, p, phc)
	})
	if err != nil {
		return fmt.Errorf("setting a password: %w", err)
	}
	s.source.Ring(topicRevocations)
	_, err = s.revokeAll(ctx, actor, p.Account, p.Session)
	return err
}

// storePassword puts a password in force in the caller's transaction: a link to
// set another is void, the first batch of other sessions ends with it (more
// than that are ended right after), and the account's address is told.
func (s *Service) storePassword(ctx context.Context, tx pgx.Tx, actor audit.Actor, p principal.Principal, phc string) error {
	if err := s.q.SetPassword(ctx, tx, db.SetPasswordParams{AccountID: p.Account.UUID, PasswordHash: phc}); err != nil {
		return fmt.Errorf("storing a password: %w", err)
	}
	if err := s.endLinks(ctx, tx, p.Account, linkPassword); err != nil {
		return err
	}
	if _, err := s.revokeBatch(ctx, tx, actor, p.Account, p.Session); err != nil {
		return err
	}
	if err := s.jobs.Insert(ctx, tx, passwordMailArgs{Account: p.Account.UUID}, nil); err != nil {
		return fmt.Errorf("queueing the password notice: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Action: "auth.password_set", Subject: accountSubject(p.Account),
	})
}

// provenAll says whether a session has proven all that its account holds.
func provenAll(p principal.Principal, roles []string) bool {
	return len(intersect(roles, proven(p))) == len(roles)
}

// proven spells the roles of a principal as the schema does.
func proven(p principal.Principal) []string {
	out := make([]string, 0, len(p.Roles))
	for _, r := range p.Roles {
		out = append(out, roleName(r))
	}
	return out
}
