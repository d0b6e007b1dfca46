package web

import (
	"context"
	"sync"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

const (
	testCoworker = "0198a000-0000-7000-8000-00000000c001"
	testConsent  = "0198a000-0000-7000-8000-00000000c002"
	longPassword = "a quiet river bends twice"
)

// fakeAccounts has one good link for every purpose, and the code 482913.
type fakeAccounts struct {
	authv1connect.AccountServiceClient
	auth *fakeAuth
	// enrolling says that a password was chosen.
	enrolling bool
	// roles of the caller; asks is the field of fresh proof that is wanted.
	roles []rpcv1.Role
	asks  string
	// language is the newest of mail about the account.
	language string
	// moved counts the addresses that were replaced by a link.
	moved int
}

func (f *fakeAccounts) MyAccount(context.Context, *authv1.MyAccountRequest) (*authv1.MyAccountResponse, error) {
	res := &authv1.MyAccountResponse{Email: "rosa@example.test", Roles: f.roles, SecondFactor: true, RecoveryCodesLeft: 8, PasswordSetAt: timestamppb.New(testNow())}
	if f.asks == "code" {
		res.PasswordSetAt = nil
	}
	return res, nil
}

func (f *fakeAccounts) SetLanguage(_ context.Context, r *authv1.SetLanguageRequest) (*authv1.SetLanguageResponse, error) {
	f.language = r.GetLanguage()
	return &authv1.SetLanguageResponse{}, nil
}

// SetPassword wants the same code or password as fakeAccounts.
func (f *fakeAuth) SetPassword(_ context.Context, r *authv1.SetPasswordRequest) (*authv1.SetPasswordResponse, error) {
	switch {
	case r.GetTotp() == "482913", r.GetOldPassword() == longPassword, r.GetChallengeId() == f.challenge && r.GetCode() == "482913":
		return &authv1.SetPasswordResponse{}, tooShort(r.GetPassword())
	case r.GetTotp() != "":
		return nil, errs.New(errs.Unauthenticated, "totp_wrong", "Wrong.")
	case r.GetOldPassword() != "":
		return nil, errs.New(errs.Unauthenticated, "password_wrong", "Wrong.")
	case r.GetCode() != "":
		return nil, errs.New(errs.Unauthenticated, "code_wrong", "Wrong.")
	}
	return nil, errs.InvalidFields(errs.Field{Name: "totp", Reason: "missing"})
}

func (f *fakeAccounts) NewRecoveryCodes(_ context.Context, r *authv1.NewRecoveryCodesRequest) (*authv1.NewRecoveryCodesResponse, error) {
	if r.GetTotp() != "482913" {
		return nil, errs.New(errs.Unauthenticated, "totp_wrong", "Wrong.")
	}
	return &authv1.NewRecoveryCodesResponse{Codes: []string{"ABCD-2345", "EFGH-6789"}}, nil
}

func (f *fakeAccounts) StartEmailChange(_ context.Context, r *authv1.StartEmailChangeRequest) (*authv1.StartEmailChangeResponse, error) {
	if r.GetNewEmail() == "rosa@example.test" {
		return nil, errs.InvalidFields(errs.Field{Name: "new_email", Reason: "same"})
	}
	switch given := map[string]string{"": "482913", "totp": r.GetTotp(), "password": r.GetPassword(), "code": r.GetCode()}[f.asks]; given {
	case "482913", longPassword:
	case "":
		return nil, errs.InvalidFields(errs.Field{Name: f.asks, Reason: "missing"})
	default:
		return nil, errs.New(errs.Unauthenticated, f.asks+"_wrong", "Wrong.")
	}
	return &authv1.StartEmailChangeResponse{ChangeId: "change"}, nil
}

func (f *fakeAccounts) ConfirmEmailChange(_ context.Context, r *authv1.ConfirmEmailChangeRequest) (*authv1.ConfirmEmailChangeResponse, error) {
	if r.GetCode() != "482913" {
		return nil, errs.New(errs.Unauthenticated, "code_wrong", "Wrong.")
	}
	return &authv1.ConfirmEmailChangeResponse{}, nil
}

func (f *fakeAccounts) RequestPasswordReset(context.Context, *authv1.RequestPasswordResetRequest) (*authv1.RequestPasswordResetResponse, error) {
	return &authv1.RequestPasswordResetResponse{}, nil
}

func gone(token string) error {
	if token == goodLink {
		return nil
	}
	return errs.New(errs.Precondition, "link_gone", "Gone.")
}

func tooShort(password string) error {
	if len(password) >= 15 {
		return nil
	}
	return errs.InvalidFields(errs.Field{Name: "password", Reason: "too_short"})
}

func (f *fakeAccounts) OpenLink(_ context.Context, r *authv1.OpenLinkRequest) (*authv1.OpenLinkResponse, error) {
	if err := gone(r.GetToken()); err != nil {
		return nil, err
	}
	res := &authv1.OpenLinkResponse{MaskedEmail: "s•••@e•••.test", Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}}
	if f.enrolling {
		res.Authenticator = &authv1.Authenticator{Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", OtpauthUrl: "otpauth://totp/Bedside:sam@example.test?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bedside"}
	}
	return res, nil
}

func (f *fakeAccounts) ResetPassword(_ context.Context, r *authv1.ResetPasswordRequest) (*authv1.ResetPasswordResponse, error) {
	return &authv1.ResetPasswordResponse{Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}}, tooShort(r.GetPassword())
}

