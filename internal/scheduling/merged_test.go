package scheduling

import (
	"slices"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// Two patients who are one human: the one who goes on finds the visits of both,
// is in one place at a time, and nothing new is booked for the other. Once that
// is undone, neither sees what is the other's.
func TestMergedPatients(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p, q := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	theirs := q.booked(d, tomorrow)
	sees := func() error {
		_, err := b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: theirs.GetAppointmentId()})
		return err
	}
	refused(t, sees(), errs.NotFound, errs.ReasonOf(sees()))

	survivor, absorbed := proto.CloneOf(p.facts), proto.CloneOf(q.facts)
	survivor.MergedFrom, absorbed.MergedInto = []string{q.patient.String()}, p.patient.String()
	absorbed.ActsFor = p.facts.GetActsFor()
	publish := func(one, two *enrollmentv1.PatientFacts) {
		b.patients.publish(p.patient.String(), one)
		b.patients.publish(q.patient.String(), two)
		b.follow()
	}
	publish(survivor, absorbed)
	must(t, sees())
	h := p.hold(e, tomorrow)
	for patient, want := range map[string]string{q.patient.String(): "patient_missing", p.patient.String(): ""} {
		a := p.answers()
		a.PatientId = patient
		_, err := b.s.SaveAnswers(p.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: p.browser, Answers: a})
		if want == "" {
			must(t, err)
			continue
		}
		refused(t, err, errs.NotFound, want)
	}
	lost(t, p.book(h).GetLost(), LostPatientBusy)
	// The desk finds them with who goes on, and not with the other way around.
	desk := func(patient string) []string {
		list, err := b.s.ListAppointmentsFor(b.addClerk(p).ctx(), &schedulingv1.ListAppointmentsForRequest{PatientId: patient})
		must(t, err)
		var of []string
		for _, a := range append(list.GetUpcoming(), list.GetPast()...) {
			of = append(of, a.GetPatientId())
		}
		return of
	}
	if got := desk(p.patient.String()); !slices.Equal(got, []string{q.patient.String()}) {
		t.Errorf("the desk lists visits of %v", got)
	}
	// What was booked before goes on: it is moved and paid as any other.
	moved := p.move(theirs.GetAppointmentId(), e, tomorrow.Add(4*time.Hour))
	if moved.GetAppointment().GetPatientId() != q.patient.String() {
		t.Errorf("moved to %v, lost %q", moved.GetAppointment(), moved.GetLost())
	}
	_, err := b.s.ChangePayment(p.ctx(), &schedulingv1.ChangePaymentRequest{
		AppointmentId: moved.GetAppointment().GetAppointmentId(), Payment: PaySelf, IdempotencyKey: ids.NewUUID().String(),
	})
	must(t, err)
	theirs = moved.GetAppointment()
	p.booked(e, tomorrow.Add(2*time.Hour))

	if got := desk(p.patient.String()); len(got) < 2 || !slices.Contains(got, p.patient.String()) {
		t.Errorf("the desk lists visits of %v", got)
	}
	if got := desk(q.patient.String()); slices.Contains(got, p.patient.String()) {
		t.Errorf("the absorbed record lists visits of who goes on: %v", got)
	}
	publish(p.facts, q.facts)
	if got := desk(p.patient.String()); slices.Contains(got, q.patient.String()) {
		t.Errorf("undone, the desk lists visits of %v", got)
	}
	refused(t, sees(), errs.NotFound, errs.ReasonOf(sees()))
	p.booked(e, tomorrow)
}
