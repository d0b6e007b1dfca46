package auth

import (
	"context"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// race runs the same thing at once and says how many of them succeeded.
func race(n int, do func(i int) error) int {
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if do(i) == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	return int(won.Load())
}

func key() string { return ids.NewUUID().String() }

// administrator signs a new administrator in.
func (b *bundle) administrator(email string) (ids.AccountID, context.Context) {
	b.t.Helper()
	account := b.person(email, rpcv1.Role_ROLE_ADMINISTRATOR)
	res, err := b.withPassword(email, goodPassword, b.totpNow(totpSecret, 0))
	must(b.t, err)
	return account, b.as(res.GetSession())
}

func (b *bundle) invite(ctx context.Context, email string, roles ...rpcv1.Role) (string, error) {
	res, err := b.admin.InviteAccount(ctx, &authv1.InviteAccountRequest{Email: email, Roles: roles, Language: "en", IdempotencyKey: key()})
	return res.GetAccountId(), err
}

// enroll goes through an invitation; it returns the session, the secret of the
// authenticator and the recovery codes.
func (b *bundle) enroll(token, password string) (*authv1.FinishEnrollmentResponse, string) {
	b.t.Helper()
	_, err := b.own.SetEnrollmentPassword(b.t.Context(), &authv1.SetEnrollmentPasswordRequest{Token: token, Password: password, Client: from("192.0.2.1")})
	must(b.t, err)
	open, err := b.own.OpenLink(b.t.Context(), &authv1.OpenLinkRequest{Token: token, Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	must(b.t, err)
	secret := open.GetAuthenticator().GetSecret()
	res, err := b.own.FinishEnrollment(b.t.Context(), &authv1.FinishEnrollmentRequest{Token: token, Totp: b.totpNow(secret, 0), Client: from("192.0.2.1")})
	must(b.t, err)
	return res, secret
}

func TestInvitedPersonEnrolls(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	id, err := b.invite(admin, "Sam@Example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER)
	must(t, err)
	token := b.linkIn("sam@example.test", "/sign-in/invited/")
	open := func(token string) (*authv1.OpenLinkResponse, error) {
		return b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: token, Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	}
	shown, err := open(token)
	must(t, err)
	if shown.GetAuthenticator() != nil || len(shown.GetRoles()) != 2 {
		t.Errorf("the link shows %v", shown)
	}
	finish := func(code string) error {
		_, err := b.own.FinishEnrollment(t.Context(), &authv1.FinishEnrollmentRequest{Token: token, Totp: code, Client: from("192.0.2.1")})
		return err
	}
	refused(t, finish("123456"), errs.Precondition, "link_gone") // no password yet
	_, err = b.own.SetEnrollmentPassword(t.Context(), &authv1.SetEnrollmentPasswordRequest{Token: token, Password: "password password"})
	refused(t, err, errs.Invalid, "invalid_fields")
	_, err = b.own.SetEnrollmentPassword(t.Context(), &authv1.SetEnrollmentPasswordRequest{Token: token, Password: otherPassword})
	must(t, err)
	refused(t, finish("000000"), errs.Unauthenticated, "totp_wrong")
	// Nothing is in force before the end.
	_, err = b.withPassword("sam@example.test", otherPassword, "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	before, err := open(token)
	must(t, err)
	res, secret := b.enroll(token, goodPassword)
	if secret != before.GetAuthenticator().GetSecret() {
		t.Error("another password changed the secret that may be in an app already")
	}
	if len(res.GetRecoveryCodes()) != recoveryCount || res.GetSession().GetAccountId() != id || len(res.GetSession().GetRoles()) != 2 {
		t.Errorf("enrolled: %v", res)
	}
	_, err = open(token)
	refused(t, err, errs.Precondition, "link_gone")
	_, err = b.withPassword("sam@example.test", goodPassword, b.totpNow(secret, 0))
	refused(t, err, errs.Unauthenticated, "totp_wrong") // the step is used
	_, err = b.withPassword("sam@example.test", goodPassword, b.totpNow(secret, 1))
	must(t, err)
	_, err = b.withPassword("sam@example.test", goodPassword, res.GetRecoveryCodes()[0])
	must(t, err)
	for _, action := range []string{"auth.account_invite", "auth.enroll"} {
		if b.audited(action) != 1 {
			t.Errorf("%s is not on record", action)
		}
	}
}

func TestInvitationsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	patient := b.patient("rosa@example.test")
	_, err := b.invite(b.as(b.signedIn("rosa@example.test")), "new@example.test", rpcv1.Role_ROLE_STAFF)
	refused(t, err, errs.Forbidden, "not_allowed")
	for name, roles := range map[string][]rpcv1.Role{
		"no role": nil, "a patient": {rpcv1.Role_ROLE_PATIENT}, "staff who is a patient": {rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_PATIENT}, "no such role": {99},
	} {
		if _, err := b.invite(admin, "new@example.test", roles...); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = b.invite(admin, "no address", rpcv1.Role_ROLE_STAFF)
	refused(t, err, errs.Invalid, "invalid_fields")
	_, err = b.invite(admin, "sam@example.test", rpcv1.Role_ROLE_LICENSING_OFFICER)
	refused(t, err, errs.Conflict, "works_here")
	// A patient stays who they are, and their mailbox alone opens no more than before.
	id, err := b.invite(admin, "rosa@example.test", rpcv1.Role_ROLE_STAFF)
	must(t, err)
	if id != patient.String() {
		t.Error("a second account for the same address")
	}
	res, err := b.withPassword("rosa@example.test", goodPassword, "")
	must(t, err)
	if !res.GetTotpNeeded() {
		t.Error("a password alone opens the account of somebody at work")
	}
}

func TestResentInvitationVoidsTheFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	id, err := b.invite(admin, "sam@example.test", rpcv1.Role_ROLE_STAFF)
	must(t, err)
	first := b.linkIn("sam@example.test", "/sign-in/invited/")
	req := &authv1.ResendInvitationRequest{AccountId: id, IdempotencyKey: key()}
	_, err = b.admin.ResendInvitation(admin, req)
	must(t, err)
	_, err = b.admin.ResendInvitation(admin, req) // the same form again
	must(t, err)
	eventually(t, "the second mail", func() bool { return len(b.outbox.to("sam@example.test")) == 2 })
	second := b.linkIn("sam@example.test", "/sign-in/invited/")
	_, err = b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: first, Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	refused(t, err, errs.Precondition, "link_gone")
	b.enroll(second, goodPassword)
	_, err = b.admin.ResendInvitation(admin, &authv1.ResendInvitationRequest{AccountId: id, IdempotencyKey: key()})
	refused(t, err, errs.Precondition, "enrolled")
}

func TestRolesAndDisabling(t *testing.T) {
	t.Parallel()
	b := setup(t)
	self, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER).String()
	patient := b.patient("rosa@example.test").String()
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	staff := res.GetSession()
	change := func(id string, roles ...rpcv1.Role) error {
		_, err := b.admin.ChangeRoles(admin, &authv1.ChangeRolesRequest{AccountId: id, Roles: roles, IdempotencyKey: key()})
		return err
	}
	disable := func(id string) error {
		_, err := b.admin.DisableAccount(admin, &authv1.DisableAccountRequest{AccountId: id, IdempotencyKey: key()})
		return err
	}
	for _, id := range []string{patient, ids.NewUUID().String(), "none"} {
		refused(t, change(id, rpcv1.Role_ROLE_STAFF), errs.NotFound, "account_unknown")
		refused(t, disable(id), errs.NotFound, "account_unknown")
	}
	refused(t, change(self.String(), rpcv1.Role_ROLE_STAFF), errs.Precondition, "own_account")
	refused(t, disable(self.String()), errs.Precondition, "own_account")
	refused(t, change(sam), errs.Invalid, "invalid_fields")

	must(t, change(sam, rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER, rpcv1.Role_ROLE_ADMINISTRATOR))
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: staff.GetSecret()})
	must(t, err) // a role more ends nothing
	must(t, change(sam, rpcv1.Role_ROLE_STAFF))
	eventually(t, "the session to end", func() bool {
		_, err := b.client.ListSessions(b.as(staff), &authv1.ListSessionsRequest{})
		return errs.ReasonOf(err) == "session_ended"
	})
	res, err = b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 1))
	must(t, err)
	if roles := res.GetSession().GetRoles(); !slices.Equal(roles, []rpcv1.Role{rpcv1.Role_ROLE_STAFF}) {
		t.Errorf("the new session holds %v", roles)
	}
	must(t, disable(sam))
	eventually(t, "the session to end", func() bool {
		_, err := b.client.ListSessions(b.as(res.GetSession()), &authv1.ListSessionsRequest{})
		return errs.ReasonOf(err) == "session_ended"
	})
	b.move(time.Minute)
	_, err = b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	got, err := b.admin.GetAccount(admin, &authv1.GetAccountRequest{AccountId: sam})
	must(t, err)
	if got.GetAccount().GetStatus() != "disabled" || got.GetAccount().GetOwn() {
		t.Errorf("shown as %v", got)
	}
	_, err = b.admin.EnableAccount(admin, &authv1.EnableAccountRequest{AccountId: sam, IdempotencyKey: key()})
	must(t, err)
	_, err = b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	for action, n := range map[string]int{"auth.roles_change": 2, "auth.account_disable": 1, "auth.account_enable": 1} {
		if b.audited(action) != n {
			t.Errorf("%s stands %d times on record", action, b.audited(action))
		}
	}
}

