package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// changeEmail mails a link to the new address of somebody who works here, whose
// identity the administrator has checked. It goes the way of a patient's lost
// mailbox, and nothing changes before the link is pressed: an address that was
// misheard locks nobody out, and whoever reads it gets no link to set a
// password by. Their sessions end when the address changes; whoever must be out
// before that is disabled.
func (s *Service) changeEmail(ctx context.Context, req *authv1.ChangeEmailRequest) (*authv1.ChangeEmailResponse, error) {
	email, err := normalizeEmail(req.GetNewEmail())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "new_email", Reason: "not_an_address"})
	}
	if err := checkedID(req.GetIdCheck()); err != nil {
		return nil, err
	}
	l, err := s.newLink()
	if err != nil {
		return nil, err
	}
	return administer(ctx, s, "ChangeEmail", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.ChangeEmailResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			account := ids.AccountID{UUID: row.AccountID}
			if err := s.mayMove(ctx, tx, row, email, req.GetEmailVersion()); err != nil {
				return err
			}
			_, err := s.storeAddressLink(ctx, tx, l, db.InsertAddressLinkParams{
				AccountID: account.UUID, Email: email, ByAdministrator: true,
				ProofHash: s.seal.Hash(purposeProof, "administrator\naddress\n"+l.id.String()),
			})
			if err != nil {
				return err
			}
			return audit.Append(ctx, tx, audit.Entry{
				Actor: audit.ActorFrom(ctx), Action: "auth.email_replace_request", Subject: accountSubject(account),
				Detail: map[string]string{"id_check": req.GetIdCheck()},
			})
		})
}

// mayMove refuses what can come to nothing, and what was decided by looking at
// another address than the account has, or is about to have.
func (s *Service) mayMove(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow, email, version string) error {
	if row.DisabledAt != nil {
		return errDisabled()
	}
	waiting, err := s.q.AddressLinkOf(ctx, tx, row.AccountID)
	if err != nil {
		return fmt.Errorf("reading a link: %w", err)
	}
	if emailVersion(row.Email, waiting) != version {
		return errAccountChanged()
	}
	if row.Email == email {
		return errs.InvalidFields(errs.Field{Name: "new_email", Reason: "same"})
	}
	taken, err := s.q.EmailTaken(ctx, tx, db.EmailTakenParams{Email: email, AccountID: row.AccountID})
	if err != nil {
		return fmt.Errorf("looking for an address: %w", err)
	}
	if taken {
		return errEmailTaken()
	}
	return nil
}

// emailVersion changes with the address and with the link that waits to change
// it, and tells neither.
func emailVersion(email, waiting string) string {
	sum := sha256.Sum256([]byte(email + "\n" + waiting))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// checkedID refuses what does not say how an identity was checked.
func checkedID(how string) error {
	if slices.Contains([]string{"in_person", "video", "call_back"}, how) {
		return nil
	}
	return errs.InvalidFields(errs.Field{Name: "id_check", Reason: "missing"})
}
