package web

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
)

const deskMember = "0198a000-0000-7000-8000-000000000031"

// fakeDesk knows Rosa, who is a patient, and Margaret, who is on a roster only.
type fakeDesk struct {
	enrollmentv1connect.DeskServiceClient
	mu     sync.Mutex
	asked  []*enrollmentv1.FindPeopleRequest
	said   []*enrollmentv1.RecordVerbalConsentRequest
	sent   []*enrollmentv1.ResendInvitationRequest
	people []*enrollmentv1.FoundPerson
	more   bool
	// signed says that Rosa agreed in writing; refuse is why no invitation goes
	// out.
	signed bool
	// over says that it was a guardian who agreed, and that she is 18 by now.
	over   bool
	refuse string
	err    error
}

func newFakeDesk() *fakeDesk {
	return &fakeDesk{people: []*enrollmentv1.FoundPerson{
		{PatientId: testPatient, GivenName: "Rosa", FamilyName: "Delgado", BirthDate: "1961-02-03", PayerName: "Lanternfield Mutual", HomeState: "PA", HasAccount: true},
		{MemberId: deskMember, GivenName: "Margaret", FamilyName: "Okonkwo", BirthDate: "1958-03-14", PayerName: "Lanternfield Mutual", HomeState: "PA"},
		{PatientId: testPatient, GivenName: "Teo", FamilyName: "Delgado", BirthDate: "2014-02-03"},
	}}
}

func (f *fakeDesk) FindPeople(_ context.Context, r *enrollmentv1.FindPeopleRequest) (*enrollmentv1.FindPeopleResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r)
	return &enrollmentv1.FindPeopleResponse{People: f.people, More: f.more}, f.err
}

func fakeMember() *enrollmentv1.DeskMember {
	return &enrollmentv1.DeskMember{
		MemberId: deskMember, GivenName: "Margaret", FamilyName: "Okonkwo", BirthDate: "1958-03-14", PayerName: "Lanternfield Mutual", Number: "LK 100",
		OwnNumber: "7", Email: "margaret@example.test", HomeState: "PA", Zip: "19103", Coverages: []*enrollmentv1.DeskCoverage{
			{CoverageId: testCoverage, Plan: "Silver 2000", Line: "PPO", From: "2026-01-01", To: "2027-05-31"},
			{Plan: "Bright Smile", Line: "DEN", From: "2026-01-01"}, {Plan: "Bronze", Line: "HMO", From: "2025-01-01", To: "2025-12-31"},
			{Plan: "Gold", Line: "HMO", From: "2027-06-01"},
		},
	}
}

func (f *fakeDesk) GetPatient(_ context.Context, r *enrollmentv1.GetPatientRequest) (*enrollmentv1.GetPatientResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.GetPatientId() != testPatient {
		return nil, errs.New(errs.NotFound, "patient_unknown", "There is no such patient.")
	}
	at := timestamppb.New(testNow().Add(-time.Hour))
	m := fakeMember()
	m.NotInvitable = "active"
	p := &enrollmentv1.DeskPatient{
		PatientId: testPatient, GivenName: "ROSA", FamilyName: "DELGADO", BirthDate: "1961-02-03", Language: "es",
		Contacts: []*enrollmentv1.DeskContact{
			{Kind: "email", Value: "rosa@example.test", Source: "patient", Proven: true}, {Kind: "phone", Value: "2155550147", Source: "roster"},
			{Kind: "address", Value: "12 Willow Lane\nPhiladelphia", State: "PA", Zip: "19103", Source: "roster"},
		},
		Actors: []*enrollmentv1.DeskActor{
			{Relation: "self", From: "2026-01-01", Name: "Rosa Delgado"}, {ActsForId: testRight, Relation: "guardian", From: "2026-01-01", Until: "2032-09-02"}, {Relation: "caregiver", From: "2026-01-01"},
		},
		Members: []*enrollmentv1.DeskMember{m},
		Invitations: []*enrollmentv1.DeskInvitation{
			{State: "queued", Email: "rosa@example.test", MadeAt: at}, {State: "sent", MadeAt: at, SentAt: at, ExpiresAt: at},
			{State: "accepted", MadeAt: at, AcceptedAt: at}, {State: "expired", MadeAt: at}, {State: "failed", MadeAt: at},
		},
		Attempts: []*enrollmentv1.DeskAttempt{
			{At: at, Reference: "K7QM-2D9F", State: "to_staff", Reason: "no_match", Open: true}, {At: at, Reference: "K7QM-2D9G", State: "confirmed"},
			{At: at, Reference: "K7QM-2D9H", State: "expired", WrongCodes: 3}, {At: at, Reference: "K7QM-2D9J", State: "started"},
			{At: at, Reference: "K7QM-2D9K", Reason: "details_differ", Open: true},
		},
	}
	if f.signed {
		p.Consents = []*enrollmentv1.DeskConsent{{ConsentId: testCoverage, Kind: "telehealth", Version: "2026-11", Language: "es", Method: "written", GivenAt: at, GivenBy: "patient", Counts: !f.over}}
		if f.over {
			p.Consents[0].GivenBy = "guardian"
		}
	} else {
		p.Consents = []*enrollmentv1.DeskConsent{{ConsentId: deskMember, Kind: "telehealth", Version: "2026-11", Language: "es", Method: "verbal", GivenAt: at, GivenBy: "patient", Counts: true}}
	}
	return &enrollmentv1.GetPatientResponse{Patient: p}, nil
}

