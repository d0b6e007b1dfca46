package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/pquerna/otp/totp"
)

func TestEveryWrongPasswordCostsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("known@example.test")
	disabled := b.patient("disabled@example.test")
	b.database.Exec(t, `UPDATE auth.accounts SET disabled_at = now() WHERE account_id = $1`, disabled.UUID)
	_, err := b.client.EnsureAccount(b.asService(), &authv1.EnsureAccountRequest{
		Email: "codes-only@example.test", Role: rpcv1.Role_ROLE_PATIENT, Proof: "activation-1",
	})
	must(t, err)
	for _, try := range []struct{ email, password string }{
		{"known@example.test", "not the password at all"},
		{"nobody@example.test", "not the password at all"},
		{"codes-only@example.test", "not the password at all"},
		{"disabled@example.test", goodPassword},
		{"known@example.test", strings.Repeat("long ", 500)},
	} {
		hashes, rows := b.service.hasher.runs.Load(), b.audited("auth.sign_in_failed")
		_, err := b.withPassword(try.email, try.password, "")
		refused(t, err, errs.Unauthenticated, "credentials_wrong")
		if n := b.service.hasher.runs.Load() - hashes; n != 1 {
			t.Errorf("%s cost %d hashes", try.email, n)
		}
		if n := b.audited("auth.sign_in_failed") - rows; n != 1 {
			t.Errorf("%s left %d audit rows", try.email, n)
		}
	}
}

func TestStaffNeedTheirAuthenticator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("staff@example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER)

	res, err := b.withPassword("staff@example.test", goodPassword, "")
	must(t, err)
	if !res.GetTotpNeeded() || res.GetSession() != nil {
		t.Fatalf("a password alone gave %v", res)
	}
	if n := b.audited("auth.second_factor_asked"); n != 1 {
		t.Errorf("%d entries say that the password was known", n)
	}
	_, err = b.withPassword("staff@example.test", goodPassword, "12345x")
	refused(t, err, errs.Unauthenticated, "totp_wrong")

	code, err := totp.GenerateCode(totpSecret, b.clock.Now())
	must(t, err)
	_, err = b.withPassword("staff@example.test", "not the password at all", code)
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	res, err = b.withPassword("staff@example.test", goodPassword, code)
	must(t, err)
	if len(res.GetSession().GetRoles()) != 2 {
		t.Errorf("got roles %v", res.GetSession().GetRoles())
	}
	_, err = b.withPassword("staff@example.test", goodPassword, code)
	refused(t, err, errs.Unauthenticated, "totp_wrong")
}

func TestAnAuthenticatorStepCountsOnceEvenInParallel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("staff@example.test", rpcv1.Role_ROLE_STAFF)
	code, err := totp.GenerateCode(totpSecret, b.clock.Now())
	must(t, err)
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := b.withPassword("staff@example.test", goodPassword, code); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if n := in.Load(); n != 1 {
		t.Errorf("one step opened %d sessions", n)
	}
}

func TestStaffWithoutAnAuthenticatorStayOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("staff@example.test", rpcv1.Role_ROLE_STAFF)
	b.database.Exec(t, `UPDATE auth.credentials SET totp_sealed = NULL WHERE account_id = $1`, account.UUID)
	_, err := b.withPassword("staff@example.test", goodPassword, "000000")
	refused(t, err, errs.Unauthenticated, "totp_wrong")
}

func TestMatchTOTP(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // RFC 6238, appendix B
	for _, c := range []struct {
		name string
		at   int64
		code string
		last int64
		want int64
		ok   bool
	}{
		{"the RFC's first", 59, "287082", 0, 1, true},
		{"the RFC's second", 1111111109, "081804", 0, 37037036, true},
		{"one step late", 59 + 30, "287082", 0, 1, true},
		{"one step early", 59 - 30, "287082", 0, 1, true},
		{"two steps late", 59 + 60, "287082", 0, 0, false},
		{"used before", 59, "287082", 1, 0, false},
		{"wrong", 59, "287083", 0, 0, false},
		{"empty", 59, "", 0, 0, false},
		{"longer", 59, "2870820", 0, 0, false},
	} {
		step, ok, err := matchTOTP(secret, c.code, time.Unix(c.at, 0), c.last)
		if err != nil || ok != c.ok || step != c.want {
			t.Errorf("%s: got %d %v %v", c.name, step, ok, err)
		}
	}
	if _, _, err := matchTOTP("not base32!", "123456", time.Unix(59, 0), 0); err == nil {
		t.Error("a broken secret was accepted")
	}
}

