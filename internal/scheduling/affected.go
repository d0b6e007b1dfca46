package scheduling

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
)

// findAffected decides future appointments anew, with the question that was
// asked when they were booked: one that may no longer take place is noted for
// staff, and its patient is told; one that may again is taken off the list. The
// appointment itself stays: only people cancel it.
func (s *Service) findAffected(ctx context.Context, tx pgx.Tx, future []db.SchedulingReservation) error {
	for _, r := range future {
		var was jurisdiction.Decision
		if err := json.Unmarshal(r.Decision, &was); err != nil {
			return fmt.Errorf("reading the decision of appointment %s: %w", r.ReservationID, err)
		}
		now, err := s.decide(ctx, tx, r.PhysicianID, was.Ask)
		if err != nil {
			return err
		}
		if now.Allowed {
			err = s.resolveAffected(ctx, tx, r)
		} else {
			err = s.noteAffected(ctx, tx, r, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) noteAffected(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, d jurisdiction.Decision) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding a decision: %w", err)
	}
	id := ids.NewUUID()
	n, err := s.q.InsertAffected(ctx, tx, db.InsertAffectedParams{
		AffectedID: id, ReservationID: r.ReservationID, PhysicianID: r.PhysicianID,
		State: r.State, Reason: string(d.Reason), Decision: body,
	})
	if err != nil {
		return fmt.Errorf("noting an affected appointment: %w", err)
	}
	if n == 0 { // noted before
		return nil
	}
	if err := s.d.Jobs.Insert(ctx, tx, AffectedMail{AffectedID: id, Actor: audit.Actor{Service: "scheduling"}}, nil); err != nil {
		return err
	}
	return auditAffected(ctx, tx, r, "appointment.affected", string(d.Reason))
}

func (s *Service) resolveAffected(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation) error {
	n, err := s.q.ResolveAffected(ctx, tx, r.ReservationID)
	if err != nil {
		return fmt.Errorf("resolving an affected appointment: %w", err)
	}
	if n == 0 {
		return nil
	}
	return auditAffected(ctx, tx, r, "appointment.unaffected", string(jurisdiction.ReasonOK))
}

func auditAffected(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, action, reason string) error {
	return audit.Append(ctx, tx, audit.Entry{
		Actor: audit.Actor{Service: "scheduling"}, Patient: patientOf(r),
		Action: action, Subject: r.ReservationID.String(), Detail: map[string]string{"reason": reason},
	})
}
