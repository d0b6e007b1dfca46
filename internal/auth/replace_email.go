package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// startEmailReplacement mails a link to the new address of somebody who has
// lost the old mailbox. The caller has checked who asks: its proof stands in
// the audit trail, and makes one link, ever; a repeat mails nothing. Another
// proof makes another link, and ends the one before.
func (s *Service) startEmailReplacement(ctx context.Context, account ids.AccountID, rawEmail, lang, proof string) error {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return errs.InvalidFields(errs.Field{Name: "new_email", Reason: "not_an_address"})
	}
	if len(proof) < 8 || len(proof) > maxProof {
		return errs.InvalidFields(errs.Field{Name: "proof", Reason: "malformed"})
	}
	l, err := s.newLink()
	if err != nil {
		return err
	}
	l.language = lang
	proofHash := s.seal.Hash(purposeProof, principal.From(ctx).Service+"\naddress\n"+proof)
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.mayReplace(ctx, tx, account, email, false); err != nil {
			return err
		}
		made, err := s.storeAddressLink(ctx, tx, l, db.InsertAddressLinkParams{AccountID: account.UUID, ProofHash: proofHash, Email: email})
		if err != nil {
			return err
		}
		if !made {
			return s.sameReplacement(ctx, tx, proofHash, account, email)
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "auth.email_replace_request", Subject: accountSubject(account),
			Detail: map[string]string{"proof": proof},
		})
	})
	if err != nil {
		return fmt.Errorf("starting to replace an address: %w", err)
	}
	return nil
}

// storeAddressLink stores and mails a link to a new address, and ends the one
// before; false where the proof has made one already.
func (s *Service) storeAddressLink(ctx context.Context, tx pgx.Tx, l freshLink, p db.InsertAddressLinkParams) (bool, error) {
	p.LinkID, p.TokenHash = l.id, l.hash
	made, err := s.q.InsertAddressLink(ctx, tx, p)
	if err != nil {
		return false, fmt.Errorf("inserting a link: %w", err)
	}
	if made == 0 {
		return false, nil
	}
	if err := s.q.EndOlderLinks(ctx, tx, db.EndOlderLinksParams{AccountID: p.AccountID, Purpose: linkAddress, Keep: l.id}); err != nil {
		return false, fmt.Errorf("ending older links: %w", err)
	}
	return true, s.mailLink(ctx, tx, l)
}

// mayReplace locks the account and refuses what can come to nothing; it says
// whether its owner works here. Whoever does is an administrator's to help:
// staff must not move the address that a colleague's password is reset by.
func (s *Service) mayReplace(ctx context.Context, tx pgx.Tx, account ids.AccountID, email string, byAdministrator bool) (atWork bool, err error) {
	row, err := s.q.LockAccount(ctx, tx, account.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, errAccountUnknown()
	}
	if err != nil {
		return false, fmt.Errorf("locking an account: %w", err)
	}
	if row.DisabledAt != nil {
		return false, errDisabled()
	}
	if atWork = needsSecondFactor(row.Roles); atWork && !byAdministrator {
		return false, errAdministratorHelps()
	}
	taken, err := s.q.EmailTaken(ctx, tx, db.EmailTakenParams{Email: email, AccountID: account.UUID})
	if err != nil {
		return false, fmt.Errorf("looking for an address: %w", err)
	}
	if taken {
		return false, errEmailTaken()
	}
	return atWork, nil
}

// sameReplacement accepts a repeat; the same proof for something else is a
// conflict.
func (s *Service) sameReplacement(ctx context.Context, tx pgx.Tx, proofHash []byte, account ids.AccountID, email string) error {
	before, err := s.q.LinkByProof(ctx, tx, proofHash)
	if err != nil {
		return fmt.Errorf("reading a link: %w", err)
	}
	if before.AccountID == nil || *before.AccountID != account.UUID || before.Email == nil || *before.Email != email {
		return errs.New(errs.Conflict, "proof_reused", "That proof belongs to another address.")
	}
	return nil
}

// confirmEmailReplacement changes the address by the mailed link and ends all
// sessions: whoever has the old mailbox may still be signed in. A patient's
// password is void with it, which they may know or have set; a mailed code
// signs in. The password of somebody who works here stays, since it opens
// nothing without the authenticator, in which the mailbox has no part.
func (s *Service) confirmEmailReplacement(ctx context.Context, token string, from client) (ids.AccountID, []string, error) {
	row, err := s.openLink(ctx, token, linkAddress, from)
	if err != nil {
		return ids.AccountID{}, nil, err
	}
	account := ids.AccountID{UUID: row.AccountID}
	invitation, err := s.newLink()
	if err != nil {
		return ids.AccountID{}, nil, err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		atWork, err := s.mayReplace(ctx, tx, account, row.NewEmail, row.ByAdministrator)
		if err != nil {
			return err
		}
		if err := s.useLink(ctx, tx, row.LinkID); err != nil {
			return err
		}
		if err := s.setEmail(ctx, tx, self(), account, row.NewEmail, ids.SessionID{}); err != nil {
			return err
		}
		if atWork {
			return s.inviteAgain(ctx, tx, account, invitation)
		}
		if err := s.q.DropPassword(ctx, tx, account.UUID); err != nil {
			return fmt.Errorf("voiding a password: %w", err)
		}
		return nil
	})
	if isUnique(err) {
		return ids.AccountID{}, nil, errEmailTaken()
	}
	if err != nil {
		return ids.AccountID{}, nil, fmt.Errorf("replacing an address: %w", err)
	}
	s.ringAddress()
	if _, err := s.revokeAll(ctx, self(), account, ids.SessionID{}); err != nil {
		return ids.AccountID{}, nil, err
	}
	return account, row.Roles, nil
}

// inviteAgain mails a link to set up a sign-in to whoever has none yet: the one
// that went to the old address is void.
func (s *Service) inviteAgain(ctx context.Context, tx pgx.Tx, account ids.AccountID, l freshLink) error {
	err := s.reinvite(ctx, tx, self(), account, l)
	if errs.ReasonOf(err) == "enrolled" {
		return nil
	}
	if err != nil {
		return err
	}
	return s.mailLink(ctx, tx, l)
}