func (f *fakeAccounts) SetEnrollmentPassword(_ context.Context, r *authv1.SetEnrollmentPasswordRequest) (*authv1.SetEnrollmentPasswordResponse, error) {
	err := tooShort(r.GetPassword())
	f.enrolling = err == nil
	return &authv1.SetEnrollmentPasswordResponse{}, err
}

func (f *fakeAccounts) FinishEnrollment(_ context.Context, r *authv1.FinishEnrollmentRequest) (*authv1.FinishEnrollmentResponse, error) {
	if r.GetTotp() != "482913" {
		return nil, errs.New(errs.Unauthenticated, "totp_wrong", "Wrong.")
	}
	return &authv1.FinishEnrollmentResponse{Session: f.auth.open(rpcv1.Role_ROLE_STAFF), RecoveryCodes: []string{"ABCD-2345"}}, nil
}

func (f *fakeAccounts) ConfirmEmailReplacement(_ context.Context, r *authv1.ConfirmEmailReplacementRequest) (*authv1.ConfirmEmailReplacementResponse, error) {
	f.moved++
	roles := f.roles
	if len(roles) == 0 {
		roles = []rpcv1.Role{rpcv1.Role_ROLE_PATIENT}
	}
	return &authv1.ConfirmEmailReplacementResponse{AccountId: testCoworker, Roles: roles}, gone(r.GetToken())
}

// fakeAdmin knows one account beside the caller's.
type fakeAdmin struct {
	authv1connect.AdminServiceClient
	mu      sync.Mutex
	account *authv1.Account
	invited *authv1.InviteAccountRequest
}

func newFakeAdmin() *fakeAdmin {
	return &fakeAdmin{account: &authv1.Account{
		AccountId: testCoworker, Email: "sam@example.test", Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}, Status: "active", EmailVersion: "first",
		CreatedAt: timestamppb.New(testNow()), SignedInAt: timestamppb.New(testNow()),
	}}
}

func (f *fakeAdmin) known(id string) error {
	if id == testCoworker {
		return nil
	}
	return errs.New(errs.NotFound, "account_unknown", "Unknown.")
}

func (f *fakeAdmin) ListAccounts(_ context.Context, r *authv1.ListAccountsRequest) (*authv1.ListAccountsResponse, error) {
	if len(r.GetQuery()) > 254 {
		return nil, errs.InvalidFields(errs.Field{Name: "query", Reason: "malformed"})
	}
	if r.GetQuery() == "nobody" {
		return &authv1.ListAccountsResponse{}, nil
	}
	return &authv1.ListAccountsResponse{Accounts: []*authv1.Account{f.account}, Next: f.account.GetEmail()}, nil
}

func (f *fakeAdmin) GetAccount(_ context.Context, r *authv1.GetAccountRequest) (*authv1.GetAccountResponse, error) {
	return &authv1.GetAccountResponse{Account: f.account}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) InviteAccount(_ context.Context, r *authv1.InviteAccountRequest) (*authv1.InviteAccountResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.GetEmail() == "sam@example.test" {
		return nil, errs.New(errs.Conflict, "works_here", "Works here.")
	}
	f.invited = r
	return &authv1.InviteAccountResponse{AccountId: testCoworker}, nil
}

func (f *fakeAdmin) ResendInvitation(_ context.Context, r *authv1.ResendInvitationRequest) (*authv1.ResendInvitationResponse, error) {
	return &authv1.ResendInvitationResponse{}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) ChangeRoles(_ context.Context, r *authv1.ChangeRolesRequest) (*authv1.ChangeRolesResponse, error) {
	f.account.Roles = r.GetRoles()
	return &authv1.ChangeRolesResponse{}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) DisableAccount(_ context.Context, r *authv1.DisableAccountRequest) (*authv1.DisableAccountResponse, error) {
	f.account.Status = "disabled"
	return &authv1.DisableAccountResponse{}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) EnableAccount(_ context.Context, r *authv1.EnableAccountRequest) (*authv1.EnableAccountResponse, error) {
	f.account.Status = "active"
	return &authv1.EnableAccountResponse{}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) ResetSecondFactor(_ context.Context, r *authv1.ResetSecondFactorRequest) (*authv1.ResetSecondFactorResponse, error) {
	return &authv1.ResetSecondFactorResponse{}, f.known(r.GetAccountId())
}

