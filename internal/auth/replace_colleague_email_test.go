package auth

import (
	"context"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// seen is the version of an address that an administrator looks at.
func (b *bundle) seen(admin context.Context, id string) string {
	b.t.Helper()
	res, err := b.admin.GetAccount(admin, &authv1.GetAccountRequest{AccountId: id})
	must(b.t, err)
	return res.GetAccount().GetEmailVersion()
}

func (b *bundle) moveTo(ctx context.Context, id, email, version string) error {
	_, err := b.admin.ChangeEmail(ctx, &authv1.ChangeEmailRequest{
		AccountId: id, NewEmail: email, IdCheck: "in_person", EmailVersion: version, IdempotencyKey: key(),
	})
	return err
}

// untouched says that nobody's address moved, and that no link is open.
func (b *bundle) untouched() {
	b.t.Helper()
	if n := b.audited("auth.email_change") + b.count(`SELECT count(*) FROM auth.links WHERE purpose = 'address'`); n != 0 {
		b.t.Errorf("%d addresses moved, or are about to", n)
	}
}

// An administrator moves a colleague's address: nothing changes until the link
// that goes there is pressed; then the old one is told and they are signed out.
func TestAdministratorMovesAColleague(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	session := res.GetSession()
	version := b.seen(admin, sam.String())
	req := &authv1.ChangeEmailRequest{AccountId: sam.String(), NewEmail: " Sam@New.test", IdCheck: "video", EmailVersion: version, IdempotencyKey: key()}
	for range 2 { // the same form again
		_, err := b.admin.ChangeEmail(admin, req)
		must(t, err)
	}
	token := b.linkIn("sam@new.test", "/sign-in/new-address/")
	_, err = b.renew(session)
	must(t, err)
	got, err := b.admin.GetAccount(admin, &authv1.GetAccountRequest{AccountId: sam.String()})
	must(t, err)
	if a := got.GetAccount(); a.GetEmail() != "sam@example.test" || a.GetNewEmail() != "sam@new.test" || a.GetEmailVersion() == version {
		t.Errorf("shown as %v", a)
	}
	must(t, b.confirmReplacing(token))
	b.outWithin(session, time.Second)
	refused(t, b.confirmReplacing(token), errs.Precondition, "link_gone")
	eventually(t, "the old address is told", func() bool { return len(b.outbox.to("sam@example.test")) == 1 })
	if n := len(b.outbox.to("sam@new.test")); n != 1 {
		t.Errorf("%d mails to the new address", n)
	}
	// What proves them stays: a mailbox had no part in it.
	b.move(time.Minute)
	_, err = b.withPassword("sam@new.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	for action, n := range map[string]int{"auth.email_replace_request": 1, "auth.email_change": 1} {
		if b.audited(action) != n {
			t.Errorf("%s stands %d times on record", action, b.audited(action))
		}
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'auth.email_replace_request' AND detail ->> 'id_check' = 'video'`); n != 1 {
		t.Error("how the identity was checked is not on record")
	}
}

func TestWhoMayNotMoveAColleague(t *testing.T) {
	t.Parallel()
	b := setup(t)
	self, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF).String()
	patient := b.patient("rosa@example.test").String()
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	version := b.seen(admin, sam)
	max := b.person("max@example.test", rpcv1.Role_ROLE_STAFF).String()
	refused(t, b.moveTo(b.as(res.GetSession()), max, "max@new.test", b.seen(admin, max)), errs.Forbidden, "not_allowed")
	refused(t, b.moveTo(b.as(b.signedIn("rosa@example.test")), sam, "sam@new.test", version), errs.Forbidden, "not_allowed")
	refused(t, b.moveTo(t.Context(), sam, "sam@new.test", version), errs.Unauthenticated, "sign_in_needed")
	refused(t, b.moveTo(admin, self.String(), "ada@new.test", b.seen(admin, self.String())), errs.Precondition, "own_account")
	for _, id := range []string{patient, ids.NewUUID().String(), "none"} {
		refused(t, b.moveTo(admin, id, "sam@new.test", version), errs.NotFound, "account_unknown")
	}
	for _, email := range []string{"", "no address", "sam@example.test"} {
		refused(t, b.moveTo(admin, sam, email, version), errs.Invalid, "invalid_fields")
	}
	for _, email := range []string{"rosa@example.test", "Ada@example.test"} {
		refused(t, b.moveTo(admin, sam, email, version), errs.Conflict, "email_taken")
	}
	refused(t, b.moveTo(admin, sam, "sam@new.test", "another"), errs.Conflict, "account_changed")
	_, err = b.admin.ChangeEmail(admin, &authv1.ChangeEmailRequest{AccountId: sam, NewEmail: "sam@new.test", EmailVersion: version, IdempotencyKey: key()})
	refused(t, err, errs.Invalid, "invalid_fields") // nobody checked who they are
	_, err = b.admin.DisableAccount(admin, &authv1.DisableAccountRequest{AccountId: sam, IdempotencyKey: key()})
	must(t, err)
	refused(t, b.moveTo(admin, sam, "sam@new.test", version), errs.Precondition, "account_disabled")
	b.untouched()
}

// Of two tabs that look at the same account, the second is told.
func TestTwoTabsMoveAColleague(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF).String()
	version := b.seen(admin, sam)
	to := []string{"one@new.test", "two@new.test"}
	if n := race(2, func(i int) error { return b.moveTo(admin, sam, to[i], version) }); n != 1 {
		t.Fatalf("%d of two moved the same address", n)
	}
	got, err := b.admin.GetAccount(admin, &authv1.GetAccountRequest{AccountId: sam})
	must(t, err)
	older := b.linkIn(got.GetAccount().GetNewEmail(), "/sign-in/new-address/")
	// Who has seen that may change their mind; the link before is void.
	must(t, b.moveTo(admin, sam, "three@new.test", got.GetAccount().GetEmailVersion()))
	refused(t, b.confirmReplacing(older), errs.Precondition, "link_gone")
	waiting := b.seen(admin, sam)
	must(t, b.confirmReplacing(b.linkIn("three@new.test", "/sign-in/new-address/")))
	refused(t, b.moveTo(admin, sam, "four@new.test", waiting), errs.Conflict, "account_changed")
}

// An address that somebody takes before the link is pressed stays theirs.
func TestAColleaguesAddressIsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF).String()
	must(t, b.moveTo(admin, sam, "sam@new.test", b.seen(admin, sam)))
	token := b.linkIn("sam@new.test", "/sign-in/new-address/")
	b.patient("sam@new.test")
	refused(t, b.confirmReplacing(token), errs.Conflict, "email_taken")
	if b.audited("auth.email_change") != 0 || b.audited("auth.session_revoke") != 0 {
		t.Error("something changed")
	}
}

// Whoever was invited at a wrong address gets a new invitation at the right one.
func TestAnInvitedColleagueIsMoved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, admin := b.administrator("ada@example.test")
	id, err := b.invite(admin, "smith@example.test", rpcv1.Role_ROLE_STAFF)
	must(t, err)
	wrong := b.linkIn("smith@example.test", "/sign-in/invited/")
	must(t, b.moveTo(admin, id, "sam@new.test", b.seen(admin, id)))
	must(t, b.confirmReplacing(b.linkIn("sam@new.test", "/sign-in/new-address/")))
	_, err = b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: wrong, Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	refused(t, err, errs.Precondition, "link_gone")
	res, _ := b.enroll(b.linkIn("sam@new.test", "/sign-in/invited/"), goodPassword)
	if res.GetSession().GetAccountId() != id {
		t.Error("somebody else was invited")
	}
}
