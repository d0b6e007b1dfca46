package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/auth/db"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What a mailed link is for, as the schema spells it.
const (
	linkEnroll   = "enroll"
	linkPassword = "password"
	linkAddress  = "address"
)

// freshLink is a link that is about to be stored.
type freshLink struct {
	id     uuid.UUID
	token  string
	hash   []byte
	sealed []byte
	// language is of the mail; the account's own where it is empty.
	language string
}

// newLink makes the token of a link: its hash for the row, and itself sealed
// for the job that mails it.
func (s *Service) newLink() (freshLink, error) {
	token, err := newSecret()
	if err != nil {
		return freshLink{}, err
	}
	l := freshLink{id: ids.NewUUID(), token: token, hash: s.seal.Hash(purposeLink, token)}
	if l.sealed, err = s.seal.SealSecret(linkPurpose(l.id), []byte(token)); err != nil {
		return freshLink{}, fmt.Errorf("sealing a link: %w", err)
	}
	return l, nil
}

// mailLink queues the mail of a link in the transaction that stores it.
func (s *Service) mailLink(ctx context.Context, tx pgx.Tx, l freshLink) error {
	if err := s.jobs.Insert(ctx, tx, linkMailArgs{Link: l.id, Token: l.sealed, Language: l.language}, nil); err != nil {
		return fmt.Errorf("queueing a link: %w", err)
	}
	return nil
}

// openLink finds a link that is good. Every other one, whatever is wrong with
// it, is gone.
func (s *Service) openLink(ctx context.Context, token, purpose string, from client) (db.OpenLinkRow, error) {
	if err := s.allow(ctx, s.attempts.link, nil, from.address); err != nil {
		return db.OpenLinkRow{}, err
	}
	row, err := s.q.OpenLink(ctx, s.db.W.DB(), db.OpenLinkParams{TokenHash: s.seal.Hash(purposeLink, token), Purpose: purpose})
	if errors.Is(err, pgx.ErrNoRows) {
		return db.OpenLinkRow{}, errLinkGone()
	}
	if err != nil {
		return db.OpenLinkRow{}, fmt.Errorf("reading a link: %w", err)
	}
	return row, nil
}

// lockLinked locks the account of a link before anything else, as every change
// of an account does: nobody waits in a circle, and what was taken away in the
// meantime is not given back. It returns the account's roles.
func (s *Service) lockLinked(ctx context.Context, tx pgx.Tx, account ids.AccountID) ([]string, error) {
	row, err := s.q.LockAccount(ctx, tx, account.UUID)
	if err != nil {
		return nil, fmt.Errorf("locking an account: %w", err)
	}
	if row.DisabledAt != nil {
		return nil, errLinkGone()
	}
	return row.Roles, nil
}

// useLink ends a link in the transaction of what it does: of two that bring it
// at once, one gets through.
func (s *Service) useLink(ctx context.Context, tx pgx.Tx, link uuid.UUID) error {
	n, err := s.q.UseLink(ctx, tx, link)
	if err != nil {
		return fmt.Errorf("ending a link: %w", err)
	}
	if n == 0 {
		return errLinkGone()
	}
	return nil
}

// linkPurposeName spells a purpose as the schema does; empty for none.
func linkPurposeName(p authv1.LinkPurpose) string {
	switch p {
	case authv1.LinkPurpose_LINK_PURPOSE_ENROLL:
		return linkEnroll
	case authv1.LinkPurpose_LINK_PURPOSE_PASSWORD:
		return linkPassword
	case authv1.LinkPurpose_LINK_PURPOSE_ADDRESS:
		return linkAddress
	default:
		return ""
	}
}

// linked says what a link shows before it is used.
func (s *Service) linked(row db.OpenLinkRow) (*authv1.OpenLinkResponse, error) {
	res := &authv1.OpenLinkResponse{MaskedEmail: mail.Mask(row.AccountEmail), Roles: rolesFrom(row.Roles)}
	if row.NewEmail != "" {
		res.MaskedEmail = mail.Mask(row.NewEmail)
	}
	if row.TotpSealed == nil {
		return res, nil
	}
	secret, err := s.seal.OpenSecret(totpPurpose(ids.AccountID{UUID: row.AccountID}), row.TotpSealed)
	if err != nil {
		return nil, fmt.Errorf("opening an authenticator secret: %w", err)
	}
	res.Authenticator = &authv1.Authenticator{Secret: string(secret), OtpauthUrl: otpauthURL(row.AccountEmail, string(secret))}
	return res, nil
}

func accountSubject(account ids.AccountID) string { return "account/" + account.String() }
