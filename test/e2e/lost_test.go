package e2e

import "testing"

// Two browsers look at the same times and choose the same one. The second is
// told so, has kept what was typed, and books one of the nearest instead.
func TestLostRace(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	quick, slow := newTab(t, p.base, desktop()), newTab(t, p.base, phone())
	slow.open("/")
	slow.click("Try as patient")
	slow.need(w)
	slow.time(w, 2)
	slow.sees(w.aboutTitle)
	slow.fill(w.reason, "A rash that itches")
	slow.submit()
	slow.sees(w.checkTitle)

	slow.open("/book/time")
	quick.need(w)
	const first = `document.querySelector("main input[type=radio][name=slot]").value`
	if a, b := slow.eval(first), quick.eval(first); a != b {
		t.Fatalf("they see different first times: %s, %s", a, b)
	}
	quick.time(w, 0)
	quick.sees("Sign in to go on")
	slow.time(w, 0)
	slow.sees("That time is gone", "Somebody was quicker", "Your answers are kept", "The nearest free times")
	slow.shot("lost-" + slow.name)
	slow.axe()
	if n := slow.eval(`String(document.querySelectorAll("main input[type=radio][name=slot]").length)`); n != "3" {
		t.Errorf("%s times are offered instead", n)
	}
	slow.time(w, 0)
	slow.sees(w.checkTitle, "A rash that itches")
	slow.choose(w.agree)
	slow.click(w.book)
	slow.sees(w.booked)
	p.mailTo("rosa.delgado@demo.test", reference.FindString(slow.text()))

	// Who was quicker goes on undisturbed.
	quick.open("/book/sign-in")
	quick.sees("Kept for you")
}
