package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

const (
	openCase   = "K7QM-2D9F"
	closedCase = "K7QM-2D9G"
	twinTom    = "0198a000-0000-7000-8000-00000000e001"
	twinTim    = "0198a000-0000-7000-8000-00000000e002"
)

// mailCase is about somebody who cannot read their mail any more.
const mailCase = "MMMM-2222"

// fakeIdentity takes any registration, with the code 482913.
type fakeIdentity struct {
	enrollmentv1connect.IdentityServiceClient
	mu      sync.Mutex
	started []*enrollmentv1.StartRegistrationRequest
	notes   []*enrollmentv1.PlanNote
	on      string
	claimed []string
	checked []*enrollmentv1.RecordIdentityCheckRequest
	linked  []*enrollmentv1.LinkCaseRequest
	closed  []*enrollmentv1.CloseCaseRequest
	mailed  []*enrollmentv1.ReplaceEmailRequest
	// patients is how many people the caller acts for.
	patients int32
	// plansAway answers MyPlans as while enrollment is away.
	plansAway bool
	// refuse answers every change of a case.
	refuse error
	// passed: a check of the open case has passed.
	passed bool
}

func newFakeIdentity() *fakeIdentity { return &fakeIdentity{} }

func (f *fakeIdentity) StartRegistration(_ context.Context, r *enrollmentv1.StartRegistrationRequest) (*enrollmentv1.StartRegistrationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.GetEmail() == "béa@example.test" {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"}, errs.Field{Name: "given_name", Reason: "name"})
	}
	f.started = append(f.started, r)
	return &enrollmentv1.StartRegistrationResponse{RegistrationId: uuid.NewString()}, nil
}

func (f *fakeIdentity) ConfirmRegistration(_ context.Context, r *enrollmentv1.ConfirmRegistrationRequest) (*enrollmentv1.ConfirmRegistrationResponse, error) {
	if r.GetCode() != "482913" {
		return nil, errs.New(errs.Invalid, "code_wrong", "That code is not right.")
	}
	return &enrollmentv1.ConfirmRegistrationResponse{Ticket: "t", PatientId: testPatient}, nil
}

func (f *fakeIdentity) ClaimPlan(_ context.Context, r *enrollmentv1.ClaimPlanRequest) (*enrollmentv1.ClaimPlanResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claimed = append(f.claimed, r.GetActivationId())
	return &enrollmentv1.ClaimPlanResponse{Reference: openCase}, f.refuse
}

func (f *fakeIdentity) MyPlans(_ context.Context, r *enrollmentv1.MyPlansRequest) (*enrollmentv1.MyPlansResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.GetOn() != "" {
		f.on = r.GetOn()
	}
	if f.plansAway {
		return nil, errs.New(errs.Unavailable, "service_away", "enrollment is away")
	}
	return &enrollmentv1.MyPlansResponse{Notes: f.notes, Patients: f.patients}, nil
}

func (f *fakeIdentity) GetCase(_ context.Context, r *enrollmentv1.GetCaseRequest) (*enrollmentv1.GetCaseResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := timestamppb.New(testNow().Add(-time.Hour))
	twin := func(id, given string) *enrollmentv1.Candidate {
		return &enrollmentv1.Candidate{
			MemberId: id, GivenName: given, FamilyName: "Twin", BirthDate: "1990-02-03", PayerName: "Lanternfield Mutual", MaskedNumber: "•••0200",
			MaskedEmail: "t•••@e•••.test", NumberFits: true, NameFits: true, BirthDateFits: true, Plan: "Silver 2000", CoveredFrom: "2026-01-01", CoveredTo: "2026-12-31",
		}
	}
	k := &enrollmentv1.IdentityCase{Reference: r.GetReference(), At: at, Reason: "several", Version: 3, Linkable: f.passed}
	switch r.GetReference() {
	case openCase:
		k.Typed = &enrollmentv1.TypedDetails{MaskedNumber: "•••0200", FamilyName: "Twin", BirthDate: "1990-02-03"}
		k.Claimant = &enrollmentv1.Claimant{PatientId: testPatient, GivenName: "Tom", FamilyName: "Twin", BirthDate: "1990-02-03", MaskedEmail: "m•••@o•••.test", Limited: true}
		k.Candidates = []*enrollmentv1.Candidate{twin(twinTom, "Tom"), twin(twinTim, "Tim")}
		k.Checks = []*enrollmentv1.IdentityCheck{{Method: "video", Document: "passport", Outcome: "failed", At: at, Mine: true}}
		if r.GetMemberNumber() != "" {
			k.Candidates = append(k.Candidates, &enrollmentv1.Candidate{MemberId: uuid.NewString(), GivenName: "Mia", FamilyName: "Found", BirthDate: "2015-02-03", Minor: true})
		}
	case closedCase:
		k.Reason, k.Outcome, k.CloseReason, k.ClosedAt = "minor", "closed", "guardian", at
		taken := twin(twinTim, "Tim")
		taken.Patient, taken.SharedEmail, taken.Plan, taken.CoveredFrom = "other", true, "", ""
		k.Candidates = []*enrollmentv1.Candidate{taken}
	case mailCase:
		k.Reason = reasonMailbox
		k.Claimant = &enrollmentv1.Claimant{PatientId: testPatient, GivenName: "Rosa", FamilyName: "Delgado", BirthDate: "1961-04-12", MaskedEmail: "r•••@d•••.test"}
	default:
		return nil, errs.New(errs.NotFound, "case_unknown", "There is no such case.")
	}
	return &enrollmentv1.GetCaseResponse{Case: k}, nil
}

func (f *fakeIdentity) RecordIdentityCheck(_ context.Context, r *enrollmentv1.RecordIdentityCheckRequest) (*enrollmentv1.RecordIdentityCheckResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checked = append(f.checked, r)
	return &enrollmentv1.RecordIdentityCheckResponse{}, f.refuse
}

func (f *fakeIdentity) LinkCase(_ context.Context, r *enrollmentv1.LinkCaseRequest) (*enrollmentv1.LinkCaseResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.linked = append(f.linked, r)
	return &enrollmentv1.LinkCaseResponse{}, f.refuse
}

func (f *fakeIdentity) CloseCase(_ context.Context, r *enrollmentv1.CloseCaseRequest) (*enrollmentv1.CloseCaseResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = append(f.closed, r)
	return &enrollmentv1.CloseCaseResponse{}, f.refuse
}

func (f *fakeIdentity) OpenMailboxCase(_ context.Context, r *enrollmentv1.OpenMailboxCaseRequest) (*enrollmentv1.OpenMailboxCaseResponse, error) {
	if r.GetPatientId() != testPatient {
		return nil, errs.New(errs.Precondition, "account_missing", "No account.")
	}
	return &enrollmentv1.OpenMailboxCaseResponse{Reference: mailCase}, nil
}

func (f *fakeIdentity) ReplaceEmail(_ context.Context, r *enrollmentv1.ReplaceEmailRequest) (*enrollmentv1.ReplaceEmailResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.Contains(r.GetEmail(), "@") {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"})
	}
	f.mailed = append(f.mailed, r)
	return &enrollmentv1.ReplaceEmailResponse{}, f.refuse
}
