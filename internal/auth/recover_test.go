package auth

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/pquerna/otp/totp"
)

const otherPassword = "seven lamps on a long pier"

// totpNow is the code of an authenticator, some steps from now.
func (b *bundle) totpNow(secret string, steps int) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, b.clock.Now().Add(time.Duration(steps)*30*time.Second))
	must(b.t, err)
	return code
}

// linkIn reads the token of the newest mail to an address with such a link.
func (b *bundle) linkIn(email, path string) string {
	b.t.Helper()
	token, link := "", regexp.MustCompile(regexp.QuoteMeta(portalURL+path)+`(\S+)`)
	eventually(b.t, "a mail with a link", func() bool {
		for _, m := range b.outbox.to(email) {
			if found := link.FindStringSubmatch(m.Text); found != nil {
				token = found[1]
			}
		}
		return token != ""
	})
	return token
}

func (b *bundle) askReset(email string) {
	b.t.Helper()
	_, err := b.own.RequestPasswordReset(b.t.Context(), &authv1.RequestPasswordResetRequest{Email: email, Client: from("192.0.2.1")})
	must(b.t, err)
}

func (b *bundle) reset(token, password string) error {
	_, err := b.own.ResetPassword(b.t.Context(), &authv1.ResetPasswordRequest{Token: token, Password: password, Client: from("192.0.2.1")})
	return err
}

func TestForgottenPasswordInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	_, err := b.own.RequestPasswordReset(t.Context(), &authv1.RequestPasswordResetRequest{Email: "rosa@example.test", Language: "es", Client: from("192.0.2.1")})
	must(t, err)
	b.linkIn("rosa@example.test", "/sign-in/reset/")
	mails := b.outbox.to("rosa@example.test")
	if m := mails[len(mails)-1]; !strings.Contains(m.Subject, "contraseña") {
		t.Errorf("the mail is called %q", m.Subject)
	}
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	b.askReset("Rosa@Example.test")
	token := b.linkIn("rosa@example.test", "/sign-in/reset/")
	res, err := b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: token, Purpose: authv1.LinkPurpose_LINK_PURPOSE_PASSWORD})
	must(t, err)
	if res.GetMaskedEmail() != "r•••@e•••.test" || res.GetAuthenticator() != nil {
		t.Errorf("the link shows %v", res)
	}
	_, err = b.own.OpenLink(t.Context(), &authv1.OpenLinkRequest{Token: token, Purpose: authv1.LinkPurpose_LINK_PURPOSE_ENROLL})
	refused(t, err, errs.Precondition, "link_gone")
	refused(t, b.reset(token, "short"), errs.Invalid, "invalid_fields")
	must(t, b.reset(token, otherPassword))
	refused(t, b.reset(token, goodPassword), errs.Precondition, "link_gone")
	_, err = b.withPassword("rosa@example.test", goodPassword, "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	_, err = b.withPassword("rosa@example.test", otherPassword, "")
	must(t, err)
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: s.GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	eventually(t, "the notice", func() bool { return len(b.outbox.to("rosa@example.test")) == 2 })
	if b.audited("auth.password_reset") != 1 || b.audited("auth.password_reset_request") != 1 {
		t.Error("not on record")
	}
}

func TestResetTellsNobodyWhoIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	b.askReset("nobody@example.test")
	b.askReset("rosa@example.test")
	b.linkIn("rosa@example.test", "/sign-in/reset/")
	if n := b.count(`SELECT count(*) FROM auth.links`); n != 2 {
		t.Errorf("%d rows", n)
	}
	eventually(t, "both jobs to be done", func() bool {
		return b.count(`SELECT count(*) FROM auth.river_job WHERE kind = 'auth_link_mail' AND state = 'completed'`) == 2
	})
	if len(b.outbox.to("nobody@example.test")) != 0 {
		t.Error("a mail to nobody")
	}
	if n := b.count(`SELECT count(*) FROM auth.river_job WHERE args::text LIKE '%example.test%'`); n != 0 {
		t.Error("an address in a job")
	}
	_, err := b.own.RequestPasswordReset(t.Context(), &authv1.RequestPasswordResetRequest{Email: "no address"})
	refused(t, err, errs.Invalid, "invalid_fields")
	for range 4 {
		b.askReset("nobody@example.test")
	}
	_, err = b.own.RequestPasswordReset(t.Context(), &authv1.RequestPasswordResetRequest{Email: "nobody@example.test", Client: from("192.0.2.9")})
	refused(t, err, errs.Throttled, "too_many_tries")
}

