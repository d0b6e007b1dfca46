package scheduling

import (
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/google/uuid"
)

// plans publishes what a patient is covered by now.
func (p *someone) plans(change func(m *enrollmentv1.PatientFacts)) {
	p.b.t.Helper()
	change(p.facts)
	p.b.patients.publish(p.patient.String(), p.facts)
	p.b.follow()
}

func (p *someone) endsOn(day string) {
	p.b.t.Helper()
	p.plans(func(m *enrollmentv1.PatientFacts) { m.Coverages[0].To = day })
}

// notices tells every open notice by mail, as the queue would, and again.
func (b *bundle) notices() {
	b.t.Helper()
	var all string
	b.database.Query(b.t, `SELECT coalesce(string_agg(args->>'notice_id', ' '), '') FROM scheduling.river_job WHERE kind = 'coverage_mail'`, &all)
	for _, id := range strings.Fields(all) {
		for range 2 { // a job that runs twice tells once
			must(b.t, b.s.tellCoverage(b.t.Context(), uuid.MustParse(id)))
		}
	}
}

// affected is what somebody at the desk sees.
func (b *bundle) affected() []*schedulingv1.AffectedVisit {
	b.t.Helper()
	res, err := b.s.ListAffected(as(b.t.Context(), ids.New[ids.AccountID](), rpcv1.Role_ROLE_STAFF), &schedulingv1.ListAffectedRequest{})
	must(b.t, err)
	return res.GetVisits()
}

func (p *someone) pay(a *schedulingv1.Appointment, how, coverage string) (*schedulingv1.Appointment, error) {
	res, err := p.b.s.ChangePayment(p.ctx(), &schedulingv1.ChangePaymentRequest{
		AppointmentId: a.GetAppointmentId(), Payment: how, CoverageId: coverage, Version: a.GetVersion(), IdempotencyKey: p.b.key(),
	})
	return res.GetAppointment(), err
}