// Two administrators who take the role from each other at the same moment
// leave one.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for round := range 4 {
		b.database.Exec(t, `UPDATE auth.accounts SET disabled_at = now()`)
		one, asOne := b.administrator("one" + itoa(round) + "@example.test")
		two, asTwo := b.administrator("two" + itoa(round) + "@example.test")
		won := race(2, func(i int) error {
			as, whom := asOne, two
			if i == 1 {
				as, whom = asTwo, one
			}
			if round%2 == 0 {
				_, err := b.admin.DisableAccount(as, &authv1.DisableAccountRequest{AccountId: whom.String(), IdempotencyKey: key()})
				return err
			}
			_, err := b.admin.ChangeRoles(as, &authv1.ChangeRolesRequest{AccountId: whom.String(), Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}, IdempotencyKey: key()})
			return err
		})
		left := b.count(`SELECT count(*) FROM auth.accounts WHERE disabled_at IS NULL AND 'administrator' = ANY (roles)`)
		if won != 1 || left != 1 {
			t.Errorf("%d of two succeeded, and %d administrators are left", won, left)
		}
	}
}

// Whoever signs in while a role is taken away holds it no longer.
func TestRoleChangeDuringSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER).String()
	var mu sync.Mutex
	var opened []*authv1.Session
	race(4, func(i int) error {
		if i == 0 {
			_, err := b.admin.ChangeRoles(admin, &authv1.ChangeRolesRequest{AccountId: sam, Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}, IdempotencyKey: key()})
			return err
		}
		res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, i-2))
		if err == nil && res.GetSession() != nil {
			mu.Lock()
			defer mu.Unlock()
			opened = append(opened, res.GetSession())
		}
		return err
	})
	if n := b.count(`SELECT count(*) FROM auth.accounts WHERE account_id = '` + sam + `' AND roles = ARRAY['staff']`); n != 1 {
		t.Fatal("the role was not taken away")
	}
	for _, s := range opened {
		res, err := b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: s.GetSecret()})
		if err == nil && slices.Contains(res.GetRoles(), rpcv1.Role_ROLE_LICENSING_OFFICER) {
			t.Error("a session still holds a role that was taken away")
		}
		if err == nil && slices.Contains(s.GetRoles(), rpcv1.Role_ROLE_LICENSING_OFFICER) {
			t.Error("a session with more than the account holds is still open")
		}
	}
}

