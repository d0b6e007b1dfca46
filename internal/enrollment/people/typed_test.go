package people

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func TestTypedDetailsMakeAPatient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	a := b.start("pm100200", "GARCIA-LOPEZ", "1980-05-06")
	code := b.code("anna@example.test")
	_, err := b.confirm(a.GetActivationId(), "0000 0000x")
	refused(t, err, errs.Invalid, "code_wrong")
	first, err := b.confirm(a.GetActivationId(), " "+strings.Replace(code, " ", "-", 1))
	must(t, err)
	again, err := b.confirm(a.GetActivationId(), code)
	must(t, err)
	if first.GetTicket() == "" || first.GetReference() != "" || first.GetPatientId() != again.GetPatientId() || first.GetTicket() != again.GetTicket() {
		t.Fatalf("confirming answers %v, then %v", first, again)
	}
	patient, err := ids.Parse[ids.PatientID](first.GetPatientId())
	must(t, err)
	if version, f := b.published(patient); version != 1 || f.GetLanguage() != "en" {
		t.Errorf("version %d, facts %v", version, f)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.acts_for`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.activations WHERE state = 'confirmed'`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.contact_points WHERE verified_at IS NOT NULL AND source = 'patient'`)
	b.wantCount(3, `SELECT count(*) FROM enrollment.contact_points WHERE source = 'roster'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.activate' AND patient_id IS NOT NULL AND account_id IS NOT NULL`)
	eventually(t, "the roster's address to be told", func() bool { return len(b.outbox.to("anna@example.test")) == 2 })
	if len(b.reasons()) != 0 {
		t.Errorf("cases %v", b.reasons())
	}
}

