package web

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

const (
	testChild      = "0198a000-0000-7000-8000-00000000c001"
	testRight      = "0198a000-0000-7000-8000-00000000c002"
	testCarer      = "0198a000-0000-7000-8000-00000000c003"
	testInvitation = "0198a000-0000-7000-8000-00000000c004"
	testRequest    = "0198a000-0000-7000-8000-00000000c005"
	testMember     = "0198a000-0000-7000-8000-00000000c006"
	goodCareLink   = "good-care-link"
)

// mateo is whom Rosa may act for, as her account's Me tells.
func mateo() *enrollmentv1.PatientFacts {
	return &enrollmentv1.PatientFacts{
		PatientId: testChild, GivenName: "Mateo", FamilyName: "Delgado", BirthDate: "2014-09-03",
		ActsFor: []*enrollmentv1.ActsFor{{Relation: "guardian", From: "2026-11-01", Until: "2032-09-02"}},
	}
}

// fakeActing knows one request of everything, and keeps what it is sent.
type fakeActing struct {
	enrollmentv1connect.ActingServiceClient
	mu        sync.Mutex
	empty     bool
	hidden    int64
	refuse    error
	added     []*enrollmentv1.AddChildRequest
	ended     []*enrollmentv1.EndActingRequest
	invited   []*enrollmentv1.InviteCaregiverRequest
	withdrawn []string
	accepted  []string
	decided   []*enrollmentv1.DecideGuardianRequestRequest
	stopped   []*enrollmentv1.EndGuardianRequest
}

func (f *fakeActing) ListPeople(context.Context, *enrollmentv1.ListPeopleRequest) (*enrollmentv1.ListPeopleResponse, error) {
	if f.empty {
		return &enrollmentv1.ListPeopleResponse{}, nil
	}
	return &enrollmentv1.ListPeopleResponse{
		MayAdd: true,
		ActedFor: []*enrollmentv1.ActedFor{
			{ActsForId: testRight, PatientId: testChild, GivenName: "MATEO", FamilyName: "DELGADO", BirthDate: "2014-09-03", Relation: "guardian", Until: "2032-09-02"},
			{ActsForId: testMember, PatientId: testMember, GivenName: "Noa", FamilyName: "Delgado", BirthDate: "2008-12-10", Relation: "guardian", Until: "2026-12-09"},
		},
		Caregivers:  []*enrollmentv1.Caregiver{{ActsForId: testCarer, GivenName: "Ivor", FamilyName: "Birdsall", From: "2026-11-02"}},
		Invitations: []*enrollmentv1.CaregiverInvitation{{InvitationId: testInvitation, Email: "una@example.test", ExpiresAt: timestamppb.New(testNow().Add(24 * time.Hour))}},
		Requests:    []*enrollmentv1.ChildRequest{{Reference: "K7QM-2D9F", GivenName: "Lucia", At: timestamppb.New(testNow())}},
	}, nil
}

func (f *fakeActing) AddChild(_ context.Context, r *enrollmentv1.AddChildRequest) (*enrollmentv1.AddChildResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.added = append(f.added, r)
	if r.GetGivenName() == "Mateo" {
		return &enrollmentv1.AddChildResponse{PatientId: testChild}, nil
	}
	return &enrollmentv1.AddChildResponse{Reference: "K7QM-2D9F"}, nil
}

func (f *fakeActing) EndActing(_ context.Context, r *enrollmentv1.EndActingRequest) (*enrollmentv1.EndActingResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, r)
	return &enrollmentv1.EndActingResponse{}, nil
}

func (f *fakeActing) InviteCaregiver(_ context.Context, r *enrollmentv1.InviteCaregiverRequest) (*enrollmentv1.InviteCaregiverResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.invited = append(f.invited, r)
	return &enrollmentv1.InviteCaregiverResponse{InvitationId: testInvitation}, nil
}

func (f *fakeActing) WithdrawCaregiverInvitation(
	_ context.Context, r *enrollmentv1.WithdrawCaregiverInvitationRequest,
) (*enrollmentv1.WithdrawCaregiverInvitationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.withdrawn = append(f.withdrawn, r.GetInvitationId())
	return &enrollmentv1.WithdrawCaregiverInvitationResponse{}, nil
}

func (f *fakeActing) OpenCaregiverInvitation(
	_ context.Context, r *enrollmentv1.OpenCaregiverInvitationRequest,
) (*enrollmentv1.OpenCaregiverInvitationResponse, error) {
	if r.GetToken() != goodCareLink {
		return nil, errs.New(errs.Precondition, "caregiver_link_over", "That link is no longer good.")
	}
	return &enrollmentv1.OpenCaregiverInvitationResponse{GivenName: "Vera"}, nil
}

func (f *fakeActing) AcceptCaregiverInvitation(
	_ context.Context, r *enrollmentv1.AcceptCaregiverInvitationRequest,
) (*enrollmentv1.AcceptCaregiverInvitationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.accepted = append(f.accepted, r.GetToken())
	return &enrollmentv1.AcceptCaregiverInvitationResponse{}, nil
}

func guardianRequest() *enrollmentv1.GuardianRequest {
	return &enrollmentv1.GuardianRequest{
		RequestId: testRequest, Reference: "K7QM-2D9F", At: timestamppb.New(testNow()), AskerGivenName: "Ivor", AskerFamilyName: "Birdsall",
		AskerBirthDate: "1975-01-02", GivenName: "Mateo", FamilyName: "Delgado", BirthDate: "2014-09-03", MemberNo: "PM100", Why: "other_family",
	}
}

func (f *fakeActing) ListGuardianRequests(context.Context, *enrollmentv1.ListGuardianRequestsRequest) (*enrollmentv1.ListGuardianRequestsResponse, error) {
	if f.empty {
		return &enrollmentv1.ListGuardianRequestsResponse{}, nil
	}
	return &enrollmentv1.ListGuardianRequestsResponse{Requests: []*enrollmentv1.GuardianRequest{guardianRequest()}, Waiting: 1 + f.hidden}, nil
}

func (f *fakeActing) GetGuardianRequest(_ context.Context, r *enrollmentv1.GetGuardianRequestRequest) (*enrollmentv1.GetGuardianRequestResponse, error) {
	if r.GetRequestId() != testRequest {
		return nil, errs.New(errs.NotFound, "guardian_request_unknown", "Not found.")
	}
	return &enrollmentv1.GetGuardianRequestResponse{Request: guardianRequest(), Candidates: []*enrollmentv1.GuardianCandidate{{
		MemberId: testMember, GivenName: "Mateo", FamilyName: "Delgado", BirthDate: "2014-09-03", PayerName: "Prairie Mutual", SubscriberNo: "PM-100", Guardians: 1,
	}}}, nil
}

func (f *fakeActing) DecideGuardianRequest(_ context.Context, r *enrollmentv1.DecideGuardianRequestRequest) (*enrollmentv1.DecideGuardianRequestResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.decided = append(f.decided, r)
	return &enrollmentv1.DecideGuardianRequestResponse{}, nil
}

func (f *fakeActing) EndGuardian(_ context.Context, r *enrollmentv1.EndGuardianRequest) (*enrollmentv1.EndGuardianResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = append(f.stopped, r)
	return &enrollmentv1.EndGuardianResponse{PatientId: testPatient, ToldByMail: r.GetReason() == "court_order"}, nil
}
