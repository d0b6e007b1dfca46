package scheduling

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// TestALimitedAccountReachesOnlyItsOwn: it books and pays itself; what others
// have booked for the same patient, and coverage, do not exist for it, also by
// direct calls. Full rights open both.
func TestALimitedAccountReachesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	theirs := p.booked(d, tomorrow)
	limited := &someone{b: b, account: ids.New[ids.AccountID](), patient: p.patient, browser: "browser-" + ids.NewUUID().String(), consent: p.consent, plan: p.plan}
	rights := func(is bool) {
		p.facts.ActsFor = []*enrollmentv1.ActsFor{
			{AccountId: p.account.String(), Relation: "guardian", From: "2020-01-01", Until: "2099-01-01"},
			{AccountId: limited.account.String(), Relation: "self", From: "2020-01-01", Limited: is},
		}
		b.patients.publish(p.patient.String(), p.facts)
		b.follow()
	}
	rights(true)
	hold := limited.hold(d, tomorrow.Add(time.Hour))
	_, err := b.s.SaveAnswers(limited.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: limited.browser, Answers: limited.answers()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	pays := limited.answers()
	pays.Payment, pays.CoverageId = PaySelf, ""
	_, err = b.s.SaveAnswers(limited.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: limited.browser, Answers: pays})
	must(t, err)
	res := limited.book(hold)
	own := res.GetAppointment()
	if own == nil || own.GetPayerName() != "" {
		t.Fatalf("booking answers %v", res)
	}
	list := func(want ...string) {
		t.Helper()
		res, err := b.s.ListAppointments(limited.ctx(), &schedulingv1.ListAppointmentsRequest{})
		must(t, err)
		var got []string
		for _, a := range append(res.GetUpcoming(), res.GetPast()...) {
			got = append(got, a.GetAppointmentId())
		}
		if len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("the list has %v, want %v", got, want)
		}
	}
	list(own.GetAppointmentId())
	for _, id := range []string{theirs.GetAppointmentId(), ids.NewUUID().String()} {
		_, err = b.s.GetAppointment(limited.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: id})
		refused(t, err, errs.NotFound, "appointment_missing")
		_, err = b.s.Cancel(limited.ctx(), &schedulingv1.CancelRequest{AppointmentId: id, IdempotencyKey: b.key()})
		refused(t, err, errs.NotFound, "appointment_missing")
		_, err = b.s.Reschedule(limited.ctx(), &schedulingv1.RescheduleRequest{
			AppointmentId: id, PhysicianId: d.id.String(), Start: limited.wish(d, tomorrow.Add(2*time.Hour)).GetStart(), IdempotencyKey: b.key(),
		})
		refused(t, err, errs.NotFound, "appointment_missing")
	}
	_, err = b.s.GetAppointment(limited.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: own.GetAppointmentId()})
	must(t, err)
	rights(false)
	list(theirs.GetAppointmentId(), own.GetAppointmentId())
	_, err = b.s.Cancel(limited.ctx(), &schedulingv1.CancelRequest{AppointmentId: own.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	full := limited.hold(d, tomorrow.Add(3*time.Hour))
	limited.answer()
	if a := limited.book(full).GetAppointment(); a.GetPayerName() == "" {
		t.Errorf("with full rights the plan does not pay: %v", a)
	}
}
