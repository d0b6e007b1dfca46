package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Every call is a method of the Service, in the file named by its verb; here is
// how rows become messages.
var (
	_ schedulingv1connect.SchedulingServiceHandler = (*Service)(nil)
	_ schedulingv1connect.DeskServiceHandler       = (*Service)(nil)
)

// Changes serves the feed of calendars.
func (s *Service) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	return s.source.Changes(ctx, req)
}

// ReadKeys serves the newest change of some calendars.
func (s *Service) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return s.source.ReadKeys(ctx, req)
}

// ring says that calendars changed; after the commit.
func (s *Service) ring() { s.source.Ring(topicCalendar) }

func serviceMessage(t Terms) *schedulingv1.Service {
	short := func(d time.Duration) int32 { return int32(minutes(d)) } //nolint:gosec // bounded by CHECK
	return &schedulingv1.Service{
		ServiceId: t.ServiceID, Name: t.Name, Minutes: short(t.Duration), BufferBefore: short(t.Before), BufferAfter: short(t.After),
		LeadMinutes: short(t.Lead), PriceCents: t.PriceCents, Specialties: t.Specialties,
	}
}

// slot is a start time with this physician.
func (p *profile) slot(t Terms, state string, visit calendar.Range) *schedulingv1.Slot {
	return &schedulingv1.Slot{
		PhysicianId: p.id.String(), PhysicianName: p.name, Credential: p.credential,
		Specialty: specialtyFor(p.specialties, t), Languages: p.languages,
		Start: timestamppb.New(visit.From), End: timestamppb.New(visit.To),
		LicenseVerifiedOn: p.verified[state],
	}
}

// holdMessage is a hold without its answers.
func (s *Service) holdMessage(ctx context.Context, dbtx pg.DBTX, r db.SchedulingReservation) (*schedulingv1.Hold, error) {
	physician, err := s.q.PhysicianByID(ctx, dbtx, r.PhysicianID)
	if err != nil {
		return nil, fmt.Errorf("reading the physician of a hold: %w", err)
	}
	t, err := s.terms(ctx, dbtx, r.ServiceID)
	if err != nil {
		return nil, err
	}
	slot, err := slotOf(physician, t, r)
	if err != nil {
		return nil, err
	}
	h := &schedulingv1.Hold{
		HoldId: r.ReservationID.String(), Slot: slot, ServiceId: r.ServiceID, State: r.State, TimeZone: r.TimeZone,
		Expired: stale(r, s.d.Clock.Now()), ExtensionsLeft: max(0, MaxExtensions-int32(r.Extensions)),
	}
	if r.ExpiresAt != nil {
		h.ExpiresAt = timestamppb.New(*r.ExpiresAt)
	}
	if r.Became != nil {
		h.AppointmentId, h.Expired = r.Became.String(), false
	}
	return h, nil
}

// slotOf is a reservation's time with its physician.
func slotOf(p db.SchedulingPhysician, t Terms, r db.SchedulingReservation) (*schedulingv1.Slot, error) {
	m, facts, err := factsOf(p)
	if err != nil {
		return nil, err
	}
	shown := &profile{
		id: facts.PhysicianID, name: nameOf(p), credential: p.Credential,
		specialties: p.Specialties, languages: p.Languages, verified: map[string]string{r.State: verifiedOn(m, r.State)},
	}
	return shown.slot(t, r.State, rangeOf(r.During)), nil
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
		Decision: decision, Version: r.Version, PayerName: r.PayerName, PriceCents: r.PriceCents, ConsentDue: s.consentDue(r, row.PatientBorn),
	}
	if r.BookedAt != nil {
		m.BookedAt = timestamppb.New(*r.BookedAt)
	}
	if r.CanceledAt != nil {
		m.CanceledAt = timestamppb.New(*r.CanceledAt)
	}
	if r.MovedTo != nil {
		m.MovedTo = r.MovedTo.String()
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
