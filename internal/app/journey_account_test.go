package app

import (
	"path"
	"strings"
	"time"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/npi"
	"github.com/pquerna/otp/totp"
	"google.golang.org/protobuf/proto"
)

// Addresses that occur nowhere else, so that a log that names them is found.
const (
	coworkerMail = "percival.inkwright@work.test"
	helperMail   = "helper.inkwright@work.test"
	helperMoved  = "helper.moved@work.test"
	movedMail    = "moved.pettigrew@roster.test"
	replacedMail = "replaced.pettigrew@roster.test"
)

// mailedToken is the token of the link in a mail.
func (j *journey) mailedToken(to, subject, below string) string {
	j.t.Helper()
	for _, link := range j.letter(to, subject).Links {
		if strings.Contains(link, below) {
			return path.Base(link)
		}
	}
	j.t.Fatalf("the mail %q to %s has no link below %s", subject, to, below)
	return ""
}

// totp is a code of the coworker's authenticator, some steps from now.
func (j *journey) totp(steps int) string {
	j.t.Helper()
	code, err := totp.GenerateCode(j.met["authenticator"], time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		j.t.Fatal(err)
	}
	return code
}

// accountSteps are administration, enrollment by an invitation, and the ways
// back into an account.
func accountSteps() []step {
	steps := append(adminSteps(), enrollSteps()...)
	steps = append(steps, linkSteps()...)
	return append(append(steps, contactSteps()...), recoverSteps()...)
}

func adminSteps() []step {
	key := func() string { return ids.NewUUID().String() }
	invite := func(name, email string, role rpcv1.Role) step {
		return step{name: name + " is invited", call: "auth.v1.AdminService/InviteAccount", as: administrator, req: func(*journey) proto.Message {
			return &authv1.InviteAccountRequest{Email: email, Roles: []rpcv1.Role{role}, Language: "en", IdempotencyKey: key()}
		}, keep: keepMet(name, (*authv1.InviteAccountResponse).GetAccountId)}
	}
	return []step{
		{name: "the demo administrator signs in", call: "auth.v1.AuthService/SignInDemo", keep: keepSession(administrator), req: func(j *journey) proto.Message {
			return &authv1.SignInDemoRequest{Role: rpcv1.Role_ROLE_ADMINISTRATOR, Client: j.client()}
		}},
		{name: "who works here is listed", call: "auth.v1.AdminService/ListAccounts", as: administrator},
		{name: "one of them is looked at", call: "auth.v1.AdminService/GetAccount", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.GetAccountRequest{AccountId: j.sessions[officer].GetAccountId()}
		}},
		invite("helper", helperMail, rpcv1.Role_ROLE_STAFF), invite("coworker", coworkerMail, rpcv1.Role_ROLE_PHYSICIAN),
		{name: "the helper is invited again", call: "auth.v1.AdminService/ResendInvitation", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.ResendInvitationRequest{AccountId: j.met["helper"], IdempotencyKey: key()}
		}},
		{name: "the helper gets another role", call: "auth.v1.AdminService/ChangeRoles", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.ChangeRolesRequest{AccountId: j.met["helper"], Roles: []rpcv1.Role{rpcv1.Role_ROLE_LICENSING_OFFICER}, IdempotencyKey: key()}
		}},
		{name: "the helper is disabled", call: "auth.v1.AdminService/DisableAccount", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.DisableAccountRequest{AccountId: j.met["helper"], IdempotencyKey: key()}
		}},
		{name: "the helper is enabled", call: "auth.v1.AdminService/EnableAccount", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.EnableAccountRequest{AccountId: j.met["helper"], IdempotencyKey: key()}
		}},
		{name: "the helper's authenticator is reset", call: "auth.v1.AdminService/ResetSecondFactor", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.ResetSecondFactorRequest{AccountId: j.met["helper"], IdCheck: "in_person", IdempotencyKey: key()}
		}},
		{name: "the helper is looked at", call: "auth.v1.AdminService/GetAccount", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.GetAccountRequest{AccountId: j.met["helper"]}
		}, keep: keepMet("helper's version", func(r *authv1.GetAccountResponse) string { return r.GetAccount().GetEmailVersion() })},
		{name: "the helper's address changes", call: "auth.v1.AdminService/ChangeEmail", as: administrator, req: func(j *journey) proto.Message {
			return &authv1.ChangeEmailRequest{
				AccountId: j.met["helper"], NewEmail: helperMoved, IdCheck: "in_person", EmailVersion: j.met["helper's version"], IdempotencyKey: key(),
			}
		}},
		{name: "the helper confirms it", call: "auth.v1.AccountService/ConfirmEmailReplacement", req: func(j *journey) proto.Message {
			return &authv1.ConfirmEmailReplacementRequest{Token: j.mailedToken(helperMoved, "Confirm your new e-mail address", "/sign-in/new-address/"), Client: j.client()}
		}},
	}
}

