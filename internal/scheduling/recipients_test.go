package scheduling

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

func TestWhoIsWrittenTo(t *testing.T) {
	t.Parallel()
	at := func(email string) recipient { return recipient{patient: ids.NewUUID(), email: email} }
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		must(t, err)
		return d
	}
	rosa, luis := at("rosa@example.test"), at("luis@example.test")
	for name, one := range map[string]struct {
		email, born, today string
		guardians          []recipient
		want               []string
	}{
		"a minor":                                {"noa@example.test", "2009-03-02", "2027-03-01", []recipient{rosa}, []string{"rosa@example.test"}},
		"two guardians":                          {"", "2014-09-03", "2027-03-01", []recipient{rosa, luis}, []string{"rosa@example.test", "luis@example.test"}},
		"two who share a mailbox":                {"", "2014-09-03", "2027-03-01", []recipient{rosa, at("ROSA@example.test")}, []string{"rosa@example.test"}},
		"a guardian without one":                 {"noa@example.test", "2014-09-03", "2027-03-01", []recipient{at("")}, nil},
		"a minor whose guardians are gone":       {"noa@example.test", "2014-09-03", "2027-03-01", nil, nil},
		"the day before the birthday":            {"noa@example.test", "2009-03-02", "2027-03-01", []recipient{rosa}, []string{"rosa@example.test"}},
		"the 18th birthday":                      {"noa@example.test", "2009-03-02", "2027-03-02", []recipient{rosa}, []string{"noa@example.test"}},
		"the 18th birthday, without a mailbox":   {"", "2009-03-02", "2027-03-02", []recipient{rosa}, nil},
		"born on February 29, the last of it":    {"noa@example.test", "2008-02-29", "2026-02-28", []recipient{rosa}, []string{"rosa@example.test"}},
		"born on February 29, on March 1":        {"noa@example.test", "2008-02-29", "2026-03-01", []recipient{rosa}, []string{"noa@example.test"}},
		"an adult with a right that never ended": {"noa@example.test", "1990-01-01", "2027-03-01", []recipient{rosa}, []string{"noa@example.test"}},
		"born on no date":                        {"noa@example.test", "", "2027-03-01", []recipient{rosa}, []string{"noa@example.test"}},
	} {
		var got []string
		for _, r := range recipientsOf(at(one.email), one.born, one.guardians, day(one.today)) {
			got = append(got, r.email)
		}
		if !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}

// child publishes a minor with a mailbox, for whom the guardian acts until a
// day.
func (p *someone) child(born, until string) *someone {
	c := &someone{
		b: p.b, account: p.account, patient: ids.New[ids.PatientID](), browser: p.browser, consent: ids.NewUUID().String(), plan: ids.NewUUID().String(),
	}
	c.facts = proto.CloneOf(p.facts)
	c.facts.PatientId, c.facts.GivenName, c.facts.BirthDate, c.facts.Email = c.patient.String(), "Noa", born, "noa@example.test"
	c.facts.ActsFor = []*enrollmentv1.ActsFor{{AccountId: p.account.String(), Relation: "guardian", From: "2020-01-01", Until: until}}
	c.facts.Coverages[0].CoverageId, c.facts.Consents[0].ConsentId = c.plan, c.consent
	p.b.patients.publish(c.patient.String(), c.facts)
	p.b.follow()
	return c
}

// A guardian books for a child and is written to, at their own address; on the
// 18th birthday all of it is over.
func TestGuardianBooksUntilTheBirthday(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	noa := p.child("2009-03-03", "2027-03-02") // tomorrow is the last day
	a := noa.booked(d, tomorrow.Add(48*time.Hour))
	id, err := appointmentID(a.GetAppointmentId())
	must(t, err)
	must(t, b.s.sendMail(t.Context(), id, 1, mailing{}))
	if len(b.outbox.mails) != 1 || b.outbox.mails[0].To != "alma@example.test" {
		t.Fatalf("mailed %v", b.outbox.mails)
	}
	if text := b.outbox.mails[0].Text; !strings.Contains(text, "Hello Alma") || !strings.Contains(text, "For: Noa") {
		t.Errorf("the guardian reads:\n%s", text)
	}
	stranger := b.addPatient("en")
	_, err = b.s.GetAppointment(stranger.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()})
	refused(t, err, errs.NotFound, "appointment_missing")
	birthday := time.Date(2027, 3, 3, 4, 0, 0, 0, time.UTC) // as package ofage has it
	b.moveTo(birthday.Add(-time.Minute))
	_, err = b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()})
	must(t, err)
	b.moveTo(birthday)
	for name, ask := range map[string]func() error{
		"reads": func() error {
			_, err := b.s.GetAppointment(p.ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: a.GetAppointmentId()})
			return err
		},
		"cancels": func() error {
			_, err := b.s.Cancel(p.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
			return err
		},
	} {
		if err := ask(); err == nil {
			t.Errorf("on the birthday the guardian still %s", name)
		}
	}
	list, err := b.s.ListAppointments(p.ctx(), &schedulingv1.ListAppointmentsRequest{})
	must(t, err)
	if len(list.GetUpcoming())+len(list.GetPast()) != 0 {
		t.Errorf("on the birthday the guardian's list has %v", list)
	}
	h := p.hold(d, tomorrow.Add(72*time.Hour))
	_, err = b.s.SaveAnswers(p.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: p.browser, Answers: &schedulingv1.Answers{
		PatientId: noa.patient.String(), Reason: "a cough", Payment: "self_pay",
	}})
	if err == nil {
		t.Errorf("on the birthday the guardian answers for the hold %s", h.GetHoldId())
	}
	must(t, b.s.sendMail(t.Context(), id, 1, mailing{}))
	if n := len(b.outbox.mails); n != 2 || b.outbox.mails[1].To != "noa@example.test" {
		t.Errorf("on the birthday %d mails went out, the last to %s", n, b.outbox.mails[n-1].To)
	}
}