// A mailbox is one factor: a new password alone opens nothing of staff's.
func TestResetLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	b.askReset("sam@example.test")
	must(t, b.reset(b.linkIn("sam@example.test", "/sign-in/reset/"), otherPassword))
	res, err := b.withPassword("sam@example.test", otherPassword, "")
	must(t, err)
	if !res.GetTotpNeeded() || res.GetSession() != nil {
		t.Errorf("got %v", res)
	}
	_, err = b.withPassword("sam@example.test", otherPassword, b.totpNow(totpSecret, 0))
	must(t, err)
}

func TestResetLinkExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	b.askReset("rosa@example.test")
	token := b.linkIn("rosa@example.test", "/sign-in/reset/")
	b.move(31 * time.Minute)
	refused(t, b.reset(token, otherPassword), errs.Precondition, "link_gone")
	b.move(26 * time.Hour)
	must(t, b.service.sweep(t.Context()))
	if n := b.count(`SELECT count(*) FROM auth.links`); n != 0 {
		t.Errorf("%d old links stay", n)
	}
}

// At 100 failures in a row even the right password opens nothing, and says
// nothing else than a wrong one, until it is set anew.
func TestTooManyFailuresCloseThePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	failed := func(n int) { b.database.Exec(t, `UPDATE auth.credentials SET failures = `+itoa(n)) }
	failed(98)
	_, err := b.withPassword("rosa@example.test", "wrong", "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	_, err = b.withPassword("rosa@example.test", goodPassword, "")
	must(t, err)
	if n := b.count(`SELECT failures FROM auth.credentials`); n != 0 {
		t.Errorf("a good sign-in leaves %d failures", n)
	}
	failed(99)
	_, err = b.withPassword("rosa@example.test", "wrong", "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	for _, password := range []string{goodPassword, "wrong"} {
		_, err = b.withPassword("rosa@example.test", password, "")
		refused(t, err, errs.Unauthenticated, "credentials_wrong")
	}
	eventually(t, "the notice", func() bool { return len(b.outbox.to("rosa@example.test")) == 1 })
	if b.audited("auth.password_locked") != 1 {
		t.Error("not on record, or more than once")
	}
	if m := b.outbox.to("rosa@example.test")[0]; !strings.Contains(m.Text, portalURL+"/sign-in/forgotten") || strings.Contains(m.Text, account.String()) {
		t.Errorf("the mail says %q", m.Text)
	}
	b.askReset("rosa@example.test")
	must(t, b.reset(b.linkIn("rosa@example.test", "/sign-in/reset/"), otherPassword))
	_, err = b.withPassword("rosa@example.test", otherPassword, "")
	must(t, err)
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	mine := b.as(res.GetSession())
	_, err = b.own.NewRecoveryCodes(mine, &authv1.NewRecoveryCodesRequest{Totp: "000000"})
	refused(t, err, errs.Unauthenticated, "totp_wrong")
	made, err := b.own.NewRecoveryCodes(mine, &authv1.NewRecoveryCodesRequest{Totp: b.totpNow(totpSecret, 1)})
	must(t, err)
	codes := made.GetCodes()
	if len(codes) != recoveryCount {
		t.Fatalf("%d codes", len(codes))
	}
	for _, c := range codes {
		if n := b.count(`SELECT count(*) FROM auth.recovery_codes WHERE encode(code_hash, 'escape') LIKE '%` + c[:4] + `%'`); n != 0 {
			t.Error("a code is kept as it is")
		}
	}
	in, err := b.withPassword("sam@example.test", goodPassword, " "+strings.ToLower(codes[3])+" ")
	must(t, err)
	if in.GetSession().GetRoles()[0] != rpcv1.Role_ROLE_STAFF {
		t.Errorf("roles %v", in.GetSession().GetRoles())
	}
	_, err = b.withPassword("sam@example.test", goodPassword, codes[3])
	refused(t, err, errs.Unauthenticated, "totp_wrong")
	_, err = b.withPassword("sam@example.test", "wrong", codes[4])
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	eventually(t, "the notice", func() bool { return len(b.outbox.to("sam@example.test")) == 1 })
	own, err := b.own.MyAccount(mine, &authv1.MyAccountRequest{})
	must(t, err)
	if own.GetRecoveryCodesLeft() != recoveryCount-1 || !own.GetSecondFactor() || own.GetPasswordSetAt() == nil {
		t.Errorf("my account: %v", own)
	}
	// Somebody else's codes open nothing.
	b.person("lena@example.test", rpcv1.Role_ROLE_LICENSING_OFFICER)
	_, err = b.withPassword("lena@example.test", goodPassword, codes[5])
	refused(t, err, errs.Unauthenticated, "totp_wrong")
	if n := b.count(`SELECT failures FROM auth.credentials WHERE account_id <> '` + account.String() + `'`); n != 1 {
		t.Errorf("%d failures counted", n)
	}
}

