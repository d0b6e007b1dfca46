package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/errs"
)

// The session ends while a long reason is being written: after signing in it
// stands in the form again, once, and nobody can read it in between.
func TestWhatWasTypedSurvivesTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	holdTime(t, b)
	s.auth.mu.Lock()
	clear(s.auth.sessions)
	s.auth.mu.Unlock()
	const first = "Begin of a long reason "
	reason := first + strings.Repeat("咳", reasonLimit-utf8.RuneCountInString(first+" end")) + " end"
	form := url.Values{
		"patient_id": {testPatient}, "reason": {reason}, "interpreter": {"zh"}, "captions": {"yes"},
		"phone": {"212 555 0188"}, "payment": {"self_pay"},
	}
	a := b.post("/book/about", form)
	if a.location != "/sign-in?next=%2Fbook%2Fabout" {
		t.Fatalf("the form leads to %d %s", a.status, a.location)
	}
	for name, value := range b.cookies {
		if len(name)+len(value) > 4096 || strings.Contains(value, first) {
			t.Errorf("cookie %s has %d bytes", name, len(value))
		}
	}
	page := b.get(a.location)
	if !strings.Contains(page.body, "What you typed is kept") {
		t.Error("nobody says that it is kept")
	}
	b.post("/sign-in", url.Values{"email": {"rosa@example.test"}, "next": {hidden(t, page.body, "next")}})
	if a := b.post("/sign-in/code", url.Values{"code": {"482913"}}); a.location != "/book/about" {
		t.Fatalf("signing in leads to %s", a.location)
	}
	about := b.get("/book/about").body
	for _, want := range []string{reason + "</textarea>", `value="zh" selected`, `value="212 555 0188"`} {
		if !strings.Contains(about, want) {
			t.Errorf("the form lacks %.30s", want)
		}
	}
	if strings.Contains(b.get("/book/about").body, reason) {
		t.Error("it comes back a second time")
	}
}

func TestWhatSomebodyElseTypedStaysHidden(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	holdTime(t, b)
	s.auth.mu.Lock()
	clear(s.auth.sessions)
	s.auth.mu.Unlock()
	b.post("/book/about", url.Values{"patient_id": {"0198a000-0000-7000-8000-00000000ffff"}, "reason": {"private matter"}})
	signedIn(t, b)
	if strings.Contains(b.get("/book/about").body, "private matter") {
		t.Error("the next person of this browser reads it")
	}
	// Nor the end of it behind words of their own.
	s.auth.mu.Lock()
	clear(s.auth.sessions)
	s.auth.mu.Unlock()
	b.post("/book/about", url.Values{"patient_id": {"0198a000-0000-7000-8000-00000000ffff"}, "reason": {strings.Repeat("x", reasonLimit-7) + "private"}})
	b.post("/book/about", url.Values{"patient_id": {testPatient}, "reason": {"my own"}})
	signedIn(t, b)
	if about := b.get("/book/about").body; !strings.Contains(about, "my own") || strings.Contains(about, "private") {
		t.Error("the end of another's words stands behind one's own")
	}
}

func TestMailFollowsTheLanguageOfThePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	b.post("/language", url.Values{"lang": {"es"}, "back": {"/"}})
	if s.people.language != "" {
		t.Error("a stranger set the language of mail")
	}
	signedIn(t, b)
	b.post("/language", url.Values{"lang": {"en"}, "back": {"/staff/rosters"}})
	if s.people.language != "" {
		t.Error("the language of staff's pages is the patient's")
	}
	if a := b.post("/language", url.Values{"lang": {"es"}, "back": {"/appointments"}}); a.location != "/appointments" || s.people.language != "es" || s.accounts.language != "es" {
		t.Errorf("mail is in %q, about the account in %q", s.people.language, s.accounts.language)
	}
	b.post("/language", url.Values{"lang": {"tlh"}, "back": {"/"}})
	if s.people.language != "es" {
		t.Errorf("mail is in %q, about the account in %q", s.people.language, s.accounts.language)
	}
}

// Who books in another language than mail is written in can change that there.
func TestBookedInAnotherLanguageThanMail(t *testing.T) {
	t.Parallel()
	for lang, offered := range map[string]bool{"en": false, "es": true} {
		s := newSite(t)
		b := s.browser(t, lang)
		page := b.get(booked(t, b) + "/booked")
		page.wants(t, http.StatusOK, "Rosa Delgado")
		if strings.Contains(page.body, "Le escribimos en inglés.") != offered || strings.Contains(page.body, "Escríbanme en español") != offered {
			t.Errorf("%s: an offer is missing, or too many", lang)
		}
	}
}

// A form shown again after a fault goes back to itself, not to the first page,
// when the language is changed.
func TestLanguageOfAFormWithFaults(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	if page := b.post("/book", url.Values{}).body; hidden(t, page, "back") != "/book" {
		t.Errorf("leads back to %s", hidden(t, page, "back"))
	}
}

func TestABrowserThatLeftIsNoFault(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newSite(t)
	s.web.Log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	route := Route{Permission: Public, Area: AreaPatient, Handle: func(c *Call) error {
		cancel()
		return errs.New(errs.Internal, "internal", "Broken.").With(c.Ctx().Err())
	}}
	rec := httptest.NewRecorder()
	s.web.serve(route).ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	if rec.Code != statusGone || strings.Contains(log.String(), "ERROR") {
		t.Errorf("status %d, log %s", rec.Code, log.String())
	}
}
