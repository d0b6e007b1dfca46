package web

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/principal"
)

const (
	testPatient  = "0198a000-0000-7000-8000-000000000001"
	testCoverage = "0198a000-0000-7000-8000-000000000002"
	goodLink     = "good-invitation-link"
)

// fakePeople knows one member, Rosa, and one good invitation.
type fakePeople struct {
	enrollmentv1connect.PeopleServiceClient
	mu       sync.Mutex
	consents int
	// language is Rosa's, for mail.
	language string
	// others are whom Rosa acts for.
	others []*enrollmentv1.PatientFacts
}

func (f *fakePeople) SetLanguage(_ context.Context, r *enrollmentv1.SetLanguageRequest) (*enrollmentv1.SetLanguageResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.GetPatientId() != testPatient {
		return nil, errs.New(errs.NotFound, "patient_unknown", "Not found.")
	}
	f.language = r.GetLanguage()
	return &enrollmentv1.SetLanguageResponse{}, nil
}

func (f *fakePeople) Me(ctx context.Context, _ *enrollmentv1.MeRequest) (*enrollmentv1.MeResponse, error) {
	return &enrollmentv1.MeResponse{Patients: append([]*enrollmentv1.PatientFacts{{
		PatientId: testPatient, ActsFor: []*enrollmentv1.ActsFor{{AccountId: principal.From(ctx).Account.String(), Relation: "self"}}, GivenName: "Rosa", FamilyName: "Delgado", BirthDate: "1961-02-03", Phone: "2155550147",
		Coverages: []*enrollmentv1.Coverage{{CoverageId: testCoverage, PayerName: "Lanternfield Mutual", Plan: "Silver 2000", Line: "PPO", From: "2026-01-01"}},
	}}, f.others...)}, nil
}

func (f *fakePeople) ReadConsent(_ context.Context, r *enrollmentv1.ReadConsentRequest) (*enrollmentv1.ReadConsentResponse, error) {
	return &enrollmentv1.ReadConsentResponse{
		Kind: "telehealth", Version: "2026-11", Language: r.GetLanguage(), Title: "Consent to care by video",
		Paragraphs: []string{"You will see a physician by live video instead of in person.", "You may stop at any time."},
	}, nil
}

func (f *fakePeople) RecordConsent(context.Context, *enrollmentv1.RecordConsentRequest) (*enrollmentv1.RecordConsentResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.consents++
	return &enrollmentv1.RecordConsentResponse{ConsentId: uuid.NewString()}, nil
}

func (f *fakePeople) OpenInvitation(_ context.Context, r *enrollmentv1.OpenInvitationRequest) (*enrollmentv1.OpenInvitationResponse, error) {
	if r.GetToken() != goodLink {
		return nil, errs.New(errs.NotFound, "invitation_unknown", "That link is no longer good.")
	}
	return &enrollmentv1.OpenInvitationResponse{GivenName: "Rosa", MaskedEmail: "r•••@e•••.test", Language: "en"}, nil
}

func (f *fakePeople) AcceptInvitation(_ context.Context, r *enrollmentv1.AcceptInvitationRequest) (*enrollmentv1.AcceptInvitationResponse, error) {
	switch {
	case r.GetToken() != goodLink:
		return nil, errs.New(errs.NotFound, "invitation_unknown", "That link is no longer good.")
	case r.GetBirthDate() == "1950-01-01":
		return &enrollmentv1.AcceptInvitationResponse{Reference: "K7QM-2D9F"}, nil
	}
	return &enrollmentv1.AcceptInvitationResponse{Ticket: "t", PatientId: testPatient}, nil
}

func (f *fakePeople) StartActivation(context.Context, *enrollmentv1.StartActivationRequest) (*enrollmentv1.StartActivationResponse, error) {
	return &enrollmentv1.StartActivationResponse{ActivationId: uuid.NewString(), Reference: "K7QM-2D9F"}, nil
}

func (f *fakePeople) ConfirmActivation(_ context.Context, r *enrollmentv1.ConfirmActivationRequest) (*enrollmentv1.ConfirmActivationResponse, error) {
	switch r.GetCode() {
	case "482913":
		return &enrollmentv1.ConfirmActivationResponse{Ticket: "t", PatientId: testPatient}, nil
	case "000000":
		return &enrollmentv1.ConfirmActivationResponse{Reference: "K7QM-2D9F"}, nil
	}
	return nil, errs.New(errs.Unauthenticated, "code_wrong", "That code is not right.")
}

