package scheduling

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// clerk is somebody of the staff with a browser, and a patient on the phone.
type clerk struct {
	*someone
	account ids.AccountID
}

func (b *bundle) addClerk(p *someone) *clerk {
	at := *p // its browser is the clerk's own
	at.browser = "browser-" + ids.NewUUID().String()
	return &clerk{someone: &at, account: ids.New[ids.AccountID]()}
}

func (c *clerk) ctx() context.Context {
	return as(c.b.t.Context(), c.account, rpcv1.Role_ROLE_STAFF)
}

func (c *clerk) answerFor() {
	c.b.t.Helper()
	_, err := c.b.s.SaveAnswersFor(c.ctx(), &schedulingv1.SaveAnswersForRequest{BrowserId: c.browser, Answers: c.answers()})
	must(c.b.t, err)
}

func (c *clerk) request(h *schedulingv1.Hold) *schedulingv1.BookForRequest {
	return &schedulingv1.BookForRequest{
		PatientId: c.patient.String(), BrowserId: c.browser, HoldId: h.GetHoldId(), ConsentId: c.consent, IdempotencyKey: c.b.key(),
	}
}

func (c *clerk) bookedFor(d *doctor, start time.Time) *schedulingv1.Appointment {
	c.b.t.Helper()
	h := c.hold(d, start)
	c.answerFor()
	res, err := c.b.s.BookFor(c.ctx(), c.request(h))
	must(c.b.t, err)
	if res.GetAppointment() == nil {
		c.b.t.Fatalf("the booking was lost: %s", res.GetLost())
	}
	return res.GetAppointment()
}

// say makes the patient's consent one that was only said.
func (p *someone) say() {
	p.facts.GetConsents()[0].Method = "verbal"
	p.b.patients.publish(p.patient.String(), p.facts)
	p.b.follow()
}

func TestStaffBookForAPatient(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	c := b.addClerk(p)
	h := c.hold(d, tomorrow)
	c.answerFor()
	req := c.request(h)
	first, err := b.s.BookFor(c.ctx(), req)
	must(t, err)
	again, err := b.s.BookFor(c.ctx(), req)
	must(t, err)
	if first.GetAppointment() == nil || !proto.Equal(first, again) {
		t.Fatalf("the repeat differs:\n%v\n%v", first, again)
	}
	twice := proto.CloneOf(req)
	twice.IdempotencyKey = b.key()
	if again, err = b.s.BookFor(c.ctx(), twice); err != nil || again.GetAppointment().GetAppointmentId() != first.GetAppointment().GetAppointmentId() {
		t.Fatalf("the form sent twice: %v %v", again, err)
	}
	if first.GetAppointment().GetConsentDue() {
		t.Error("a consent in writing is said to be due")
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked' AND by_desk AND consent_method = 'written'`: 1,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.book' AND detail->>'by' = 'staff' AND patient_id = '` + p.patient.String() +
			`' AND account_id = '` + c.account.String() + `'`: 1,
		`SELECT count(*) FROM scheduling.river_job WHERE kind = 'confirmation_mail' AND args->>'desk' = 'true'`: 1,
	} {
		if n := b.count(sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	mine, err := b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: first.GetAppointment().GetAppointmentId()})
	must(t, err)
	if mine.GetAppointment().GetAnswers().GetReason() != "a cough that stays" {
		t.Errorf("the patient reads %v", mine.GetAppointment().GetAnswers())
	}
}

