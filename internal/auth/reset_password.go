package auth

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// requestReset makes a link to set a new password and a job that mails it. It
// does exactly the same for an address that nobody has: the row is then a
// decoy, and the job finds nobody to write to.
func (s *Service) requestReset(ctx context.Context, rawEmail, lang string, from client) error {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return err
	}
	who := s.seal.Hash(purposeAddress, email)
	if err := s.allow(ctx, s.attempts.request, who, from.address); err != nil {
		return err
	}
	l, err := s.newLink()
	if err != nil {
		return err
	}
	l.language = lang
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := s.q.InsertPasswordLink(ctx, tx, db.InsertPasswordLinkParams{LinkID: l.id, Email: email, TokenHash: l.hash, Demo: s.demo})
		if err != nil {
			return fmt.Errorf("inserting a link: %w", err)
		}
		if err := s.mailLink(ctx, tx, l); err != nil {
			return err
		}
		return record(ctx, tx, "auth.password_reset_request", "link/"+l.id.String())
	})
	if err != nil {
		return fmt.Errorf("asking for a new password: %w", err)
	}
	return nil
}

// resetPassword sets a password by a mailed link, ends all sessions and tells
// the account's address. It opens nothing by itself: who has the mailbox alone
// still lacks the second factor. It returns the account's roles.
func (s *Service) resetPassword(ctx context.Context, token, password string, from client) ([]string, error) {
	row, err := s.openLink(ctx, token, linkPassword, from)
	if err != nil {
		return nil, err
	}
	password = normalizePassword(password)
	if err := checkNewPassword(password, row.AccountEmail); err != nil {
		return nil, err
	}
	phc, err := s.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	account := ids.AccountID{UUID: row.AccountID}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.lockLinked(ctx, tx, account); err != nil {
			return err
		}
		if err := s.useLink(ctx, tx, row.LinkID); err != nil {
			return err
		}
		if err := s.q.SetPassword(ctx, tx, db.SetPasswordParams{AccountID: account.UUID, PasswordHash: phc}); err != nil {
			return fmt.Errorf("storing a password: %w", err)
		}
		if err := s.endAll(ctx, tx, self(), account, linkPassword); err != nil {
			return err
		}
		if err := s.jobs.Insert(ctx, tx, passwordMailArgs{Account: account.UUID}, nil); err != nil {
			return fmt.Errorf("queueing the password notice: %w", err)
		}
		return record(ctx, tx, "auth.password_reset", accountSubject(account))
	})
	if err != nil {
		return nil, fmt.Errorf("setting a new password: %w", err)
	}
	s.source.Ring(topicRevocations)
	if _, err := s.revokeAll(ctx, self(), account, ids.SessionID{}); err != nil {
		return nil, err
	}
	return row.Roles, nil
}

// endAll ends, in the caller's transaction, the first batch of an account's
// sessions and all its links of some purposes. More sessions than a batch are
// ended right after the commit, by revokeAll.
func (s *Service) endAll(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, purposes ...string) error {
	if _, err := s.revokeBatch(ctx, tx, actor, account, ids.SessionID{}); err != nil {
		return err
	}
	return s.endLinks(ctx, tx, account, purposes...)
}

func (s *Service) endLinks(ctx context.Context, tx pgx.Tx, account ids.AccountID, purposes ...string) error {
	if err := s.q.EndLinks(ctx, tx, db.EndLinksParams{AccountID: account.UUID, Purposes: purposes}); err != nil {
		return fmt.Errorf("ending an account's links: %w", err)
	}
	return nil
}
