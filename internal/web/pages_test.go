package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visit is how a page is reached: what was done before, and its path.
type visit struct {
	path   string
	before func(t *testing.T, b *browser)
	status int
}

func chooseNeed(t *testing.T, b *browser) {
	t.Helper()
	a := b.post("/book", url.Values{"service": {"general"}, "state": {"PA"}, "zone": {"America/New_York"}})
	if a.location != "/book/time" {
		t.Fatalf("choosing a need: %d %s", a.status, a.location)
	}
}

// firstSlot is the value of the first time on the page.
func firstSlot(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`name="slot"[^>]*value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no time on the page")
	}
	return m[1]
}

func hidden(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no hidden %s on the page", name)
	}
	return m[1]
}

func holdTime(t *testing.T, b *browser) {
	t.Helper()
	chooseNeed(t, b)
	page := b.get("/book/time").body
	a := b.post("/book/time", url.Values{"slot": {firstSlot(t, page)}, "key": {hidden(t, page, "key")}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("holding a time: %d", a.status)
	}
}

func signedIn(t *testing.T, b *browser) {
	t.Helper()
	if a := b.post("/demo/patient", nil); a.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", a.status)
	}
}

func answered(t *testing.T, b *browser) {
	t.Helper()
	signedIn(t, b)
	holdTime(t, b)
	a := b.post("/book/about", url.Values{"patient_id": {testPatient}, "reason": {"A rash & <itch>"}, "payment": {"self_pay"}})
	if a.location != "/book/check" {
		t.Fatalf("answering: %d %s", a.status, a.location)
	}
}

// booked books and gives the path of the appointment.
func booked(t *testing.T, b *browser) string {
	t.Helper()
	answered(t, b)
	page := b.get("/book/check").body
	a := b.post("/book/check", checkForm(t, page))
	path, ok := strings.CutSuffix(a.location, "/booked")
	if !ok {
		t.Fatalf("booking: %d %s", a.status, a.location)
	}
	return path
}

func checkForm(t *testing.T, page string) url.Values {
	t.Helper()
	return url.Values{
		"consent": {"yes"}, "key": {hidden(t, page, "key")}, "hold_id": {hidden(t, page, "hold_id")},
		"patient_id": {hidden(t, page, "patient_id")}, "consent_version": {hidden(t, page, "consent_version")},
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	visits := []visit{
		{path: "/"}, {path: "/_ui"}, {path: "/book"}, {path: "/sign-in"}, {path: "/sign-in/password"}, {path: "/activate"},
		{path: "/physician/sign-in"}, {path: "/staff/sign-in"}, {path: "/licensing/sign-in"}, {path: "/admin/sign-in"},
		{path: "/nowhere", status: http.StatusNotFound},
		{path: "/book/time", before: chooseNeed}, {path: "/book/zone", before: chooseNeed},
		{path: "/book/time?day=2026-11-26", before: chooseNeed}, {path: "/book/sign-in", before: holdTime},
		{path: "/book/about", before: func(t *testing.T, b *browser) { signedIn(t, b); holdTime(t, b) }},
		{path: "/book/check", before: answered}, {path: "/appointments", before: signedIn}, {path: "/devices", before: signedIn},
		{path: "/activate/invitation", before: func(_ *testing.T, b *browser) { b.get("/activate/" + goodLink) }},
		{path: "/sign-in/code", before: func(_ *testing.T, b *browser) { b.post("/sign-in", url.Values{"email": {"rosa@example.test"}}) }},
	}
	for _, lang := range []string{"en", "es"} {
		for _, v := range visits {
			t.Run(lang+v.path, func(t *testing.T) {
				t.Parallel()
				b := newSite(t).browser(t, lang)
				if v.before != nil {
					v.before(t, b)
				}
				checkPage(t, b.get(v.path), lang, v.status)
			})
		}
		t.Run(lang+"/appointments/{id}", func(t *testing.T) {
			t.Parallel()
			b := newSite(t).browser(t, lang)
			path := booked(t, b)
			for _, p := range []string{path, path + "/booked", path + "/cancel", "/appointments"} {
				checkPage(t, b.get(p), lang, 0)
			}
		})
	}
}

// checkPage looks for what every page must have and must not have.
func checkPage(t *testing.T, a answer, lang string, status int) {
	t.Helper()
	if status == 0 {
		status = http.StatusOK
	}
	if a.status != status {
		t.Fatalf("status %d to %s", a.status, a.location)
	}
	for _, want := range []string{`<html lang="` + lang + `">`, "1-800-555-0142", `href="tel:711"`, `href="#main"`, `id="main"`, "<title>"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	// The gallery shows the panel, which has a heading of its own.
	if n := strings.Count(a.body, "<h1"); n != 1 && !strings.Contains(a.body, "<h1>Bedside UI") {
		t.Errorf("%d main headings", n)
	}
	for _, bad := range []string{"⟦", "<script>", " style=", "<style", " onclick=", "%!", "{n}", "http://127"} {
		if strings.Contains(a.body, bad) {
			i := strings.Index(a.body, bad)
			t.Errorf("the page holds %q: %.80s", bad, a.body[i:])
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
		if ids[m[1]] {
			t.Errorf("id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
	h := a.header
	if h.Get("Content-Security-Policy") != policy || strings.Contains(policy, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers: %v", h)
	}
}

func TestSignedInPagesAreNotStored(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	if got := b.get("/book").header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("public page: %s", got)
	}
	signedIn(t, b)
	for _, path := range []string{"/", "/appointments", "/book"} {
		if got := b.get(path).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	if a := b.follow("/language", url.Values{"lang": {"es"}, "back": {"/book"}}); !strings.Contains(a.body, `lang="es"`) || !strings.Contains(a.body, "¿Qué necesita") {
		t.Error("the page did not change its language")
	}
	for _, back := range []string{"https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "javascript:alert(1)", ""} {
		if a := b.post("/language", url.Values{"lang": {"en"}, "back": {back}}); a.location != "/" {
			t.Errorf("%q leads to %s", back, a.location)
		}
	}
	if a := b.post("/language", url.Values{"lang": {"xx"}}); a.header.Get("Set-Cookie") != "" {
		t.Error("an unknown language was kept")
	}
}
