package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/pquerna/otp/totp"
)

func (b *bundle) renew(s *authv1.Session) (*authv1.RenewResponse, error) {
	return b.client.Renew(b.t.Context(), &authv1.RenewRequest{Secret: s.GetSecret()})
}

func TestASessionEndsByRest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	b.move(29 * time.Minute)
	_, err := b.renew(s)
	must(t, err)
	b.move(58 * time.Minute) // 29 minutes after the touch
	_, err = b.renew(s)
	must(t, err)
	b.move(88 * time.Minute)
	_, err = b.renew(s)
	refused(t, err, errs.Unauthenticated, "session_idle")
	b.move(89 * time.Minute)
	_, err = b.renew(s)
	refused(t, err, errs.Unauthenticated, "session_idle")
}

func TestAPhysiciansSessionMayRestLonger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("doc@example.test", rpcv1.Role_ROLE_PHYSICIAN)
	b.person("docstaff@example.test", rpcv1.Role_ROLE_PHYSICIAN, rpcv1.Role_ROLE_STAFF)
	code, err := totp.GenerateCode(totpSecret, b.clock.Now())
	must(t, err)
	doc, err := b.withPassword("doc@example.test", goodPassword, code)
	must(t, err)
	both, err := b.withPassword("docstaff@example.test", goodPassword, code)
	must(t, err)
	b.move(45 * time.Minute)
	_, err = b.renew(doc.GetSession())
	must(t, err)
	_, err = b.renew(both.GetSession())
	refused(t, err, errs.Unauthenticated, "session_idle")
}

func TestASessionEndsAfterTwelveHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	for at := 25 * time.Minute; at < 12*time.Hour-3*time.Minute; at += 25 * time.Minute {
		b.move(at)
		_, err := b.renew(s)
		must(t, err)
	}
	b.move(12*time.Hour - 3*time.Minute)
	res, err := b.renew(s)
	must(t, err)
	if left := res.GetTokenExpiresAt().AsTime().Sub(s.GetEndsAt().AsTime()); left > 0 {
		t.Errorf("the last token outlives its session by %s", left)
	}
	b.move(12*time.Hour + time.Second)
	_, err = b.renew(s)
	refused(t, err, errs.Unauthenticated, "session_ended")
}

func TestTheTouchIsWrittenOnceAMinuteAtMost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	seen := func() (at time.Time) {
		b.database.Query(t, `SELECT last_seen_at FROM auth.sessions`, &at)
		return at
	}
	first := seen()
	b.move(59 * time.Second)
	_, err := b.renew(s)
	must(t, err)
	if !seen().Equal(first) {
		t.Error("a touch within the minute was written")
	}
	b.move(61 * time.Second)
	_, err = b.renew(s)
	must(t, err)
	if seen().Equal(first) {
		t.Error("a touch after a minute was not written")
	}
}

func TestRenewGivesTodaysRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("both@example.test", rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER)
	code, err := totp.GenerateCode(totpSecret, b.clock.Now())
	must(t, err)
	res, err := b.withPassword("both@example.test", goodPassword, code)
	must(t, err)
	b.database.Exec(t, `UPDATE auth.accounts SET roles = '{staff,physician}' WHERE account_id = $1`, account.UUID)
	renewed, err := b.renew(res.GetSession())
	must(t, err)
	if r := renewed.GetRoles(); len(r) != 1 || r[0] != rpcv1.Role_ROLE_STAFF {
		t.Errorf("got %v: a lost role stays lost, a new one needs a new sign-in", r)
	}
	b.database.Exec(t, `UPDATE auth.accounts SET roles = '{patient}' WHERE account_id = $1`, account.UUID)
	_, err = b.renew(res.GetSession())
	refused(t, err, errs.Unauthenticated, "session_ended")
}

func TestADisabledAccountIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	challenge := b.askCode("rosa@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	b.database.Exec(t, `UPDATE auth.accounts SET disabled_at = now() WHERE account_id = $1`, account.UUID)
	_, err := b.renew(s)
	refused(t, err, errs.Unauthenticated, "session_ended")
	_, err = b.withCode(challenge, code)
	refused(t, err, errs.Unauthenticated, "code_wrong")
}

func TestAnInventedSecretOpensNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, secret := range []string{"", "x", strings.Repeat("A", 43)} {
		_, err := b.client.Renew(t.Context(), &authv1.RenewRequest{Secret: secret})
		refused(t, err, errs.Unauthenticated, "session_ended")
	}
}

// outWithin measures how long a token of an ended session is still taken.
func (b *bundle) outWithin(s *authv1.Session, limit time.Duration) {
	b.t.Helper()
	began := time.Now()
	eventually(b.t, "the session to be refused", func() bool {
		_, err := b.client.ListSessions(b.as(s), &authv1.ListSessionsRequest{})
		return errs.ReasonOf(err) == "session_ended"
	})
	if took := time.Since(began); took > limit {
		b.t.Errorf("an ended session was taken for %s", took)
	}
}

func TestSignOutIsHeardEverywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	_, err := b.client.SignOut(b.as(s), &authv1.SignOutRequest{})
	must(t, err)
	b.outWithin(s, time.Second)
	_, err = b.renew(s)
	refused(t, err, errs.Unauthenticated, "session_ended")
	if n := b.count(`SELECT count(*) FROM auth.feed WHERE topic = 'revocations' AND key = '` + s.GetSessionId() + `'`); n != 1 {
		t.Errorf("%d feed rows", n)
	}
	if n := b.audited("auth.sign_out"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

func TestDevicesCanBeEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	b.patient("luis@example.test")
	phone, laptop, library := b.signedIn("rosa@example.test"), b.signedIn("rosa@example.test"), b.signedIn("rosa@example.test")
	luis := b.signedIn("luis@example.test")

	res, err := b.client.ListSessions(b.as(phone), &authv1.ListSessionsRequest{})
	must(t, err)
	if len(res.GetDevices()) != 3 {
		t.Fatalf("%d devices", len(res.GetDevices()))
	}
	for _, d := range res.GetDevices() {
		if d.GetCurrent() != (d.GetSessionId() == phone.GetSessionId()) || d.GetUserAgent() != "Test Browser/1.0" {
			t.Errorf("got %v", d)
		}
	}
	_, err = b.client.RevokeSession(b.as(phone), &authv1.RevokeSessionRequest{SessionId: luis.GetSessionId()})
	refused(t, err, errs.NotFound, "session_unknown")
	_, err = b.client.RevokeSession(b.as(phone), &authv1.RevokeSessionRequest{SessionId: "what"})
	refused(t, err, errs.Invalid, "id_malformed")

	for range 2 { // ending it twice changes nothing
		_, err = b.client.RevokeSession(b.as(phone), &authv1.RevokeSessionRequest{SessionId: library.GetSessionId()})
		must(t, err)
	}
	b.outWithin(library, time.Second)

	all, err := b.client.RevokeAllSessions(b.as(phone), &authv1.RevokeAllSessionsRequest{KeepCurrent: true})
	must(t, err)
	if all.GetRevoked() != 1 {
		t.Errorf("%d sessions ended", all.GetRevoked())
	}
	b.outWithin(laptop, time.Second)
	_, err = b.renew(phone)
	must(t, err)
	all, err = b.client.RevokeAllSessions(b.as(phone), &authv1.RevokeAllSessionsRequest{})
	must(t, err)
	if all.GetRevoked() != 1 {
		t.Errorf("%d sessions ended", all.GetRevoked())
	}
	b.outWithin(phone, time.Second)
	_, err = b.renew(luis)
	must(t, err)
	if n := b.audited("auth.session_revoke"); n != 3 {
		t.Errorf("%d audit rows of 3 ended sessions", n)
	}
}

func TestManyDevicesAreEndedInBatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	b.database.Exec(t, `INSERT INTO auth.sessions
		(session_id, account_id, secret_hash, roles, method, user_agent, created_at, last_seen_at, idle_seconds, ends_at)
		SELECT gen_random_uuid(), $1, sha256(n::text::bytea), '{patient}', 'code', '', now(), now(), 1800, now() + interval '1 hour'
		FROM generate_series(1, 450) n`, account.UUID)
	n, err := b.service.revokeAll(t.Context(), self(), account, ids.SessionID{})
	must(t, err)
	if n != 450 || b.count(`SELECT count(*) FROM auth.feed WHERE topic = 'revocations'`) != 450 {
		t.Errorf("%d sessions ended", n)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	b.askCode("rosa@example.test", "en")
	_, err := b.client.SignOut(b.as(s), &authv1.SignOutRequest{})
	must(t, err)
	left := func() [3]int {
		must(t, b.service.sweep(context.WithoutCancel(t.Context())))
		return [3]int{
			b.count(`SELECT count(*) FROM auth.challenges`), b.count(`SELECT count(*) FROM auth.sessions`),
			b.count(`SELECT count(*) FROM auth.feed`) + b.count(`SELECT count(*) FROM auth.feed_heads`),
		}
	}
	if got := left(); got != [3]int{1, 1, 2} {
		t.Errorf("what is fresh was swept: %v left", got)
	}
	b.database.Exec(t, `UPDATE auth.feed SET at = at - interval '25 hours'`)
	b.move(25 * time.Hour)
	if got := left(); got != [3]int{0, 1, 0} {
		t.Errorf("after a day %v are left", got)
	}
	b.move(91 * 24 * time.Hour)
	if got := left(); got != [3]int{0, 0, 0} {
		t.Errorf("after 91 days %v are left", got)
	}
	if n := b.audited("auth.sweep"); n != 2 {
		t.Errorf("%d audit rows of two sweeps", n)
	}
}
