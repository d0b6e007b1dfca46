package scheduling

import (
	"testing"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Staff hear of every step whether anybody is written to, as the mail itself
// decides it: an adult at their own proven address, a child's guardians at theirs.
func TestStaffKnowWhetherMailGoesOut(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	address := func(p *someone, email string) *someone {
		p.facts.Email = email
		b.patients.publish(p.patient.String(), p.facts)
		b.follow()
		return p
	}
	adult, silent, parent, other := b.addPatient("en"), address(b.addPatient("en"), ""), b.addPatient("en"), b.addPatient("en")
	child, orphan := parent.child("2020-03-03", "2038-03-02"), other.child("2020-03-03", "2038-03-02")
	address(other, "")
	for i, one := range []struct {
		name string
		who  *someone
		want bool
	}{
		{"an adult with an address", adult, true}, {"an adult without", silent, false},
		{"a child whose guardian has one", child, true}, {"a child whose guardian has none", orphan, false},
	} {
		c := b.addClerk(one.who)
		says := func(step string, told bool) {
			t.Helper()
			if told != one.want {
				t.Errorf("%s, %s: told by mail is %t", one.name, step, told)
			}
		}
		h := c.hold(d, tomorrow.Add(time.Duration(i)*2*time.Hour))
		c.answerFor()
		held, err := b.s.GetHold(c.ctx(), &schedulingv1.GetHoldRequest{BrowserId: c.browser})
		must(t, err)
		says("held", held.GetHold().GetToldByMail())
		booked, err := b.s.BookFor(c.ctx(), c.request(h))
		must(t, err)
		a := booked.GetAppointment()
		says("booked", a.GetToldByMail())
		read, err := b.s.GetAppointmentFor(c.ctx(), &schedulingv1.GetAppointmentForRequest{PatientId: c.patient.String(), AppointmentId: a.GetAppointmentId()})
		must(t, err)
		says("read", read.GetAppointment().GetToldByMail())
		moved, err := b.s.RescheduleFor(c.ctx(), &schedulingv1.RescheduleForRequest{
			PatientId: c.patient.String(), AppointmentId: a.GetAppointmentId(), PhysicianId: d.id.String(),
			Start: timestamppb.New(tomorrow.Add(time.Duration(i)*2*time.Hour + time.Hour)), IdempotencyKey: b.key(),
		})
		must(t, err)
		says("moved", moved.GetAppointment().GetToldByMail())
		canceled, err := b.s.CancelFor(c.ctx(), &schedulingv1.CancelForRequest{
			PatientId: c.patient.String(), AppointmentId: moved.GetAppointment().GetAppointmentId(), IdempotencyKey: b.key(),
		})
		must(t, err)
		says("canceled", canceled.GetAppointment().GetToldByMail())
		before := len(b.outbox.mails)
		must(t, b.s.sendMail(t.Context(), mustUUID(t, canceled.GetAppointment().GetAppointmentId()), canceled.GetAppointment().GetVersion(), mailing{desk: true}))
		says("mailed", len(b.outbox.mails) > before)
	}
}
