package e2e

import (
	"path/filepath"
	"testing"

	"github.com/bedside-health/bedside/internal/demo"
)

// Without scripts everything works: booking and canceling, and a roster whose
// progress is seen by reloading the page.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, noScripts(phone()))
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	p.mailTo("rosa.delgado@demo.test", ref)
	b.open("/appointments")
	b.follow("/appointments/")
	b.sees(ref)
	b.click(w.cancel)
	b.click(w.cancelYes)
	b.sees(w.canceled)

	staff := newTab(t, p.base, noScripts(desktop()))
	p.sendRoster(staff)
	staff.reopens(staff.path(), "5,000 members read")
	staff.sees("3 records were left out")
	staff.click("See what was left out")
	staff.sees("LK1000636")
}

// noScripts is a look without them.
func noScripts(l look) look {
	l.noJS = true
	return l
}

// What patients change later works without scripts too: the time of a visit, the
// people they act for, and their account.
func TestPatientWithoutScripts(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, noScripts(phone()))
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	b.open("/appointments")
	b.follow("/appointments/")
	b.click("Change the time")
	b.sees("Choose another time")
	b.timeOn("move", 3)
	b.sees("Move this visit?")
	b.click("Move the visit")
	b.sees("The visit was moved", ref)

	b.open("/people/child")
	b.fill("The child's first name", "Mateo")
	b.fill("The child's last name", "Delgado")
	b.born(w, "9", "3", "2014")
	b.fill(w.memberID, "TW 7000001")
	b.click("Add the child")
	b.sees("Check the box to confirm")
	b.choose("I have read this, and I confirm")
	b.click("Add the child")
	b.sees("The child is added", "Mateo Delgado")

	b.open("/account")
	b.click("Español")
	b.sees("Mi cuenta")
	b.click("English")
	other := newTab(t, p.base, noScripts(desktop()))
	other.open("/")
	other.click("Try as patient")
	b.open("/devices")
	b.click("Sign out everywhere else")
	b.sees("All other devices are signed out")
	other.untilSignedOut("/appointments")
	b.open("/account/email")
	b.fill("New e-mail address", "rosa.moved@demo.test")
	b.fill("Password", demo.Password)
	b.submit()
	b.sees("Type the code we mailed you")
	b.fill("Code", codeFrom(t, p.mailTo("rosa.moved@demo.test", "new e-mail address").Text))
	b.submit()
	b.sees("Your e-mail address is changed")
}

// So does what is done in the offices: a visit booked for a caller and moved, a
// physician's hours, and a license that is corrected.
func TestOfficesWithoutScripts(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	plain := noScripts(desktop())
	staff := newTab(t, p.base, plain)
	staff.open("/")
	staff.click("Try as staff")
	p.moveByPhone(staff, p.bookByPhone(staff, w))

	doctor := newTab(t, p.base, plain)
	doctor.open("/")
	doctor.click("Try as physician")
	doctor.open("/physician/availability")
	doctor.eval(`(document.querySelector("[name=w0_1_from]").value = "06:00", document.querySelector("[name=w0_1_to]").value = "06:45")`)
	doctor.click("Check the effect")
	doctor.sees("Check before you save", "45 h 45 min")
	doctor.click("Save")
	doctor.sees("Your hours are saved")

	newTab(t, p.base, plain).suspend(demoPhysician, w.pennsylvania)
}

// sendRoster uploads the demo roster as staff.
func (p *portal) sendRoster(staff *tab) {
	p.t.Helper()
	file, err := filepath.Abs(demoRoster)
	if err != nil {
		p.t.Fatal(err)
	}
	staff.open("/")
	staff.click("Try as staff")
	staff.open("/staff/rosters")
	staff.pick("Payer", "Larkspur Health Plan")
	staff.upload("Roster file", file)
	staff.shot("rosters-" + staff.name)
	staff.axe()
	staff.click("Upload and import")
}
