package e2e

import (
	"strings"
	"testing"
)

// Somebody's card fits nobody. They open an account with an address of their
// own, book and pay themselves; staff look at their papers and link them; then
// their plan pays.
func TestLimitedAccountUntilStaffHaveLooked(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	p.run("roster", "import", "--payer", "Larkspur Health Plan", demoRoster)
	const address = "maggie@elsewhere.test"
	b := newTab(t, p.base, phone())
	b.open("/activate")
	b.fill(w.memberID, "LH 000 0001")
	b.fill(w.familyName, "Okonkwo")
	b.fill(w.month, "3")
	b.fill(w.day, "14")
	b.fill(w.year, "1958")
	b.submit()
	b.sees("Type the code we mailed you")
	ref := reference.FindString(b.text())
	b.shot("activate-code-" + b.name)
	b.click("Use an e-mail address of your own")
	b.sees("You can open an account now", ref)
	b.axe()
	b.fill("First name", "Margaret 🙂")
	b.fill("Your e-mail address", address)
	b.submit()
	b.sees("letters, spaces, hyphens and apostrophes")
	b.shot("own-wrong-" + b.name)
	b.axe()
	b.fill("First name", "Margaret")
	b.shot("own-" + b.name)
	b.submit()
	b.sees("Type the code we mailed you", address)
	b.shot("own-code-" + b.name)
	b.axe()
	b.fill("Code", codeFrom(t, p.mailTo(address, "code to open").Text))
	b.submit()
	b.sees("Your account is open", "Your plan is not confirmed yet", ref)
	b.shot("limited-" + b.name)
	b.axe()

	b.need(w)
	b.time(w, 0)
	b.sees("Your plan is not confirmed yet", "Without insurance")
	b.lacks("Plan:")
	visit := b.finish(w)
	p.mailTo(address, visit)
	b.open("/appointments")
	b.sees("coming up", ref)

	p.linkCase(t, ref)
	p.mailTo(address, "have confirmed your plan")
	if m := p.mailTo(margaret, "account was opened"); strings.Contains(m.Text, address) {
		t.Errorf("the roster's address learns the other one:\n%s", m.Text)
	}
	b.confirmed()
	b.need(w)
	b.time(w, 1)
	b.sees(w.aboutTitle, "Larkspur Health Plan", "Plan:")
	b.fill(w.reason, "The same cough")
	b.submit()
	b.sees(w.checkTitle, "Larkspur Health Plan")
}

// confirmed opens the list until it says nothing more about the plan: staff's
// change may reach the replica a moment later.
func (b *tab) confirmed() {
	b.t.Helper()
	b.reopensWithout("/appointments", "not confirmed")
	b.sees("coming up")
}

// linkCase is staff's part: look, check, link.
func (p *portal) linkCase(t *testing.T, ref string) {
	t.Helper()
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.open("/staff/activations")
	staff.click(ref)
	staff.sees("Case "+ref, "Margaret Okonkwo", "Member ID differs", "Birth date fits", "Can be linked after")
	staff.shot("case-" + staff.name)
	staff.axe()
	staff.click("Record the check")
	staff.sees("Choose which document it was")
	staff.axe()
	staff.choose("Photo ID by video")
	staff.pick("Which document was it?", "Passport")
	staff.choose("It shows that this is the person")
	staff.click("Record the check")
	staff.sees("The check is recorded", "by you")
	staff.shot("case-checked-" + staff.name)
	staff.axe()
	staff.click("This is the person. Link the account")
	staff.sees("The account is linked to the member", "Linked to this account")
	staff.shot("case-linked-" + staff.name)
	staff.axe()
}

// Somebody without a plan registers in the middle of a booking: the time that
// they chose stays theirs.
func TestRegisterFromTheMiddleOfABooking(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	const address = "new+bedside@elsewhere.test"
	b := newTab(t, p.base, phone())
	b.need(w)
	b.time(w, 0)
	b.sees("Sign in to go on", "Kept for you")
	b.shot("book-3-register-" + b.name)
	kept := b.eval(keptTime)
	b.follow("/register")
	b.sees("What a visit costs", "$")
	b.axe()
	b.fill("First name", "Siobhán")
	b.fill(w.familyName, "O'Hara-Núñez")
	b.fill(w.month, "2")
	b.fill(w.day, "30")
	b.fill(w.year, "1990")
	b.fill("Your e-mail address", address)
	b.submit()
	b.sees("Enter a date that exists")
	b.shot("register-wrong-" + b.name)
	b.axe()
	b.fill(w.day, "3")
	b.shot("register-" + b.name)
	b.submit()
	b.sees("Type the code we mailed you", address)
	b.fill("Code", codeFrom(t, p.mailTo(address, "code to open").Text))
	b.submit()
	b.sees(w.aboutTitle)
	if now := b.eval(keptTime); now != kept || kept == "" {
		t.Errorf("registered, %q is kept; before, it was %q", now, kept)
	}
	p.mailTo(address, b.finish(w))
	b.open("/appointments")
	b.sees("coming up")
	b.lacks("not confirmed")

	// Again with the same address: the page says the same, the mailbox knows.
	again := newTab(t, p.base, desktop())
	again.open("/register")
	again.shot("register-" + again.name)
	again.fill("First name", "Siobhán")
	again.fill(w.familyName, "O'Hara")
	again.fill(w.month, "2")
	again.fill(w.day, "3")
	again.fill(w.year, "1990")
	again.fill("Your e-mail address", strings.ToUpper(address))
	again.submit()
	again.sees("Type the code we mailed you")
	p.mailTo(address, "already have")
}