// fakeScheduling has three physicians, free every half hour of the working day.
type fakeScheduling struct {
	schedulingv1connect.SchedulingServiceClient
	clock clock.Clock
	mu    sync.Mutex
	hold  map[string]*schedulingv1.Hold
	// booked by appointment id
	booked map[string]*schedulingv1.Appointment
	byKey  map[string]*schedulingv1.Appointment
	// lose makes the next hold or booking lose its race for this reason.
	lose string
	// hours is the physician's calendar, set how often it was replaced.
	hours  *schedulingv1.SetAvailabilityRequest
	set    int
	refuse error
	// meanwhile makes another window save before the next one.
	meanwhile bool
	// troubles are in the way of every booked visit; paid is the last change.
	troubles []*schedulingv1.Trouble
	// calm: nothing is in the way of anybody, for staff.
	calm bool
	paid *schedulingv1.ChangePaymentRequest
	// tag names the state of the calendars; empty for answers that may not be
	// kept. unchanged counts the answers that were still right.
	tag       atomic.Value
	unchanged atomic.Int32
	// unproven says that nobody is written to about visits.
	unproven bool
}

func newFakeScheduling(c clock.Clock) *fakeScheduling {
	return &fakeScheduling{clock: c, hold: map[string]*schedulingv1.Hold{},
		booked: map[string]*schedulingv1.Appointment{}, byKey: map[string]*schedulingv1.Appointment{}}
}

func (f *fakeScheduling) ListServices(context.Context, *schedulingv1.ListServicesRequest) (*schedulingv1.ListServicesResponse, error) {
	return &schedulingv1.ListServicesResponse{Services: []*schedulingv1.Service{
		{ServiceId: "general", Name: "General care", Minutes: 15, PriceCents: 5900},
		{ServiceId: "mental_health", Name: "Mental health", Minutes: 30, PriceCents: 8900},
		{ServiceId: "skin", Name: "Skin, hair and nails", Minutes: 15, PriceCents: 6900},
	}}, nil
}

func fakeSlot(n int, at time.Time) *schedulingv1.Slot {
	names := []string{"Maya Okafor", "Lin Zhao", "Samuel Brightwater"}
	langs := [][]string{{"en", "es"}, {"en", "zh"}, {"en"}}
	return &schedulingv1.Slot{
		PhysicianId: fmt.Sprintf("0198a000-0000-7000-8000-0000000001%02d", n%3), PhysicianName: names[n%3], Credential: "MD",
		Specialty: "207Q00000X", Languages: langs[n%3], Start: timestamppb.New(at), End: timestamppb.New(at.Add(15 * time.Minute)),
		LicenseVerifiedOn: "2026-11-20",
	}
}

func (f *fakeScheduling) Search(_ context.Context, r *schedulingv1.SearchRequest) (*schedulingv1.SearchResponse, error) {
	loc, err := time.LoadLocation(r.GetTimeZone())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "time_zone", Reason: "unknown"})
	}
	now := f.clock.Now().In(loc)
	first := now
	if d, err := time.ParseInLocation(time.DateOnly, r.GetFirstDay(), loc); err == nil {
		first = d
	}
	res := &schedulingv1.SearchResponse{}
	if r.GetLanguage() == "vi" || r.GetLanguage() == "tl" { // one in two weeks, and nobody at all
		f.nobodySpeaks(res, r, first)
		return res, nil
	}
	if tag, _ := f.tag.Load().(string); tag != "" {
		if res.Tag = tag; tag == r.GetKnown() {
			f.unchanged.Add(1)
			res.Unchanged = true
			return res, nil
		}
	}
	for i := range 7 {
		d := first.AddDate(0, 0, i)
		free := int32(0)
		if d.Weekday() != time.Thursday {
			free = int32(4 + (d.Day()*7)%19)
		}
		res.Days = append(res.Days, &schedulingv1.DayCount{Day: d.Format(time.DateOnly), Free: free})
	}
	res.Day = r.GetDay()
	if res.GetDay() == "" {
		res.Day = first.Format(time.DateOnly)
	}
	day, err := time.ParseInLocation(time.DateOnly, res.GetDay(), loc)
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "day", Reason: "malformed"})
	}
	for i := range 22 {
		at := day.Add(time.Duration(i*35/15*15+8*60) * time.Minute).Truncate(15 * time.Minute)
		if at.After(now) && day.Weekday() != time.Thursday {
			res.Slots = append(res.Slots, fakeSlot(i, at))
		}
	}
	soon := now.Truncate(15 * time.Minute).Add(15 * time.Minute)
	for i := range 3 {
		res.Soonest = append(res.Soonest, fakeSlot(i, soon.Add(time.Duration(i*15)*time.Minute)))
		s := fakeSlot(i, soon)
		res.Physicians = append(res.Physicians, &schedulingv1.PhysicianChoice{PhysicianId: s.GetPhysicianId(), Name: s.GetPhysicianName(), Specialty: s.GetSpecialty(), Languages: s.GetLanguages(), Specialties: [][]string{{"207Q00000X"}, {"207R00000X"}, {"207Q00000X"}}[i]})
	}
	return res, nil
}