func (f *fakeDesk) GetMember(_ context.Context, r *enrollmentv1.GetMemberRequest) (*enrollmentv1.GetMemberResponse, error) {
	if r.GetMemberId() != deskMember {
		return nil, errs.New(errs.NotFound, "member_unknown", "There is no such member.")
	}
	return &enrollmentv1.GetMemberResponse{Member: fakeMember()}, nil
}

func (f *fakeDesk) ResendInvitation(_ context.Context, r *enrollmentv1.ResendInvitationRequest) (*enrollmentv1.ResendInvitationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, r)
	return &enrollmentv1.ResendInvitationResponse{Refused: f.refuse}, nil
}

func (f *fakeDesk) RecordVerbalConsent(_ context.Context, r *enrollmentv1.RecordVerbalConsentRequest) (*enrollmentv1.RecordVerbalConsentResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.said = append(f.said, r)
	return &enrollmentv1.RecordVerbalConsentResponse{ConsentId: "said"}, nil
}

// fakeBooking is the same calendar as the patients', reached from the desk.
type fakeBooking struct {
	schedulingv1connect.DeskServiceClient
	s *fakeScheduling
}

// told says whether mail about an appointment has somewhere to go.
func (f *fakeBooking) told(a *schedulingv1.Appointment) *schedulingv1.Appointment {
	if a != nil {
		a.ToldByMail = !f.s.unproven
	}
	return a
}

func (f *fakeBooking) SaveAnswersFor(ctx context.Context, r *schedulingv1.SaveAnswersForRequest) (*schedulingv1.SaveAnswersForResponse, error) {
	_, err := f.s.SaveAnswers(ctx, &schedulingv1.SaveAnswersRequest{BrowserId: r.GetBrowserId(), Answers: r.GetAnswers()})
	return &schedulingv1.SaveAnswersForResponse{}, err
}

func (f *fakeBooking) BookFor(ctx context.Context, r *schedulingv1.BookForRequest) (*schedulingv1.BookForResponse, error) {
	res, err := f.s.Book(ctx, &schedulingv1.BookRequest{BrowserId: r.GetBrowserId(), HoldId: r.GetHoldId(), IdempotencyKey: r.GetIdempotencyKey()})
	if a := f.told(res.GetAppointment()); a != nil {
		a.ConsentDue = r.GetConsentId() == "said"
	}
	return &schedulingv1.BookForResponse{Appointment: res.GetAppointment(), Nearest: res.GetNearest(), Lost: res.GetLost()}, err
}

func (f *fakeBooking) CancelFor(ctx context.Context, r *schedulingv1.CancelForRequest) (*schedulingv1.CancelForResponse, error) {
	res, err := f.s.Cancel(ctx, &schedulingv1.CancelRequest{AppointmentId: r.GetAppointmentId()})
	return &schedulingv1.CancelForResponse{Appointment: f.told(res.GetAppointment())}, err
}

func (f *fakeBooking) RescheduleFor(ctx context.Context, r *schedulingv1.RescheduleForRequest) (*schedulingv1.RescheduleForResponse, error) {
	res, err := f.s.Reschedule(ctx, &schedulingv1.RescheduleRequest{
		AppointmentId: r.GetAppointmentId(), PhysicianId: r.GetPhysicianId(), Start: r.GetStart(), IdempotencyKey: r.GetIdempotencyKey(),
	})
	return &schedulingv1.RescheduleForResponse{Appointment: f.told(res.GetAppointment()), Nearest: res.GetNearest(), Lost: res.GetLost()}, err
}

func (f *fakeBooking) ListAppointmentsFor(ctx context.Context, _ *schedulingv1.ListAppointmentsForRequest) (*schedulingv1.ListAppointmentsForResponse, error) {
	res, err := f.s.ListAppointments(ctx, &schedulingv1.ListAppointmentsRequest{})
	return &schedulingv1.ListAppointmentsForResponse{Upcoming: res.GetUpcoming(), Past: res.GetPast()}, err
}

func (f *fakeBooking) GetAppointmentFor(ctx context.Context, r *schedulingv1.GetAppointmentForRequest) (*schedulingv1.GetAppointmentForResponse, error) {
	res, err := f.s.GetAppointment(ctx, &schedulingv1.GetAppointmentRequest{AppointmentId: r.GetAppointmentId()})
	if err != nil {
		return nil, err
	}
	a := f.told(proto.CloneOf(res.GetAppointment()))
	a.Answers, a.Decision = nil, nil
	return &schedulingv1.GetAppointmentForResponse{Appointment: a}, nil
}

func (f *fakeBooking) FindByReference(_ context.Context, r *schedulingv1.FindByReferenceRequest) (*schedulingv1.FindByReferenceResponse, error) {
	if r.GetReference() != "K7QM-2D9F" {
		return &schedulingv1.FindByReferenceResponse{}, nil
	}
	return &schedulingv1.FindByReferenceResponse{PatientId: testPatient}, nil
}

func (f *fakeScheduling) SignConsent(_ context.Context, r *schedulingv1.SignConsentRequest) (*schedulingv1.SignConsentResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.booked[r.GetAppointmentId()].ConsentDue = false
	return &schedulingv1.SignConsentResponse{Signed: 1}, nil
}
