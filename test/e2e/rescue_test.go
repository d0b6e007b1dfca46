package e2e

import (
	"testing"
)

const offPhone = "a rash since Sunday, told on the phone"

// Staff rescue two callers: one who cannot get in, because they spell their name
// otherwise than the roster, and one who wants a visit and then another time.
func TestStaffRescuesACaller(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	p.run("roster", "import", "--payer", "Larkspur Health Plan", demoRoster)
	caller := newTab(t, p.base, phone())
	caller.open("/activate")
	caller.fill(w.memberID, "LK1000001")
	caller.fill(w.familyName, "Oconquo")
	caller.born(w, "3", "14", "1958")
	caller.submit()
	caller.sees("code")

	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.sees("Who is on the phone?")
	staff.axe()
	staff.shot("desk-search-" + staff.name)
	p.letIn(staff, caller, w)
	ref := p.bookByPhone(staff, w)
	p.moveByPhone(staff, ref)

	patient := newTab(t, p.base, phone())
	patient.open("/")
	patient.click("Try as patient")
	patient.open("/appointments")
	patient.follow("/appointments/")
	patient.sees(ref, offPhone, "Your consent in writing is due")
	patient.shot("consent-due-" + patient.name)
	patient.axe()
	patient.click("Read and sign")
	patient.submit()
	patient.sees("another look")
	patient.choose(w.agree)
	patient.axe()
	patient.shot("consent-sign-" + patient.name)
	patient.submit()
	patient.sees("Your consent is signed")
	patient.lacks("Your consent in writing is due")
	staff.reopensWithout(staff.path(), "Consent in writing is due")
	staff.lacks("rash")
}

// letIn finds the member, sees why they could not get in, and sends the
// invitation, which lets them in.
func (p *portal) letIn(staff, caller *tab, w words) {
	p.t.Helper()
	staff.fill(w.familyName, "okon")
	staff.submit()
	staff.sees("Fill in two of the fields")
	staff.shot("desk-two-" + staff.name)
	staff.born(w, "3", "14", "1958")
	staff.submit()
	staff.sees("One person fits", "Margaret Okonkwo", "no patient yet")
	staff.axe()
	staff.shot("desk-found-" + staff.name)
	staff.follow("/staff/members/")
	staff.sees("the last name or the date of birth was not what the roster has", "Pays for visits")
	staff.axe()
	staff.shot("desk-member-" + staff.name)
	staff.click("Send an invitation")
	staff.sees("An invitation is on its way")
	staff.lacks("It goes to")
	staff.shot("desk-invited-" + staff.name)
	p.accept(caller, w)
}

// bookByPhone books for a patient and returns the reference.
func (p *portal) bookByPhone(staff *tab, w words) string {
	p.t.Helper()
	staff.open("/staff/patients")
	staff.fill("Member number", "tw 7000001")
	staff.fill("Phone", "(215) 555-0142")
	staff.submit()
	staff.sees("Rosa Delgado", "Patient with an account")
	staff.follow("/staff/patients/")
	staff.sees("Visits to come", "Tidewater Mutual Care", "Getting in")
	staff.axe()
	staff.shot("desk-patient-" + staff.name)
	staff.click("Book for them")
	staff.choose(w.general)
	staff.axe()
	staff.shot("desk-need-" + staff.name)
	staff.submit()
	staff.sees(w.timesTitle, "For Rosa Delgado")
	staff.timeOn("desk-times", 0)
	staff.sees(w.aboutTitle)
	staff.fill("What would they like to talk about", offPhone)
	staff.axe()
	staff.shot("desk-about-" + staff.name)
	staff.submit()
	staff.sees("Read this back to them", offPhone)
	staff.click(w.book)
	staff.sees("Read the consent to them")
	staff.choose("I read this to them")
	staff.axe()
	staff.shot("desk-check-" + staff.name)
	staff.click(w.book)
	staff.sees("The visit is booked", "Consent in writing is due")
	staff.lacks("rash")
	staff.axe()
	staff.shot("desk-visit-" + staff.name)
	ref := reference.FindString(staff.text())
	if ref == "" {
		staff.fail("the page gives no reference")
	}
	p.mailTo(rosa, "Our staff booked it for you")
	return ref
}

// moveByPhone moves the visit that the page shows.
func (p *portal) moveByPhone(staff *tab, ref string) {
	p.t.Helper()
	staff.click("Change the time")
	staff.sees("It stays theirs")
	staff.timeOn("desk-move", 3)
	staff.sees("Move this visit?")
	staff.axe()
	staff.shot("desk-move-check-" + staff.name)
	staff.click("Move the visit")
	staff.sees("The visit was moved", ref)
	p.mailTo(rosa, "Our staff moved it for you")
}

// born fills in a date of birth.
func (b *tab) born(w words, month, day, year string) {
	b.t.Helper()
	b.fill(w.month, month)
	b.fill(w.day, day)
	b.fill(w.year, year)
}