// lost gives the three nearest if this try is to lose.
func (f *fakeScheduling) lost(at time.Time) (reason string, nearest []*schedulingv1.Slot) {
	if f.lose == "" {
		return "", nil
	}
	reason, f.lose = f.lose, ""
	for i := range 3 {
		nearest = append(nearest, fakeSlot(i, at.Add(time.Duration(15*(i+1))*time.Minute)))
	}
	return reason, nearest
}

func (f *fakeScheduling) PlaceHold(_ context.Context, r *schedulingv1.PlaceHoldRequest) (*schedulingv1.PlaceHoldResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := r.GetStart().AsTime()
	if reason, nearest := f.lost(at); reason != "" {
		return &schedulingv1.PlaceHoldResponse{Lost: reason, Nearest: nearest}, nil
	}
	old := f.hold[r.GetBrowserId()]
	h := &schedulingv1.Hold{
		HoldId: uuid.NewString(), ServiceId: r.GetServiceId(), State: r.GetState(), TimeZone: r.GetTimeZone(),
		ExpiresAt: timestamppb.New(f.clock.Now().Add(10 * time.Minute)), ExtensionsLeft: 2,
	}
	for i := range 3 {
		if s := fakeSlot(i, at); s.GetPhysicianId() == r.GetPhysicianId() {
			h.Slot = s
		}
	}
	if old != nil {
		h.Answers = old.GetAnswers()
	}
	f.hold[r.GetBrowserId()] = h
	return &schedulingv1.PlaceHoldResponse{Hold: h}, nil
}

func (f *fakeScheduling) GetHold(_ context.Context, r *schedulingv1.GetHoldRequest) (*schedulingv1.GetHoldResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hold[r.GetBrowserId()]
	if h != nil {
		h.Expired, h.ToldByMail = f.clock.Now().After(h.GetExpiresAt().AsTime()), !f.unproven
	}
	return &schedulingv1.GetHoldResponse{Hold: h}, nil
}

func (f *fakeScheduling) ExtendHold(_ context.Context, r *schedulingv1.ExtendHoldRequest) (*schedulingv1.ExtendHoldResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hold[r.GetBrowserId()]
	if h == nil {
		return nil, errs.New(errs.NotFound, "hold_unknown", "No time is kept for you.")
	}
	h.ExpiresAt = timestamppb.New(f.clock.Now().Add(10 * time.Minute))
	h.ExtensionsLeft--
	return &schedulingv1.ExtendHoldResponse{Hold: h}, nil
}

func (f *fakeScheduling) ReleaseHold(_ context.Context, r *schedulingv1.ReleaseHoldRequest) (*schedulingv1.ReleaseHoldResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.hold, r.GetBrowserId())
	return &schedulingv1.ReleaseHoldResponse{}, nil
}

func (f *fakeScheduling) SaveAnswers(_ context.Context, r *schedulingv1.SaveAnswersRequest) (*schedulingv1.SaveAnswersResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hold[r.GetBrowserId()]
	if h == nil {
		return nil, errs.New(errs.NotFound, "hold_unknown", "No time is kept for you.")
	}
	h.Answers = r.GetAnswers()
	return &schedulingv1.SaveAnswersResponse{Hold: h}, nil
}

