package e2e

import (
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/demo"
)

// linkTo is the link of a mail that leads below a path.
func (p *portal) linkTo(address, subject, below string) string {
	p.t.Helper()
	for _, link := range p.mailTo(address, subject).Links {
		if strings.Contains(link, below) {
			return link
		}
	}
	p.t.Fatalf("the mail about %q has no link below %s", subject, below)
	return ""
}

// A patient looks at their account, changes the address, and later has
// forgotten the password: mail follows, the old address is told, and the new
// password ends what was open elsewhere.
func TestPatientChangesAddressAndForgetsPassword(t *testing.T) {
	t.Parallel()
	const old, moved, password = "rosa.delgado@demo.test", "rosa.moved@demo.test", "seven lamps on a long pier"
	p := start(t, options{})
	dark := phone()
	dark.scheme = "dark"
	b := newTab(t, p.base, dark)
	b.open("/")
	b.click("Try as patient")
	b.click("My account")
	b.sees("How you sign in", "r•••@d•••.test", "How we reach you", "What you agreed to")
	b.shot("account-" + b.name)
	b.axe()
	b.open("/account/phone")
	b.fill("Phone", "215 555 01")
	b.submit()
	b.sees("Enter a phone number with area code")
	b.axe()
	b.fill("Phone", "215-555-0188")
	b.submit()
	b.sees("Saved", "(215) 555-0188", "You told us")

	b.open("/account/email")
	b.axe()
	b.fill("New e-mail address", moved)
	b.fill("Password", "not this one")
	b.submit()
	b.sees("That is not the password of this account")
	b.axe()
	b.fill("Password", demo.Password)
	b.submit()
	b.sees("Type the code we mailed you")
	b.shot("account-email-code-" + b.name)
	code := codeFrom(t, p.mailTo(moved, "new e-mail address").Text)
	b.fill("Code", otherCode(code))
	b.submit()
	b.sees("That code is not right")
	b.fill("Code", code)
	b.submit()
	b.sees("Your e-mail address is changed")
	b.lacks("does not go to the address")
	p.mailTo(old, "was changed")

	other := newTab(t, p.base, desktop())
	other.open("/sign-in/password")
	other.click("I forgot my password")
	other.shot("forgotten-" + other.name)
	other.axe()
	other.fill("E-mail address", moved)
	other.submit()
	other.sees("Look at your mail")
	other.axe()
	link := p.linkTo(moved, "Set a new Bedside password", "/sign-in/reset/")
	other.open(link)
	other.sees("Choose a new password")
	other.fill("New password", "short")
	other.submit()
	other.sees("Use 15 characters or more")
	other.shot("reset-" + other.name)
	other.axe()
	other.fill("New password", password)
	other.submit()
	other.sees("Your new password is set")
	b.open("/account")
	b.sees("Sign in")
	other.fill("E-mail address", moved)
	other.fill("Password", password)
	other.submit()
	if got := other.path(); got != "/appointments" {
		other.fail("signing in leads to %s", got)
	}
	other.open("/account")
	other.sees("Set on")
	other.shot("account-" + other.name)
	other.open(link)
	other.sees("That link is no longer good")
}
