package e2e

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/bedside-health/bedside/internal/demo"
)

// A time is kept first, then its patient signs in with a mailed code: the time
// goes over to the account and is booked.
func TestCodeWhileATimeIsKept(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	const address = "rosa.delgado@demo.test"
	b := newTab(t, p.base, phone())
	b.need(w)
	b.time(w, 0)
	b.sees("Sign in to go on", "Kept for you")
	b.shot("book-3-" + b.name)
	b.axe()
	kept := b.eval(keptTime)
	b.fill("E-mail address", address)
	b.click("Mail me a code")
	b.sees("Type the code we mailed you")
	b.shot("code-" + b.name)
	b.axe()

	// A wrong code is refused, and the right one still works.
	code := codeFrom(t, p.mailTo(address, "code").Text)
	b.fill("Code", otherCode(code))
	b.submit()
	b.sees("code")
	b.axe()
	b.fill("Code", code)
	b.submit()
	b.sees(w.aboutTitle)
	if now := b.eval(keptTime); now != kept || kept == "" {
		t.Errorf("signed in, %q is kept; before, it was %q", now, kept)
	}
	ref := b.finish(w)
	p.mailTo(address, ref)
	b.open("/devices")
	b.sees("This device")
	b.axe()
}

// keptTime is the time that a page says is kept.
const keptTime = `[...document.querySelectorAll(".kept .what, .kept .small")].map(e => e.innerText).join(", ")`

// otherCode is a code of the same form that is wrong.
func otherCode(code string) string {
	first := byte('1')
	if code[0] == first {
		first = '2'
	}
	return string(first) + code[1:]
}

// Those who work here sign in with a password and an authenticator. A code
// works once, and a patient's pages stay closed to them.
func TestPasswordAndAuthenticator(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	for _, role := range []struct{ area, address, home string }{
		{"/staff", "staff@demo.test", "/staff/patients"},
		{"/physician", "physician@demo.test", "/physician/day"},
		{"/licensing", "licensing@demo.test", "/licensing/licenses"},
	} {
		b := newTab(t, p.base, desktop())
		b.open(role.home)
		b.sees("Sign in")
		b.open(role.area + "/sign-in?next=" + role.home)
		b.axe()
		code, err := totp.GenerateCode(demo.TOTPSecret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b.signIn(role.address, "not the lantern harbor", code)
		b.sees("do not go together")
		b.shot("password-refused-" + b.name)
		b.axe()
		b.signIn(role.address, demo.Password, code)
		if got := b.path(); got != role.home {
			b.fail("signing in leads to %s", got)
		}
		again := newTab(t, p.base, desktop())
		again.open(role.area + "/sign-in")
		again.signIn(role.address, demo.Password, code)
		again.sees("was used before")

		b.open("/appointments")
		b.sees("Sign in")
		b.open(role.home)
		b.click("Sign out")
		b.open(role.home)
		b.sees("Sign in")
	}
}

func (b *tab) signIn(address, password, code string) {
	b.t.Helper()
	b.fill("E-mail address", address)
	b.fill("Password", password)
	b.fill("Code from your authenticator app", code)
	b.submit()
}
