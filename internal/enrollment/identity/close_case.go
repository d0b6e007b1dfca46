package identity

import (
	"context"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/jackc/pgx/v5"
)

// closeCase ends a case without linking anybody: an account stays what it was.
func (s *Service) closeCase(ctx context.Context, actor audit.Actor, req *enrollmentv1.CloseCaseRequest) (*enrollmentv1.CloseCaseResponse, error) {
	if !slices.Contains(closeReasons(), req.GetReason()) {
		return nil, errs.InvalidFields(errs.Field{Name: "close_reason", Reason: "unknown"})
	}
	return work(ctx, s, "CloseCase", req, &enrollmentv1.CloseCaseResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		if err := s.notOwn(ctx, tx, actor, c); err != nil {
			return err
		}
		if err := s.endCase(ctx, tx, actor, c, outcomeClosed, req.GetReason()); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: claimantOf(c), Action: "case.close", Subject: caseSubject(c.CaseID), Detail: map[string]string{"reason": req.GetReason()},
		})
	})
}
