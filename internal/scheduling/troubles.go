package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// How what came between a visit and its day was mended.
const (
	settledRestored  = "restored"
	settledMoved     = "moved"
	settledCanceled  = "canceled"
	settledPayment   = "payment_changed"
	settledOvertaken = "overtaken"
)

// settle closes all that was in a visit's way: it has been moved or canceled.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, how string) error {
	n, err := s.q.SettleAffected(ctx, tx, db.SettleAffectedParams{ReservationID: r.ReservationID, Resolution: &how})
	if err != nil {
		return fmt.Errorf("settling an affected appointment: %w", err)
	}
	if err := s.endNotices(ctx, tx, r, how, ""); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	return auditAffected(ctx, tx, r, "appointment.unaffected", how)
}

// addTroubles adds to appointments what is in their way.
func (s *Service) addTroubles(ctx context.Context, src pg.DBTX, list ...*schedulingv1.Appointment) error {
	if len(list) == 0 {
		return nil
	}
	which := make([]uuid.UUID, 0, len(list))
	byID := make(map[string]*schedulingv1.Appointment, len(list))
	for _, a := range list {
		id, err := uuid.Parse(a.GetAppointmentId())
		if err != nil {
			return fmt.Errorf("reading the id of an appointment: %w", err)
		}
		if Status(a.GetStatus()) == Booked {
			which, byID[id.String()] = append(which, id), a
		}
	}
	rows, err := s.q.TroublesOf(ctx, src, which)
	if err != nil {
		return fmt.Errorf("reading what is in the way of appointments: %w", err)
	}
	for _, r := range rows {
		a := byID[r.ReservationID.String()]
		a.Troubles = append(a.Troubles, troubleMessage(db.AffectedVisitsRow{
			Kind: r.Kind, Reason: r.Reason, EndedOn: r.EndedOn, FoundAt: r.FoundAt, ToldAt: r.ToldAt,
		}))
	}
	return nil
}

func troubleMessage(r db.AffectedVisitsRow) *schedulingv1.Trouble {
	m := &schedulingv1.Trouble{Kind: r.Kind, Reason: r.Reason, FoundAt: timestamppb.New(r.FoundAt), Resolution: r.Resolution}
	if r.EndedOn != nil {
		m.EndedOn = r.EndedOn.Format(time.DateOnly)
	}
	if r.ToldAt != nil {
		m.ToldAt = timestamppb.New(*r.ToldAt)
	}
	if r.ResolvedAt != nil {
		m.ResolvedAt = timestamppb.New(*r.ResolvedAt)
	}
	return m
}

// The bounds of the list for staff.
const (
	affectedPage  = 300
	affectedSince = 7 * 24 * time.Hour
)

// ListAffected lists visits with what is in their way, the most urgent first,
// and what was mended in the last week. It says nothing of why anybody is seen.
func (s *Service) ListAffected(ctx context.Context, _ *schedulingv1.ListAffectedRequest) (*schedulingv1.ListAffectedResponse, error) {
	src := s.d.DB.R.DB(ctx)
	rows, err := s.q.AffectedVisits(ctx, src, db.AffectedVisitsParams{Since: s.d.Clock.Now().Add(-affectedSince), Page: affectedPage})
	if err != nil {
		return nil, fmt.Errorf("listing affected visits: %w", err)
	}
	res := &schedulingv1.ListAffectedResponse{}
	var reads []audit.Entry
	for _, row := range rows {
		who := person{
			SchedulingReservation: row.SchedulingReservation, SchedulingPhysician: row.SchedulingPhysician, PatientGiven: row.PatientGiven,
			PatientFamily: row.PatientFamily, PatientBorn: row.PatientBorn, PatientLanguage: row.PatientLanguage,
		}
		m, err := s.appointmentMessage(ctx, src, who)
		if err != nil {
			return nil, err
		}
		nameAppointment(m, who)
		res.Visits = append(res.Visits, &schedulingv1.AffectedVisit{Appointment: m, Trouble: troubleMessage(row)})
		reads = append(reads, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: patientOf(row.SchedulingReservation), Action: "appointment.affected_list", Subject: m.GetAppointmentId(),
		})
	}
	return res, s.d.Audit.Record(ctx, reads...)
}