func enrollSteps() []step {
	return []step{
		{name: "the invitation is opened", call: "auth.v1.AccountService/OpenLink", req: func(j *journey) proto.Message {
			j.met["enroll link"] = j.mailedToken(coworkerMail, "Set up your Bedside sign-in", "/sign-in/invited/")
			return &authv1.OpenLinkRequest{Token: j.met["enroll link"], Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL, Client: j.client()}
		}},
		{name: "a password is chosen", call: "auth.v1.AccountService/SetEnrollmentPassword", req: func(j *journey) proto.Message {
			return &authv1.SetEnrollmentPasswordRequest{Token: j.met["enroll link"], Password: longPassword, Client: j.client()}
		}},
		{name: "the authenticator is shown", call: "auth.v1.AccountService/OpenLink", req: func(j *journey) proto.Message {
			return &authv1.OpenLinkRequest{Token: j.met["enroll link"], Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL, Client: j.client()}
		}, keep: keepMet("authenticator", func(r *authv1.OpenLinkResponse) string { return r.GetAuthenticator().GetSecret() })},
		{name: "its first code signs in", call: "auth.v1.AccountService/FinishEnrollment", req: func(j *journey) proto.Message {
			return &authv1.FinishEnrollmentRequest{Token: j.met["enroll link"], Totp: j.totp(0), Client: j.client()}
		}, keep: keepSession(coworker)},
		{name: "the coworker looks at the account", call: "auth.v1.AccountService/MyAccount", as: coworker},
		{name: "the coworker makes new recovery codes", call: "auth.v1.AccountService/NewRecoveryCodes", as: coworker, req: func(j *journey) proto.Message {
			return &authv1.NewRecoveryCodesRequest{Totp: j.totp(1)}
		}},
	}
}

// linkSteps say which physician the coworker is.
func linkSteps() []step {
	return []step{
		{name: "a physician is found by number", call: "licensing.v1.PhysicianAccountService/FindByNPI", as: administrator, req: func(*journey) proto.Message {
			return &licensingv1.FindByNPIRequest{Npi: npi.Complete("999900000")}
		}},
		{name: "the coworker becomes that physician", call: "licensing.v1.PhysicianAccountService/LinkAccount", as: administrator, req: func(j *journey) proto.Message {
			return &licensingv1.LinkAccountRequest{PhysicianId: j.met["added"], AccountId: j.met["coworker"]}
		}},
		{name: "the coworker is that physician", call: "licensing.v1.PhysicianAccountService/PhysicianOf", as: administrator, req: func(j *journey) proto.Message {
			return &licensingv1.PhysicianOfRequest{AccountId: j.met["coworker"]}
		}},
	}
}

// contactSteps are how the patient who typed their details is reached.
func contactSteps() []step {
	return []step{
		{name: "contacts are listed", call: "enrollment.v1.ContactService/ListContacts", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.ListContactsRequest{PatientId: j.patients[typed]}
		}},
		{name: "a phone is set", call: "enrollment.v1.ContactService/SetPhone", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.SetPhoneRequest{PatientId: j.patients[typed], Phone: "(412) 555-0188", IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "an address is set", call: "enrollment.v1.ContactService/SetAddress", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.SetAddressRequest{PatientId: j.patients[typed], IdempotencyKey: ids.NewUUID().String(), Address: &enrollmentv1.PostalAddress{
				Line1: "9 Gable Row", City: "Pittsburgh", State: "PA", Zip: "15201",
			}}
		}},
		{name: "consents are listed", call: "enrollment.v1.ContactService/ListConsents", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.ListConsentsRequest{PatientId: j.patients[typed]}
		}},
		{name: "mail follows the account", call: "enrollment.v1.ContactService/FollowSignInEmail", as: service, req: func(j *journey) proto.Message {
			return &enrollmentv1.FollowSignInEmailRequest{AccountId: j.sessions[typed].GetAccountId()}
		}},
	}
}

