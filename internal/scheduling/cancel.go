package scheduling

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// Cancel cancels an appointment that has not begun and frees its time.
// Canceling what is canceled changes nothing. It returns errs.NotFound for
// anybody else's, and errs.Precondition "not_cancelable" once it has begun.
func (s *Service) Cancel(ctx context.Context, req *schedulingv1.CancelRequest) (*schedulingv1.CancelResponse, error) {
	id, err := appointmentID(req.GetAppointmentId())
	if err != nil {
		return nil, err
	}
	return s.cancelOnce(ctx, "Cancel", req.GetIdempotencyKey(), req, s.own(ctx), id)
}

// cancelOnce cancels, whoever asks: a repeated request has one effect.
func (s *Service) cancelOnce(ctx context.Context, method, key string, req proto.Message, to reach, id uuid.UUID) (*schedulingv1.CancelResponse, error) {
	var res *schedulingv1.CancelResponse
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, method, key, req, principal.From(ctx).Key(),
			func() (*schedulingv1.CancelResponse, error) { return s.cancel(ctx, tx, to, id) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	return res, nil
}

func (s *Service) cancel(ctx context.Context, tx pgx.Tx, to reach, id uuid.UUID) (*schedulingv1.CancelResponse, error) {
	row, err := to.cancel(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.canceledBefore(ctx, tx, to, id)
	}
	if err != nil {
		return nil, fmt.Errorf("canceling an appointment: %w", err)
	}
	actor := audit.ActorFrom(ctx)
	if err := audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patientOf(row), Action: "appointment.cancel", Subject: row.ReservationID.String(), Detail: byDesk(to, nil),
	}); err != nil {
		return nil, err
	}
	if err := s.settle(ctx, tx, row, settledCanceled); err != nil {
		return nil, err
	}
	job := CancellationMail{AppointmentID: row.ReservationID, Version: row.Version, Desk: to.desk(), Actor: actor}
	if err := s.d.Jobs.Insert(ctx, tx, job, nil); err != nil {
		return nil, err
	}
	m, err := s.keptAppointment(ctx, tx, to, id)
	if err != nil {
		return nil, err
	}
	var told changes
	told.freed(row.PhysicianID, rangeOf(row.Occupied))
	return &schedulingv1.CancelResponse{Appointment: m}, told.tell(ctx, tx)
}

// canceledBefore answers where no row changed: it is somebody else's, it is
// canceled already, or it is too late.
func (s *Service) canceledBefore(ctx context.Context, tx pgx.Tx, to reach, id uuid.UUID) (*schedulingv1.CancelResponse, error) {
	m, err := s.keptAppointment(ctx, tx, to, id)
	if err != nil {
		return nil, err
	}
	if Status(m.GetStatus()) != Canceled {
		return nil, errs.New(errs.Precondition, "not_cancelable", "This appointment has begun or is over, so it cannot be canceled any more.")
	}
	return &schedulingv1.CancelResponse{Appointment: m}, nil
}
