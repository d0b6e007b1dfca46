package scheduling

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/once"
	"google.golang.org/protobuf/proto"
)

// tomorrow is a time that everybody in the tests may book.
var tomorrow = monday.Add(25 * time.Hour)

func TestBookTheWholeWay(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")

	h := p.hold(d, tomorrow)
	if got := h.GetExpiresAt().AsTime().Sub(b.clock.Now()); got < HoldFor-5*time.Second || got > HoldFor {
		t.Fatalf("the hold lasts %s", got)
	}
	p.answer()
	res := p.book(h)
	a := res.GetAppointment()
	if a == nil || a.GetStatus() != "booked" || len(a.GetReference()) != 9 {
		t.Fatalf("got %v", res)
	}
	if d := a.GetDecision(); !d.GetAllowed() || d.GetLicenseNumber() != "T-NY" || d.GetRuleVersion() == "" {
		t.Fatalf("the decision is not there: %v", d)
	}
	if a.GetPatientName() != "" || a.GetAnswers() != nil || a.GetBirthDate() != "" {
		t.Fatalf("the kept answer holds what it must not: %v", a)
	}
	if a.GetPayerName() != "Larkspur Health Plan" || a.GetPriceCents() != 0 {
		t.Fatalf("payment: %v", a)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`:                                                                            1,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'converted' AND became IS NOT NULL`:                                                  1,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.book' AND patient_id IS NOT NULL`:                                                 1,
		`SELECT count(*) FROM scheduling.river_job WHERE kind = 'confirmation_mail'`:                                                                      1,
		`SELECT count(*) FROM scheduling.reservations WHERE position('cough' in encode(answers, 'escape')) > 0`:                                           0,
		`SELECT count(*) FROM scheduling.idempotency WHERE position('Alma' in encode(response, 'escape')) > 0`:                                            0,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked' AND decision->>'reason' = 'ok'`:                                             1,
		`SELECT count(*) FROM scheduling.river_job WHERE args::text LIKE '%Alma%' OR args::text LIKE '%cough%'`:                                           0,
		`SELECT count(*) FROM scheduling.feed WHERE topic = 'calendar' AND key IN (SELECT physician_id::text FROM scheduling.physicians) AND version > 2`: 2,
	} {
		if got := b.count(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if got.GetHold().GetAppointmentId() != a.GetAppointmentId() {
		t.Fatalf("the hold does not lead to its appointment: %v", got)
	}
}

func TestRetriedBookingHasOneEffect(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	h := p.hold(d, tomorrow)
	p.answer()
	req := p.bookRequest(h)
	first, err := b.s.Book(p.ctx(), req)
	must(t, err)
	again, err := b.s.Book(p.ctx(), req)
	must(t, err)
	if !proto.Equal(first, again) {
		t.Fatalf("the repeat differs:\n%v\n%v", first, again)
	}
	other := proto.CloneOf(req)
	other.ConsentId = "another"
	_, err = b.s.Book(p.ctx(), other)
	refused(t, err, errs.Conflict, once.ReasonReused)
	otherKey := proto.CloneOf(req)
	otherKey.IdempotencyKey = b.key()
	same, err := b.s.Book(p.ctx(), otherKey)
	must(t, err)
	if same.GetAppointment().GetAppointmentId() != first.GetAppointment().GetAppointmentId() {
		t.Fatal("a second form made a second appointment")
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`); n != 1 {
		t.Fatalf("%d appointments", n)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.river_job`); n != 1 {
		t.Fatalf("%d mails", n)
	}
}

func TestBookAfterTheHoldExpired(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	h := p.hold(d, tomorrow)
	p.answer()
	b.moveTo(monday.Add(11 * time.Minute))

	// Stale, but nobody came: it books, whether the timer saw it or not.
	must(t, b.s.expireStale(t.Context()))
	if res := p.book(h); res.GetAppointment() == nil {
		t.Fatalf("lost: %v", res)
	}
	// Stale, and somebody came.
	later := tomorrow.Add(time.Hour)
	h = p.hold(d, later)
	p.answer()
	b.moveTo(monday.Add(25 * time.Minute))
	q.booked(d, later)
	res := p.book(h)
	lost(t, res.GetLost(), LostTaken)
	if len(res.GetNearest()) != 3 {
		t.Fatalf("%d nearest times", len(res.GetNearest()))
	}
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if !got.GetHold().GetExpired() || got.GetHold().GetAnswers().GetReason() != "a cough that stays" {
		t.Fatalf("the answers are gone: %v", got)
	}
}

func TestPatientIsAtOnePlaceAtATime(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.booked(d, tomorrow)
	phone := *p
	phone.browser += "-phone"
	h := phone.hold(e, tomorrow.Add(15*time.Minute))
	phone.answer()
	res := phone.book(h)
	lost(t, res.GetLost(), LostPatientBusy)
	if len(res.GetNearest()) == 0 {
		t.Fatal("no other times offered")
	}
	// The hold is as it was.
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'held'`); n != 1 {
		t.Fatalf("%d holds", n)
	}
	// Right after is fine.
	phone.booked(e, tomorrow.Add(30*time.Minute))
}

func TestBookNeedsConsentCoverageAndAnswers(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	h := p.hold(d, tomorrow)
	_, err := b.s.Book(p.ctx(), p.bookRequest(h))
	refused(t, err, errs.NotFound, "hold_missing") // it is nobody's yet
	p.answer()

	req := p.bookRequest(h)
	req.ConsentId = "never given"
	res, err := b.s.Book(p.ctx(), req)
	must(t, err)
	lost(t, res.GetLost(), LostConsent)

	p.facts.Coverages[0].To = "2027-03-01" // the day before
	b.patients.publish(p.patient.String(), p.facts)
	b.follow()
	lost(t, p.book(h).GetLost(), LostCoverage)

	self := p.answers()
	self.Payment, self.CoverageId = PaySelf, ""
	_, err = b.s.SaveAnswers(p.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: p.browser, Answers: self})
	must(t, err)
	a := p.book(h).GetAppointment()
	if a.GetPriceCents() != 7900 || a.GetPayerName() != "" {
		t.Fatalf("self-pay: %v", a)
	}
}

func TestBookFetchesWhatTheFeedHasNotBrought(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	p := b.newPatient("en") // published, not followed
	p.facts.Consents = nil
	b.patients.publish(p.patient.String(), p.facts)
	h := p.hold(d, tomorrow)
	p.answer()
	p.facts = proto.CloneOf(p.facts)
	p.consent = "given just now"
	p.facts.Consents = append(p.facts.Consents, consentOf(p.consent))
	b.patients.publish(p.patient.String(), p.facts)
	if res := p.book(h); res.GetAppointment() == nil {
		t.Fatalf("lost: %v", res)
	}
	// With enrollment away, who is known can still book.
	b.patients.away = true
	p.booked(d, tomorrow.Add(time.Hour))
}

func TestOthersAppointmentsDoNotExist(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	_, err := b.s.GetAppointment(q.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()})
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.Cancel(q.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "appointment_missing")
	list, err := b.s.ListAppointments(q.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming())+len(list.GetPast()) != 0 {
		t.Fatalf("somebody else's list: %v", list)
	}
	// Another's patient cannot be answered for, nor another's hold be booked.
	h := q.hold(d, tomorrow.Add(time.Hour))
	theirs := q.answers()
	theirs.PatientId = p.patient.String()
	_, err = b.s.SaveAnswers(q.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: q.browser, Answers: theirs})
	refused(t, err, errs.NotFound, "patient_missing")
	q.answer()
	_, err = b.s.Book(p.ctx(), q.bookRequest(h))
	refused(t, err, errs.NotFound, "hold_missing")
	// Whoever signs in after them on the same browser does not see answers.
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: q.browser})
	must(t, err)
	if got.GetHold().GetAnswers() != nil {
		t.Fatal("answers shown to another account")
	}
}