// What staff typed they can read until it is booked, and never again.
func TestStaffCannotReadBackWhatTheyTyped(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, c := b.addDoctor("America/New_York", "NY"), b.addClerk(b.addPatient("en"))
	h := c.hold(d, tomorrow)
	c.answerFor()
	read := func() *schedulingv1.Answers {
		got, err := b.s.GetHold(c.ctx(), &schedulingv1.GetHoldRequest{BrowserId: c.browser})
		must(t, err)
		return got.GetHold().GetAnswers()
	}
	if read().GetReason() == "" {
		t.Error("the answers cannot be checked before booking")
	}
	res, err := b.s.BookFor(c.ctx(), c.request(h))
	must(t, err)
	if got := read(); got != nil {
		t.Errorf("after booking the hold still says %v", got)
	}
	look, err := b.s.GetAppointmentFor(c.ctx(), &schedulingv1.GetAppointmentForRequest{
		PatientId: c.patient.String(), AppointmentId: res.GetAppointment().GetAppointmentId(),
	})
	must(t, err)
	list, err := b.s.ListAppointmentsFor(c.ctx(), &schedulingv1.ListAppointmentsForRequest{PatientId: c.patient.String()})
	must(t, err)
	for _, m := range append(list.GetUpcoming(), look.GetAppointment()) {
		if m.GetAnswers() != nil || m.GetDecision() != nil || m.GetReference() == "" {
			t.Errorf("staff read %v", m)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action IN ('appointment.list', 'appointment.read') AND patient_id IS NOT NULL`); n != 2 {
		t.Errorf("%d reads are recorded", n)
	}
}

// What was only said is enough at the desk; nobody else may book with it, and it
// is due until the patient signs.
func TestConsentThatWasOnlySaid(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.say()
	h := p.hold(d, tomorrow)
	p.answer()
	lost(t, p.book(h).GetLost(), LostConsent)

	c := b.addClerk(p)
	a := c.bookedFor(d, tomorrow.Add(2*time.Hour))
	second := c.bookedFor(d, tomorrow.Add(4*time.Hour))
	if !a.GetConsentDue() || !second.GetConsentDue() {
		t.Fatalf("it is not due: %v", a)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked' AND consent_method = 'verbal' AND decision->'ask'->>'written_consent' = 'true'`); n != 2 {
		t.Errorf("%d decisions are stored as made", n)
	}
	sign := &schedulingv1.SignConsentRequest{AppointmentId: a.GetAppointmentId(), ConsentId: p.consent, IdempotencyKey: b.key()}
	_, err := b.s.SignConsent(p.ctx(), sign)
	refused(t, err, errs.Precondition, "consent_missing")
	written := ids.NewUUID().String()
	p.facts.Consents = append(p.facts.GetConsents(), consentOf(written))
	b.patients.publish(p.patient.String(), p.facts) // not followed yet: it is fetched
	sign.ConsentId, sign.IdempotencyKey = written, b.key()
	q := b.addPatient("en")
	_, err = b.s.SignConsent(q.ctx(), sign)
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.SignConsent(c.ctx(), sign) // staff cannot sign for anybody
	refused(t, err, errs.NotFound, "appointment_missing")
	res, err := b.s.SignConsent(p.ctx(), sign)
	must(t, err)
	if res.GetSigned() != 2 {
		t.Errorf("%d visits are signed for", res.GetSigned())
	}
	mine, err := b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: second.GetAppointmentId()})
	must(t, err)
	if mine.GetAppointment().GetConsentDue() {
		t.Error("it is still due")
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.consent'`); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestStaffMoveAndCancelForAPatient(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	c, other := b.addClerk(p), b.addClerk(b.addPatient("en"))
	a := p.booked(d, tomorrow)
	to := func(who *clerk, id string, start time.Time) *schedulingv1.RescheduleForRequest {
		return &schedulingv1.RescheduleForRequest{
			PatientId: who.patient.String(), AppointmentId: id, PhysicianId: d.id.String(), Start: timestamppb.New(start), IdempotencyKey: b.key(),
		}
	}
	// With another patient on the phone, the appointment does not exist.
	_, err := b.s.RescheduleFor(other.ctx(), to(other, a.GetAppointmentId(), tomorrow.Add(time.Hour)))
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.CancelFor(other.ctx(), &schedulingv1.CancelForRequest{PatientId: other.patient.String(), AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.GetAppointmentFor(other.ctx(), &schedulingv1.GetAppointmentForRequest{PatientId: other.patient.String(), AppointmentId: a.GetAppointmentId()})
	refused(t, err, errs.NotFound, "appointment_missing")
	// Nor do a patient's own methods serve staff.
	_, err = b.s.Cancel(c.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "appointment_missing")

	// A time that is taken leaves the old one as it was.
	other.bookedFor(d, tomorrow.Add(2*time.Hour))
	res, err := b.s.RescheduleFor(c.ctx(), to(c, a.GetAppointmentId(), tomorrow.Add(2*time.Hour)))
	must(t, err)
	lost(t, res.GetLost(), LostTaken)
	if len(res.GetNearest()) != 3 {
		t.Errorf("%d times are offered", len(res.GetNearest()))
	}
	// A newer consent took the place of the one that the visit was booked with.
	p.facts.Consents = []*enrollmentv1.Consent{consentOf(ids.NewUUID().String())}
	b.patients.publish(p.patient.String(), p.facts)
	b.follow()
	res, err = b.s.RescheduleFor(c.ctx(), to(c, a.GetAppointmentId(), tomorrow.Add(4*time.Hour)))
	must(t, err)
	if res.GetAppointment().GetReference() != a.GetReference() {
		t.Fatalf("moved: %v", res)
	}
	found, err := b.s.FindByReference(c.ctx(), &schedulingv1.FindByReferenceRequest{Reference: strings.ToLower(strings.ReplaceAll(a.GetReference(), "-", " "))})
	must(t, err)
	if found.GetPatientId() != p.patient.String() {
		t.Errorf("the reference leads to %q", found.GetPatientId())
	}
	none, err := b.s.FindByReference(c.ctx(), &schedulingv1.FindByReferenceRequest{Reference: "nothing at all"})
	if err != nil || none.GetPatientId() != "" {
		t.Errorf("no reference leads to %v, %v", none, err)
	}
	gone, err := b.s.CancelFor(c.ctx(), &schedulingv1.CancelForRequest{
		PatientId: p.patient.String(), AppointmentId: res.GetAppointment().GetAppointmentId(), IdempotencyKey: b.key(),
	})
	must(t, err)
	if gone.GetAppointment().GetStatus() != "canceled" {
		t.Errorf("canceled: %v", gone)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action IN ('appointment.move', 'appointment.cancel') AND detail->>'by' = 'staff' AND account_id = '` + c.account.String() + `'`); n != 2 {
		t.Errorf("%d entries say who did it", n)
	}
}

func TestStaffLoseATimeAsAnybodyDoes(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	c := b.addClerk(p)

	// The plan ends before the visit.
	h := c.hold(d, tomorrow)
	c.answerFor()
	p.facts.GetCoverages()[0].To = "2027-03-01"
	b.patients.publish(p.patient.String(), p.facts)
	b.follow()
	res, err := b.s.BookFor(c.ctx(), c.request(h))
	must(t, err)
	lost(t, res.GetLost(), LostCoverage)
	_, err = b.s.SaveAnswersFor(c.ctx(), &schedulingv1.SaveAnswersForRequest{BrowserId: c.browser, Answers: c.answers()})
	refused(t, err, errs.Invalid, "invalid_fields")
	self := c.answers()
	self.Payment, self.CoverageId = PaySelf, ""
	_, err = b.s.SaveAnswersFor(c.ctx(), &schedulingv1.SaveAnswersForRequest{BrowserId: c.browser, Answers: self})
	must(t, err)

	// The license lapses between hold and booking.
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	b.follow()
	res, err = b.s.BookFor(c.ctx(), c.request(h))
	must(t, err)
	lost(t, res.GetLost(), LostLicense)
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "active" })
	b.follow()

	// The hold is about somebody else, or somebody else's.
	q := b.addPatient("en")
	wrong := c.request(h)
	wrong.PatientId = q.patient.String()
	_, err = b.s.BookFor(c.ctx(), wrong)
	refused(t, err, errs.NotFound, "patient_missing")
	stranger := b.addClerk(p)
	_, err = b.s.BookFor(stranger.ctx(), c.request(h))
	refused(t, err, errs.NotFound, "hold_missing")
	for _, id := range []string{"", "none", ids.NewUUID().String()} {
		wrong.PatientId = id
		_, err = b.s.BookFor(c.ctx(), wrong)
		refused(t, err, errs.NotFound, "patient_missing")
	}
	if res, err = b.s.BookFor(c.ctx(), c.request(h)); err != nil || res.GetAppointment() == nil {
		t.Fatalf("in the end: %v %v", res, err)
	}
}

// Two of the staff at once, with two callers who want the same time.
func TestTwoStaffWantOneTime(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	var clerks []*clerk
	var holds []*schedulingv1.Hold
	for range 2 {
		c := b.addClerk(b.addPatient("en"))
		holds = append(holds, c.hold(d, tomorrow))
		c.answerFor()
		clerks = append(clerks, c)
		b.moveTo(b.clock.Now().Add(11 * time.Minute)) // the first hold expires; its time is free again
	}
	var wait sync.WaitGroup
	won := make([]*schedulingv1.BookForResponse, 2)
	for i, c := range clerks {
		wait.Go(func() {
			res, err := b.s.BookFor(c.ctx(), c.request(holds[i]))
			if err != nil {
				t.Errorf("clerk %d: %v", i, err)
			}
			won[i] = res
		})
	}
	wait.Wait()
	if (won[0].GetAppointment() == nil) == (won[1].GetAppointment() == nil) {
		t.Errorf("both or neither: %v, %v", won[0], won[1])
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`); n != 1 {
		t.Errorf("%d appointments", n)
	}
}

// An adult on somebody else's plan: what staff book for them is theirs alone.
func TestWhatStaffBookIsSeenByThePatientAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, subscriber, adult := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	adult.facts.Email = "adult@example.test"
	adult.facts.GetCoverages()[0].MemberId = subscriber.plan // the same family's plan
	b.patients.publish(adult.patient.String(), adult.facts)
	b.follow()
	a := b.addClerk(adult).bookedFor(d, tomorrow)
	list, err := b.s.ListAppointments(subscriber.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming()) != 0 {
		t.Errorf("the subscriber sees %v", list.GetUpcoming())
	}
	_, err = b.s.GetAppointment(subscriber.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()})
	refused(t, err, errs.NotFound, "appointment_missing")
	must(t, b.s.sendMail(t.Context(), mustUUID(t, a.GetAppointmentId()), a.GetVersion(), mailing{desk: true}))
	if len(b.outbox.mails) != 1 || b.outbox.mails[0].To != "adult@example.test" {
		t.Errorf("the mail goes to %v", b.outbox.mails)
	}
}

