package e2e

import (
	"regexp"
	"strings"
	"testing"
)

var uid = regexp.MustCompile(`UID:\S+`)

// A patient with a plan books, has mail with a calendar file, sees the visit
// in the list, moves it, and cancels; the physician sees it come and go.
func TestPatientBooksAndCancels(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, phone())
	b.open("/")
	b.shot("home-" + b.name)
	b.axe()
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)

	m := p.mailTo("rosa.delgado@demo.test", ref)
	if len(m.Files) != 1 || !strings.Contains(m.Files[0].Text, "BEGIN:VEVENT") || !strings.Contains(m.Files[0].Text, "METHOD:PUBLISH") {
		t.Errorf("the confirmation has no calendar file: %+v", m.Files)
	}
	for _, private := range []string{"cough", "Thursday", "General visit"} {
		if strings.Contains(m.Text+m.Subject, private) {
			t.Errorf("the mail says %q", private)
		}
	}
	b.open("/appointments")
	b.sees("coming up")
	b.shot("appointments-" + b.name)
	b.axe()
	b.follow("/appointments/")
	b.sees(ref)
	b.shot("appointment-" + b.name)
	b.axe()
	b.click("Change the time")
	b.sees("Choose another time", "It stays yours")
	b.timeOn("move-1", 2)
	b.sees("Move this visit?", "Old time", "New time")
	b.shot("move-2-" + b.name)
	b.axe()
	b.click("Move the visit")
	b.sees("The visit was moved", ref)
	b.shot("moved-" + b.name)
	b.axe()
	moved := p.mailTo("rosa.delgado@demo.test", "was moved")
	if len(moved.Files) != 1 || !strings.Contains(moved.Files[0].Text, "METHOD:PUBLISH") || uid.FindString(moved.Files[0].Text) != uid.FindString(m.Files[0].Text) {
		t.Errorf("the mail of the move does not update the calendar: %+v", moved.Files)
	}
	b.click(w.cancel)
	b.shot("cancel-" + b.name)
	b.axe()
	b.click(w.cancelYes)
	b.sees(w.canceled)
	gone := p.mailTo("rosa.delgado@demo.test", "anceled")
	if len(gone.Files) != 1 || !strings.Contains(gone.Files[0].Text, "METHOD:CANCEL") {
		t.Errorf("the cancellation has no calendar file: %+v", gone.Files)
	}
}
