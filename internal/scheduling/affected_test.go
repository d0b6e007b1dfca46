package scheduling

import (
	"strings"
	"testing"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/google/uuid"
)

// affectedJobs are the rows that the queue holds a mail for.
func (b *bundle) affectedJobs() []uuid.UUID {
	b.t.Helper()
	var all string
	b.database.Query(b.t, `SELECT coalesce(string_agg(args->>'affected_id', ' '), '') FROM scheduling.river_job WHERE kind = 'affected_mail'`, &all)
	var out []uuid.UUID
	for _, id := range strings.Fields(all) {
		out = append(out, uuid.MustParse(id))
	}
	return out
}

func TestAffectedPatientsAreToldOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")
	p, q, gone := b.addPatient("en"), b.addPatient("es"), b.addPatient("en")
	a := p.booked(d, tomorrow.Add(48*time.Hour))
	first := q.booked(d, tomorrow)
	last := gone.booked(d, tomorrow.Add(time.Hour))
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	b.follow()
	b.license(d, "NY", func(l *licensingv1.License) { l.Note = "still" })
	b.follow()
	ids := b.affectedJobs()
	if len(ids) != 3 {
		t.Fatalf("%d mails wait", len(ids))
	}
	_, err := b.s.Cancel(gone.ctx(), &schedulingv1.CancelRequest{AppointmentId: last.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	for _, id := range ids {
		for range 2 {
			must(t, b.s.tellAffected(t.Context(), id))
		}
	}
	if len(b.outbox.mails) != 2 { // whoever canceled is not asked to choose again
		t.Fatalf("%d mails", len(b.outbox.mails))
	}
	texts := b.outbox.mails[0].Text + b.outbox.mails[1].Text
	for _, want := range []string{"can no longer see you on that day", "was not canceled", "/appointments/" + a.GetAppointmentId() + "/move", "elija otra hora"} {
		if !strings.Contains(texts, want) {
			t.Errorf("no mail says %q:\n%s", want, texts)
		}
	}
	if strings.Contains(texts, "Marlow") || strings.Contains(texts, "suspend") {
		t.Errorf("a mail says too much:\n%s", texts)
	}
	list := b.affected()
	if len(list) != 3 || list[0].GetAppointment().GetAppointmentId() != first.GetAppointmentId() || list[0].GetTrouble().GetToldAt() == nil ||
		list[0].GetAppointment().GetAnswers() != nil || list[2].GetTrouble().GetResolution() != "canceled" {
		t.Fatalf("staff see %v", list)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.affected_list' AND patient_id IS NOT NULL`); n != 3 {
		t.Errorf("%d reads were recorded", n)
	}
	// Moving to another physician mends it, and so does the license's return.
	if moved := p.move(a.GetAppointmentId(), e, tomorrow.Add(48*time.Hour)).GetAppointment(); len(p.read(moved.GetAppointmentId()).GetTroubles()) != 0 {
		t.Fatalf("moved: %v", moved)
	}
	if ts := q.read(first.GetAppointmentId()).GetTroubles(); len(ts) != 1 || ts[0].GetReason() != "license_suspended" {
		t.Fatalf("got %v", ts)
	}
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "active" })
	b.follow()
	for how, want := range map[string]int{"moved": 1, "canceled": 1, "restored": 1} {
		if n := b.count(`SELECT count(*) FROM scheduling.affected WHERE resolution = '` + how + `'`); n != want {
			t.Errorf("%s: %d", how, n)
		}
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`); n != 2 {
		t.Errorf("%d are booked", n)
	}
}

func TestVisitsOutsideOfNewHoursAreListed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	own := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	all := everyDay(&schedulingv1.WeeklyWindow{FromMinute: 0, ToMinute: 1440})
	set := func(off ...string) {
		t.Helper()
		req := &schedulingv1.SetAvailabilityRequest{PhysicianId: d.id.String(), Weekly: all}
		for _, day := range off {
			req.Exceptions = append(req.Exceptions, &schedulingv1.DayException{Date: day})
		}
		_, err := b.s.SetAvailability(own, req)
		must(t, err)
	}
	set("2027-03-02")
	set("2027-03-02", "2027-03-05")
	if list := b.affected(); len(list) != 1 || list[0].GetTrouble().GetKind() != "hours" || list[0].GetAppointment().GetStatus() != "booked" {
		t.Fatalf("staff see %v", list)
	}
	if n := len(b.affectedJobs()); n != 0 {
		t.Errorf("%d patients are told of what may well take place", n)
	}
	// The license goes too, and comes back: that says nothing of the hours.
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	b.follow()
	if n := len(p.read(a.GetAppointmentId()).GetTroubles()); n != 2 {
		t.Fatalf("%d troubles", n)
	}
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "active" })
	b.follow()
	if ts := p.read(a.GetAppointmentId()).GetTroubles(); len(ts) != 1 || ts[0].GetKind() != "hours" {
		t.Fatalf("got %v", ts)
	}
	set()
	if ts := p.read(a.GetAppointmentId()).GetTroubles(); len(ts) != 0 {
		t.Fatalf("got %v", ts)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action IN ('appointment.outside_hours', 'appointment.inside_hours') AND account_id = '` + d.account.String() + `'`); n != 2 {
		t.Errorf("%d entries", n)
	}
}
