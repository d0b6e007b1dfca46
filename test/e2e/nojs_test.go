package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Without scripts everything works: booking and canceling, and a roster whose
// progress is seen by reloading the page.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	plain := phone()
	plain.noJS = true
	b := newTab(t, p.base, plain)
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

	plain = desktop()
	plain.noJS = true
	staff := newTab(t, p.base, plain)
	p.sendRoster(staff)
	staff.reloadUntil("5,000 members read")
	staff.sees("3 records were left out")
	staff.click("See what was left out")
	staff.sees("LK1000636")
}

// reloadUntil loads the page again until it says something, by its own link
// where it has one.
func (b *tab) reloadUntil(words string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	path := b.path()
	for !strings.Contains(fold(b.text()), fold(words)) {
		if time.Now().After(deadline) {
			b.fail("however often it is loaded, the page does not say %q", words)
		}
		b.open(path)
	}
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
