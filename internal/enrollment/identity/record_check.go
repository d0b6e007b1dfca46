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
	var faults []errs.Field
	for _, f := range []struct {
		name, value string
		known       []string
	}{
		{"method", req.GetMethod(), methods()}, {"document", req.GetDocument(), documents()}, {"outcome", req.GetOutcome(), outcomes()},
	} {
		if !slices.Contains(f.known, f.value) {
			faults = append(faults, errs.Field{Name: f.name, Reason: "unknown"})
		}
	}
	if len(faults) > 0 {
		return nil, errs.InvalidFields(faults...)
	}
	return work(ctx, s, "RecordIdentityCheck", req, &enrollmentv1.RecordIdentityCheckResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		id := ids.NewUUID()
		err := s.q.InsertCheck(ctx, tx, db.InsertCheckParams{
			CheckID: id, CaseID: c.CaseID, PatientID: c.PatientID, Method: req.GetMethod(), Document: req.GetDocument(),
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

func claimantOf(c db.LockCaseRow) ids.PatientID {
	if c.PatientID == nil {
		return ids.PatientID{UUID: uuid.Nil}
	}
	return ids.PatientID{UUID: *c.PatientID}
}