// TestTypedDetailsTellNothing: whoever is meant, the answer and what it leaves
// behind have the same shape; only staff and the right mailbox learn more.
func TestTypedDetailsTellNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fits := anna()
	subscriber := b.with(fits)
	add := func(p person) { b.with(p) }
	add(person{number: "PM-1", given: "Mia", family: "Young", born: "2015-02-03", email: "mia@example.test"})
	add(person{number: "PM-2", given: "Tom", family: "Twin", born: "1990-02-03", email: "tom@example.test"})
	tom := b.count(`SELECT count(*) FROM enrollment.members`)
	add(person{number: "PM-3", given: "Nora", family: "Nomail", born: "1990-02-03"})
	add(person{number: fits.number, own: "PM-4", given: "Luis", family: "García", born: "1990-02-03", email: fits.email, of: subscriber})
	add(person{number: "PM-5", given: "Zoe", family: "Again", born: "1990-02-03", email: "zoe@example.test"})
	if tom != 3 {
		t.Fatalf("%d members", tom)
	}
	b.exec(`INSERT INTO enrollment.members SELECT (jsonb_populate_record(m, jsonb_build_object('member_id', gen_random_uuid(), 'given_name', 'Tim',
		'person_key', 'tim', 'is_subscriber', false, 'subscriber_member_id', m.member_id, 'email', 'tim@example.test'))).*
		FROM enrollment.members m WHERE m.given_name = 'Tom'`)
	b.activate(person{number: "PM-5", family: "Again", born: "1990-02-03", email: "zoe@example.test"})

	jobs := func() int {
		return b.count(`SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_code_mail'`)
	}
	for _, c := range []struct{ name, number, family, born, reason string }{
		{"wrong number", "PM-100 201", "García López", "1980-05-06", reasonNoMatch},
		{"wrong name", "PM-100 200", "Gracia", "1980-05-06", reasonNoMatch},
		{"wrong birth date", "PM-100 200", "García López", "1980-06-05", reasonNoMatch},
		{"a minor", "PM-1", "Young", "2015-02-03", reasonMinor},
		{"twins", "PM-2", "Twin", "1990-02-03", reasonSeveral},
		{"no e-mail", "PM-3", "Nomail", "1990-02-03", reasonNoEmail},
		{"the subscriber's e-mail", "PM-4", "García", "1990-02-03", reasonSharedEmail},
		{"an account already", "PM-5", "Again", "1990-02-03", reasonAlreadyActive},
		{"everything right", "PM-100 200", "García López", "1980-05-06", ""},
	} {
		before, audited := jobs(), b.audited("activation.start")
		a := b.start(c.number, c.family, c.born)
		if len(a.GetActivationId()) != 36 || len(a.GetReference()) != 9 {
			t.Errorf("%s: the answer is %v", c.name, a)
		}
		if jobs() != before+1 || b.audited("activation.start") != audited+1 {
			t.Errorf("%s: it left other traces", c.name)
		}
		if got := b.reasons()[a.GetReference()]; got != c.reason {
			t.Errorf("%s: the case says %q, want %q", c.name, got, c.reason)
		}
		for range maxTries {
			_, err := b.confirm(a.GetActivationId(), "12345678")
			refused(t, err, errs.Invalid, "code_wrong")
		}
		_, err := b.confirm(a.GetActivationId(), "12345678")
		refused(t, err, errs.Precondition, "code_spent")
	}
	b.code("anna@example.test") // the last one's
	eventually(t, "the one with an account to be told", func() bool {
		mails := b.outbox.to("zoe@example.test")
		return strings.Contains(mails[len(mails)-1].Subject, "already have")
	})
	for _, nobody := range []string{"mia@example.test", "tom@example.test", "tim@example.test"} {
		if got := b.outbox.to(nobody); len(got) != 0 {
			t.Errorf("%s got %v", nobody, got)
		}
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.activations WHERE state = 'to_staff' AND (proven_at IS NOT NULL OR member_id IS NOT NULL)`)
}

func TestTypedDetailsThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, req := range []*enrollmentv1.StartActivationRequest{
		{MemberId: "", FamilyName: "Smith", BirthDate: "1980-05-06"},
		{MemberId: "PM-1", FamilyName: "🙂", BirthDate: "1980-05-06"},
		{MemberId: "PM-1", FamilyName: strings.Repeat("x", 201), BirthDate: "1980-05-06"},
		{MemberId: strings.Repeat("1", 201), FamilyName: "Smith", BirthDate: "1980-05-06"},
		{MemberId: "PM-1", FamilyName: "Smith", BirthDate: "1981-02-29"},
	} {
		_, err := b.client.StartActivation(t.Context(), req)
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
		if len(errs.FieldsOf(err)) != 1 {
			t.Errorf("%v: fields %v", req, errs.FieldsOf(err))
		}
	}
	b.wantCount(0, `SELECT count(*) FROM enrollment.activations`)
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	a := b.start("PM-100 200", "García", "1980-05-06")
	code := b.code("anna@example.test")
	b.move(codeLifetime + time.Second)
	_, err := b.confirm(a.GetActivationId(), code)
	refused(t, err, errs.Precondition, "code_expired")
	_, err = b.confirm(ids.NewUUID().String(), code)
	refused(t, err, errs.Precondition, "code_expired")
	_, err = b.confirm("x", code)
	refused(t, err, errs.Precondition, "code_expired")
	must(t, b.service.sweep(t.Context()))
	b.wantCount(1, `SELECT count(*) FROM enrollment.activations WHERE state = 'expired'`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.patients`)
}

func TestAccountTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := anna()
	b.with(first)
	b.activate(first)
	// The payer moves the address to another person.
	b.exec(`UPDATE enrollment.members SET email = ''`)
	second := anna()
	second.number, second.given = "PM-7", "Berta"
	m := b.with(second)
	b.invite(m)
	token := b.link("anna@example.test")
	eventually(t, "the mails of the first", func() bool { return len(b.outbox.to("anna@example.test")) >= 2 })

	a := b.start("PM-7", "García", "1980-05-06")
	seen := len(b.outbox.to("anna@example.test"))
	eventually(t, "the code", func() bool {
		return b.count(`SELECT count(*) FROM enrollment.activations WHERE state = 'code_sent'`) == 1 || len(b.outbox.to("anna@example.test")) > seen
	})
	for range 2 {
		res, err := b.confirm(a.GetActivationId(), b.code("anna@example.test"))
		must(t, err)
		if res.GetTicket() != "" || res.GetPatientId() != "" || res.GetReference() != a.GetReference() {
			t.Fatalf("a taken account gets %v", res)
		}
	}
	for range 2 {
		res, err := b.accept(token, "1980-05-06")
		must(t, err)
		if res.GetTicket() != "" || b.reasons()[res.GetReference()] != reasonAccountTaken {
			t.Fatalf("a taken account gets %v by link", res)
		}
	}
	if got := b.reasons(); len(got) != 2 || got[a.GetReference()] != reasonAccountTaken {
		t.Errorf("cases %v", got)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
}

// TestOneAccountForTwoAtOnce: two members prove the same mailbox in the same
// moment; one becomes the account's patient, the other goes to staff.
func TestOneAccountForTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// One woman with two plans: staff say that she is one.
	first, second := anna(), anna()
	second.number = "PM-7"
	b.with(first)
	b.with(second)
	a1 := b.start(first.number, "García", "1980-05-06").GetActivationId()
	c1 := b.code("anna@example.test")
	a2 := b.start("PM-7", "García", "1980-05-06").GetActivationId()
	eventually(t, "the second code", func() bool { return len(b.outbox.to("anna@example.test")) == 2 })
	c2 := b.code("anna@example.test")

	answers := make([]*enrollmentv1.ConfirmActivationResponse, 2)
	var wg sync.WaitGroup
	for i, a := range [][2]string{{a1, c1}, {a2, c2}} {
		wg.Go(func() {
			res, err := b.confirm(a[0], a[1])
			if err != nil {
				t.Errorf("confirming: %v", err)
			}
			answers[i] = res
		})
	}
	wg.Wait()
	tickets := 0
	for _, res := range answers {
		if (res.GetTicket() == "") == (res.GetReference() == "") {
			t.Errorf("neither or both: %v", res)
		}
		if res.GetTicket() != "" {
			tickets++
		} else if b.reasons()[res.GetReference()] != reasonAccountTaken {
			t.Errorf("cases %v", b.reasons())
		}
	}
	if tickets != 1 {
		t.Errorf("%d tickets, want 1", tickets)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.acts_for`)
}

// TestCrashBetween: auth has made the account, our transaction fails; doing it
// again finishes it.
func TestCrashBetween(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	a := b.start("PM-100 200", "García", "1980-05-06")
	code := b.code("anna@example.test")

	b.auth.leave(true)
	_, err := b.confirm(a.GetActivationId(), code)
	refused(t, err, errs.Unavailable, "away")
	b.auth.leave(false)

	b.database.Exec(t, `ALTER TABLE enrollment.acts_for ADD CONSTRAINT crash CHECK (false) NOT VALID`)
	_, err = b.confirm(a.GetActivationId(), code)
	refused(t, err, errs.Internal, "internal")
	b.wantCount(0, `SELECT count(*) FROM enrollment.patients`)
	if b.auth.account("anna@example.test") == (ids.AccountID{}) {
		t.Fatal("auth was not asked")
	}
	b.database.Exec(t, `ALTER TABLE enrollment.acts_for DROP CONSTRAINT crash`)

	var wg sync.WaitGroup
	answers := make([]*enrollmentv1.ConfirmActivationResponse, 8)
	for i := range answers {
		wg.Go(func() {
			res, err := b.confirm(a.GetActivationId(), code)
			if err != nil {
				t.Errorf("confirming at the same time: %v", err)
			}
			answers[i] = res
		})
	}
	wg.Wait()
	for _, res := range answers {
		if res.GetPatientId() == "" || res.GetPatientId() != answers[0].GetPatientId() || res.GetTicket() != answers[0].GetTicket() {
			t.Errorf("answers differ: %v and %v", res, answers[0])
		}
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.activate'`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.feed`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_activated_mail'`)
}

