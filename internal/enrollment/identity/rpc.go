package identity

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

var _ enrollmentv1connect.IdentityServiceHandler = (*Service)(nil)

// StartRegistration mails a code, or tells the mailbox that it has an account.
// Codes: Invalid, Conflict, Throttled, Unavailable.
func (s *Service) StartRegistration(ctx context.Context, req *enrollmentv1.StartRegistrationRequest) (*enrollmentv1.StartRegistrationResponse, error) {
	return s.startRegistration(ctx, req)
}

// ConfirmRegistration opens the account. Codes: Invalid, Precondition,
// Throttled, Unavailable.
func (s *Service) ConfirmRegistration(ctx context.Context, req *enrollmentv1.ConfirmRegistrationRequest) (*enrollmentv1.ConfirmRegistrationResponse, error) {
	id, err := uuid.Parse(req.GetRegistrationId())
	if err != nil {
		return nil, errCodeExpired().With(fmt.Errorf("reading the registration's id: %w", err))
	}
	o, err := s.confirmRegistration(ctx, id, req.GetCode(), req.GetAddress())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.ConfirmRegistrationResponse{Ticket: o.ticket, PatientId: o.patient.String(), Reference: o.reference}, nil
}

// ClaimPlan asks for the plan of an activation. Codes: NotFound, Precondition.
func (s *Service) ClaimPlan(ctx context.Context, req *enrollmentv1.ClaimPlanRequest) (*enrollmentv1.ClaimPlanResponse, error) {
	id, err := uuid.Parse(req.GetActivationId())
	if err != nil {
		return nil, errAlreadyActive().With(fmt.Errorf("reading the activation's id: %w", err))
	}
	reference, err := s.claimPlan(ctx, audit.ActorFrom(ctx), id)
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.ClaimPlanResponse{Reference: reference}, nil
}

// MyPlans says what there is to say about the caller's plans. Codes: Invalid.
func (s *Service) MyPlans(ctx context.Context, req *enrollmentv1.MyPlansRequest) (*enrollmentv1.MyPlansResponse, error) {
	return s.myPlans(ctx, audit.ActorFrom(ctx), req.GetOn())
}

// GetCase shows a case. Codes: NotFound.
func (s *Service) GetCase(ctx context.Context, req *enrollmentv1.GetCaseRequest) (*enrollmentv1.GetCaseResponse, error) {
	c, err := s.getCase(ctx, audit.ActorFrom(ctx), req.GetReference(), req.GetMemberNumber())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.GetCaseResponse{Case: c}, nil
}

// RecordIdentityCheck keeps a check. Codes: Invalid, NotFound, Conflict.
func (s *Service) RecordIdentityCheck(ctx context.Context, req *enrollmentv1.RecordIdentityCheckRequest) (*enrollmentv1.RecordIdentityCheckResponse, error) {
	return s.recordCheck(ctx, audit.ActorFrom(ctx), req)
}

// LinkCase makes the claimant the member. Codes: Invalid, NotFound, Conflict,
// Precondition.
func (s *Service) LinkCase(ctx context.Context, req *enrollmentv1.LinkCaseRequest) (*enrollmentv1.LinkCaseResponse, error) {
	return s.linkCase(ctx, audit.ActorFrom(ctx), req)
}

// CloseCase ends a case. Codes: Invalid, NotFound, Conflict.
func (s *Service) CloseCase(ctx context.Context, req *enrollmentv1.CloseCaseRequest) (*enrollmentv1.CloseCaseResponse, error) {
	return s.closeCase(ctx, audit.ActorFrom(ctx), req)
}

// OpenMailboxCase begins a case about a lost mailbox. Codes: NotFound,
// Precondition.
func (s *Service) OpenMailboxCase(ctx context.Context, req *enrollmentv1.OpenMailboxCaseRequest) (*enrollmentv1.OpenMailboxCaseResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, errAccountMissing().With(fmt.Errorf("reading the patient's id: %w", err))
	}
	reference, err := s.openMailboxCase(ctx, audit.ActorFrom(ctx), patient)
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.OpenMailboxCaseResponse{Reference: reference}, nil
}

// ReplaceEmail mails a link to a patient's new address. Codes: Invalid,
// NotFound, Conflict, Precondition, Unavailable.
func (s *Service) ReplaceEmail(ctx context.Context, req *enrollmentv1.ReplaceEmailRequest) (*enrollmentv1.ReplaceEmailResponse, error) {
	return s.replaceEmail(ctx, audit.ActorFrom(ctx), req)
}
