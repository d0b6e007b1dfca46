package auth

import (
	"context"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

func (b *bundle) setPassword(ctx context.Context, proof *authv1.SetPasswordRequest) error {
	proof.Password, proof.Client = otherPassword, from("192.0.2.1")
	_, err := b.client.SetPassword(ctx, proof)
	return err
}

// unchanged says that no password was set, and nobody signed out for one.
func (b *bundle) unchanged() {
	b.t.Helper()
	if n := b.audited("auth.password_set") + b.audited("auth.session_revoke"); n != 0 {
		b.t.Errorf("%d changes without proof", n)
	}
}

// bare makes a patient who signs in by mailed code alone, and signs them in.
func (b *bundle) bare(email string) context.Context {
	b.t.Helper()
	made, err := b.ensure(email, "proof of "+email)
	must(b.t, err)
	s, err := b.withTicket(made.GetTicket())
	must(b.t, err)
	return b.as(s)
}

// A session that was left open changes no password: its owner types the old one.
func TestNewPasswordNeedsTheOldOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	mine := b.as(b.signedIn("rosa@example.test"))
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{}), errs.Invalid, "invalid_fields")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{OldPassword: "not the password"}), errs.Unauthenticated, "password_wrong")
	// A mailed code is no way around it.
	challenge := b.askCode("rosa@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{ChallengeId: challenge, Code: code}), errs.Invalid, "invalid_fields")
	b.unchanged()
	if b.count(`SELECT failures FROM auth.credentials`) != 1 || b.audited("auth.sign_in_failed") != 1 {
		t.Error("a wrong password does not count, or is not on record")
	}
	// A link to set another is void with the change.
	b.askReset("rosa@example.test")
	token := b.linkIn("rosa@example.test", "/sign-in/reset/")
	must(t, b.setPassword(mine, &authv1.SetPasswordRequest{OldPassword: goodPassword}))
	refused(t, b.reset(token, goodPassword), errs.Precondition, "link_gone")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{OldPassword: goodPassword}), errs.Unauthenticated, "password_wrong")
}

// Who works here brings a code of the authenticator, each good once.
func TestNewPasswordOfStaffNeedsTheAuthenticator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("sam@example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_PATIENT)
	b.person("max@example.test", rpcv1.Role_ROLE_STAFF)
	b.service.attempts.setPassword.account = 100
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	mine := b.as(res.GetSession())
	challenge := b.askCode("sam@example.test", "en")
	for _, proof := range []*authv1.SetPasswordRequest{{}, {OldPassword: goodPassword}, {ChallengeId: challenge, Code: b.codeIn("sam@example.test", 1)}} {
		refused(t, b.setPassword(mine, proof), errs.Invalid, "invalid_fields")
	}
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{Totp: b.totpNow(totpSecret, 0)}), errs.Unauthenticated, "totp_wrong")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{Totp: b.totpNow(totpSecret, -3)}), errs.Unauthenticated, "totp_wrong")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{Totp: b.totpNow("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1)}), errs.Unauthenticated, "totp_wrong")
	b.unchanged()
	fresh := b.totpNow(totpSecret, 1)
	if n := race(3, func(int) error { return b.setPassword(mine, &authv1.SetPasswordRequest{Totp: fresh}) }); n != 1 {
		t.Errorf("one code of the authenticator set %d passwords", n)
	}
}

// Who has no password proves their mailbox before they set one: whoever sits at
// a browser that was left open could open the account with it from then on.
func TestFirstPasswordNeedsAMailedCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.service.attempts.setPassword.account = 100
	mine, others := b.bare("rosa@example.test"), b.bare("luis@example.test")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{}), errs.Invalid, "invalid_fields")
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{Code: "12345678"}), errs.Unauthenticated, "code_expired")

	// Another account's is like one that never was, and is not spent by that.
	challenge := b.askCode("luis@example.test", "en")
	code := b.codeIn("luis@example.test", 1)
	proof := func() *authv1.SetPasswordRequest {
		return &authv1.SetPasswordRequest{ChallengeId: challenge, Code: code}
	}
	refused(t, b.setPassword(mine, proof()), errs.Unauthenticated, "code_expired")
	b.unchanged()
	if b.count(`SELECT max(tries) FROM auth.challenges`) != 0 {
		t.Error("others spend the tries of a code")
	}
	must(t, b.setPassword(others, proof()))

	// A stale one.
	challenge = b.askCode("rosa@example.test", "en")
	code = b.codeIn("rosa@example.test", 1)
	refused(t, b.setPassword(mine, &authv1.SetPasswordRequest{ChallengeId: challenge, Code: "00000000"}), errs.Unauthenticated, "code_wrong")
	b.move(10*time.Minute + time.Second)
	s, err := b.withTicket(func() string { made, _ := b.ensure("rosa@example.test", "another proof"); return made.GetTicket() }())
	must(t, err)
	mine = b.as(s)
	refused(t, b.setPassword(mine, proof()), errs.Unauthenticated, "code_expired")

	// One that has signed somebody in.
	challenge = b.askCode("rosa@example.test", "en")
	code = b.codeIn("rosa@example.test", 2)
	elsewhere, err := b.withCode(challenge, code)
	must(t, err)
	refused(t, b.setPassword(mine, proof()), errs.Unauthenticated, "code_expired")

	challenge = b.askCode("rosa@example.test", "en")
	code = b.codeIn("rosa@example.test", 3)
	if n := race(3, func(int) error { return b.setPassword(mine, proof()) }); n != 1 {
		t.Errorf("one code set %d passwords", n)
	}
	_, err = b.renew(elsewhere)
	refused(t, err, errs.Unauthenticated, "session_ended")
	_, err = b.renew(s)
	must(t, err)
	eventually(t, "the notice", func() bool {
		mails := b.outbox.to("rosa@example.test")
		return mails[len(mails)-1].Subject == "Se estableció su contraseña de Bedside"
	})
	_, err = b.withPassword("rosa@example.test", otherPassword, "")
	must(t, err)
}
