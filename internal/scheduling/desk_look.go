package scheduling

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ListAppointmentsFor lists a patient's appointments for staff: when, with whom
// and what became of them, never what the patient typed. Who goes on for others
// has theirs too, each with the id that it is kept under. A patient of whom
// nothing was heard yet has none.
func (s *Service) ListAppointmentsFor(ctx context.Context, req *schedulingv1.ListAppointmentsForRequest) (*schedulingv1.ListAppointmentsForResponse, error) {
	to, err := s.atDesk(ctx, req.GetPatientId())
	if err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	patients, err := s.patientsAtDesk(ctx, src, to)
	if err != nil {
		return nil, err
	}
	rows, err := s.q.DeskAppointments(ctx, src, patients)
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
	read := make([]audit.Entry, len(patients))
	for i, one := range patients {
		read[i] = audit.Entry{Actor: audit.ActorFrom(ctx), Patient: ids.PatientID{UUID: one}, Action: "appointment.list", Detail: byDesk(to, nil)}
	}
	return res, s.d.Audit.Record(ctx, read...)
}

// patientsAtDesk are a patient and whom they go on for after a merge.
func (s *Service) patientsAtDesk(ctx context.Context, from pg.DBTX, to deskReach) ([]uuid.UUID, error) {
	patients := []uuid.UUID{to.patient.UUID}
	facts, err := to.facts(ctx, from, to.patient)
	if errs.CodeOf(err) == errs.NotFound {
		return patients, nil
	}
	if err != nil {
		return nil, err
	}
	for _, id := range facts.GetMergedFrom() {
		one, err := uuid.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("reading whom a patient goes on for: %w", err)
		}
		patients = append(patients, one)
	}
	return patients, nil
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