func TestCoverageThatEndsIsToldAndMended(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("es")
	a := p.booked(d, tomorrow) // March 2
	q.booked(d, tomorrow.Add(time.Hour))
	p.endsOn("2027-03-02") // the last covered day is the visit's
	if n := b.count(`SELECT count(*) FROM scheduling.coverage_notices`); n != 0 {
		t.Fatalf("%d notices about a day that is covered", n)
	}
	p.endsOn("2027-03-01")
	q.endsOn("2027-02-28")
	for range 2 {
		p.endsOn("2027-03-01") // a repeat tells nothing new
	}
	b.notices()
	if len(b.outbox.mails) != 2 {
		t.Fatalf("%d mails: %v", len(b.outbox.mails), b.outbox.mails)
	}
	m := b.outbox.mails[0]
	for _, want := range []string{"ended on March 1, 2027", "stays booked", "($79)", "/appointments/" + a.GetAppointmentId() + "/payment"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.Text, "Marlow") || strings.Contains(m.Text, "cough") {
		t.Errorf("the mail says too much:\n%s", m.Text)
	}
	if text := b.outbox.mails[1].Text; !strings.Contains(text, "terminó el 28 de febrero de 2027") {
		t.Errorf("in Spanish:\n%s", text)
	}
	now := p.read(a.GetAppointmentId())
	if len(now.GetTroubles()) != 1 || now.GetTroubles()[0].GetKind() != "coverage" || now.GetTroubles()[0].GetEndedOn() != "2027-03-01" ||
		now.GetTroubles()[0].GetToldAt() == nil || now.GetStatus() != "booked" {
		t.Fatalf("the appointment says %v", now.GetTroubles())
	}
	if list := b.affected(); len(list) != 2 || list[0].GetAppointment().GetAppointmentId() != a.GetAppointmentId() || list[0].GetTrouble().GetReason() != "ended" {
		t.Fatalf("staff see %v", list)
	}
	// The coverage comes back.
	p.endsOn("")
	if now := p.read(a.GetAppointmentId()); len(now.GetTroubles()) != 0 {
		t.Fatalf("still %v", now.GetTroubles())
	}
	// It ends again, and the patient pays without it.
	p.endsOn("2027-02-28")
	now, err := p.pay(p.read(a.GetAppointmentId()), PaySelf, "")
	must(t, err)
	if now.GetPriceCents() != 7900 || now.GetPayerName() != "" || now.GetVersion() != a.GetVersion()+1 || len(p.read(a.GetAppointmentId()).GetTroubles()) != 0 {
		t.Fatalf("paid: %v", now)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.coverage_notices WHERE resolution = 'restored'`:                                    1,
		`SELECT count(*) FROM scheduling.coverage_notices WHERE resolution = 'payment_changed'`:                             1,
		`SELECT count(*) FROM scheduling.coverage_notices WHERE resolved_at IS NULL`:                                        1,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`:                                              2,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.uncovered'`:                                         3,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.covered'`:                                           1,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.pay' AND account_id = '` + p.account.String() + `'`: 1,
	} {
		if got := b.count(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	// A move keeps the new payment, though the coverage is gone.
	if moved := p.move(a.GetAppointmentId(), d, tomorrow.Add(5*time.Hour)); moved.GetAppointment().GetPriceCents() != 7900 {
		t.Fatalf("moved: %v", moved)
	}
}

func TestCoverageThatIsGoneOrNotBegun(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	a, c := p.booked(d, tomorrow), q.booked(d, tomorrow.Add(time.Hour))
	p.plans(func(m *enrollmentv1.PatientFacts) { m.Coverages[0].From = "2027-03-03" })
	q.plans(func(m *enrollmentv1.PatientFacts) { m.Coverages[0].Line = "DEN" })
	for id, who := range map[string]*someone{a.GetAppointmentId(): p, c.GetAppointmentId(): q} {
		want := map[*someone]string{p: "not_begun", q: "gone"}[who]
		if ts := who.read(id).GetTroubles(); len(ts) != 1 || ts[0].GetReason() != want {
			t.Errorf("want %s, got %v", want, ts)
		}
	}
	// One reason gives way to another: never two at once.
	p.plans(func(m *enrollmentv1.PatientFacts) { m.Coverages = nil })
	if ts := p.read(a.GetAppointmentId()).GetTroubles(); len(ts) != 1 || ts[0].GetReason() != "gone" {
		t.Errorf("after all: %v", ts)
	}
	// Canceled: nobody is mailed any more, and staff see it mended.
	_, err := b.s.Cancel(p.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	b.notices()
	if len(b.outbox.mails) != 1 { // the other patient's
		t.Errorf("%d mails", len(b.outbox.mails))
	}
	last := b.affected()
	if n := len(last); n != 3 || last[0].GetTrouble().GetResolution() != "" || last[n-1].GetTrouble().GetResolution() == "" {
		t.Errorf("staff see %v", last)
	}
	// Unresolved at the time of the visit it stays booked, and staff still see it.
	b.moveTo(tomorrow.Add(3 * time.Hour))
	if list := b.affected(); list[0].GetAppointment().GetAppointmentId() != c.GetAppointmentId() || list[0].GetAppointment().GetStatus() != "booked" {
		t.Errorf("after the visit staff see %v", list)
	}
}

// A visit that was booked by facts which changed at that moment is found later.
func TestSweepFindsUncoveredVisits(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	p.endsOn("2027-02-01")
	b.database.Exec(t, `DELETE FROM scheduling.coverage_notices`)
	must(t, b.s.sweepCoverage(t.Context()))
	must(t, b.s.sweepCoverage(t.Context()))
	if ts := p.read(a.GetAppointmentId()).GetTroubles(); len(ts) != 1 {
		t.Fatalf("got %v", ts)
	}
}

func TestChangePaymentRefuses(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	_, err := q.pay(a, PaySelf, "")
	refused(t, err, errs.NotFound, "appointment_missing")
	for _, bad := range [][2]string{{"", ""}, {"cash", ""}, {PayCoverage, ""}, {PayCoverage, q.plan}, {PayCoverage, "x"}} {
		_, err := p.pay(a, bad[0], bad[1])
		if len(errs.FieldsOf(err)) != 1 {
			t.Errorf("%v: %v", bad, err)
		}
	}
	same, err := p.pay(a, PayCoverage, p.plan)
	must(t, err)
	if same.GetVersion() != a.GetVersion() {
		t.Error("paying as before makes a version")
	}
	// The same form twice has one effect; a stale page overwrites nothing.
	req := &schedulingv1.ChangePaymentRequest{AppointmentId: a.GetAppointmentId(), Payment: PaySelf, Version: a.GetVersion(), IdempotencyKey: b.key()}
	for range 2 {
		res, err := b.s.ChangePayment(p.ctx(), req)
		must(t, err)
		if res.GetAppointment().GetVersion() != a.GetVersion()+1 {
			t.Errorf("got %v", res)
		}
	}
	_, err = p.pay(a, PayCoverage, p.plan)
	refused(t, err, errs.Conflict, "appointment_changed")
	back, err := p.pay(p.read(a.GetAppointmentId()), PayCoverage, p.plan)
	must(t, err)
	if back.GetPriceCents() != 0 || back.GetPayerName() != "Larkspur Health Plan" || p.read(a.GetAppointmentId()).GetAnswers().GetCoverageId() != p.plan {
		t.Errorf("with the plan again: %v", back)
	}
	req.Payment, req.CoverageId = PayCoverage, p.plan
	_, err = b.s.ChangePayment(p.ctx(), req)
	refused(t, err, errs.Conflict, once.ReasonReused)
	if got := b.count(`SELECT count(*) FROM scheduling.river_job WHERE kind = 'payment_mail'`); got != 2 {
		t.Errorf("%d mails", got)
	}
	b.moveTo(tomorrow)
	_, err = p.pay(p.read(a.GetAppointmentId()), PayCoverage, p.plan)
	refused(t, err, errs.Precondition, "not_payable")
}
