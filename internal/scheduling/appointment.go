package scheduling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
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
	m.Ics = calendarFile(r, s.d.BaseURL, languageOf(row.PatientLanguage))
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

// ownAppointment is an appointment as an answer that is kept for repeats may
// hold it: without answers and without the patient's name.
func (s *Service) ownAppointment(ctx context.Context, dbtx pg.DBTX, account ids.AccountID, id uuid.UUID) (*schedulingv1.Appointment, error) {
	row, err := s.ownRow(ctx, dbtx, account, id)
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

func nameAppointment(m *schedulingv1.Appointment, row person) {
	m.PatientName = strings.TrimSpace(row.PatientGiven + " " + row.PatientFamily)
	m.BirthDate = row.PatientBorn
}

func (s *Service) appointmentMessage(ctx context.Context, dbtx pg.DBTX, row person) (*schedulingv1.Appointment, error) {
	r := row.SchedulingReservation
	t, err := s.terms(ctx, dbtx, r.ServiceID)
	if err != nil {
		return nil, err
	}
	slot, err := slotOf(row.SchedulingPhysician, t, r)
	if err != nil {
		return nil, err
	}
	decision, err := decisionMessage(r)
	if err != nil {
		return nil, err
	}
	m := &schedulingv1.Appointment{
		AppointmentId: r.ReservationID.String(), Reference: text(r.Reference), Slot: slot, ServiceId: r.ServiceID,
		State: r.State, TimeZone: r.TimeZone, Status: r.Status, PatientId: patientOf(r).String(),
		Decision: decision, Version: r.Version, PayerName: r.PayerName, PriceCents: r.PriceCents,
	}
	if r.BookedAt != nil {
		m.BookedAt = timestamppb.New(*r.BookedAt)
	}
	if r.CanceledAt != nil {
		m.CanceledAt = timestamppb.New(*r.CanceledAt)
	}
	return m, nil
}

func decisionMessage(r db.SchedulingReservation) (*schedulingv1.Decision, error) {
	var d jurisdiction.Decision
	if err := json.Unmarshal(r.Decision, &d); err != nil {
		return nil, fmt.Errorf("reading the decision of %s: %w", r.ReservationID, err)
	}
	m := &schedulingv1.Decision{
		Allowed: d.Allowed, Reason: string(d.Reason), LicenseId: d.LicenseID, LicenseNumber: d.LicenseNumber,
		Basis: string(d.LicenseBasis), RuleState: d.RuleState, RuleVersion: d.RuleVersion,
		Citation: d.Citation.String(), FactsVersion: d.FactsVersion,
	}
	if r.BookedAt != nil {
		m.DecidedAt = timestamppb.New(*r.BookedAt)
	}
	return m, nil
}