// Of many that bring the same recovery code at once, one gets in.
func TestRecoveryCodeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	codes, hashes, err := b.service.newRecoveryCodes(account)
	must(t, err)
	for _, h := range hashes[:1] {
		b.database.Exec(t, `INSERT INTO auth.recovery_codes (account_id, code_hash) VALUES ('`+account.String()+`', '\x`+hexOf(h)+`')`)
	}
	won := race(6, func(int) error {
		_, err := b.withPassword("sam@example.test", goodPassword, codes[0])
		return err
	})
	if won != 1 {
		t.Errorf("%d got in with one code", won)
	}
}

func TestChangedEmail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	b.patient("taken@example.test")
	here, there := b.signedIn("rosa@example.test"), b.signedIn("rosa@example.test")
	start := func(ctx context.Context, email string) (string, error) {
		res, err := b.own.StartEmailChange(ctx, &authv1.StartEmailChangeRequest{NewEmail: email, Language: "es", Password: goodPassword, Client: from("192.0.2.1")})
		return res.GetChangeId(), err
	}
	confirm := func(ctx context.Context, id, code string) error {
		_, err := b.own.ConfirmEmailChange(ctx, &authv1.ConfirmEmailChangeRequest{ChangeId: id, Code: code})
		return err
	}
	_, err := start(b.as(here), "not an address")
	refused(t, err, errs.Invalid, "invalid_fields")
	_, err = start(b.as(here), "rosa@example.test")
	refused(t, err, errs.Invalid, "invalid_fields")
	taken, err := start(b.as(here), "taken@example.test")
	must(t, err)
	eventually(t, "the mail to an address in use", func() bool { return len(b.outbox.to("taken@example.test")) == 1 })
	if m := b.outbox.to("taken@example.test")[0]; regexp.MustCompile(`\d{4} \d{4}`).MatchString(m.Text) {
		t.Error("a code for somebody else's address")
	}
	refused(t, confirm(b.as(here), taken, "12345678"), errs.Unauthenticated, "code_wrong")

	id, err := start(b.as(here), "rosa.new@example.test")
	must(t, err)
	code := b.codeIn("rosa.new@example.test", 1)
	other := b.signedIn("taken@example.test")
	refused(t, confirm(b.as(other), id, code), errs.Unauthenticated, "code_expired")
	refused(t, confirm(b.as(here), id, "0"), errs.Unauthenticated, "code_wrong")
	must(t, confirm(b.as(here), id, code))
	refused(t, confirm(b.as(here), id, code), errs.Unauthenticated, "code_expired")
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: there.GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: here.GetSecret()})
	must(t, err)
	eventually(t, "the old address is told", func() bool { return len(b.outbox.to("rosa@example.test")) == 1 })
	if m := b.outbox.to("rosa@example.test")[0]; strings.Contains(m.Text, "rosa.new") {
		t.Error("the old mailbox learns the new address")
	}
	_, err = b.withPassword("rosa.new@example.test", goodPassword, "")
	must(t, err)
	if n := b.count(`SELECT count(*) FROM auth.river_job WHERE args::text LIKE '%rosa%'`); n != 0 {
		t.Error("an address in a job")
	}
}

// A patient's session of somebody who works here may not change the address.
func TestMailboxDoesNotMoveStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("both@example.test", rpcv1.Role_ROLE_PATIENT, rpcv1.Role_ROLE_STAFF)
	s, err := b.withCode(b.askCode("both@example.test", "en"), b.codeIn("both@example.test", 1))
	must(t, err)
	_, err = b.own.StartEmailChange(b.as(s), &authv1.StartEmailChangeRequest{NewEmail: "new@example.test"})
	refused(t, err, errs.Forbidden, "second_factor_needed")
}

func TestLostMailbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	b.patient("taken@example.test")
	s := b.signedIn("rosa@example.test")
	start := func(ctx context.Context, account, email, proof string) error {
		_, err := b.own.StartEmailReplacement(ctx, &authv1.StartEmailReplacementRequest{AccountId: account, NewEmail: email, Proof: proof})
		return err
	}
	refused(t, start(b.as(s), account.String(), "new@example.test", "id check 1"), errs.Forbidden, "not_allowed")
	refused(t, start(b.asService(), ids.NewUUID().String(), "new@example.test", "id check 1"), errs.NotFound, "account_unknown")
	refused(t, start(b.asService(), account.String(), "taken@example.test", "id check 1"), errs.Conflict, "email_taken")
	refused(t, start(b.asService(), account.String(), "new@example.test", "short"), errs.Invalid, "invalid_fields")
	must(t, start(b.asService(), account.String(), "new@example.test", "id check 1"))
	must(t, start(b.asService(), account.String(), "new@example.test", "id check 1"))
	refused(t, start(b.asService(), account.String(), "else@example.test", "id check 1"), errs.Conflict, "proof_reused")
	token := b.linkIn("new@example.test", "/sign-in/new-address/")
	confirm := func() error {
		_, err := b.own.ConfirmEmailReplacement(t.Context(), &authv1.ConfirmEmailReplacementRequest{Token: token, Client: from("192.0.2.1")})
		return err
	}
	if won := race(4, func(int) error { return confirm() }); won != 1 {
		t.Errorf("one link worked %d times", won)
	}
	refused(t, confirm(), errs.Precondition, "link_gone")
	_, err := b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: s.GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	got, err := b.own.SignInEmail(b.asService(), &authv1.SignInEmailRequest{AccountId: account.String()})
	must(t, err)
	if got.GetEmail() != "new@example.test" {
		t.Errorf("signs in with %s", got.GetEmail())
	}
	eventually(t, "the old address is told", func() bool { return len(b.outbox.to("rosa@example.test")) == 1 })
	if len(b.outbox.to("new@example.test")) != 1 {
		t.Error("a repeat mailed again")
	}
}

// replacing asks for a new address of an account, as enrollment does.
func (b *bundle) replacing(account ids.AccountID, email, proof string) error {
	_, err := b.own.StartEmailReplacement(b.asService(), &authv1.StartEmailReplacementRequest{AccountId: account.String(), NewEmail: email, Proof: proof})
	return err
}

func (b *bundle) confirmReplacing(token string) error {
	_, err := b.own.ConfirmEmailReplacement(b.t.Context(), &authv1.ConfirmEmailReplacementRequest{Token: token, Client: from("192.0.2.1")})
	return err
}

// Staff look at papers of patients. Whoever works here, by then or since the
// link was mailed, is an administrator's to help.
func TestLostMailboxOfSomebodyAtWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for email, roles := range map[string][]rpcv1.Role{
		"ada@example.test": {rpcv1.Role_ROLE_ADMINISTRATOR}, "phil@example.test": {rpcv1.Role_ROLE_PHYSICIAN},
		"both@example.test": {rpcv1.Role_ROLE_PATIENT, rpcv1.Role_ROLE_STAFF},
	} {
		refused(t, b.replacing(b.person(email, roles...), "new@example.test", "id check of "+email), errs.Precondition, "works_here")
	}
	account := b.patient("rosa@example.test")
	must(t, b.replacing(account, "new@example.test", "id check 1"))
	token := b.linkIn("new@example.test", "/sign-in/new-address/")
	b.database.Exec(t, `UPDATE auth.accounts SET roles = '{patient,staff}' WHERE account_id = '`+account.String()+`'`)
	refused(t, b.confirmReplacing(token), errs.Precondition, "works_here")
	if n := b.count(`SELECT count(*) FROM auth.accounts WHERE email = 'new@example.test'`); n != 0 {
		t.Error("the address of somebody at work moved")
	}
}

// Of two links to new addresses the older is void; a repeat of its request
// voids nothing.
func TestANewerReplacementEndsTheOlder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	must(t, b.replacing(account, "first@example.test", "id check 1"))
	older := b.linkIn("first@example.test", "/sign-in/new-address/")
	must(t, b.replacing(account, "second@example.test", "id check 2"))
	newer := b.linkIn("second@example.test", "/sign-in/new-address/")
	must(t, b.replacing(account, "first@example.test", "id check 1"))
	refused(t, b.confirmReplacing(older), errs.Precondition, "link_gone")
	must(t, b.confirmReplacing(newer))
}

// Whoever has the old mailbox may know the password: it goes with the address.
func TestAReplacementVoidsThePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	must(t, b.replacing(account, "new@example.test", "id check 1"))
	must(t, b.confirmReplacing(b.linkIn("new@example.test", "/sign-in/new-address/")))
	_, err := b.withPassword("new@example.test", goodPassword, "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	s, err := b.withCode(b.askCode("new@example.test", "en"), b.codeIn("new@example.test", 2))
	must(t, err)
	own, err := b.own.MyAccount(b.as(s), &authv1.MyAccountRequest{})
	must(t, err)
	if own.GetPasswordSetAt() != nil {
		t.Errorf("my account: %v", own)
	}
}
