package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

// hold puts a session into a browser.
func (b *browser) hold(a Area, s *authv1.Session) {
	b.cookies[a.secretCookie()], b.cookies[a.tokenCookie()] = s.GetSecret(), s.GetToken()
}

func TestSwitchingBetweenRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	both := s.auth.open(rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER)
	b.hold(AreaStaff, both)
	if page := b.get("/staff/devices").body; !strings.Contains(page, `action="/switch/licensing"`) || strings.Contains(page, `action="/switch/admin"`) {
		t.Error("the page does not offer just what the session has proven")
	}
	if a := b.post("/switch/licensing", url.Values{"from": {"staff"}}); a.location != AreaLicensing.Home() {
		t.Fatalf("leads to %d %s", a.status, a.location)
	}
	if a := b.get("/licensing/devices"); a.status != http.StatusOK {
		t.Errorf("there: %d", a.status)
	}
	// What the session has not proven stays closed.
	for _, to := range []string{"admin", "physician", "patient"} {
		if a := b.post("/switch/"+to, url.Values{"from": {"staff"}}); a.status != http.StatusForbidden || b.cookies[Area(to).secretCookie()] != "" {
			t.Errorf("to %s: %d", to, a.status)
		}
	}
	for _, to := range []string{"operator", "staff"} {
		if a := b.post("/switch/"+to, url.Values{"from": {"nowhere"}}); a.status != http.StatusNotFound {
			t.Errorf("to %s from nowhere: %d", to, a.status)
		}
	}
	if a := s.browser(t, "en").post("/switch/licensing", url.Values{"from": {"staff"}}); a.location != "/staff/sign-in" {
		t.Errorf("by nobody: %d %s", a.status, a.location)
	}
	// Signing out of one says what is left, and ends nothing that is still used.
	if a := b.post("/staff/sign-out", nil); a.location != "/signed-out" || s.auth.signedOut != 0 {
		t.Fatalf("signing out leads to %d %s after %d ends", a.status, a.location, s.auth.signedOut)
	}
	page := b.get("/signed-out")
	checkPage(t, page, "en", 0)
	if !strings.Contains(page.body, `href="`+AreaLicensing.Home()+`"`) || strings.Contains(page.body, `href="`+AreaStaff.Home()+`"`) || page.header.Get("Cache-Control") != "no-store" {
		t.Error("the page does not say what is left, or may be kept")
	}
	if a := b.post("/sign-out/everywhere", nil); a.location != "/" || s.auth.signedOut != 1 || b.cookies[AreaLicensing.secretCookie()] != "" {
		t.Errorf("everywhere leads to %d %s after %d ends", a.status, a.location, s.auth.signedOut)
	}
	if a := b.get("/signed-out"); a.location != "/" {
		t.Errorf("signed out of all: %d", a.status)
	}
}

// Whoever is signed in to the other area as somebody else is signed out there.
func TestSwitchingReplacesSomebodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	account := uuid.NewString()
	b.hold(AreaStaff, s.auth.openAs(account, rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_PATIENT))
	own := s.auth.openAs(account, rpcv1.Role_ROLE_PATIENT)
	b.hold(AreaPatient, own)
	if a := b.post("/switch/patient", url.Values{"from": {"staff"}}); a.location != AreaPatient.Home() || b.cookies[AreaPatient.secretCookie()] != own.GetSecret() || s.auth.signedOut != 0 {
		t.Errorf("one's own session was replaced: %d", a.status)
	}
	b.hold(AreaPatient, s.auth.open(rpcv1.Role_ROLE_PATIENT))
	if a := b.post("/switch/patient", url.Values{"from": {"staff"}}); a.location != AreaPatient.Home() || b.cookies[AreaPatient.secretCookie()] != b.cookies[AreaStaff.secretCookie()] || s.auth.signedOut != 1 {
		t.Errorf("somebody else stays signed in: %d", a.status)
	}
}

// A form whose session has ended waits for the same account, at the same page,
// once; nothing secret is kept, and nothing that is too long.
func TestFormSurvivesTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	account := uuid.NewString()
	path, form := "/admin/people/new", url.Values{"email": {"new@example.test"}, "role_staff": {"yes"}, "key": {"key-12345678"}}
	ended := func(b *browser, path string, form url.Values) answer {
		t.Helper()
		b.hold(AreaAdmin, s.auth.openAs(account, rpcv1.Role_ROLE_ADMINISTRATOR))
		s.auth.mu.Lock()
		clear(s.auth.sessions)
		s.auth.mu.Unlock()
		a := b.post(path, form)
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/admin/sign-in") {
			t.Fatalf("the form leads to %d %s", a.status, a.location)
		}
		return b.get(a.location)
	}
	b := s.browser(t, "en")
	if page := ended(b, path, form); !strings.Contains(page.body, "What you typed is kept") || strings.Contains(opaque(t, b.cookies[cookieForm]), "new@example.test") {
		t.Fatal("nobody says that it is kept, or it can be read")
	}
	b.hold(AreaAdmin, s.auth.open(rpcv1.Role_ROLE_ADMINISTRATOR))
	if strings.Contains(b.get(path).body, "new@example.test") {
		t.Error("somebody else finds the form")
	}
	b.hold(AreaAdmin, s.auth.openAs(account, rpcv1.Role_ROLE_ADMINISTRATOR))
	if strings.Contains(b.get("/admin/people").body, "new@example.test") {
		t.Error("another page gives the form back")
	}
	kept := b.get(path)
	checkPage(t, kept, "en", 0)
	if hidden(t, kept.body, "email") != "new@example.test" || hidden(t, kept.body, "key") != "key-12345678" || kept.header.Get("Cache-Control") != "no-store" {
		t.Error("the form is not given back")
	}
	if strings.Contains(b.get(path).body, "new@example.test") {
		t.Error("it comes back a second time")
	}
	for name, bad := range map[string]url.Values{
		"a password": {"password": {"secret words of mine"}}, "too long": {"email": {strings.Repeat("x", formMost)}}, "nothing": {},
	} {
		b := s.browser(t, "en")
		page := ended(b, path, bad)
		if b.cookies[cookieForm] != "" {
			t.Errorf("%s is kept", name)
		}
		if strings.Contains(page.body, "What you typed could not be kept") != (name != "nothing") {
			t.Errorf("%s: what is lost is not said, or said of nothing", name)
		}
	}
	b = s.browser(t, "en")
	ended(b, path, form)
	s.clock.Move(s.clock.Moved() + formLife + 1)
	b.hold(AreaAdmin, s.auth.openAs(account, rpcv1.Role_ROLE_ADMINISTRATOR))
	if strings.Contains(b.get(path).body, "new@example.test") {
		t.Error("it waits for too long")
	}
}
