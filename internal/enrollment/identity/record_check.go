package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// recordCheck keeps that papers were looked at: how, which kind, and whether
// they showed who the claimant is.
func (s *Service) recordCheck(ctx context.Context, actor audit.Actor, req *enrollmentv1.RecordIdentityCheckRequest) (*enrollmentv1.RecordIdentityCheckResponse, error) {
	faults := CheckFaults(req.GetMethod(), req.GetDocument())
	if !slices.Contains(outcomes(), req.GetOutcome()) {
		faults = append(faults, errs.Field{Name: "outcome", Reason: "unknown"})
	}
	if len(faults) > 0 {
		return nil, errs.InvalidFields(faults...)
	}
	return work(ctx, s, "RecordIdentityCheck", req, &enrollmentv1.RecordIdentityCheckResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		if err := s.notOwn(ctx, tx, actor, c); err != nil {
			return err
		}
		id := ids.NewUUID()
		err := s.q.InsertCheck(ctx, tx, db.InsertCheckParams{
			CheckID: id, CaseID: &c.CaseID, PatientID: c.PatientID, Method: req.GetMethod(), Document: req.GetDocument(),
			Outcome: req.GetOutcome(), AccountID: actor.Account.UUID,
		})
		if err != nil {
			return fmt.Errorf("inserting an identity check: %w", err)
		}
		if err := s.q.TouchCase(ctx, tx, c.CaseID); err != nil {
			return fmt.Errorf("noting a change of the case: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: claimantOf(c), Action: "case.check", Subject: caseSubject(c.CaseID),
			Detail: map[string]string{"check": id.String(), "method": req.GetMethod(), "document": req.GetDocument(), "outcome": req.GetOutcome()},
		})
	})
}

// CheckFaults says what cannot be true of a look at somebody's papers.
func CheckFaults(method, document string) []errs.Field {
	var faults []errs.Field
	if !slices.Contains(Methods(), method) {
		faults = append(faults, errs.Field{Name: "method", Reason: "unknown"})
	}
	if !slices.Contains(documents(), document) {
		faults = append(faults, errs.Field{Name: "document", Reason: "unknown"})
	}
	return faults
}

// notOwn refuses staff who work on a case about a patient that they are
// themselves, or act or acted for.
func (s *Service) notOwn(ctx context.Context, tx pgx.Tx, actor audit.Actor, c db.LockCaseRow) error {
	own, err := s.q.Concerned(ctx, tx, db.ConcernedParams{Account: actor.Account.UUID, Patients: c.About})
	if err != nil {
		return fmt.Errorf("reading whether the actor is concerned: %w", err)
	}
	if own {
		return errOwn()
	}
	return nil
}

func claimantOf(c db.LockCaseRow) ids.PatientID {
	if c.PatientID == nil {
		return ids.PatientID{UUID: uuid.Nil}
	}
	return ids.PatientID{UUID: *c.PatientID}
}
