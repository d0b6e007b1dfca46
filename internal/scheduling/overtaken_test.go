package scheduling

import (
	"strings"
	"testing"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

// A notice about a coverage is looked at again when its mail is about to leave:
// what was overtaken in between is not mailed, and not open any longer.
func TestAnOvertakenNoticeIsNotMailed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		overtake func(b *bundle, p *someone, d *doctor, a *schedulingv1.Appointment)
		open     int
	}{
		// The payment changed at the moment at which the notice was written.
		"paid by the patient": {func(b *bundle, _ *someone, _ *doctor, _ *schedulingv1.Appointment) {
			b.database.Exec(b.t, `UPDATE scheduling.reservations SET coverage_id = NULL, payer_name = '', price_cents = 7900 WHERE status = 'booked'`)
		}, 0},
		"covered again, not yet compared": {func(b *bundle, p *someone, _ *doctor, _ *schedulingv1.Appointment) {
			p.endsOn("")
			b.database.Exec(b.t, `UPDATE scheduling.coverage_notices SET resolved_at = NULL, resolution = NULL`)
		}, 0},
		"moved": {func(b *bundle, p *someone, d *doctor, a *schedulingv1.Appointment) {
			must(b.t, func() error { _, err := p.pay(p.read(a.GetAppointmentId()), PaySelf, ""); return err }())
			p.move(a.GetAppointmentId(), d, tomorrow.Add(5*time.Hour))
		}, 0},
		"begun": {func(b *bundle, _ *someone, _ *doctor, _ *schedulingv1.Appointment) {
			b.moveTo(tomorrow.Add(time.Minute))
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, monday)
			b.addRules("NY", "America/New_York")
			d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
			a := p.booked(d, tomorrow)
			p.endsOn("2027-02-28")
			tc.overtake(b, p, d, a)
			b.notices()
			if n := len(b.outbox.mails); n != 0 {
				t.Errorf("%d mails: %v", n, b.outbox.mails[0].Subject)
			}
			if n := b.count(`SELECT count(*) FROM scheduling.coverage_notices WHERE resolved_at IS NULL`); n != tc.open {
				t.Errorf("%d notices are open, want %d", n, tc.open)
			}
		})
	}
}

// The mail says what the roster says now, not what it said when it was noted.
func TestANoticeSaysWhatIsTrueNow(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.booked(d, tomorrow)
	p.endsOn("2027-02-28")
	b.database.Exec(t, `UPDATE scheduling.coverage_notices SET ended_on = '2027-01-31'`)
	b.notices()
	if len(b.outbox.mails) != 1 || !strings.Contains(b.outbox.mails[0].Text, "ended on February 28, 2027") {
		t.Errorf("mailed %v", b.outbox.mails)
	}
}

// Mail that was away for a day does not announce a visit that is over.
func TestAConfirmationThatIsTooLateIsNotMailed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	id := mustUUID(t, a.GetAppointmentId())
	b.moveTo(tomorrow.Add(3 * time.Hour))
	must(t, b.s.sendMail(t.Context(), id, a.GetVersion(), mailing{desk: true}))
	if n := len(b.outbox.mails); n != 0 {
		t.Errorf("%d mails about a visit that was", n)
	}
}