func TestPasswordTriesAreThrottled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.service.attempts.password = limits{name: "password", account: 3, pair: 2, address: 100, window: time.Hour}
	b.patient("rosa@example.test")
	b.patient("luis@example.test")
	try := func(email, address, password string) error {
		_, err := b.client.SignInWithPassword(t.Context(), &authv1.SignInWithPasswordRequest{
			Email: email, Password: password, Client: from(address),
		})
		return err
	}
	refused(t, try("rosa@example.test", "192.0.2.1", "wrong wrong wrong"), errs.Unauthenticated, "credentials_wrong")
	refused(t, try("rosa@example.test", "192.0.2.1", "wrong wrong wrong"), errs.Unauthenticated, "credentials_wrong")
	hashes := b.service.hasher.runs.Load()
	refused(t, try("rosa@example.test", "192.0.2.1", goodPassword), errs.Throttled, "too_many_tries")
	refused(t, try("rosa@example.test", "192.0.2.1", goodPassword), errs.Throttled, "too_many_tries")
	if n := b.service.hasher.runs.Load() - hashes; n != 0 {
		t.Errorf("throttled tries cost %d hashes", n)
	}
	must(t, try("luis@example.test", "192.0.2.1", goodPassword))
	// What one client was refused does not lock the person out elsewhere; many
	// clients together are stopped at the account.
	must(t, try("rosa@example.test", "192.0.2.9", goodPassword))
	refused(t, try("rosa@example.test", "192.0.2.10", goodPassword), errs.Throttled, "too_many_tries")
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s, other := b.signedIn("rosa@example.test"), b.signedIn("rosa@example.test")
	for password, reason := range map[string]string{
		"fourteen chars":           "too_short",
		strings.Repeat("x1", 200):  "too_long",
		"Password-Password":        "too_common",
		"rosa@example.test":        "too_common",
		"abcabcabcabcabcabc":       "too_common",
		"\xff\xfe not text at all": "not_text",
	} {
		if reason == "not_text" {
			continue // protobuf itself refuses it; see TestCheckNewPassword
		}
		_, err := b.client.SetPassword(b.as(s), &authv1.SetPasswordRequest{Password: password, OldPassword: goodPassword})
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Reason != reason {
			t.Errorf("%q: got %v, want %s", password, f, reason)
		}
		b.service.attempts.setPassword.account = 100
	}
	_, err := b.client.SetPassword(b.as(s), &authv1.SetPasswordRequest{
		Password: "a new one of sixty-four characters, which everybody must accept!!", OldPassword: goodPassword,
	})
	must(t, err)
	_, err = b.withPassword("rosa@example.test", goodPassword, "")
	refused(t, err, errs.Unauthenticated, "credentials_wrong")
	_, err = b.withPassword("rosa@example.test", "a new one of sixty-four characters, which everybody must accept!!", "")
	must(t, err)
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: other.GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	_, err = b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: s.GetSecret()})
	must(t, err)
	eventually(t, "the notice", func() bool { return len(b.outbox.to("rosa@example.test")) == 1 })
	if n := b.audited("auth.password_set"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

func TestCheckNewPassword(t *testing.T) {
	t.Parallel()
	for password, ok := range map[string]bool{
		"a quiet river bends twice":  true,
		"ñandúes corren muy lejos":   true,
		"正確な馬の電池のホッチキスで十五文字":         true,
		"123456789012345":            false,
		"987654321098765":            false,
		"abcdefghijklmnop":           false,
		"aaaaaaaaaaaaaaaaaaa":        false,
		"qwertyuiop 123456":          false,
		"\xff\xfe not text at all":   false,
		strings.Repeat("ü", 14):      false,
		"fifteen letters":            true,
		"letmein-letmein-letmein":    false,
		"1234567890-1234567890-1234": true,
	} {
		if err := checkNewPassword(password, "rosa@example.test"); (err == nil) != ok {
			t.Errorf("%q: got %v", password, err)
		}
	}
}