// TestComingOfAge: a child's patient is there; the child, grown up, becomes
// the account of the same patient.
func TestComingOfAge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// Nobody of this age has their birthday on a leap day: on the eve of one,
	// the test lives a day later.
	if tomorrow := b.service.today().AddDate(0, 0, 1); tomorrow.Month() == time.February && tomorrow.Day() == 29 {
		b.move(24 * time.Hour)
	}
	born := b.service.today().AddDate(-18, 0, 1) // tomorrow
	p := anna()
	p.born = born.Format(time.DateOnly)
	m := b.with(p)
	patient, parent := ids.New[ids.PatientID](), ids.New[ids.AccountID]()
	b.exec(`INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES ($1, 'Anna', 'García López', $2, 'en', 'roster')`, patient.UUID, born)
	b.exec(`UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1`, m.UUID, patient.UUID)
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date, until_date)
		VALUES ($1, $2, $3, 'guardian', '2020-01-01', $4)`, ids.NewUUID(), parent.UUID, patient.UUID, b.service.today())
	see := func(account ids.AccountID) int {
		res, err := b.client.Me(b.asPatient(account), &enrollmentv1.MeRequest{})
		must(t, err)
		return len(res.GetPatients())
	}
	if a := b.start(p.number, p.family, p.born); b.reasons()[a.GetReference()] != reasonMinor || see(parent) != 1 {
		t.Fatalf("on the last day: cases %v, the parent sees %d", b.reasons(), see(parent))
	}
	b.move(24 * time.Hour)
	if see(parent) != 0 {
		t.Error("the guardian still acts after the last day")
	}
	got, account := b.activate(p)
	if got != patient || see(account) != 1 {
		t.Errorf("activated as %s, want %s", got, patient)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients`)
}

func TestThrottles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.service.attempts.start.address, b.service.attempts.accept.address = 8, 2
	b.service.attempts.open.address, b.service.attempts.confirm.address = 2, 2
	try := func(number, address string) error {
		_, err := b.client.StartActivation(t.Context(), &enrollmentv1.StartActivationRequest{
			MemberId: number, FamilyName: "Smith", BirthDate: "1980-05-06", Address: address,
		})
		return err
	}
	for range 5 {
		must(t, try("PM-1", "192.0.2.1"))
	}
	refused(t, try("p m 1", "192.0.2.2"), errs.Throttled, "too_many_tries") // the number, from anywhere
	for _, number := range []string{"PM-2", "PM-3", "PM-4"} {
		must(t, try(number, "192.0.2.1"))
	}
	refused(t, try("PM-5", "192.0.2.1"), errs.Throttled, "too_many_tries") // the address
	must(t, try("PM-5", "192.0.2.3"))

	var err error
	for range 3 {
		_, err = b.accept("x", "1980-05-06")
	}
	refused(t, err, errs.Throttled, "too_many_tries")
	if wait := errs.RetryAfterOf(err); wait <= 0 || wait > 15*time.Minute {
		t.Errorf("to wait %s", wait)
	}
	for range 3 {
		_, err = b.confirm(ids.NewUUID().String(), "12345678")
	}
	refused(t, err, errs.Throttled, "too_many_tries")
	for range 3 {
		_, err = b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: "x", Address: "192.0.2.1"})
	}
	refused(t, err, errs.Throttled, "too_many_tries")
}

func TestPace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.service.pace = 300 * time.Millisecond
	began := time.Now()
	b.start("PM-1", "Nobody", "1980-05-06")
	if took := time.Since(began); took < b.service.pace {
		t.Errorf("answered after %s", took)
	}
}
