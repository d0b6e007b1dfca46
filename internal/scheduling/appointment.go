package scheduling

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// GetAppointment reads one appointment with its answers and calendar file. It
// returns errs.NotFound for anybody else's.
func (s *Service) GetAppointment(ctx context.Context, req *schedulingv1.GetAppointmentRequest) (*schedulingv1.GetAppointmentResponse, error) {
	id, err := appointmentID(req.GetAppointmentId())
	if err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	row, err := s.ownRow(ctx, src, principal.From(ctx).Account, id)
	if err != nil {
		return nil, err
	}
	m, err := s.fullAppointment(ctx, src, row)
	if err != nil {
		return nil, err
	}
	r := row.SchedulingReservation
	if Status(r.Status) != Moved { // the file of the new time is the visit's
		m.Ics = calendarFile(r, s.d.BaseURL, languageOf(row.PatientLanguage))
	}
	if err := s.addTroubles(ctx, src, m); err != nil {
		return nil, err
	}
	if err := s.d.Audit.Record(ctx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Patient: patientOf(r), Action: "appointment.read", Subject: r.ReservationID.String(),
	}); err != nil {
		return nil, err
	}
	return &schedulingv1.GetAppointmentResponse{Appointment: m}, nil
}

// person is an appointment's row with its physician and patient.
type person = db.OwnAppointmentRow

func appointmentID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return id, noAppointment()
	}
	return id, nil
}

func noAppointment() error {
	return errs.New(errs.NotFound, "appointment_missing", "We could not find that appointment among yours.")
}

// ownRow reads an appointment of a patient for whom the account may act.
func (s *Service) ownRow(ctx context.Context, dbtx pg.DBTX, account ids.AccountID, id uuid.UUID) (person, error) {
	row, err := s.q.OwnAppointment(ctx, dbtx, db.OwnAppointmentParams{ReservationID: id, AccountID: account.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return row, noAppointment()
	}
	if err != nil {
		return row, fmt.Errorf("reading an appointment: %w", err)
	}
	return row, nil
}

// keptAppointment is an appointment as an answer that is kept for repeats may
// hold it: without answers and without the patient's name.
func (s *Service) keptAppointment(ctx context.Context, dbtx pg.DBTX, to reach, id uuid.UUID) (*schedulingv1.Appointment, error) {
	row, err := to.row(ctx, dbtx, id)
	if err != nil {
		return nil, err
	}
	return s.appointmentMessage(ctx, dbtx, row)
}

// fullAppointment adds who the patient is and what they typed.
func (s *Service) fullAppointment(ctx context.Context, dbtx pg.DBTX, row person) (*schedulingv1.Appointment, error) {
	m, err := s.appointmentMessage(ctx, dbtx, row)
	if err != nil {
		return nil, err
	}
	nameAppointment(m, row)
	m.Answers, err = s.openAnswers(ctx, dbtx, row.SchedulingReservation)
	return m, err
}