func (f *fakeScheduling) Book(_ context.Context, r *schedulingv1.BookRequest) (*schedulingv1.BookResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a, ok := f.byKey[r.GetIdempotencyKey()]; ok {
		return &schedulingv1.BookResponse{Appointment: a}, nil
	}
	h := f.hold[r.GetBrowserId()]
	if h == nil {
		return nil, errs.New(errs.NotFound, "hold_unknown", "No time is kept for you.")
	}
	if reason, nearest := f.lost(h.GetSlot().GetStart().AsTime()); reason != "" {
		return &schedulingv1.BookResponse{Lost: reason, Nearest: nearest}, nil
	}
	a := &schedulingv1.Appointment{
		AppointmentId: uuid.NewString(), Reference: "K7QM-2D9F", Slot: h.GetSlot(), ServiceId: h.GetServiceId(), State: h.GetState(),
		TimeZone: h.GetTimeZone(), Status: "booked", PatientId: testPatient, PatientName: "Rosa Delgado", Answers: h.GetAnswers(),
		BookedAt: timestamppb.New(f.clock.Now()), PriceCents: 5900, Version: 1, BirthDate: "1961-02-03",
		Decision: &schedulingv1.Decision{Allowed: true, LicenseNumber: "MD-99120", Basis: "full", RuleState: h.GetState()},
	}
	if h.GetAnswers().GetPayment() == "coverage" {
		a.PayerName = "Lanternfield Mutual"
	}
	h.AppointmentId = a.GetAppointmentId()
	f.booked[a.GetAppointmentId()], f.byKey[r.GetIdempotencyKey()] = a, a
	delete(f.hold, r.GetBrowserId())
	return &schedulingv1.BookResponse{Appointment: a}, nil
}

func (f *fakeScheduling) Cancel(_ context.Context, r *schedulingv1.CancelRequest) (*schedulingv1.CancelResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.booked[r.GetAppointmentId()]
	if !ok {
		return nil, errs.New(errs.NotFound, "appointment_unknown", "There is no such appointment.")
	}
	a.Status, a.CanceledAt = "canceled", timestamppb.New(f.clock.Now())
	return &schedulingv1.CancelResponse{Appointment: a}, nil
}

func (f *fakeScheduling) Reschedule(_ context.Context, r *schedulingv1.RescheduleRequest) (*schedulingv1.RescheduleResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, ok := f.booked[r.GetAppointmentId()]
	if !ok {
		return nil, errs.New(errs.NotFound, "appointment_unknown", "There is no such appointment.")
	}
	if a, ok := f.byKey[r.GetIdempotencyKey()]; ok {
		return &schedulingv1.RescheduleResponse{Appointment: a}, nil
	}
	if reason, nearest := f.lost(r.GetStart().AsTime()); reason != "" {
		return &schedulingv1.RescheduleResponse{Lost: reason, Nearest: nearest}, nil
	}
	a := proto.CloneOf(old)
	a.AppointmentId, a.Version = uuid.NewString(), old.GetVersion()+2
	for i := range 3 {
		if s := fakeSlot(i, r.GetStart().AsTime()); s.GetPhysicianId() == r.GetPhysicianId() {
			a.Slot = s
		}
	}
	old.Status, old.MovedTo = "moved", a.GetAppointmentId()
	f.booked[a.GetAppointmentId()], f.byKey[r.GetIdempotencyKey()] = a, a
	return &schedulingv1.RescheduleResponse{Appointment: a}, nil
}

func (f *fakeScheduling) ListAppointments(context.Context, *schedulingv1.ListAppointmentsRequest) (*schedulingv1.ListAppointmentsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	res := &schedulingv1.ListAppointmentsResponse{}
	for _, a := range f.booked {
		if a.GetStatus() == "booked" {
			res.Upcoming = append(res.Upcoming, a)
		} else {
			res.Past = append(res.Past, a)
		}
	}
	return res, nil
}

func (f *fakeScheduling) GetAppointment(_ context.Context, r *schedulingv1.GetAppointmentRequest) (*schedulingv1.GetAppointmentResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.booked[r.GetAppointmentId()]
	if !ok {
		return nil, errs.New(errs.NotFound, "appointment_unknown", "There is no such appointment.")
	}
	if a.GetStatus() == "booked" {
		a.Troubles = f.troubles
	}
	a.Ics = []byte(strings.Join([]string{"BEGIN:VCALENDAR", "END:VCALENDAR", ""}, "\r\n"))
	return &schedulingv1.GetAppointmentResponse{Appointment: a}, nil
}
