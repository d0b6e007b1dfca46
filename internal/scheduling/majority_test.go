package scheduling

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// agree adds a consent that somebody gave, and makes it the one to book with.
func (p *someone) agree(by, method string) {
	c := consentOf(ids.NewUUID().String())
	c.GivenBy, c.Method = by, method
	p.consent = c.GetConsentId()
	p.facts.Consents = append(p.facts.GetConsents(), c)
	p.b.patients.publish(p.patient.String(), p.facts)
	p.b.follow()
}

// grown is the young adult of a child's facts, with an account of their own.
func (p *someone) grown(day string) *someone {
	y := *p
	y.account, y.browser = ids.New[ids.AccountID](), "browser-"+ids.NewUUID().String()
	y.facts.ActsFor = append(y.facts.GetActsFor(), &enrollmentv1.ActsFor{AccountId: y.account.String(), Relation: "self", From: day})
	p.b.patients.publish(p.patient.String(), y.facts)
	p.b.follow()
	return &y
}

// What a guardian agreed to is good for a minor. From the 18th birthday on
// nothing is booked with it, by nobody, and what was booked is due to be signed.
func TestGuardiansConsentEndsAtEighteen(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, parent := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	noa := parent.child("2009-03-03", "2027-03-02")
	noa.agree(byGuardian, consentWritten)
	day := func(hours int) time.Time { return tomorrow.Add(48*time.Hour + time.Duration(hours)*time.Hour) }
	first := noa.booked(d, day(0))
	if first.GetConsentDue() {
		t.Error("a guardian's consent is due for a minor")
	}
	b.moveTo(time.Date(2027, 3, 3, 4, 0, 0, 0, time.UTC))
	young := noa.grown("2027-03-03")
	if !young.read(first.GetAppointmentId()).GetConsentDue() {
		t.Error("on the birthday nothing is due")
	}
	h := young.hold(d, day(2))
	young.answer()
	lost(t, young.book(h).GetLost(), LostConsent)
	staff := b.addClerk(young)
	h = staff.hold(d, day(4))
	staff.answerFor()
	res, err := b.s.BookFor(staff.ctx(), staff.request(h))
	must(t, err)
	lost(t, res.GetLost(), LostConsent)
	sign := &schedulingv1.SignConsentRequest{AppointmentId: first.GetAppointmentId(), ConsentId: young.consent, IdempotencyKey: b.key()}
	_, err = b.s.SignConsent(young.ctx(), sign)
	refused(t, err, errs.Precondition, "consent_missing")

	young.agree(byPatient, consentVerbal)
	staff.consent = young.consent
	if a := staff.bookedFor(d, day(4)); !a.GetConsentDue() {
		t.Error("what the young adult said on the phone is not due in writing")
	}
	young.agree(byPatient, consentWritten)
	sign.ConsentId, sign.IdempotencyKey = young.consent, b.key()
	signed, err := b.s.SignConsent(young.ctx(), sign)
	must(t, err)
	if signed.GetSigned() != 2 || young.read(first.GetAppointmentId()).GetConsentDue() {
		t.Errorf("%d visits are signed for", signed.GetSigned())
	}
	if a := young.booked(d, day(6)); a.GetConsentDue() {
		t.Error("the young adult's own consent is due")
	}
}

// A visit of a guardian's that the young adult moves stays due.
func TestMovedVisitStaysDue(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, parent := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	noa := parent.child("2009-03-03", "2027-03-02")
	noa.agree(byGuardian, consentWritten)
	a := noa.booked(d, tomorrow.Add(48*time.Hour))
	b.moveTo(time.Date(2027, 3, 3, 4, 0, 0, 0, time.UTC))
	res := noa.grown("2027-03-03").move(a.GetAppointmentId(), d, tomorrow.Add(50*time.Hour))
	if !res.GetAppointment().GetConsentDue() {
		t.Errorf("moved: %v", res)
	}
}

// Who gave a consent, and when, decides from 18 on alone.
func TestWhoseConsentCounts(t *testing.T) {
	t.Parallel()
	today := time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)
	noon := today.Add(12 * time.Hour)
	for name, one := range map[string]struct {
		born, by string
		given    time.Time
		counts   bool
	}{
		"a guardian's, of a minor":                      {"2009-03-03", byGuardian, noon, true},
		"somebody's, of a minor":                        {"2009-03-03", "other", noon, true},
		"a guardian's, on the birthday":                 {"2009-03-02", byGuardian, noon.AddDate(0, 0, -1), false},
		"the patient's, on the birthday":                {"2009-03-02", byPatient, noon, true},
		"a caregiver's, of an adult":                    {"1980-01-01", byCaregiver, noon, true},
		"somebody's, of an adult":                       {"1980-01-01", "other", noon, false},
		"not said whose, given before the birthday":     {"2009-03-02", "", time.Date(2027, 3, 2, 3, 59, 59, 0, time.UTC), false},
		"not said whose, given as the birthday begins":  {"2009-03-02", "", time.Date(2027, 3, 2, 4, 0, 0, 0, time.UTC), true},
		"not said whose, given by an adult":             {"1980-01-01", "", noon, true},
		"not said whose, of a minor":                    {"2009-03-03", "", noon, true},
		"not said whose, of somebody born on no date":   {"", "", noon, true},
		"a guardian's, of somebody born on no date":     {"", byGuardian, noon, false},
		"a guardian's, of who was born on February 29":  {"2008-02-29", byGuardian, noon, false},
		"a guardian's, long after the patient grew up":  {"1990-01-01", byGuardian, noon.AddDate(-20, 0, 0), false},
		"a patient's own, from before it was corrected": {"2009-03-01", byPatient, noon.AddDate(0, 0, -10), true},
	} {
		c := &enrollmentv1.Consent{GivenBy: one.by, GivenAt: timestamppb.New(one.given)}
		if got := (agreement{by: giver(c, one.born)}).counts(one.born, today); got != one.counts {
			t.Errorf("%s: counts %t", name, got)
		}
	}
}
