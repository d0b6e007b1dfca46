package acting

import (
	"context"

	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

var _ enrollmentv1connect.ActingServiceHandler = (*Service)(nil)

// ListPeople lists whom the caller acts for, and who acts for the caller.
func (s *Service) ListPeople(ctx context.Context, _ *enrollmentv1.ListPeopleRequest) (*enrollmentv1.ListPeopleResponse, error) {
	return s.listPeople(ctx, audit.ActorFrom(ctx))
}

// AddChild asks to act for a child. Codes: Invalid, Precondition, Conflict,
// Throttled.
func (s *Service) AddChild(ctx context.Context, req *enrollmentv1.AddChildRequest) (*enrollmentv1.AddChildResponse, error) {
	return s.addChild(ctx, audit.ActorFrom(ctx), req)
}

// EndActing ends a right. Codes: NotFound, Invalid, Conflict.
func (s *Service) EndActing(ctx context.Context, req *enrollmentv1.EndActingRequest) (*enrollmentv1.EndActingResponse, error) {
	return s.endActing(ctx, audit.ActorFrom(ctx), req)
}

// EndGuardian ends a guardian's right, by staff whom it does not concern.
// Codes: Invalid, NotFound, Precondition, Conflict.
func (s *Service) EndGuardian(ctx context.Context, req *enrollmentv1.EndGuardianRequest) (*enrollmentv1.EndGuardianResponse, error) {
	return s.endGuardian(ctx, audit.ActorFrom(ctx), req)
}

// InviteCaregiver mails a link. Codes: Invalid, Precondition, Conflict,
// Throttled.
func (s *Service) InviteCaregiver(ctx context.Context, req *enrollmentv1.InviteCaregiverRequest) (*enrollmentv1.InviteCaregiverResponse, error) {
	return s.inviteCaregiver(ctx, audit.ActorFrom(ctx), req)
}

// WithdrawCaregiverInvitation makes a link void. Codes: NotFound.
func (s *Service) WithdrawCaregiverInvitation(
	ctx context.Context, req *enrollmentv1.WithdrawCaregiverInvitationRequest,
) (*enrollmentv1.WithdrawCaregiverInvitationResponse, error) {
	if err := s.withdrawInvitation(ctx, audit.ActorFrom(ctx), req.GetInvitationId()); err != nil {
		return nil, err
	}
	return &enrollmentv1.WithdrawCaregiverInvitationResponse{}, nil
}

// OpenCaregiverInvitation says whether a link is good. Codes: NotFound,
// Precondition, Throttled.
func (s *Service) OpenCaregiverInvitation(
	ctx context.Context, req *enrollmentv1.OpenCaregiverInvitationRequest,
) (*enrollmentv1.OpenCaregiverInvitationResponse, error) {
	name, err := s.openInvitation(ctx, req.GetToken(), req.GetAddress())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.OpenCaregiverInvitationResponse{GivenName: name}, nil
}

// AcceptCaregiverInvitation makes the caller a caregiver. Codes: NotFound,
// Precondition.
func (s *Service) AcceptCaregiverInvitation(
	ctx context.Context, req *enrollmentv1.AcceptCaregiverInvitationRequest,
) (*enrollmentv1.AcceptCaregiverInvitationResponse, error) {
	if err := s.acceptInvitation(ctx, audit.ActorFrom(ctx), req.GetToken()); err != nil {
		return nil, err
	}
	return &enrollmentv1.AcceptCaregiverInvitationResponse{}, nil
}

// ListGuardianRequests lists what waits for staff.
func (s *Service) ListGuardianRequests(ctx context.Context, _ *enrollmentv1.ListGuardianRequestsRequest) (*enrollmentv1.ListGuardianRequestsResponse, error) {
	return s.listRequests(ctx, audit.ActorFrom(ctx))
}

// GetGuardianRequest reads one that waits. Codes: NotFound.
func (s *Service) GetGuardianRequest(ctx context.Context, req *enrollmentv1.GetGuardianRequestRequest) (*enrollmentv1.GetGuardianRequestResponse, error) {
	return s.getRequest(ctx, audit.ActorFrom(ctx), req.GetRequestId())
}

// DecideGuardianRequest decides one that waits. Codes: Invalid, NotFound,
// Precondition, Conflict.
func (s *Service) DecideGuardianRequest(
	ctx context.Context, req *enrollmentv1.DecideGuardianRequestRequest,
) (*enrollmentv1.DecideGuardianRequestResponse, error) {
	return s.decideRequest(ctx, audit.ActorFrom(ctx), req)
}
