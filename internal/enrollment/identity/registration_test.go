package identity

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func TestSomebodyRegistersWithoutAPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.start(bea())
	code := b.code(beasMail)
	_, err := b.confirm(id, "0000 0000")
	refused(t, err, errs.Invalid, "code_wrong")
	b.auth.leave(true)
	_, err = b.confirm(id, code)
	refused(t, err, errs.Unavailable, "away")
	b.auth.leave(false)
	first, err := b.confirm(id, strings.ReplaceAll(code, " ", "-"))
	must(t, err)
	again, err := b.confirm(id, code)
	must(t, err)
	if first.GetTicket() == "" || first.GetReference() != "" || first.GetPatientId() != again.GetPatientId() || first.GetTicket() != again.GetTicket() {
		t.Fatalf("confirming answers %v, then %v", first, again)
	}
	f := b.published(first.GetPatientId())
	if f.GetFamilyName() != "O'Brien-Núñez" || f.GetEmail() != beasMail || len(f.GetActsFor()) != 1 || f.GetActsFor()[0].GetLimited() {
		t.Errorf("the facts are %v", f)
	}
	if notes := b.notes(beasMail, ""); len(notes) != 0 {
		t.Errorf("somebody without a plan is told %v", notes)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients WHERE details_source = 'patient'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.register' AND account_id IS NOT NULL AND patient_id IS NOT NULL`)
}

// TestRegisteringTellsNothing: whoever has the address, the answer and what it
// leaves behind have the same shape; only the mailbox learns more.
func TestRegisteringTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.register(bea())
	traces := func() [3]int {
		return [3]int{
			b.count(`SELECT count(*) FROM enrollment.registrations`),
			b.count(`SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_registration_mail'`),
			b.count(`SELECT count(*) FROM audit.entries WHERE action = 'registration.start'`),
		}
	}
	for i, email := range []string{beasMail, "nobody@example.test"} {
		before, req := traces(), bea()
		req.Email = email
		id := b.start(req)
		if after := traces(); len(id) != 36 || after != [3]int{before[0] + 1, before[1] + 1, before[2] + 1} {
			t.Errorf("%d: the answer is %q, the traces %v after %v", i, id, after, before)
		}
		for range maxTries {
			_, err := b.confirm(id, "12345678")
			refused(t, err, errs.Invalid, "code_wrong")
		}
		_, err := b.confirm(id, "12345678")
		refused(t, err, errs.Precondition, "code_spent")
	}
	b.eventually("the mailbox to be told", func() bool { return len(b.outbox.to(beasMail, "already have")) == 1 })
	b.code("nobody@example.test")
	if n := len(b.outbox.to(beasMail, "code")); n != 1 {
		t.Errorf("who has an account got %d codes", n)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
}

// TestAnAccountThatIsSomebodyStaysSo: the address was moved in auth, so that
// only confirming finds the account.
func TestAnAccountThatIsSomebodyStaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.register(bea())
	b.exec(`UPDATE enrollment.contact_points SET value = 'old@example.test'`)
	id := b.start(bea())
	b.eventually("a second code", func() bool { return len(b.outbox.to(beasMail, "code")) == 2 })
	_, err := b.confirm(id, b.code(beasMail))
	refused(t, err, errs.Precondition, "already_active")
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
}

func TestTheSameFormTwiceMailsOneCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := bea()
	id := b.start(req)
	if again := b.start(req); again != id {
		t.Errorf("the same form made %s and %s", id, again)
	}
	code := b.code(beasMail)
	var tries sync.WaitGroup
	for range 4 {
		tries.Go(func() {
			if res, err := b.confirm(id, code); err != nil || res.GetTicket() == "" {
				t.Errorf("confirming at the same time: %v %v", res, err)
			}
		})
	}
	tries.Wait()
	b.wantCount(1, `SELECT count(*) FROM enrollment.registrations`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.register'`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_registration_mail'`)
}

func TestCodesOfRegistrationsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.start(bea())
	code := b.code(beasMail)
	b.clock.Move(codeLifetime + time.Second)
	b.database.MoveClock(t, codeLifetime+time.Second)
	_, err := b.confirm(id, code)
	refused(t, err, errs.Precondition, "code_expired")
	_, err = b.confirm("not an id", code)
	refused(t, err, errs.Precondition, "code_expired")
	_, err = b.confirm(ids.NewUUID().String(), code)
	refused(t, err, errs.Precondition, "code_expired")
}

func TestWhoCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for field, change := range map[string][]func(r *enrollmentv1.StartRegistrationRequest){
		"given_name": {
			func(r *enrollmentv1.StartRegistrationRequest) { r.GivenName = "  " },
			func(r *enrollmentv1.StartRegistrationRequest) { r.GivenName = strings.Repeat("x", 200) },
			func(r *enrollmentv1.StartRegistrationRequest) { r.GivenName = "🙂" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.GivenName = "Bea 🙂" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.GivenName = "<b>Bea</b>" },
		},
		"family_name": {func(r *enrollmentv1.StartRegistrationRequest) { r.FamilyName = "123" }},
		"birth_date": {
			func(r *enrollmentv1.StartRegistrationRequest) { r.BirthDate = "1981-02-30" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.BirthDate = "2199-01-01" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.BirthDate = "1896-01-01" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.BirthDate = "2015-01-01" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.BirthDate = "" },
		},
		"email": {
			func(r *enrollmentv1.StartRegistrationRequest) { r.Email = "bea" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.Email = "bea@" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.Email = "béa@example.test" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.Email = "Bea <bea@example.test>" },
			func(r *enrollmentv1.StartRegistrationRequest) { r.Email = strings.Repeat("x", 250) + "@example.test" },
		},
		"activation_id": {func(r *enrollmentv1.StartRegistrationRequest) { r.ActivationId = "mine" }},
	} {
		for i, spoil := range change {
			req := bea()
			spoil(req)
			_, err := b.client.StartRegistration(t.Context(), req)
			if fields := errs.FieldsOf(err); errs.CodeOf(err) != errs.Invalid || len(fields) != 1 || fields[0].Name != field {
				t.Errorf("%s %d: %v %v", field, i, err, fields)
			}
		}
	}
	b.wantCount(0, `SELECT count(*) FROM enrollment.registrations`)
	odd := bea()
	odd.GivenName, odd.FamilyName, odd.BirthDate, odd.Email = "D’Angelo  Jr.", "李", "1940-02-29", "bea@xn--bcher-kva.test"
	res := b.register(odd)
	if f := b.published(res.GetPatientId()); f.GetGivenName() != "D'Angelo Jr." || f.GetFamilyName() != "李" {
		t.Errorf("the facts are %v", f)
	}
	// The same mailbox in its other spelling.
	odd.Email, odd.IdempotencyKey = "bea@Bücher.test", ids.NewUUID().String()
	b.start(odd)
	b.eventually("the mailbox to be told", func() bool { return len(b.outbox.to("bea@xn--bcher-kva.test", "already have")) == 1 })
}

func TestRegistrationsAreThrottledAndForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		b.start(bea())
	}
	_, err := b.client.StartRegistration(t.Context(), bea())
	refused(t, err, errs.Throttled, "too_many_tries")
	if wait := errs.RetryAfterOf(err); wait <= 15*time.Minute || wait > time.Hour {
		t.Errorf("to wait %s", wait)
	}
	b.typed("PM-1", "Nobody", "1980-01-01")
	closed := b.typed("PM-2", "Nobody", "1980-01-01")
	b.exec(`UPDATE enrollment.activation_cases SET closed_at = now() WHERE reference = $1`, closed.GetReference())
	b.database.MoveClock(t, 25*time.Hour)
	must(t, b.service.sweep(t.Context()))
	b.wantCount(0, `SELECT count(*) FROM enrollment.registrations`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.activations WHERE typed IS NOT NULL`)
}
