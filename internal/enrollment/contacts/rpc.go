package contacts

import (
	"context"

	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/ids"
)

var _ enrollmentv1connect.ContactServiceHandler = (*Service)(nil)

// ListContacts lists how a patient is reached. Codes: Invalid, NotFound.
func (s *Service) ListContacts(ctx context.Context, req *enrollmentv1.ListContactsRequest) (*enrollmentv1.ListContactsResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, err
	}
	return s.listContacts(ctx, audit.ActorFrom(ctx), patient)
}

// SetPhone keeps a number. Codes: Invalid, NotFound, Conflict.
func (s *Service) SetPhone(ctx context.Context, req *enrollmentv1.SetPhoneRequest) (*enrollmentv1.SetPhoneResponse, error) {
	p, err := readPhone(req.GetPhone())
	if err != nil {
		return nil, err
	}
	return set(ctx, s, "SetPhone", req.GetPatientId(), req.GetIdempotencyKey(), req, &enrollmentv1.SetPhoneResponse{}, p)
}

// SetAddress keeps an address. Codes: Invalid, NotFound, Conflict.
func (s *Service) SetAddress(ctx context.Context, req *enrollmentv1.SetAddressRequest) (*enrollmentv1.SetAddressResponse, error) {
	p, err := readAddress(req.GetAddress())
	if err != nil {
		return nil, err
	}
	return set(ctx, s, "SetAddress", req.GetPatientId(), req.GetIdempotencyKey(), req, &enrollmentv1.SetAddressResponse{}, p)
}

// ListConsents lists what was agreed to. Codes: Invalid, NotFound.
func (s *Service) ListConsents(ctx context.Context, req *enrollmentv1.ListConsentsRequest) (*enrollmentv1.ListConsentsResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, err
	}
	return s.listConsents(ctx, audit.ActorFrom(ctx), patient)
}

// FollowSignInEmail keeps the address that an account has proven. Codes:
// Invalid, NotFound, Unavailable.
func (s *Service) FollowSignInEmail(ctx context.Context, req *enrollmentv1.FollowSignInEmailRequest) (*enrollmentv1.FollowSignInEmailResponse, error) {
	account, err := ids.Parse[ids.AccountID](req.GetAccountId())
	if err != nil {
		return nil, err
	}
	changed, err := s.followSignInEmail(ctx, audit.ActorFrom(ctx), account)
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.FollowSignInEmailResponse{Changed: changed}, nil
}
