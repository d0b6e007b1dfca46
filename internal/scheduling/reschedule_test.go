package scheduling

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/once"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (p *someone) moveRequest(id string, d *doctor, to time.Time) *schedulingv1.RescheduleRequest {
	return &schedulingv1.RescheduleRequest{
		AppointmentId: id, PhysicianId: d.id.String(), Start: timestamppb.New(to), IdempotencyKey: p.b.key(),
	}
}

// move moves an appointment; whether it is won is for the caller to look at.
func (p *someone) move(id string, d *doctor, to time.Time) *schedulingv1.RescheduleResponse {
	p.b.t.Helper()
	res, err := p.b.s.Reschedule(p.ctx(), p.moveRequest(id, d, to))
	must(p.b.t, err)
	return res
}

func (p *someone) read(id string) *schedulingv1.Appointment {
	p.b.t.Helper()
	res, err := p.b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: id})
	must(p.b.t, err)
	return res.GetAppointment()
}

func TestRescheduleTheWholeWay(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("es")
	first := p.booked(d, tomorrow)
	before := p.read(first.GetAppointmentId())

	// A quarter of an hour later overlaps the old time: that is no rival.
	second := p.move(first.GetAppointmentId(), d, tomorrow.Add(15*time.Minute)).GetAppointment()
	if second == nil || second.GetStatus() != "booked" || second.GetReference() != first.GetReference() {
		t.Fatalf("got %v", second)
	}
	third := p.move(second.GetAppointmentId(), e, tomorrow.Add(48*time.Hour)).GetAppointment()
	if third == nil || third.GetSlot().GetPhysicianId() != e.id.String() || third.GetPayerName() != "Larkspur Health Plan" {
		t.Fatalf("got %v", third)
	}
	old, now := p.read(first.GetAppointmentId()), p.read(third.GetAppointmentId())
	if old.GetStatus() != "moved" || old.GetMovedTo() != second.GetAppointmentId() || len(old.GetIcs()) != 0 {
		t.Fatalf("the old row: %v", old)
	}
	if now.GetAnswers().GetReason() != "a cough that stays" || !now.GetDecision().GetAllowed() || now.GetVersion() <= old.GetVersion() {
		t.Fatalf("the new row: %v", now)
	}
	uid := "UID:" + first.GetAppointmentId() + "@bedside"
	for name, a := range map[string]*schedulingv1.Appointment{"before": before, "after": now} {
		if !strings.Contains(string(a.GetIcs()), uid) || !strings.Contains(string(a.GetIcs()), fmt.Sprintf("SEQUENCE:%d\r\n", a.GetVersion())) {
			t.Errorf("%s: the calendar file: %s", name, a.GetIcs())
		}
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`:                                                1,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'moved' AND moved_at IS NOT NULL`:                        2,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.move' AND patient_id IS NOT NULL`:                     2,
		`SELECT count(*) FROM scheduling.river_job WHERE kind = 'confirmation_mail'`:                                          3,
		`SELECT count(*) FROM scheduling.idempotency WHERE position('Alma' in encode(response, 'escape')) > 0`:                0,
		`SELECT count(*) FROM scheduling.feed WHERE topic = 'calendar' AND key = '` + e.id.String() + `' AND version = 3`:     1,
		`SELECT count(*) FROM scheduling.reservations WHERE origin = '` + first.GetAppointmentId() + `' AND version IN (4,5)`: 2,
	} {
		if got := b.count(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	list, err := b.s.ListAppointments(p.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming()) != 1 || len(list.GetPast()) != 2 {
		t.Fatalf("list: %d to come, %d past", len(list.GetUpcoming()), len(list.GetPast()))
	}
	b.addPatient("en").booked(d, tomorrow.Add(15*time.Minute)) // free again
}

func TestMailOfAMoveUpdatesTheCalendar(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"en": "was moved", "es": "cambió de hora"} {
		b := newBundle(t, monday)
		b.addRules("NY", "America/New_York")
		d, p := b.addDoctor("America/New_York", "NY"), b.addPatient(language)
		first := p.booked(d, tomorrow)
		a := p.move(first.GetAppointmentId(), d, tomorrow.Add(time.Hour)).GetAppointment()
		id, err := appointmentID(a.GetAppointmentId())
		must(t, err)
		must(t, b.s.sendMail(t.Context(), id, a.GetVersion(), mailing{}))
		old, err := appointmentID(first.GetAppointmentId())
		must(t, err)
		must(t, b.s.sendMail(t.Context(), old, first.GetVersion(), mailing{})) // overtaken: not sent
		if len(b.outbox.mails) != 1 {
			t.Fatalf("%d mails", len(b.outbox.mails))
		}
		m := b.outbox.mails[0]
		if !strings.Contains(m.Subject, want) || m.Method != "PUBLISH" || !strings.Contains(string(m.ICS), "UID:"+first.GetAppointmentId()) {
			t.Errorf("%s: %s, %s, %s", language, m.Subject, m.Method, m.ICS)
		}
	}
}

func TestLosingTheNewTimeKeepsTheOld(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")
	p, q := b.addPatient("en"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	id := a.GetAppointmentId()
	q.booked(d, tomorrow.Add(time.Hour))
	p.booked(e, tomorrow.Add(3*time.Hour))

	res := p.move(id, d, tomorrow.Add(time.Hour))
	lost(t, res.GetLost(), LostTaken)
	if len(res.GetNearest()) != 3 {
		t.Errorf("%d nearest times", len(res.GetNearest()))
	}
	lost(t, p.move(id, d, tomorrow.Add(3*time.Hour)).GetLost(), LostPatientBusy)
	lost(t, p.move(id, d, monday.Add(-time.Hour)).GetLost(), LostTooLate)
	lost(t, p.move(id, d, tomorrow.Add(5*time.Minute)).GetLost(), LostNotOffered)

	// License and coverage are decided for the new day.
	p.facts.Coverages[0].To = "2027-03-05"
	b.patients.publish(p.patient.String(), p.facts)
	b.license(e, "NY", func(l *licensingv1.License) { l.ValidTo = "2027-03-04" })
	b.follow()
	lost(t, p.move(id, d, tomorrow.Add(7*24*time.Hour)).GetLost(), LostCoverage)
	lost(t, p.move(id, e, tomorrow.Add(3*24*time.Hour)).GetLost(), LostLicense)

	if got := p.read(id); got.GetStatus() != "booked" || got.GetVersion() != a.GetVersion() || !proto.Equal(got.GetSlot().GetStart(), a.GetSlot().GetStart()) {
		t.Errorf("the old time is not as it was: %v", got)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.move'`); n != 0 {
		t.Errorf("%d moves on record", n)
	}
}

func TestWhoMayReschedule(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	id := a.GetAppointmentId()
	_, err := b.s.Reschedule(q.ctx(), q.moveRequest(id, d, tomorrow.Add(time.Hour)))
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.Reschedule(p.ctx(), p.moveRequest("no id", d, tomorrow))
	refused(t, err, errs.NotFound, "appointment_missing")
	_, err = b.s.Reschedule(p.ctx(), &schedulingv1.RescheduleRequest{AppointmentId: id, IdempotencyKey: b.key()})
	if len(errs.FieldsOf(err)) != 2 {
		t.Errorf("refused fields: %v", err)
	}

	// Retried: one effect. The same form with another key: the same answer.
	req := p.moveRequest(id, d, tomorrow.Add(time.Hour))
	first, err := b.s.Reschedule(p.ctx(), req)
	must(t, err)
	again, err := b.s.Reschedule(p.ctx(), req)
	must(t, err)
	if !proto.Equal(first, again) {
		t.Errorf("the repeat differs: %v, %v", first, again)
	}
	if same := p.move(id, d, tomorrow.Add(time.Hour)); same.GetAppointment().GetAppointmentId() != first.GetAppointment().GetAppointmentId() {
		t.Errorf("a second form moved once more: %v", same)
	}
	other := proto.CloneOf(req)
	other.Start = timestamppb.New(tomorrow.Add(2 * time.Hour))
	_, err = b.s.Reschedule(p.ctx(), other)
	refused(t, err, errs.Conflict, once.ReasonReused)
	_, err = b.s.Reschedule(p.ctx(), p.moveRequest(id, d, tomorrow.Add(2*time.Hour)))
	refused(t, err, errs.Precondition, "not_movable") // it has moved elsewhere

	// To where it is: nothing changes.
	now := first.GetAppointment()
	if stay := p.move(now.GetAppointmentId(), d, tomorrow.Add(time.Hour)).GetAppointment(); stay.GetVersion() != now.GetVersion() {
		t.Errorf("staying changed the version: %v", stay)
	}
	b.moveTo(tomorrow.Add(61 * time.Minute))
	_, err = b.s.Reschedule(p.ctx(), p.moveRequest(now.GetAppointmentId(), d, tomorrow.Add(24*time.Hour)))
	refused(t, err, errs.Precondition, "not_movable") // it has begun
}

// Many patients move into the same few slots at once: each slot has one
// winner, and nobody who loses is without their old time.
func TestContentionForMoves(t *testing.T) {
	t.Parallel()
	const people, wanted = 24, 6
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	doctors := []*doctor{b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")}
	var all []*someone
	for range people {
		all = append(all, b.newPatient("en"))
	}
	b.follow()
	var wg sync.WaitGroup
	var mu sync.Mutex
	winners := map[int]int{}
	failed := make(chan error, people)
	for n, p := range all {
		id := p.booked(doctors[n%2], slotStart(100+n)).GetAppointmentId()
		wg.Go(func() {
			ctx := context.WithoutCancel(p.ctx())
			for slot := range wanted {
				res, err := b.s.Reschedule(ctx, p.moveRequest(id, doctors[slot%2], slotStart(slot)))
				if err != nil {
					failed <- fmt.Errorf("patient %d to slot %d: %w", n, slot, err)
					return
				}
				if res.GetAppointment() != nil { // keep it
					mu.Lock()
					winners[slot]++
					mu.Unlock()
					return
				}
				if res.GetLost() != LostTaken {
					failed <- fmt.Errorf("lost for %q", res.GetLost())
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	for slot := range wanted {
		if winners[slot] != 1 {
			t.Errorf("slot %d has %d winners", slot, winners[slot])
		}
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`:                   people,
		`SELECT count(DISTINCT patient_id) FROM scheduling.reservations WHERE status = 'booked'`: people,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'moved'`:                    wanted,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked' AND version = 1`:   people - wanted,
		`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`:         0,
	} {
		if got := b.count(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
}

// Patients who want each other's times, and two visits of one patient that want
// to change places: whoever exchanges holds two times for a moment.
func TestMovingIntoEachOthersTimesNeverDeadlocks(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	doctors := []*doctor{b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")}
	var wg sync.WaitGroup
	failed := make(chan error, 8)
	type visit struct {
		p    *someone
		n, v int
		id   string
	}
	var visits []*visit
	for n := range 4 {
		p := b.addPatient("en")
		for v := range 2 { // two visits each
			visits = append(visits, &visit{p, n, v, p.booked(doctors[2*v+n%2], slotStart(4*v+n)).GetAppointmentId()})
		}
	}
	for _, one := range visits {
		wg.Go(func() {
			ctx := context.WithoutCancel(one.p.ctx())
			for i := range 12 {
				to := slotStart((one.n*3 + i + one.v) % 8)
				res, err := b.s.Reschedule(ctx, one.p.moveRequest(one.id, doctors[2*one.v+(one.n+i)%2], to))
				if err != nil {
					failed <- err
					return
				}
				if a := res.GetAppointment(); a != nil {
					one.id = a.GetAppointmentId()
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if n := b.count(`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`); n != 8 {
		t.Errorf("%d appointments", n)
	}
}