// recoverSteps end the newcomer's sessions.
func recoverSteps() []step {
	return []step{
		{name: "mail about the account comes in Spanish", call: "auth.v1.AccountService/SetLanguage", as: newcomer, req: func(*journey) proto.Message {
			return &authv1.SetLanguageRequest{Language: "es"}
		}},
		{name: "and in English again", call: "auth.v1.AccountService/SetLanguage", as: newcomer, req: func(*journey) proto.Message {
			return &authv1.SetLanguageRequest{Language: "en"}
		}},
		{name: "another address is wanted", call: "auth.v1.AccountService/StartEmailChange", as: newcomer, req: func(j *journey) proto.Message {
			return &authv1.StartEmailChangeRequest{NewEmail: movedMail, Language: "en", Password: longPassword, Client: j.client()}
		}, keep: keepMet("change", (*authv1.StartEmailChangeResponse).GetChangeId)},
		{name: "its code changes it", call: "auth.v1.AccountService/ConfirmEmailChange", as: newcomer, req: func(j *journey) proto.Message {
			return &authv1.ConfirmEmailChangeRequest{ChangeId: j.met["change"], Code: j.code(movedMail, "new e-mail address")}
		}},
		{name: "a password is forgotten", call: "auth.v1.AccountService/RequestPasswordReset", req: func(j *journey) proto.Message {
			return &authv1.RequestPasswordResetRequest{Email: movedMail, Client: j.client()}
		}},
		{name: "a new one is set", call: "auth.v1.AccountService/ResetPassword", req: func(j *journey) proto.Message {
			return &authv1.ResetPasswordRequest{Token: j.mailedToken(movedMail, "Set a new Bedside password", "/sign-in/reset/"), Password: longPassword, Client: j.client()}
		}},
		{name: "a mailbox is lost", call: "auth.v1.AccountService/StartEmailReplacement", as: service, req: func(j *journey) proto.Message {
			return &authv1.StartEmailReplacementRequest{AccountId: j.sessions[newcomer].GetAccountId(), NewEmail: replacedMail, Proof: "id check of the journey"}
		}},
		{name: "the new one is proven", call: "auth.v1.AccountService/ConfirmEmailReplacement", req: func(j *journey) proto.Message {
			return &authv1.ConfirmEmailReplacementRequest{Token: j.mailedToken(replacedMail, "Confirm your new e-mail address", "/sign-in/new-address/"), Client: j.client()}
		}},
		{name: "a neighbor asks for the address", call: "auth.v1.AccountService/SignInEmail", as: service, req: func(j *journey) proto.Message {
			return &authv1.SignInEmailRequest{AccountId: j.sessions[newcomer].GetAccountId()}
		}},
	}
}

// whoMayAccounts is the part of whoMay about accounts and who works here.
func whoMayAccounts() map[string]string {
	return map[string]string{
		"/bedside.auth.v1.AccountService/MyAccount":               "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AccountService/SetLanguage":             "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AccountService/NewRecoveryCodes":        "physician staff licensing_officer administrator *",
		"/bedside.auth.v1.AccountService/StartEmailChange":        "patient physician staff licensing_officer administrator *",
		"/bedside.auth.v1.AccountService/ConfirmEmailChange":      "patient physician staff licensing_officer administrator *",
		"/bedside.auth.v1.AccountService/RequestPasswordReset":    "anybody",
		"/bedside.auth.v1.AccountService/OpenLink":                "anybody",
		"/bedside.auth.v1.AccountService/ResetPassword":           "anybody",
		"/bedside.auth.v1.AccountService/SetEnrollmentPassword":   "anybody",
		"/bedside.auth.v1.AccountService/FinishEnrollment":        "anybody",
		"/bedside.auth.v1.AccountService/StartEmailReplacement":   "services",
		"/bedside.auth.v1.AccountService/ConfirmEmailReplacement": "anybody",
		"/bedside.auth.v1.AccountService/SignInEmail":             "services",

		"/bedside.auth.v1.AdminService/ListAccounts":      "administrator *",
		"/bedside.auth.v1.AdminService/GetAccount":        "administrator *",
		"/bedside.auth.v1.AdminService/InviteAccount":     "administrator *",
		"/bedside.auth.v1.AdminService/ResendInvitation":  "administrator *",
		"/bedside.auth.v1.AdminService/ChangeRoles":       "administrator *",
		"/bedside.auth.v1.AdminService/DisableAccount":    "administrator *",
		"/bedside.auth.v1.AdminService/EnableAccount":     "administrator *",
		"/bedside.auth.v1.AdminService/ResetSecondFactor": "administrator *",
		"/bedside.auth.v1.AdminService/ChangeEmail":       "administrator *",

		"/bedside.licensing.v1.PhysicianAccountService/FindByNPI":   "administrator",
		"/bedside.licensing.v1.PhysicianAccountService/PhysicianOf": "administrator",
		"/bedside.licensing.v1.PhysicianAccountService/LinkAccount": "administrator *",

		"/bedside.enrollment.v1.ContactService/ListContacts":      "patient",
		"/bedside.enrollment.v1.ContactService/SetPhone":          "patient",
		"/bedside.enrollment.v1.ContactService/SetAddress":        "patient",
		"/bedside.enrollment.v1.ContactService/ListConsents":      "patient",
		"/bedside.enrollment.v1.ContactService/FollowSignInEmail": "services",
	}
}
