package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// maxProof bounds what a caller may name as its proof.
const maxProof = 200

// ensured is the answer of ensureAccount.
type ensured struct {
	account ids.AccountID
	ticket  string
	created bool
}

// ensureAccount finds or makes the account of a proven address, gives it the
// role patient, and hands out a one-time ticket.
//
// It is idempotent on the proof: the ticket is derived from it, so that a
// repeat gets the same one, and a proof that was redeemed or has expired opens
// nothing ever again. The same proof for another address is a conflict.
func (s *Service) ensureAccount(ctx context.Context, rawEmail string, role rpcv1.Role, lang, proof string) (ensured, error) {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return ensured{}, err
	}
	if role != rpcv1.Role_ROLE_PATIENT {
		return ensured{}, errs.InvalidFields(errs.Field{Name: "role", Reason: "not_by_mail"})
	}
	if len(proof) < 8 || len(proof) > maxProof {
		return ensured{}, errs.InvalidFields(errs.Field{Name: "proof", Reason: "malformed"})
	}
	caller := principal.From(ctx).Service
	secret := base64.RawURLEncoding.EncodeToString(s.seal.Hash(purposeTicket, caller+"\n"+proof))
	var out ensured
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		account, created, err := s.findOrMake(ctx, tx, email, language(lang), proof)
		if err != nil {
			return err
		}
		out = ensured{account: account, ticket: secret, created: created}
		proofHash := s.seal.Hash(purposeProof, caller+"\n"+proof)
		made, err := s.q.InsertTicket(ctx, tx, db.InsertTicketParams{
			ProofHash: proofHash, TicketHash: s.seal.Hash(purposeRedeem, secret),
			AccountID: account.UUID, MadeAccount: created,
		})
		if err != nil {
			return fmt.Errorf("inserting a ticket: %w", err)
		}
		if made == 0 {
			return s.repeat(ctx, tx, proofHash, &out)
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "auth.ticket_create", Subject: "account/" + account.String(),
			Detail: map[string]string{"proof": proof},
		})
	})
	if err != nil {
		return ensured{}, fmt.Errorf("ensuring an account: %w", err)
	}
	return out, nil
}

// findOrMake runs in the transaction; the account's row is locked afterwards.
func (s *Service) findOrMake(ctx context.Context, tx pgx.Tx, email, lang, proof string) (ids.AccountID, bool, error) {
	fresh := ids.New[ids.AccountID]()
	made, err := s.q.InsertAccount(ctx, tx, db.InsertAccountParams{
		AccountID: fresh.UUID, Email: email, Roles: []string{rolePatient}, Language: lang,
	})
	if err != nil {
		return ids.AccountID{}, false, fmt.Errorf("inserting an account: %w", err)
	}
	action := "auth.account_create"
	row, err := s.q.LockAccountByEmail(ctx, tx, email)
	if err != nil {
		return ids.AccountID{}, false, fmt.Errorf("locking an account: %w", err)
	}
	account := ids.AccountID{UUID: row.AccountID}
	if row.DisabledAt != nil {
		return ids.AccountID{}, false, errDisabled()
	}
	if made == 0 {
		added, err := s.q.AddPatientRole(ctx, tx, account.UUID)
		if err != nil {
			return ids.AccountID{}, false, fmt.Errorf("adding the role patient: %w", err)
		}
		if added == 0 {
			return account, false, nil
		}
		action = "auth.role_add"
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Action: action, Subject: "account/" + account.String(),
		Detail: map[string]string{"role": rolePatient, "proof": proof},
	})
	if err != nil {
		return ids.AccountID{}, false, fmt.Errorf("recording %s: %w", action, err)
	}
	return account, made == 1, nil
}

// repeat answers a proof that was presented before, as it was answered then.
func (s *Service) repeat(ctx context.Context, tx pgx.Tx, proofHash []byte, out *ensured) error {
	before, err := s.q.TicketByProof(ctx, tx, proofHash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("reading a ticket: %w", err)
	}
	if before.AccountID == uuid.Nil || before.AccountID != out.account.UUID {
		return errs.New(errs.Conflict, "proof_reused", "That proof belongs to another address.")
	}
	out.created = before.MadeAccount
	return nil
}
