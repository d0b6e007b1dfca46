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
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PhysicianDay lists the caller's own appointments of one day of their zone,
// with what the patients typed, and what this physician saw before of the
// patient who is looked at. It returns errs.NotFound for an account that
// is no physician's.
func (s *Service) PhysicianDay(ctx context.Context, req *schedulingv1.PhysicianDayRequest) (*schedulingv1.PhysicianDayResponse, error) {
	account := principal.From(ctx).Account
	src := s.d.DB.R.DB(ctx)
	p, err := s.q.PhysicianOfAccount(ctx, src, &account.UUID)
	if errors.Is(err, pgx.ErrNoRows) || account.UUID == uuid.Nil {
		return nil, errs.New(errs.NotFound, "physician_missing", "Your account is not linked to a physician yet.")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the caller's physician: %w", err)
	}
	zone, err := calendar.LoadZone(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("reading the zone of physician %s: %w", p.PhysicianID, err)
	}
	day, err := dayOr(req.GetDay(), calendar.DateOf(s.d.Clock.Now(), zone))
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "day", Reason: "malformed"})
	}
	r := calendar.DayRange(day, zone)
	rows, err := s.q.AppointmentsOfPhysician(ctx, src, db.AppointmentsOfPhysicianParams{
		AccountID: &account.UUID, PhysicianID: p.PhysicianID, FromTime: r.From, ToTime: r.To,
	})
	if err != nil {
		return nil, fmt.Errorf("listing a physician's day: %w", err)
	}
	res := &schedulingv1.PhysicianDayResponse{PhysicianName: nameOf(p), TimeZone: p.TimeZone, Day: day.String()}
	var reads []audit.Entry
	for _, row := range rows {
		m, err := s.ofDay(ctx, src, person(row))
		if err != nil {
			return nil, err
		}
		reads = append(reads, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: patientOf(row.SchedulingReservation),
			Action: "appointment.read", Subject: m.GetAppointmentId(),
		})
		res.Appointments = append(res.Appointments, m)
	}
	if err := s.lookAt(ctx, src, req.GetChosen(), res, rows); err != nil {
		return nil, err
	}
	for _, m := range res.GetEarlier() {
		reads = append(reads, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: patientIn(rows, res.GetChosen()), Action: "appointment.read", Subject: m.GetAppointmentId(),
		})
	}
	if err := s.d.Audit.Record(ctx, reads...); err != nil {
		return nil, err
	}
	return res, nil
}

// ofDay is one line of the day. What was typed for a visit that was canceled
// is nobody's business any more.
func (s *Service) ofDay(ctx context.Context, src pg.DBTX, row person) (*schedulingv1.Appointment, error) {
	if Status(row.SchedulingReservation.Status) != Canceled {
		return s.fullAppointment(ctx, src, row)
	}
	m, err := s.appointmentMessage(ctx, src, row)
	if err != nil {
		return nil, err
	}
	nameAppointment(m, row)
	return m, nil
}

// lookAt finds the visit that is looked at, the chosen or else the next one,
// and what came before it.
func (s *Service) lookAt(ctx context.Context, src pg.DBTX, chosen string, res *schedulingv1.PhysicianDayResponse, rows []db.AppointmentsOfPhysicianRow) error {
	now := s.d.Clock.Now()
	var next *db.SchedulingReservation
	for i := range rows {
		r := &rows[i].SchedulingReservation
		coming := next == nil && Status(r.Status) == Booked && rangeOf(r.During).To.After(now)
		if r.ReservationID.String() == chosen {
			next = r
			break
		}
		if coming {
			next = r
		}
	}
	if next == nil {
		return nil
	}
	res.Chosen = next.ReservationID.String()
	account := principal.From(ctx).Account.UUID
	before, err := s.q.EarlierVisits(ctx, src, db.EarlierVisitsParams{
		PatientID: next.PatientID, AccountID: &account, PhysicianID: next.PhysicianID, But: next.ReservationID,
	})
	if err != nil {
		return fmt.Errorf("listing earlier visits: %w", err)
	}
	for _, row := range before {
		m, err := s.appointmentMessage(ctx, src, person(row))
		if err != nil {
			return err
		}
		res.Earlier = append(res.Earlier, m)
	}
	return nil
}

// patientIn is the patient of one of the rows.
func patientIn(rows []db.AppointmentsOfPhysicianRow, id string) ids.PatientID {
	for _, row := range rows {
		if row.SchedulingReservation.ReservationID.String() == id {
			return patientOf(row.SchedulingReservation)
		}
	}
	return ids.PatientID{}
}
