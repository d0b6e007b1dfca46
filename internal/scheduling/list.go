package scheduling

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
)

// ListAppointments lists the appointments of the patients for whom the caller
// may act, without what was typed.
func (s *Service) ListAppointments(ctx context.Context, _ *schedulingv1.ListAppointmentsRequest) (*schedulingv1.ListAppointmentsResponse, error) {
	account := principal.From(ctx).Account.UUID
	src := s.d.DB.R.DB(ctx)
	upcoming, err := s.q.UpcomingAppointments(ctx, src, account)
	if err != nil {
		return nil, fmt.Errorf("listing upcoming appointments: %w", err)
	}
	past, err := s.q.PastAppointments(ctx, src, account)
	if err != nil {
		return nil, fmt.Errorf("listing past appointments: %w", err)
	}
	res := &schedulingv1.ListAppointmentsResponse{}
	read := map[ids.PatientID]bool{}
	for _, row := range upcoming {
		m, err := s.listed(ctx, src, person(row), read)
		if err != nil {
			return nil, err
		}
		res.Upcoming = append(res.Upcoming, m)
	}
	for _, row := range past {
		m, err := s.listed(ctx, src, person(row), read)
		if err != nil {
			return nil, err
		}
		res.Past = append(res.Past, m)
	}
	if err := s.addTroubles(ctx, src, res.GetUpcoming()...); err != nil {
		return nil, err
	}
	var reads []audit.Entry
	for patient := range read {
		reads = append(reads, audit.Entry{Actor: audit.ActorFrom(ctx), Patient: patient, Action: "appointment.list"})
	}
	if err := s.d.Audit.Record(ctx, reads...); err != nil {
		return nil, err
	}
	return res, nil
}

func (s *Service) listed(ctx context.Context, src pg.DBTX, row person, read map[ids.PatientID]bool) (*schedulingv1.Appointment, error) {
	m, err := s.appointmentMessage(ctx, src, row)
	if err != nil {
		return nil, err
	}
	nameAppointment(m, row)
	read[patientOf(row.SchedulingReservation)] = true
	return m, nil
}
