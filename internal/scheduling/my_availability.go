package scheduling

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// GetAvailability reads the caller's own weekly pattern and exceptions. It
// returns errs.NotFound for an account that is no physician's.
func (s *Service) GetAvailability(ctx context.Context, _ *schedulingv1.GetAvailabilityRequest) (*schedulingv1.GetAvailabilityResponse, error) {
	src := s.d.DB.R.DB(ctx)
	p, pattern, err := s.ownPattern(ctx, src)
	if err != nil {
		return nil, err
	}
	res := &schedulingv1.GetAvailabilityResponse{
		PhysicianId: p.PhysicianID.String(), TimeZone: p.TimeZone, Weekly: windowMessages(pattern.Weekly),
		Version: hoursVersion(pattern),
	}
	for _, e := range pattern.Exceptions {
		res.Exceptions = append(res.Exceptions, &schedulingv1.DayException{Date: e.Date.String(), Windows: windowMessages(e.Windows)})
	}
	return res, nil
}

// PreviewAvailability says which of the caller's booked visits a pattern would
// not cover, and how many hours it opens. It changes nothing. It returns
// errs.Invalid with the fields at fault, as SetAvailability would.
func (s *Service) PreviewAvailability(ctx context.Context, req *schedulingv1.PreviewAvailabilityRequest) (*schedulingv1.PreviewAvailabilityResponse, error) {
	asked := &schedulingv1.SetAvailabilityRequest{Weekly: req.GetWeekly(), Exceptions: req.GetExceptions()}
	if _, err := readWindows(asked); err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	p, now, err := s.ownPattern(ctx, src)
	if err != nil {
		return nil, err
	}
	next, err := patternOf(asked, now.Zone)
	if err != nil {
		return nil, err
	}
	res := &schedulingv1.PreviewAvailabilityResponse{
		TimeZone: p.TimeZone, MinutesBefore: openMinutes(now.Weekly), MinutesAfter: openMinutes(next.Weekly),
	}
	if res.Outside, err = s.outside(ctx, src, p, next); err != nil {
		return nil, err
	}
	return res, nil
}

// ownPattern reads the calendar of the physician whose account calls.
func (s *Service) ownPattern(ctx context.Context, src pg.DBTX) (db.SchedulingPhysician, calendar.Pattern, error) {
	account := principal.From(ctx).Account.UUID
	p, err := s.q.PhysicianOfAccount(ctx, src, &account)
	if errors.Is(err, pgx.ErrNoRows) || account == uuid.Nil {
		return p, calendar.Pattern{}, errs.New(errs.NotFound, "physician_missing", "Your account is not linked to a physician yet.")
	}
	if err != nil {
		return p, calendar.Pattern{}, fmt.Errorf("reading the caller's physician: %w", err)
	}
	patterns, err := s.patternsOf(ctx, src, []db.SchedulingPhysician{p})
	if err != nil {
		return p, calendar.Pattern{}, err
	}
	return p, patterns[p.PhysicianID], nil
}

// outside lists the booked visits to come that a pattern does not cover, and
// records that their patients' names were read.
func (s *Service) outside(ctx context.Context, src pg.DBTX, p db.SchedulingPhysician, next calendar.Pattern) ([]*schedulingv1.OutsideVisit, error) {
	from := s.d.Clock.Now()
	rows, err := s.q.AppointmentsOfPhysician(ctx, src, db.AppointmentsOfPhysicianParams{
		AccountID: p.AccountID, PhysicianID: p.PhysicianID, FromTime: from, ToTime: from.AddDate(2, 0, 0),
	})
	if err != nil {
		return nil, fmt.Errorf("listing the visits to come: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	last := rangeOf(rows[len(rows)-1].SchedulingReservation.During)
	open := next.Expand(from.Add(-24*time.Hour), last.To.Add(24*time.Hour))
	var out []*schedulingv1.OutsideVisit
	var reads []audit.Entry
	for _, row := range rows {
		r := row.SchedulingReservation
		visit := rangeOf(r.During)
		if r.Status != "booked" || covered(open, visit) {
			continue
		}
		out = append(out, &schedulingv1.OutsideVisit{
			AppointmentId: r.ReservationID.String(), Reference: text(r.Reference), ServiceId: r.ServiceID,
			Start: timestamppb.New(visit.From), End: timestamppb.New(visit.To),
			PatientName: strings.TrimSpace(row.PatientGiven + " " + row.PatientFamily),
		})
		reads = append(reads, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: patientOf(r), Action: "appointment.read", Subject: r.ReservationID.String(),
		})
	}
	return out, s.d.Audit.Record(ctx, reads...)
}

// covered says whether one of the open ranges holds the whole visit.
func covered(open []calendar.Range, visit calendar.Range) bool {
	for _, r := range open {
		if !visit.From.Before(r.From) && !visit.To.After(r.To) {
			return true
		}
	}
	return false
}

// patternOf is an accepted request as a pattern.
func patternOf(req *schedulingv1.SetAvailabilityRequest, zone *time.Location) (calendar.Pattern, error) {
	p := calendar.Pattern{Zone: zone, Weekly: windowsOf(req.GetWeekly())}
	for _, e := range req.GetExceptions() {
		day, err := calendar.ParseDate(e.GetDate())
		if err != nil {
			return p, fmt.Errorf("reading the date of an exception: %w", err)
		}
		p.Exceptions = append(p.Exceptions, calendar.Exception{Date: day, Windows: windowsOf(e.GetWindows())})
	}
	return p, nil
}

func windowsOf(list []*schedulingv1.WeeklyWindow) []calendar.Window {
	var out []calendar.Window
	for _, w := range list {
		out = append(out, calendar.Window{Weekday: time.Weekday(w.GetWeekday()), From: int(w.GetFromMinute()), To: int(w.GetToMinute())})
	}
	return out
}

func windowMessages(list []calendar.Window) []*schedulingv1.WeeklyWindow {
	var out []*schedulingv1.WeeklyWindow
	for _, w := range list {
		//nolint:gosec // a weekday, and minutes of one day
		out = append(out, &schedulingv1.WeeklyWindow{Weekday: int32(w.Weekday), FromMinute: int32(w.From), ToMinute: int32(w.To)})
	}
	return out
}

func openMinutes(weekly []calendar.Window) int32 {
	sum := 0
	for _, w := range weekly {
		sum += w.To - w.From
	}
	return int32(sum)
}
