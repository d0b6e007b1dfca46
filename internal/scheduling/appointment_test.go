package scheduling

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
)

func TestAppointmentIsListedReadAndCanceled(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	a := p.booked(d, tomorrow)
	list, err := b.s.ListAppointments(p.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming()) != 1 || list.GetUpcoming()[0].GetPatientName() != "Alma Reyes" || list.GetUpcoming()[0].GetAnswers() != nil {
		t.Fatalf("list: %v", list)
	}
	get := &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()}
	got, err := b.s.GetAppointment(p.ctx(), get)
	must(t, err)
	if got.GetAppointment().GetAnswers().GetReason() != "a cough that stays" || got.GetAppointment().GetBirthDate() != "1988-05-04" {
		t.Fatalf("got %v", got)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action IN ('appointment.read', 'appointment.list')`); n != 2 {
		t.Fatalf("%d reads recorded", n)
	}
	cancel := &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()}
	first, err := b.s.Cancel(p.ctx(), cancel)
	must(t, err)
	again, err := b.s.Cancel(p.ctx(), cancel)
	must(t, err)
	if !proto.Equal(first, again) || first.GetAppointment().GetStatus() != "canceled" || first.GetAppointment().GetVersion() != 2 {
		t.Fatalf("canceled: %v, %v", first, again)
	}
	cancel.IdempotencyKey = b.key()
	_, err = b.s.Cancel(p.ctx(), cancel)
	must(t, err)
	if n := b.count(`SELECT count(*) FROM scheduling.river_job WHERE kind = 'cancellation_mail'`); n != 1 {
		t.Fatalf("%d mails", n)
	}
	list, err = b.s.ListAppointments(p.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming()) != 0 || len(list.GetPast()) != 1 {
		t.Fatalf("list: %v", list)
	}
	b.addPatient("en").booked(d, tomorrow) // free again

	// What has begun cannot be canceled.
	b.moveTo(tomorrow.Add(-11 * time.Minute))
	late := p.booked(d, tomorrow.Add(45*time.Minute))
	b.moveTo(tomorrow.Add(50 * time.Minute))
	_, err = b.s.Cancel(p.ctx(), &schedulingv1.CancelRequest{AppointmentId: late.GetAppointmentId(), IdempotencyKey: b.key()})
	refused(t, err, errs.Precondition, "not_cancelable")
}

func TestPhysicianSeesTheirOwnDay(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, other, p := b.addDoctor("America/Los_Angeles", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	a := p.booked(d, time.Date(2027, 3, 3, 5, 0, 0, 0, time.UTC)) // still the 2nd in Los Angeles
	ctx := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	res, err := b.s.PhysicianDay(ctx, &schedulingv1.PhysicianDayRequest{Day: "2027-03-02"})
	must(t, err)
	if len(res.GetAppointments()) != 1 || res.GetTimeZone() != "America/Los_Angeles" {
		t.Fatalf("the day: %v", res)
	}
	if one := res.GetAppointments()[0]; one.GetAppointmentId() != a.GetAppointmentId() || one.GetAnswers().GetReason() == "" || one.GetPatientName() != "Alma Reyes" {
		t.Fatalf("the appointment: %v", one)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.read' AND patient_id IS NOT NULL`); n != 1 {
		t.Fatalf("%d reads recorded", n)
	}
	res, err = b.s.PhysicianDay(as(t.Context(), other.account, rpcv1.Role_ROLE_PHYSICIAN), &schedulingv1.PhysicianDayRequest{Day: "2027-03-02"})
	must(t, err)
	if len(res.GetAppointments()) != 0 {
		t.Fatal("somebody else's day")
	}
	_, err = b.s.PhysicianDay(as(t.Context(), p.account, rpcv1.Role_ROLE_PHYSICIAN), &schedulingv1.PhysicianDayRequest{})
	refused(t, err, errs.NotFound, "physician_missing")
	_, err = b.s.PhysicianDay(ctx, &schedulingv1.PhysicianDayRequest{Day: "2027-13-02"})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
}

