package auth

import (
	"context"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/ids"
)

var _ authv1connect.AdminServiceHandler = (*Service)(nil)

// ListAccounts implements the contract of that name.
func (s *Service) ListAccounts(ctx context.Context, r *authv1.ListAccountsRequest) (*authv1.ListAccountsResponse, error) {
	return s.listAccounts(ctx, r)
}

// GetAccount implements the contract of that name.
func (s *Service) GetAccount(ctx context.Context, r *authv1.GetAccountRequest) (*authv1.GetAccountResponse, error) {
	id, err := ids.Parse[ids.AccountID](r.GetAccountId())
	if err != nil {
		return nil, errAccountUnknown()
	}
	account, err := s.getAccount(ctx, id)
	if err != nil {
		return nil, err
	}
	return &authv1.GetAccountResponse{Account: account}, nil
}

// InviteAccount implements the contract of that name.
func (s *Service) InviteAccount(ctx context.Context, r *authv1.InviteAccountRequest) (*authv1.InviteAccountResponse, error) {
	return s.inviteAccount(ctx, r)
}

// ResendInvitation implements the contract of that name.
func (s *Service) ResendInvitation(ctx context.Context, r *authv1.ResendInvitationRequest) (*authv1.ResendInvitationResponse, error) {
	return s.resendInvitation(ctx, r)
}

// ChangeRoles implements the contract of that name.
func (s *Service) ChangeRoles(ctx context.Context, r *authv1.ChangeRolesRequest) (*authv1.ChangeRolesResponse, error) {
	return s.changeRoles(ctx, r)
}

// DisableAccount implements the contract of that name.
func (s *Service) DisableAccount(ctx context.Context, r *authv1.DisableAccountRequest) (*authv1.DisableAccountResponse, error) {
	return s.disableAccount(ctx, r)
}

// EnableAccount implements the contract of that name.
func (s *Service) EnableAccount(ctx context.Context, r *authv1.EnableAccountRequest) (*authv1.EnableAccountResponse, error) {
	return s.enableAccount(ctx, r)
}

// ResetSecondFactor implements the contract of that name.
func (s *Service) ResetSecondFactor(ctx context.Context, r *authv1.ResetSecondFactorRequest) (*authv1.ResetSecondFactorResponse, error) {
	return s.resetSecondFactor(ctx, r)
}

// ChangeEmail implements the contract of that name.
func (s *Service) ChangeEmail(ctx context.Context, r *authv1.ChangeEmailRequest) (*authv1.ChangeEmailResponse, error) {
	return s.changeEmail(ctx, r)
}
