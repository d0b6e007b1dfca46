package scheduling

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// ListAppointmentsFor lists a patient's appointments for staff: when, with whom
// and what became of them, never what the patient typed. A patient of whom
// nothing was heard yet has none.
func (s *Service) ListAppointmentsFor(ctx context.Context, req *schedulingv1.ListAppointmentsForRequest) (*schedulingv1.ListAppointmentsForResponse, error) {
	to, err := s.atDesk(ctx, req.GetPatientId())
	if err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	rows, err := s.q.DeskAppointments(ctx, src, &to.patient.UUID)
	if err != nil {
		return nil, fmt.Errorf("listing a patient's appointments: %w", err)
	}
	res, now := &schedulingv1.ListAppointmentsForResponse{}, s.d.Clock.Now()
	for _, row := range rows {
		m, err := s.appointmentMessage(ctx, src, person(row))
		if err != nil {
			return nil, err
		}
		m.Decision = nil
		if Status(m.GetStatus()) == Booked && m.GetSlot().GetEnd().AsTime().After(now) {
			res.Upcoming = append(res.Upcoming, m)
		} else {
			res.Past = append(res.Past, m)
		}
	}
	return res, s.d.Audit.Record(ctx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Patient: to.patient, Action: "appointment.list", Detail: byDesk(to, nil),
	})
}

// GetAppointmentFor reads one appointment of a patient for staff, without what
// the patient typed. It returns errs.NotFound for anybody else's.
func (s *Service) GetAppointmentFor(ctx context.Context, req *schedulingv1.GetAppointmentForRequest) (*schedulingv1.GetAppointmentForResponse, error) {
	to, id, err := s.appointmentAtDesk(ctx, req.GetPatientId(), req.GetAppointmentId())
	if err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	row, err := to.row(ctx, src, id)
	if err != nil {
		return nil, err
	}
	m, err := s.appointmentMessage(ctx, src, row)
	if err != nil {
		return nil, err
	}
	nameAppointment(m, row)
	m.Decision = nil
	if err := to.told(ctx, m); err != nil {
		return nil, err
	}
	return &schedulingv1.GetAppointmentForResponse{Appointment: m}, s.d.Audit.Record(ctx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Patient: to.patient, Action: "appointment.read", Subject: m.GetAppointmentId(), Detail: byDesk(to, nil),
	})
}

// FindByReference says whose the appointment is that somebody quotes, however
// they spell its reference. That it was asked is recorded.
func (s *Service) FindByReference(ctx context.Context, req *schedulingv1.FindByReferenceRequest) (*schedulingv1.FindByReferenceResponse, error) {
	res := &schedulingv1.FindByReferenceResponse{}
	entry := audit.Entry{Actor: audit.ActorFrom(ctx), Action: "appointment.find"}
	reference := tidyReference(req.GetReference())
	patient, err := s.q.PatientOfReference(ctx, s.d.DB.R.DB(ctx), &reference)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("looking for a reference: %w", err)
	}
	if err == nil && patient != nil {
		entry.Patient = ids.PatientID{UUID: *patient}
		res.PatientId = patient.String()
	}
	entry.Detail = map[string]string{"found": strconv.FormatBool(res.GetPatientId() != "")}
	return res, s.d.Audit.Record(ctx, entry)
}

// tidyReference brings a reference that was spelled on the phone into the form
// in which it is kept: "k7qm 2d9f" is "K7QM-2D9F".
func tidyReference(typed string) string {
	marks := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return -1
		}
	}, typed)
	if len(marks) != 8 {
		return marks
	}
	return marks[:4] + "-" + marks[4:]
}