func TestSecondFactorReset(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_PHYSICIAN).String()
	in, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	made, err := b.own.NewRecoveryCodes(b.as(in.GetSession()), &authv1.NewRecoveryCodesRequest{Totp: b.totpNow(totpSecret, 1)})
	must(t, err)
	reset := func(check string) error {
		_, err := b.admin.ResetSecondFactor(admin, &authv1.ResetSecondFactorRequest{AccountId: sam, IdCheck: check, IdempotencyKey: key()})
		return err
	}
	refused(t, reset(""), errs.Invalid, "invalid_fields")
	refused(t, reset("trust me"), errs.Invalid, "invalid_fields")
	must(t, reset("video"))
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: in.GetSession().GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	b.move(2 * time.Minute)
	for _, second := range []string{b.totpNow(totpSecret, 0), made.GetCodes()[0]} {
		_, err = b.withPassword("sam@example.test", goodPassword, second)
		refused(t, err, errs.Unauthenticated, "totp_wrong")
	}
	res, _ := b.enroll(b.linkIn("sam@example.test", "/sign-in/invited/"), otherPassword)
	if res.GetSession() == nil || b.audited("auth.second_factor_reset") != 1 {
		t.Error("not signed in, or not on record")
	}
}

func TestAccountsAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	b.patient("rosa@example.test")
	b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	_, err := b.invite(admin, "new@example.test", rpcv1.Role_ROLE_STAFF)
	must(t, err)
	list := func(req *authv1.ListAccountsRequest) []string {
		t.Helper()
		res, err := b.admin.ListAccounts(admin, req)
		must(t, err)
		var out []string
		for _, a := range res.GetAccounts() {
			out = append(out, a.GetEmail()+" "+a.GetStatus())
		}
		return out
	}
	all := []string{"ada@example.test active", "new@example.test invited", "sam@example.test active"}
	if got := list(&authv1.ListAccountsRequest{}); !slices.Equal(got, all) {
		t.Errorf("all: %v", got)
	}
	if got := list(&authv1.ListAccountsRequest{Query: " SAM@ "}); !slices.Equal(got, all[2:]) {
		t.Errorf("searched: %v", got)
	}
	if got := list(&authv1.ListAccountsRequest{Role: rpcv1.Role_ROLE_STAFF, After: "new@example.test"}); !slices.Equal(got, all[2:]) {
		t.Errorf("the next page: %v", got)
	}
	for _, bad := range []*authv1.ListAccountsRequest{{Query: "\x00"}, {Role: 99}, {After: "\x00"}} {
		_, err := b.admin.ListAccounts(admin, bad)
		refused(t, err, errs.Invalid, "invalid_fields")
	}
}

// The first administrator is made at the machine itself.
func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	actor := audit.Actor{OSUser: "operator"}
	link, err := b.service.InviteAdministrator(t.Context(), actor, "ada@example.test", "en")
	must(t, err)
	again, err := b.service.InviteAdministrator(t.Context(), actor, "ada@example.test", "en")
	must(t, err)
	prefix := len(portalURL + "/sign-in/invited/")
	_, err = b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: link[prefix:], Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	refused(t, err, errs.Precondition, "link_gone")
	res, _ := b.enroll(again[prefix:], goodPassword)
	if !slices.Equal(res.GetSession().GetRoles(), []rpcv1.Role{rpcv1.Role_ROLE_ADMINISTRATOR}) {
		t.Errorf("roles %v", res.GetSession().GetRoles())
	}
	_, err = b.service.InviteAdministrator(t.Context(), actor, "ada@example.test", "en")
	refused(t, err, errs.Precondition, "enrolled")
}
