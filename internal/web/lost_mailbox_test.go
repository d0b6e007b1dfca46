package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

// TestStaffReplaceALostMailbox: from the patient's record to the case, where
// the form for the new address comes after the check, and says what is wrong.
func TestStaffReplaceALostMailbox(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.in(t, AreaStaff, "en")
	if a := b.post("/staff/patients/"+testPatient+"/mailbox", nil); a.location != casePath(mailCase) {
		t.Errorf("the case is at %q (%d)", a.location, a.status)
	}
	if a := b.post("/staff/patients/"+testMember+"/mailbox", nil); a.status != http.StatusSeeOther || a.location != "/staff/patients/"+testMember {
		t.Errorf("without an account: %d %s", a.status, a.location)
	}
	if a := b.get(casePath(mailCase)); !strings.Contains(a.body, "identity check that passed first") || strings.Contains(a.body, `name="email"`) || strings.Contains(a.body, "Look for") {
		t.Errorf("before the check: %s", a.body)
	}
	s.identity.passed = true
	if a := b.get(casePath(mailCase)); !strings.Contains(a.body, `name="email"`) {
		t.Errorf("after the check: %s", a.body)
	}
	if a := b.post(casePath(mailCase)+"/address", url.Values{"version": {"3"}, "email": {"nobody"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="nobody"`) {
		t.Errorf("a wrong address: %d", a.status)
	}
	if a := b.post(casePath(mailCase)+"/address", url.Values{"version": {"3"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no address: %d", a.status)
	}
	if a := b.follow(casePath(mailCase)+"/address", url.Values{"version": {"3"}, "email": {"rosa.new@example.test"}}); !strings.Contains(a.body, "on its way to the new address") {
		t.Errorf("the link: %s", a.body)
	}
	if n := len(s.identity.mailed); n != 1 || s.identity.mailed[0].GetVersion() != 3 {
		t.Errorf("mailed %d", n)
	}
	s.identity.refuse = errs.New(errs.Precondition, "check_missing", "Check first.")
	if a := b.follow(casePath(mailCase)+"/address", url.Values{"version": {"3"}, "email": {"rosa.new@example.test"}}); !strings.Contains(a.body, "identity check that passed first") {
		t.Errorf("too late after the check: %d %s", a.status, a.body)
	}
	s.identity.refuse = errs.New(errs.Precondition, "works_here", "Works here.")
	if a := b.follow(casePath(mailCase)+"/address", url.Values{"version": {"3"}, "email": {"rosa.new@example.test"}}); !strings.Contains(a.body, "ask an administrator") || strings.Contains(a.body, "Change their roles") {
		t.Errorf("somebody at work: %d", a.status)
	}
}
