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
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"google.golang.org/protobuf/proto"
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
// looked at within the hour. The case is marked before auth is asked: whatever
// a colleague does to the case as it was comes too late, and is told so. If auth
// refuses, the case stays open; if ending fails, the same request again mails
// the same link, never another.
func (s *Service) replaceEmail(ctx context.Context, actor audit.Actor, req *enrollmentv1.ReplaceEmailRequest) (*enrollmentv1.ReplaceEmailResponse, error) {
	email, ok := mail.Address(req.GetEmail())
	if !ok {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"})
	}
	marked := proto.CloneOf(req)
	marked.Version++
	r, err := s.markReplacement(ctx, actor, req, marked.GetVersion())
	switch {
	case errors.Is(err, errCaseClosed()): // by this request, or it is refused below
	case err != nil:
		return nil, fmt.Errorf("beginning to replace an address: %w", err)
	default:
		_, err := s.owners.StartEmailReplacement(rpc.AsService(ctx), &authv1.StartEmailReplacementRequest{
			AccountId: r.account.String(), NewEmail: email, Language: r.language, Proof: s.replacementProof(r.caseID, marked.GetVersion(), email),
		})
		if err != nil {
			return nil, fmt.Errorf("mailing a link to a new address: %w", err)
		}
	}
	return work(ctx, s, "ReplaceEmail", marked, &enrollmentv1.ReplaceEmailResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		outcome := outcomeAddress
		if err := s.q.EndCase(ctx, tx, db.EndCaseParams{CaseID: c.CaseID, Account: &actor.Account.UUID, Outcome: &outcome}); err != nil {
			return fmt.Errorf("ending a case: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: claimantOf(c), Action: "case.replace_address", Subject: caseSubject(c.CaseID)})
	})
}

// replacement is whose address auth is asked to replace.
type replacement struct {
	caseID, account uuid.UUID
	language        string
}

// markReplacement moves the case on to its next version, once, and checks under
// its lock what must be true before a link leaves. A repeat is checked anew.
func (s *Service) markReplacement(ctx context.Context, actor audit.Actor, req *enrollmentv1.ReplaceEmailRequest, next int64) (replacement, error) {
	var out replacement
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		done := &enrollmentv1.ReplaceEmailResponse{}
		_, err := once.Do(ctx, tx, "ReplaceEmail.mark", req.GetIdempotencyKey(), req, principal.From(ctx).Key(), func() (*enrollmentv1.ReplaceEmailResponse, error) {
			c, err := s.lockCase(ctx, tx, req.GetReference(), req.GetVersion())
			if err != nil {
				return done, err
			}
			if err := s.q.TouchCase(ctx, tx, c.CaseID); err != nil {
				return done, fmt.Errorf("marking a case: %w", err)
			}
			return done, audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: claimantOf(c), Action: "case.replace_begin", Subject: caseSubject(c.CaseID)})
		})
		if err != nil {
			return err
		}
		c, err := s.lockCase(ctx, tx, req.GetReference(), next)
		if err != nil {
			return err
		}
		out, err = s.mayReplace(ctx, tx, actor, c)
		return err
	})
	return out, err
}

// mayReplace checks what must be true of a locked case.
func (s *Service) mayReplace(ctx context.Context, tx pgx.Tx, actor audit.Actor, c db.LockCaseRow) (replacement, error) {
	if c.Reason != reasonMailbox || c.PatientID == nil {
		return replacement{}, errNotAboutMail()
	}
	if err := s.notOwn(ctx, tx, actor, c); err != nil {
		return replacement{}, err
	}
	lately, err := s.q.CheckedLately(ctx, tx, db.CheckedLatelyParams{CaseID: c.CaseID, Patient: *c.PatientID})
	if err != nil {
		return replacement{}, fmt.Errorf("reading identity checks: %w", err)
	}
	if !lately {
		return replacement{}, errCheckMissing()
	}
	own, err := s.q.OwnAccount(ctx, tx, db.OwnAccountParams{Patient: *c.PatientID, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return replacement{}, errAccountMissing()
	}
	if err != nil {
		return replacement{}, fmt.Errorf("reading the patient's account: %w", err)
	}
	return replacement{caseID: c.CaseID, account: own.AccountID, language: own.Language}, nil
}

// replacementProof names case, version and address: the same request again is
// the same link, a later one another.
func (s *Service) replacementProof(id uuid.UUID, version int64, email string) string {
	return fmt.Sprintf("%s/%d/%s", caseSubject(id), version, hex.EncodeToString(s.seal.Hash(purposeReplacement, email)))
}
