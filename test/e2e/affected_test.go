package e2e

import (
	"strings"
	"testing"
)

// A license is suspended though visits are booked on it: nothing is canceled,
// the patient is told, chooses another physician's time, and staff see how it
// stands.
func TestSuspensionIsToldToWhoeverIsBooked(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, phone())
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.withPhysician(w, demoPhysician)
	ref := b.finish(w)
	officer := newTab(t, p.base, desktop())
	officer.suspend(demoPhysician, w.pennsylvania)

	told := p.mailTo(rosa, "can no longer see you on that day")
	for _, want := range []string{"was not canceled", ref, "/move"} {
		if !strings.Contains(told.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, told.Text)
		}
	}
	for _, blame := range []string{"suspend", demoPhysician, "Okafor"} {
		if strings.Contains(told.Text+told.Subject, blame) {
			t.Errorf("the mail says %q", blame)
		}
	}
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.click("Work list")
	staff.click("Affected visits")
	staff.sees("One visit needs somebody", ref, "The license is suspended", demoPhysician)
	staff.shot("affected-license-" + staff.name)
	staff.axe()
	staff.growOld()

	b.reopens("/appointments", "Needs your attention")
	b.follow("/appointments/")
	b.sees("can no longer see patients in Pennsylvania on that day", "Your visit was not canceled")
	b.lacks("suspend")
	b.shot("appointment-license-" + b.name)
	b.axe()
	b.click("Choose another time")
	b.sees("It stays yours")
	b.timeOn("move-affected", 2)
	b.sees("Move this visit?")
	b.click("Move the visit")
	b.sees("The visit was moved", ref)
	b.lacks("can no longer")
	staff.reopens("/staff/affected", "No visit needs you", "Moved", ref)
}

// growOld leaves a page open for longer than it is good, and comes back to it.
func (b *tab) growOld() {
	b.sees("This page shows how things stood at")
	b.lacks("Things may have changed since")
	b.eval(`performance.now = () => 11 * 60 * 1000; document.dispatchEvent(new Event("visibilitychange")); ""`)
	b.sees("Things may have changed since")
	b.axe()
	b.shot("grown-old-" + b.name)
	b.click("Show it again as it is now")
	b.sees("This page shows how things stood at")
}