func TestMailAboutWhatStaffDid(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.s.d.HelpPhone = "1-800-555-0142"
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	for i, one := range []struct{ language, booked, due, call string }{
		{"en", "Our staff booked it for you", "consent in writing is still due", "call us: 1-800-555-0142"},
		{"es", "Nuestro personal reservó esta visita", "Falta su consentimiento por escrito", "llámenos: 1-800-555-0142"},
	} {
		p := b.addPatient(one.language)
		p.say()
		a := b.addClerk(p).bookedFor(d, tomorrow.Add(time.Duration(i)*time.Hour))
		must(t, b.s.sendMail(t.Context(), mustUUID(t, a.GetAppointmentId()), a.GetVersion(), mailing{desk: true}))
		m := b.outbox.mails[len(b.outbox.mails)-1]
		for _, want := range []string{one.booked, one.due, one.call, a.GetReference()} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("the mail in %s lacks %q:\n%s", one.language, want, m.Text)
			}
		}
		if strings.Contains(m.Text, "cough") || strings.Contains(m.Text, "Marlow") {
			t.Errorf("the mail says too much:\n%s", m.Text)
		}
	}
}

func mustUUID(t *testing.T, id string) uuid.UUID {
	t.Helper()
	parsed, err := uuid.Parse(id)
	must(t, err)
	return parsed
}
