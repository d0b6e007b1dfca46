package acting

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// endReasons are why staff may end a guardian's right.
func endReasons() []string {
	return []string{"court_order", "false_statement", "asked_by_guardian", "other"}
}

// endGuardian ends a guardian's right at once, by staff. Whoever had it asks
// staff to get it again.
func (s *Service) endGuardian(ctx context.Context, actor audit.Actor, req *enrollmentv1.EndGuardianRequest) (*enrollmentv1.EndGuardianResponse, error) {
	id, err := uuid.Parse(req.GetActsForId())
	if err != nil {
		return nil, errRightUnknown().With(fmt.Errorf("reading the right's id: %w", err))
	}
	if !slices.Contains(endReasons(), req.GetReason()) {
		return nil, errs.InvalidFields(errs.Field{Name: "end_reason", Reason: "unknown"})
	}
	var res *enrollmentv1.EndGuardianResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "EndGuardian", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.EndGuardianResponse, error) {
			if err := s.holdPatientOf(ctx, tx, id); err != nil {
				return nil, err
			}
			right, err := s.q.LockGuardian(ctx, tx, db.LockGuardianParams{ActsForID: id, Today: s.today()})
			if errors.Is(err, pgx.ErrNoRows) {
				return nil, errRightUnknown()
			}
			if err != nil {
				return nil, fmt.Errorf("reading a right to end: %w", err)
			}
			told, err := s.writtenTo(ctx, tx, right.AccountID)
			if err != nil {
				return nil, err
			}
			res := &enrollmentv1.EndGuardianResponse{PatientId: right.PatientID.String(), ToldByMail: told}
			return res, s.endAsStaff(ctx, tx, actor, db.LockRightRow(right), req.GetReason())
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.d.Ring()
	return res, nil
}

// endAsStaff ends a guardian's right, and what else makes the same account the
// guardian of the same person: two patients may have been merged. A parent who is
// staff does not end the other parent's.
func (s *Service) endAsStaff(ctx context.Context, tx pgx.Tx, actor audit.Actor, right db.LockRightRow, reason string) error {
	concerned, err := s.q.ConcernedByRight(ctx, tx, db.ConcernedByRightParams{Actor: actor.Account.UUID, Patient: right.PatientID, Guardian: right.AccountID})
	if err != nil {
		return fmt.Errorf("reading whether the right concerns the actor: %w", err)
	}
	if concerned {
		return errOwnRequest()
	}
	more, err := s.q.LockSameGuardian(ctx, tx, db.LockSameGuardianParams{
		Account: right.AccountID, ActsForID: right.ActsForID, Today: s.today(), Patient: right.PatientID,
	})
	if err != nil {
		return fmt.Errorf("reading further rights to end: %w", err)
	}
	for _, r := range more {
		if err := s.endQuietly(ctx, tx, actor, db.LockRightRow(r), reason); err != nil {
			return err
		}
	}
	return s.endRight(ctx, tx, actor, right, reason)
}
