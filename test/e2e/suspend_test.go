package e2e

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A license is suspended while a patient reads page 5: within seconds nobody
// finds the physician anymore, and the booking is refused for that reason.
func TestLicenseSuspendedBeforeBooking(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, phone())
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.withPhysician(w, demoPhysician)
	b.sees(w.aboutTitle)
	b.fill(w.reason, "A cough since Thursday")
	b.submit()
	b.sees(w.checkTitle)
	b.choose(w.agree)

	watcher := newVisitor(p.base, "en")
	if !watcher.finds(t, demoPhysician) {
		t.Fatalf("%s is not found before", demoPhysician)
	}
	officer := newTab(t, p.base, desktop())
	officer.suspend(demoPhysician, w.pennsylvania)
	began := time.Now()
	for watcher.finds(t, demoPhysician) {
		if time.Since(began) > 5*time.Second {
			t.Fatal("five seconds later the physician is still found")
		}
		<-time.After(20 * time.Millisecond)
	}

	b.click(w.book)
	b.sees("That time is gone", "license there changed a moment ago", "You have not booked anything")
	b.shot("lost-license-" + b.name)
	b.axe()
	b.lacks(demoPhysician)
	var booked int
	p.db.Query(t, `SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`, &booked)
	if booked != 0 {
		t.Errorf("%d visits were booked", booked)
	}
	b.open("/appointments")
	b.sees("No visit is booked")
	b.open("/book/time")
	b.sees(w.timesTitle)
	b.time(w, 0)
	b.sees(w.checkTitle, "A cough since Thursday")
}

// finds says whether a physician can be chosen for a general visit in
// Pennsylvania.
func (v *visitor) finds(t *testing.T, name string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := v.post(ctx, "/book", url.Values{"service": {"general"}, "state": {"PA"}}); err != nil {
		t.Fatal(err)
	}
	a, err := v.get(ctx, "/book/time")
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusOK {
		t.Fatalf("the times answered %d", a.status)
	}
	return strings.Contains(a.body, name)
}

// suspend corrects a physician's license in a state, as the licensing officer.
func (b *tab) suspend(name, state string) {
	b.t.Helper()
	b.open("/")
	b.click("Try as licensing officer")
	b.open("/licensing/physicians")
	_, family, _ := strings.Cut(name, " ")
	b.fill("Name or NPI", family)
	b.click("Search")
	b.click(name)
	b.sees("Licenses")
	b.shot("officer-physician-" + b.name)
	b.axe()
	b.click("Correct " + state)
	b.pick("Status at the board", "Suspended")
	b.fill("Why", "The board has suspended it today")
	b.shot("officer-correct-" + b.name)
	b.axe()
	b.submit()
	b.sees("Suspended", "The board has suspended it today")
	b.axe()
}
