package auth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

func TestACodeSignsAPatientIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")

	challenge := b.askCode("  Rosa@Example.TEST ", "es-US")
	code := b.codeIn("rosa@example.test", 1)
	m := b.outbox.to("rosa@example.test")[0]
	if !strings.Contains(m.Text, "Su código") || strings.Contains(m.Subject, code) {
		t.Errorf("the mail is not the Spanish one, or tells its code in the subject: %q", m)
	}
	s, err := b.withCode(challenge, code)
	must(t, err)
	if s.GetAccountId() != account.String() || len(s.GetRoles()) != 1 || s.GetRoles()[0] != rpcv1.Role_ROLE_PATIENT {
		t.Errorf("got a session %v", s)
	}
	if _, err := b.client.ListSessions(b.as(s), &authv1.ListSessionsRequest{}); err != nil {
		t.Errorf("the token does not work: %v", err)
	}
	_, err = b.withCode(challenge, code)
	refused(t, err, errs.Unauthenticated, "code_expired")
	if n := b.audited("auth.sign_in"); n != 1 {
		t.Errorf("%d audit rows of one sign-in", n)
	}
}

func TestAnUnknownAddressGetsTheSameAnswerAndWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("known@example.test")
	b.person("staff@example.test", rpcv1.Role_ROLE_STAFF)
	type work struct {
		rows, jobs, audit int
		hashes            int64
	}
	measure := func() work {
		return work{
			b.count(`SELECT count(*) FROM auth.challenges`), b.count(`SELECT count(*) FROM auth.river_job`),
			b.audited("auth.code_request"), b.service.hasher.runs.Load(),
		}
	}
	var seen []work
	for i, email := range []string{"known@example.test", "nobody@example.test", "staff@example.test"} {
		before := measure()
		challenge := b.askCode(email, "en")
		after := measure()
		seen = append(seen, work{after.rows - before.rows, after.jobs - before.jobs, after.audit - before.audit, after.hashes - before.hashes})
		if seen[i] != seen[0] {
			t.Errorf("%s costs %+v, a known address %+v", email, seen[i], seen[0])
		}
		_, err := b.withCode(challenge, "0000000x")
		refused(t, err, errs.Unauthenticated, "code_wrong")
	}
	eventually(t, "all jobs to end", func() bool {
		return b.count(`SELECT count(*) FROM auth.river_job WHERE state = 'completed'`) == 3
	})
	if n := len(b.outbox.mails); n != 1 {
		t.Errorf("%d mails left; only the patient's should", n)
	}
	if n := b.count(`SELECT count(*) FROM auth.river_job WHERE args::text LIKE '%example.test%'`); n != 0 {
		t.Errorf("%d jobs hold an address", n)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE subject || detail::text LIKE '%example.test%'`); n != 0 {
		t.Errorf("%d audit rows hold an address", n)
	}
}

func TestAnUnknownChallengeIsAnExpiredOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []string{"", "no id", "019f0000-0000-7000-8000-000000000000"} {
		_, err := b.withCode(id, "12345678")
		refused(t, err, errs.Unauthenticated, "code_expired")
	}
}

func TestFiveWrongTriesSpendACode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	for _, email := range []string{"rosa@example.test", "nobody@example.test"} {
		challenge := b.askCode(email, "en")
		for range 5 {
			_, err := b.withCode(challenge, "000x")
			refused(t, err, errs.Unauthenticated, "code_wrong")
		}
		code := "12345678"
		if email == "rosa@example.test" {
			code = b.codeIn(email, 1)
		}
		_, err := b.withCode(challenge, code)
		refused(t, err, errs.Unauthenticated, "code_spent")
	}
	if n := b.audited("auth.sign_in_failed"); n != 10 {
		t.Errorf("%d audit rows of 10 failed tries", n)
	}
}

func TestParallelGuessesCannotShareATry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	challenge := b.askCode("rosa@example.test", "en")
	var judged atomic.Int32
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			_, err := b.withCode(challenge, fmt.Sprintf("%07dx", i))
			if errs.ReasonOf(err) == "code_wrong" {
				judged.Add(1)
			}
		})
	}
	wg.Wait()
	if n := judged.Load(); n != 5 {
		t.Errorf("%d guesses were judged", n)
	}
}

func TestACodeWorksOnceEvenInParallel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	challenge := b.askCode("rosa@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := b.withCode(challenge, code); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if n := in.Load(); n != 1 {
		t.Errorf("one code opened %d sessions", n)
	}
}

func TestACodeExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	known, decoy := b.askCode("rosa@example.test", "en"), b.askCode("nobody@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	b.move(10*time.Minute + time.Second)
	for _, challenge := range []string{known, decoy} {
		_, err := b.withCode(challenge, code)
		refused(t, err, errs.Unauthenticated, "code_expired")
	}
}

func TestACodeIsBoundToItsChallenge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	b.askCode("rosa@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	other := b.askCode("nobody@example.test", "en")
	_, err := b.withCode(other, code)
	refused(t, err, errs.Unauthenticated, "code_wrong")
}

func TestACodeOpensOnlyThePatientInAnybody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("both@example.test", rpcv1.Role_ROLE_PATIENT, rpcv1.Role_ROLE_STAFF)
	challenge := b.askCode("both@example.test", "en")
	s, err := b.withCode(challenge, b.codeIn("both@example.test", 1))
	must(t, err)
	if len(s.GetRoles()) != 1 || s.GetRoles()[0] != rpcv1.Role_ROLE_PATIENT {
		t.Fatalf("a mailed code opened %v", s.GetRoles())
	}
	_, err = b.client.SetPassword(b.as(s), &authv1.SetPasswordRequest{Password: "somebody else's password"})
	refused(t, err, errs.Forbidden, "second_factor_needed")
}

func TestTheSchemaRefusesStaffByMail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("staff@example.test", rpcv1.Role_ROLE_STAFF)
	_, err := b.db.W.DB().Exec(t.Context(), `INSERT INTO auth.sessions
		(session_id, account_id, secret_hash, roles, method, user_agent, created_at, last_seen_at, idle_seconds, ends_at)
		VALUES (gen_random_uuid(), $1, decode(repeat('00', 32), 'hex'), '{staff}', 'code', '', now(), now(), 1800, now() + interval '1 hour')`, account.UUID)
	if err == nil || !strings.Contains(err.Error(), "sessions_second_factor") {
		t.Fatalf("got %v", err)
	}
}

func TestTooManyCodesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	ask := func(email, address string) error {
		_, err := b.client.RequestCode(t.Context(), &authv1.RequestCodeRequest{Email: email, Client: from(address)})
		return err
	}
	for _, email := range []string{"rosa@example.test", "nobody@example.test"} {
		for i := range 5 {
			must(t, ask(email, fmt.Sprintf("198.51.100.%d", i)))
		}
		err := ask(strings.ToUpper(email), "198.51.100.200")
		refused(t, err, errs.Throttled, "too_many_tries")
		if e, ok := errors.AsType[*errs.Error](err); !ok || !strings.Contains(e.Message, "minutes") {
			t.Errorf("the refusal does not say how long to wait: %v", err)
		}
		if wait := errs.RetryAfterOf(err); wait <= 0 || wait > 15*time.Minute {
			t.Errorf("to wait %s", wait)
		}
	}
	var err error
	for i := range 70 {
		// One subscriber's IPv6 network counts as one client.
		if err = ask(fmt.Sprintf("p%d@example.test", i), fmt.Sprintf("2001:db8:1:2::%x", i)); err != nil {
			break
		}
	}
	refused(t, err, errs.Throttled, "too_many_tries")
	must(t, ask("p0@example.test", "2001:db8:1:3::1"))
}

func TestWhatIsNotAnAddressIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, email := range []string{"", "rosa", "rosa@", "@example.test", "Rosa <rosa@example.test>", "a@b@c.test", "a b@c.test", strings.Repeat("x", 250) + "@example.test", "a@c.test\r\nBcc: d@e.test"} {
		_, err := b.client.RequestCode(t.Context(), &authv1.RequestCodeRequest{Email: email, Client: from("192.0.2.1")})
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	}
}
