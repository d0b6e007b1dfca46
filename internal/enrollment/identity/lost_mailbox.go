package identity

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// reasonMailbox is why a case is about an address and not about a plan.
const reasonMailbox = "lost_mailbox"

// outcomeAddress ends a case with a link to a new address.
const outcomeAddress = "address"

// Owners is the part of auth's generated client that replaces addresses.
type Owners interface {
	StartEmailReplacement(ctx context.Context, req *authv1.StartEmailReplacementRequest) (*authv1.StartEmailReplacementResponse, error)
}

// openMailboxCase begins a case for a patient who cannot read their mail any
// more, or finds the one that is open.
func (s *Service) openMailboxCase(ctx context.Context, actor audit.Actor, patient ids.PatientID) (string, error) {
	for try := 0; ; try++ {
		id, reference := ids.NewUUID(), ids.Reference()
		err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			c, err := s.q.OpenMailboxCase(ctx, tx, db.OpenMailboxCaseParams{CaseID: id, Reference: reference, Patient: patient.UUID, Today: s.today()})
			if errors.Is(err, pgx.ErrNoRows) {
				return errAccountMissing()
			}
			if err != nil {
				return fmt.Errorf("opening a case: %w", err)
			}
			reference = c.Reference
			if c.CaseID != id { // it was open
				return nil
			}
			return audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "case.open", Subject: caseSubject(id), Detail: map[string]string{"reason": reasonMailbox}})
		})
		e, taken := errors.AsType[*pgconn.PgError](err)
		if taken && e.Code == "23505" && try < 2 { // the reference exists: make another
			continue
		}
		return reference, err
	}
}

// replaceEmail mails a link to the new address of somebody whose papers were
// looked at within the hour. Auth mails it before the case ends: if ending
// fails, the same request again mails the same link, never another.
func (s *Service) replaceEmail(ctx context.Context, actor audit.Actor, req *enrollmentv1.ReplaceEmailRequest) (*enrollmentv1.ReplaceEmailResponse, error) {
	email, ok := mail.Address(req.GetEmail())
	if !ok {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"})
	}
	k, err := s.q.CaseByReference(ctx, s.db.W.DB(), req.GetReference())
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, errCaseUnknown()
	case err != nil:
		return nil, fmt.Errorf("reading a case: %w", err)
	case k.ClosedAt != nil && k.Outcome != outcomeAddress:
		return nil, errCaseClosed()
	case k.ClosedAt == nil && k.Version != req.GetVersion():
		return nil, errCaseChanged()
	}
	if err := s.notOwn(ctx, s.db.W.DB(), actor, k.PatientID); err != nil {
		return nil, err
	}
	if k.ClosedAt == nil {
		if err := s.startReplacement(ctx, k, email); err != nil {
			return nil, err
		}
	}
	return work(ctx, s, "ReplaceEmail", req, &enrollmentv1.ReplaceEmailResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		outcome := outcomeAddress
		if err := s.q.EndCase(ctx, tx, db.EndCaseParams{CaseID: c.CaseID, Account: &actor.Account.UUID, Outcome: &outcome}); err != nil {
			return fmt.Errorf("ending a case: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: claimantOf(c), Action: "case.replace_address", Subject: caseSubject(c.CaseID)})
	})
}

// startReplacement checks what must be true before a link leaves, and asks auth
// to mail it. The proof names case and address: another address of the same
// case is another link, the same again is the same one.
func (s *Service) startReplacement(ctx context.Context, k db.CaseByReferenceRow, email string) error {
	if k.Reason != reasonMailbox || k.PatientID == nil {
		return errNotAboutMail()
	}
	lately, err := s.q.CheckedLately(ctx, s.db.W.DB(), db.CheckedLatelyParams{CaseID: k.CaseID, Patient: *k.PatientID})
	if err != nil {
		return fmt.Errorf("reading identity checks: %w", err)
	}
	if !lately {
		return errCheckMissing()
	}
	own, err := s.q.OwnAccount(ctx, s.db.W.DB(), db.OwnAccountParams{Patient: *k.PatientID, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return errAccountMissing()
	}
	if err != nil {
		return fmt.Errorf("reading the patient's account: %w", err)
	}
	_, err = s.owners.StartEmailReplacement(rpc.AsService(ctx), &authv1.StartEmailReplacementRequest{
		AccountId: own.AccountID.String(), NewEmail: email, Language: own.Language, Proof: s.replacementProof(k.CaseID, email),
	})
	if err != nil {
		return fmt.Errorf("mailing a link to a new address: %w", err)
	}
	return nil
}

func (s *Service) replacementProof(id uuid.UUID, email string) string {
	return caseSubject(id) + "/" + hex.EncodeToString(s.seal.Hash(purposeReplacement, email))
}
