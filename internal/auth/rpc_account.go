package auth

import (
	"context"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
)

var _ authv1connect.AccountServiceHandler = (*Service)(nil)

// MyAccount implements the contract of that name.
func (s *Service) MyAccount(ctx context.Context, _ *authv1.MyAccountRequest) (*authv1.MyAccountResponse, error) {
	return s.myAccount(ctx, principal.From(ctx))
}

// NewRecoveryCodes implements the contract of that name.
func (s *Service) NewRecoveryCodes(ctx context.Context, r *authv1.NewRecoveryCodesRequest) (*authv1.NewRecoveryCodesResponse, error) {
	codes, err := s.renewRecoveryCodes(ctx, principal.From(ctx), r.GetTotp())
	if err != nil {
		return nil, err
	}
	return &authv1.NewRecoveryCodesResponse{Codes: codes}, nil
}

// SetLanguage implements the contract of that name.
func (s *Service) SetLanguage(ctx context.Context, r *authv1.SetLanguageRequest) (*authv1.SetLanguageResponse, error) {
	if err := s.setLanguage(ctx, principal.From(ctx), r.GetLanguage()); err != nil {
		return nil, err
	}
	return &authv1.SetLanguageResponse{}, nil
}

// StartEmailChange implements the contract of that name.
func (s *Service) StartEmailChange(ctx context.Context, r *authv1.StartEmailChangeRequest) (*authv1.StartEmailChangeResponse, error) {
	id, err := s.startEmailChange(ctx, principal.From(ctx), r.GetNewEmail(), r.GetLanguage(), freshProof{
		password: r.GetPassword(), passwordField: "password", totp: r.GetTotp(),
		challenge: challengeOf(r.GetChallengeId()), code: r.GetCode(), from: clientOf(r.GetClient()),
	})
	if err != nil {
		return nil, err
	}
	return &authv1.StartEmailChangeResponse{ChangeId: id.String()}, nil
}

// ConfirmEmailChange implements the contract of that name.
func (s *Service) ConfirmEmailChange(ctx context.Context, r *authv1.ConfirmEmailChangeRequest) (*authv1.ConfirmEmailChangeResponse, error) {
	// What is no id at all is an unknown one: the nil id has no row.
	change, err := uuid.Parse(r.GetChangeId())
	if err != nil {
		change = uuid.Nil
	}
	if err := s.confirmEmailChange(ctx, principal.From(ctx), change, r.GetCode()); err != nil {
		return nil, err
	}
	return &authv1.ConfirmEmailChangeResponse{}, nil
}

// RequestPasswordReset implements the contract of that name.
func (s *Service) RequestPasswordReset(ctx context.Context, r *authv1.RequestPasswordResetRequest) (*authv1.RequestPasswordResetResponse, error) {
	if err := s.requestReset(ctx, r.GetEmail(), r.GetLanguage(), clientOf(r.GetClient())); err != nil {
		return nil, err
	}
	return &authv1.RequestPasswordResetResponse{}, nil
}

// OpenLink implements the contract of that name.
func (s *Service) OpenLink(ctx context.Context, r *authv1.OpenLinkRequest) (*authv1.OpenLinkResponse, error) {
	row, err := s.openLink(ctx, r.GetToken(), linkPurposeName(r.GetPurpose()), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	return s.linked(row)
}

// ResetPassword implements the contract of that name.
func (s *Service) ResetPassword(ctx context.Context, r *authv1.ResetPasswordRequest) (*authv1.ResetPasswordResponse, error) {
	roles, err := s.resetPassword(ctx, r.GetToken(), r.GetPassword(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	return &authv1.ResetPasswordResponse{Roles: rolesFrom(roles)}, nil
}

// SetEnrollmentPassword implements the contract of that name.
func (s *Service) SetEnrollmentPassword(ctx context.Context, r *authv1.SetEnrollmentPasswordRequest) (*authv1.SetEnrollmentPasswordResponse, error) {
	if err := s.setEnrollmentPassword(ctx, r.GetToken(), r.GetPassword(), clientOf(r.GetClient())); err != nil {
		return nil, err
	}
	return &authv1.SetEnrollmentPasswordResponse{}, nil
}

// FinishEnrollment implements the contract of that name.
func (s *Service) FinishEnrollment(ctx context.Context, r *authv1.FinishEnrollmentRequest) (*authv1.FinishEnrollmentResponse, error) {
	o, codes, err := s.finishEnrollment(ctx, r.GetToken(), r.GetTotp(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	session, err := s.session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.FinishEnrollmentResponse{Session: session, RecoveryCodes: codes}, nil
}

// StartEmailReplacement implements the contract of that name.
func (s *Service) StartEmailReplacement(ctx context.Context, r *authv1.StartEmailReplacementRequest) (*authv1.StartEmailReplacementResponse, error) {
	account, err := ids.Parse[ids.AccountID](r.GetAccountId())
	if err != nil {
		return nil, errAccountUnknown()
	}
	if err := s.startEmailReplacement(ctx, account, r.GetNewEmail(), r.GetLanguage(), r.GetProof()); err != nil {
		return nil, err
	}
	return &authv1.StartEmailReplacementResponse{}, nil
}

// ConfirmEmailReplacement implements the contract of that name.
func (s *Service) ConfirmEmailReplacement(ctx context.Context, r *authv1.ConfirmEmailReplacementRequest) (*authv1.ConfirmEmailReplacementResponse, error) {
	account, roles, err := s.confirmEmailReplacement(ctx, r.GetToken(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	return &authv1.ConfirmEmailReplacementResponse{AccountId: account.String(), Roles: rolesFrom(roles)}, nil
}

// SignInEmail implements the contract of that name.
func (s *Service) SignInEmail(ctx context.Context, r *authv1.SignInEmailRequest) (*authv1.SignInEmailResponse, error) {
	account, err := ids.Parse[ids.AccountID](r.GetAccountId())
	if err != nil {
		return nil, errAccountUnknown()
	}
	email, err := s.signInEmail(ctx, account)
	if err != nil {
		return nil, err
	}
	return &authv1.SignInEmailResponse{Email: email}, nil
}
