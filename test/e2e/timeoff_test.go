package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A physician takes a day off on which a patient is booked: the effect is shown
// before it is saved, search follows, the visit stays, and staff see it. Then
// two windows change the hours, and neither undoes the other unseen.
func TestPhysicianTakesTimeOff(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	patient := newTab(t, p.base, phone())
	patient.open("/")
	patient.click("Try as patient")
	patient.need(w)
	day := patient.withPhysician(w, demoPhysician)
	ref := patient.finish(w)

	doctor := newTab(t, p.base, desktop())
	doctor.open("/")
	doctor.click("Try as physician")
	doctor.reopens("/physician/day?day="+day, ref, "A cough since Thursday", "Visits with you before")
	doctor.shot("day-" + doctor.name)
	doctor.axe()
	doctor.keys()
	doctor.open("/physician/availability")
	doctor.dayOff(t, day)
	doctor.click("Check the effect of time off")
	doctor.sees("Check before you save", "One booked visit is outside", ref)
	doctor.shot("timeoff-effect-" + doctor.name)
	doctor.axe()
	watcher := newVisitor(p.base, "en")
	if !watcher.findsOn(t, day, demoPhysician) {
		t.Fatal("looking at the effect has changed the calendar")
	}
	doctor.click("Save")
	doctor.sees("Your hours are saved")
	began := time.Now()
	for watcher.findsOn(t, day, demoPhysician) {
		if time.Since(began) > 5*time.Second {
			t.Fatal("five seconds later the day off is still offered")
		}
		<-time.After(20 * time.Millisecond)
	}
	patient.open("/appointments")
	patient.sees("coming up")
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.reopens("/staff/affected", "One visit needs somebody", ref, "outside of the physician's hours", "Ask the physician first")
	staff.shot("affected-" + staff.name)
	staff.axe()
	doctor.twoWindows(t, p, ref, staff)
}

// twoWindows changes the hours in a second window while the first is open, and
// takes the day off back.
func (b *tab) twoWindows(t *testing.T, p *portal, ref string, staff *tab) {
	t.Helper()
	second := newTab(t, p.base, phone())
	second.open("/")
	second.click("Try as physician")
	second.open("/physician/availability")
	b.open("/physician/availability")
	second.click("Remove")
	second.sees("The time off is removed")
	b.eval(`(document.querySelector("[name=w0_1_from]").value = "08:00", document.querySelector("[name=w0_1_to]").value = "10:00")`)
	b.click("Check the effect")
	b.sees("Your hours were changed in another window", "8:00 am to 10:00 am")
	b.shot("hours-conflict-" + b.name)
	b.axe()
	b.click("Check the effect of what I typed")
	b.sees("Check before you save")
	b.click("Save")
	b.sees("Your hours are saved")
	staff.reopens("/staff/affected", "No visit needs you", "Fits again", ref)
}

// keys walks the list of the day by keyboard, and opens a visit.
func (b *tab) keys() {
	b.t.Helper()
	press := `const press = (on, key) => on.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));`
	if got := b.eval(`(() => { ` + press + ` const list = document.querySelector("[data-rows]"); list.focus(); press(list, "j"); return document.activeElement.tagName; })()`); got != "TR" {
		b.fail("j goes to %q", got)
	}
	b.eval(`(() => { ` + press + ` press(document.activeElement, "ArrowUp"); press(document.activeElement, "Enter"); return "ok"; })()`)
	deadline := time.Now().Add(patience)
	for !strings.Contains(b.eval(`location.search`), "visit=") {
		if time.Now().After(deadline) {
			b.fail("Enter opens nothing")
		}
		<-time.After(20 * time.Millisecond)
	}
	b.sees("Chosen, ")
}

// dayOff fills the form for one day off.
func (b *tab) dayOff(t *testing.T, day string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	for part, n := range map[string]int{"month": int(at.Month()), "day": at.Day(), "year": at.Year()} {
		b.eval(fmt.Sprintf(`(document.querySelector("[name=off_from_%s]").value = "%d")`, part, n))
	}
}

// findsOn says whether a physician has a free time for a general visit in
// Pennsylvania on a day.
func (v *visitor) findsOn(t *testing.T, day, name string) bool {
	t.Helper()
	if _, err := v.post(t.Context(), "/book", url.Values{"service": {"general"}, "state": {"PA"}}); err != nil {
		t.Fatal(err)
	}
	all, err := v.get(t.Context(), "/book/time")
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(all.body, ">Dr.\u00a0"+name)
	if !found {
		t.Fatalf("%s cannot be chosen", name)
	}
	id := before[strings.LastIndex(before, `value="`)+len(`value="`):]
	id, _, _ = strings.Cut(id, `"`)
	a, err := v.get(t.Context(), "/book/time?day="+day+"&with="+id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(a.body, `name="slot"`)
}