func (f *fakeAdmin) ChangeEmail(_ context.Context, r *authv1.ChangeEmailRequest) (*authv1.ChangeEmailResponse, error) {
	switch {
	case r.GetEmailVersion() != f.account.GetEmailVersion():
		return nil, errs.New(errs.Conflict, "account_changed", "Changed.")
	case r.GetNewEmail() == "rosa@example.test":
		return nil, errs.New(errs.Conflict, "email_taken", "Taken.")
	}
	f.account.NewEmail, f.account.EmailVersion = r.GetNewEmail(), "second"
	return &authv1.ChangeEmailResponse{}, f.known(r.GetAccountId())
}

// fakeContacts keeps what was typed last.
type fakeContacts struct {
	enrollmentv1connect.ContactServiceClient
	phone   string
	address *enrollmentv1.PostalAddress
	// followed counts; away makes following fail.
	followed int
	away     bool
}

func (f *fakeContacts) ListContacts(context.Context, *enrollmentv1.ListContactsRequest) (*enrollmentv1.ListContactsResponse, error) {
	return &enrollmentv1.ListContactsResponse{
		Email: "old@example.test", Phone: "2155550147", PhoneOwn: f.phone != "",
		Address: &enrollmentv1.PostalAddress{Line1: "12 Willow Lane", City: "Philadelphia", State: "PA", Zip: "19103"}, AddressOwn: f.address != nil,
	}, nil
}

func (f *fakeContacts) SetPhone(_ context.Context, r *enrollmentv1.SetPhoneRequest) (*enrollmentv1.SetPhoneResponse, error) {
	if r.GetPhone() == "no number" {
		return nil, errs.InvalidFields(errs.Field{Name: "phone", Reason: "malformed"})
	}
	f.phone = r.GetPhone()
	return &enrollmentv1.SetPhoneResponse{}, nil
}

func (f *fakeContacts) SetAddress(_ context.Context, r *enrollmentv1.SetAddressRequest) (*enrollmentv1.SetAddressResponse, error) {
	if r.GetAddress().GetZip() == "1" {
		return nil, errs.InvalidFields(errs.Field{Name: "zip", Reason: "malformed"})
	}
	f.address = r.GetAddress()
	return &enrollmentv1.SetAddressResponse{}, nil
}

func (f *fakeContacts) ListConsents(context.Context, *enrollmentv1.ListConsentsRequest) (*enrollmentv1.ListConsentsResponse, error) {
	return &enrollmentv1.ListConsentsResponse{Consents: []*enrollmentv1.GivenConsent{
		{ConsentId: testConsent, Kind: "telehealth", Version: "2026-11", Language: "en", GivenAt: timestamppb.New(testNow()), ByCaller: true},
	}}, nil
}

func (f *fakeContacts) FollowSignInEmail(context.Context, *enrollmentv1.FollowSignInEmailRequest) (*enrollmentv1.FollowSignInEmailResponse, error) {
	if f.away {
		return nil, errs.New(errs.Unavailable, "unavailable", "enrollment is away")
	}
	f.followed++
	return &enrollmentv1.FollowSignInEmailResponse{Changed: true}, nil
}

// fakePhysicians has one on file whom nobody signs in as, and one who is linked.
type fakePhysicians struct {
	licensingv1connect.PhysicianAccountServiceClient
}

func (fakePhysicians) FindByNPI(_ context.Context, r *licensingv1.FindByNPIRequest) (*licensingv1.FindByNPIResponse, error) {
	switch r.GetNpi() {
	case "9999000014":
		return &licensingv1.FindByNPIResponse{Physician: &licensingv1.LinkedPhysician{PhysicianId: testPhysician}}, nil
	case "9999000022":
		return &licensingv1.FindByNPIResponse{Physician: &licensingv1.LinkedPhysician{PhysicianId: testPhysician, Linked: true}}, nil
	case "1":
		return nil, errs.InvalidFields(errs.Field{Name: "npi", Reason: "malformed"})
	}
	return nil, errs.New(errs.NotFound, "physician_unknown", "Unknown.")
}

func (fakePhysicians) PhysicianOf(context.Context, *licensingv1.PhysicianOfRequest) (*licensingv1.PhysicianOfResponse, error) {
	return &licensingv1.PhysicianOfResponse{}, nil
}

func (fakePhysicians) LinkAccount(context.Context, *licensingv1.LinkAccountRequest) (*licensingv1.LinkAccountResponse, error) {
	return &licensingv1.LinkAccountResponse{}, nil
}