func TestSetAvailabilityIsForOneself(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, other := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")
	req := &schedulingv1.SetAvailabilityRequest{
		PhysicianId: d.id.String(),
		Weekly:      []*schedulingv1.WeeklyWindow{{Weekday: 1, FromMinute: 540, ToMinute: 720}, {Weekday: 1, FromMinute: 720, ToMinute: 1440}},
		Exceptions: []*schedulingv1.DayException{
			{Date: "2027-03-08"},
			{Date: "2027-03-09", Windows: []*schedulingv1.WeeklyWindow{{FromMinute: 600, ToMinute: 660}}},
		},
	}
	_, err := b.s.SetAvailability(as(t.Context(), other.account, rpcv1.Role_ROLE_PHYSICIAN), req)
	refused(t, err, errs.NotFound, "physician_missing")
	_, err = b.s.SetAvailability(as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN), req)
	must(t, err)
	for day, want := range map[string]int{"2027-03-08": 0, "2027-03-09": 3, "2027-03-10": 0} {
		if got := len(b.search("NY", "America/New_York", d, day).GetSlots()); got != want {
			t.Errorf("%s: %d free, want %d", day, got, want)
		}
	}
	req.Weekly = append(req.Weekly, &schedulingv1.WeeklyWindow{Weekday: 7, FromMinute: 0, ToMinute: 60},
		&schedulingv1.WeeklyWindow{Weekday: 1, FromMinute: 700, ToMinute: 730}, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 3, ToMinute: 60})
	req.Exceptions = append(req.Exceptions, &schedulingv1.DayException{Date: "2027-03-08"}, &schedulingv1.DayException{Date: "soon"})
	_, err = b.s.SetAvailability(asService(t.Context()), req)
	var names []string
	for _, f := range errs.FieldsOf(err) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "weekly[2].weekday weekly[3] weekly[4].from_minute exceptions[2].date exceptions[3].date" {
		t.Fatalf("refused: %s", got)
	}
}

func TestMailSaysWhenAndNotWhy(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, en, es := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("es-MX")
	a, z := en.booked(d, tomorrow), es.booked(d, tomorrow.Add(13*24*time.Hour)) // after clocks changed
	send := func(a *schedulingv1.Appointment, version int64) mail.Message {
		t.Helper()
		must(t, b.s.sendMail(t.Context(), uuid.MustParse(a.GetAppointmentId()), version, mailing{}))
		return b.outbox.mails[len(b.outbox.mails)-1]
	}
	m := send(a, 1)
	for _, want := range []string{"Hello Alma,", "Tuesday, March 2, 2027 at 10:00 AM EST (America/New_York)", a.GetReference(), "https://bedside.test/appointments"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in:\n%s", want, m.Text)
		}
	}
	n := send(z, 1)
	if !strings.Contains(n.Text, "lunes 15 de marzo de 2027, 11:00 a. m. EDT (America/New_York)") || !strings.Contains(n.Subject, "reservada") {
		t.Errorf("in Spanish:\n%s\n%s", n.Subject, n.Text)
	}
	for _, said := range []string{m.Text, m.Subject, n.Text, n.Subject, string(m.ICS), string(n.ICS)} {
		for _, private := range []string{"cough", "Marlow", "207Q", "Larkspur", "general", "Reyes"} {
			if strings.Contains(said, private) {
				t.Errorf("%q is in the mail:\n%s", private, said)
			}
		}
	}
	_, err := b.s.Cancel(en.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	sent := len(b.outbox.mails)
	must(t, b.s.sendMail(t.Context(), uuid.MustParse(a.GetAppointmentId()), 1, mailing{})) // overtaken
	if len(b.outbox.mails) != sent {
		t.Fatal("an overtaken mail was sent")
	}
	c := send(a, 2)
	if c.Method != "CANCEL" || c.ID == m.ID || !strings.Contains(c.Subject, "canceled") {
		t.Errorf("cancellation: %+v", c)
	}
	one, two := event(t, m.ICS), event(t, c.ICS)
	if one.Id() != two.Id() || one.GetProperty(ics.ComponentPropertySequence).Value != "1" || two.GetProperty(ics.ComponentPropertySequence).Value != "2" {
		t.Errorf("UID or SEQUENCE: %v, %v", one.Id(), two.Id())
	}
	if at, err := one.GetStartAt(); err != nil || !at.Equal(tomorrow) || one.GetProperty(ics.ComponentPropertyDtStart).Value != "20270302T150000Z" {
		t.Errorf("DTSTART: %v %v", at, err)
	}
	if two.GetProperty(ics.ComponentPropertyStatus).Value != "CANCELLED" {
		t.Error("the canceled event is not")
	}
}

func event(t *testing.T, file []byte) *ics.VEvent {
	t.Helper()
	if bytes.Contains(bytes.ReplaceAll(file, []byte("\r\n"), nil), []byte("\n")) {
		t.Error("lines do not end as they must")
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(file))
	must(t, err)
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	return cal.Events()[0]
}

func TestJobsCarryIdsAndTheActor(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.booked(d, tomorrow)
	if n := b.count(`SELECT count(*) FROM scheduling.river_job j JOIN scheduling.reservations r
		ON r.reservation_id::text = j.args->>'appointment_id' AND j.args->'actor'->>'account' = r.account_id::text`); n != 1 {
		t.Fatal("the job does not name appointment and actor")
	}
	if (audit.Actor{Account: p.account}).Empty() {
		t.Fatal("an account is no actor")
	}
}
