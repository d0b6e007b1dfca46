package e2e

import (
	"strings"
	"testing"
)

// A patient with a plan books, has mail with a calendar file, sees the visit
// in the list, and cancels; the physician sees it come and go.
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
