package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// An administrator invites somebody, who chooses a password and sets up an
// authenticator, works, gets a second role and switches to it; disabled, their
// next click signs them out.
func TestAdministratorInvitesAndDisables(t *testing.T) {
	t.Parallel()
	const address, password = "percival.inkwright@demo.test", "seven lamps on a long pier"
	p := start(t, options{})
	ada := newTab(t, p.base, desktop())
	ada.open("/")
	ada.click("Try as administrator")
	ada.sees("Who works here", "staff@demo.test")
	ada.lacks("rosa.delgado")
	ada.shot("admin-people-" + ada.name)
	ada.axe()
	ada.click("Invite somebody")
	ada.submit()
	ada.sees("Choose one role or more", "Enter an e-mail address")
	ada.shot("admin-invite-" + ada.name)
	ada.axe()
	ada.fill("E-mail address", address)
	ada.choose("Staff")
	ada.submit()
	ada.sees("The invitation is on its way", "Invited", address)
	ada.shot("admin-person-" + ada.name)
	ada.axe()
	person := ada.path()

	sam := newTab(t, p.base, phone())
	sam.open(p.linkTo(address, "Set up your Bedside sign-in", "/sign-in/invited/"))
	sam.sees("Set up your sign-in", "p•••@d•••.test")
	sam.axe()
	sam.fill("New password", password)
	sam.submit()
	sam.sees("Set up your authenticator")
	sam.shot("authenticator-" + sam.name)
	sam.axe()
	secret := strings.ReplaceAll(sam.eval(`document.querySelector(".key").innerText`), " ", "")
	sam.fill("Code that the app shows now", sam.totp(secret, 0))
	sam.submit()
	sam.sees("Keep these recovery codes", "You are signed in")
	sam.shot("recovery-codes-" + sam.name)
	sam.axe()
	recovery := sam.eval(`document.querySelector(".codes li").innerText`)
	sam.click("I have kept them")
	if got := sam.path(); got != "/staff/patients" {
		sam.fail("enrolling leads to %s", got)
	}

	// Another role needs another sign-in, here with a recovery code.
	ada.open(person)
	ada.choose("Licensing")
	ada.click("Save")
	ada.sees("The roles are changed", "Staff, Licensing")
	sam.lacks("To Licensing")
	sam.click("Sign out")
	sam.open("/staff/sign-in")
	sam.signIn(address, password, recovery)
	p.mailTo(address, "recovery code was used")
	sam.click("To Licensing")
	if got := sam.path(); got != "/licensing/licenses" {
		sam.fail("switching leads to %s", got)
	}
	sam.shot("switched-" + sam.name)
	sam.axe()
	sam.click("Sign out")
	sam.sees("You are signed out there", "Staff")
	sam.axe()
	sam.open("/staff/account")
	sam.sees("Recovery codes", "7 are left")

	ada.open(person)
	ada.click("Disable this account")
	ada.axe()
	ada.submit()
	ada.sees("The account is disabled")
	sam.untilSignedOut("/staff/rosters")
	ada.shot("admin-disabled-" + ada.name)
	sam.open("/staff/sign-in")
	sam.signIn(address, password, sam.totp(secret, 1))
	sam.sees("do not go together")
}

// totp is a code of an authenticator, some steps from now.
func (b *tab) totp(secret string, steps int) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		b.fail("computing a code: %v", err)
	}
	return code
}

// untilSignedOut clicks on until the page asks to sign in.
func (b *tab) untilSignedOut(path string) {
	b.t.Helper()
	began := time.Now()
	for b.open(path); b.path() == path; b.open(path) {
		if time.Since(began) > patience {
			b.fail("still signed in")
		}
	}
}

// The first administrator of a portal is made at its machine.
func TestFirstAdministratorAtTheCommandLine(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	link := strings.TrimSpace(p.run("admin", "create", "--email", "first.inkwright@demo.test"))
	b := newTab(t, p.base, desktop())
	b.open(link)
	b.sees("Set up your sign-in")
	if out := p.refused("admin", "create", "--email", "no address"); !strings.Contains(out, "is not an e-mail address") {
		t.Errorf("a wrong address is refused with %q", out)
	}
}
