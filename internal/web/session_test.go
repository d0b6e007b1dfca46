package web

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestEveryRouteRefusesWhoMayNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	staff := s.browser(t, "en")
	if a := staff.post("/demo/staff", nil); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	for _, r := range s.web.routes() {
		if r.Permission == Public {
			continue
		}
		path := strings.NewReplacer("{id}", "0198a000-0000-7000-8000-000000000009", "{state}", "PA", "{token}", goodLink).Replace(r.Path)
		nobody := s.browser(t, "en")
		if a := nobody.do(r.Method, path, nil); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, r.Area.Prefix()+"/sign-in") {
			t.Errorf("%s %s by nobody: %d %s", r.Method, path, a.status, a.location)
		}
		// A session of another role, put where this area's session would be.
		other := s.browser(t, "en")
		role := AreaStaff
		if r.Area == AreaStaff {
			role = AreaPatient
		}
		other.post("/demo/"+string(role), nil)
		other.cookies[r.Area.tokenCookie()] = other.cookies[role.tokenCookie()]
		if a := other.do(r.Method, path, nil); a.status != http.StatusForbidden {
			t.Errorf("%s %s by another role: %d %s", r.Method, path, a.status, a.location)
		}
	}
	if (Permission(0)).allow(s.web.mustWho(t, staff)) == nil {
		t.Error("a route without a permission lets people in")
	}
}

func TestAllAreasInOneBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	for _, a := range Areas() {
		if got := b.post("/demo/"+string(a), nil); got.location != a.Home() {
			t.Errorf("%s leads to %d %s", a, got.status, got.location)
		}
	}
	for _, a := range Areas() {
		if got := b.get(a.Prefix() + "/devices"); got.status != http.StatusOK {
			t.Errorf("%s: %d", a, got.status)
		}
	}
	b.post("/staff/sign-out", nil)
	if got := b.get("/staff/devices"); got.status != http.StatusSeeOther {
		t.Errorf("signed out of staff: %d", got.status)
	}
	if got := b.get("/devices"); got.status != http.StatusOK {
		t.Errorf("patient after staff signed out: %d", got.status)
	}
	if got := b.post("/demo/operator", nil); got.status != http.StatusNotFound {
		t.Errorf("an unknown role: %d", got.status)
	}
}

func TestTokensAreRenewed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	b.get("/devices")
	if s.auth.renewed != 0 {
		t.Error("a fresh token was renewed")
	}
	s.clock.Move(s.clock.Moved() + 4*time.Minute + 30*time.Second)
	if a := b.get("/devices"); a.status != http.StatusOK || s.auth.renewed != 1 {
		t.Errorf("about to end: %d, %d renewals", a.status, s.auth.renewed)
	}
	s.clock.Move(s.clock.Moved() + 20*time.Minute)
	if a := b.get("/devices"); a.status != http.StatusOK || s.auth.renewed != 2 {
		t.Errorf("after the end: %d, %d renewals", a.status, s.auth.renewed)
	}
}

func TestAuthAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	s.auth.down = true
	s.clock.Move(s.clock.Moved() + 4*time.Minute + 30*time.Second)
	if a := b.get("/devices"); a.status != http.StatusOK {
		t.Errorf("a token that is still good: %d", a.status)
	}
	s.clock.Move(s.clock.Moved() + time.Minute)
	if a := b.get("/devices"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "Reference") {
		t.Errorf("a token that ended: %d", a.status)
	}
	if b.cookies[AreaPatient.secretCookie()] == "" {
		t.Error("the session was dropped")
	}
	if a := b.get("/"); a.status != http.StatusOK {
		t.Errorf("a public page: %d", a.status)
	}
}

func TestEndedSessionIsToldAndLeadsBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	s.auth.mu.Lock()
	clear(s.auth.sessions)
	s.auth.mu.Unlock()
	a := b.get("/appointments")
	if a.location != "/sign-in?next=%2Fappointments" {
		t.Fatalf("leads to %d %s", a.status, a.location)
	}
	page := b.get(a.location).body
	if !strings.Contains(page, "nothing happened for a while") || hidden(t, page, "next") != "/appointments" {
		t.Error("the page does not say why, or where it leads")
	}
	if b.cookies[AreaPatient.secretCookie()] != "" {
		t.Error("the dead session stays in the browser")
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	form := url.Values{"email": {"staff@example.test"}, "password": {"wrong"}, "totp": {"123456"}}
	if a := b.post("/staff/sign-in", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "do not go together") || strings.Contains(a.body, `value="wrong`) {
		t.Errorf("a wrong password: %d", a.status)
	}
	form.Set("password", "correct horse battery")
	form.Del("totp")
	if a := b.post("/staff/sign-in", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "six digits from your authenticator") {
		t.Errorf("without a second factor: %d", a.status)
	}
	form.Set("totp", "123 456")
	if a := b.post("/staff/sign-in", form); a.location != AreaStaff.Home() {
		t.Errorf("leads to %d %s", a.status, a.location)
	}
	// A patient's account is of no use on the pages of staff.
	other := newSite(t).browser(t, "en")
	form.Set("email", "rosa@example.test")
	if a := other.post("/staff/sign-in", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "not for these pages") || other.cookies[AreaStaff.secretCookie()] != "" {
		t.Errorf("another role: %d", a.status)
	}
	if a := other.post("/sign-in/password", form); a.location != "/appointments" {
		t.Errorf("a patient's password leads to %d %s", a.status, a.location)
	}
}

func TestActivation(t *testing.T) {
	t.Parallel()
	details := url.Values{
		"member_id": {"MBR-1"}, "family_name": {"Delgado"}, "birth_date_month": {"2"}, "birth_date_day": {"3"}, "birth_date_year": {"1961"},
	}
	for name, c := range map[string]struct{ code, leads string }{
		"matched": {"482913", "/appointments"}, "for staff": {"000000", "/activate/help"},
	} {
		b := newSite(t).browser(t, "en")
		if a := b.post("/activate", details); a.location != "/activate/code" {
			t.Fatalf("%s: %d %s", name, a.status, a.location)
		}
		page := b.get("/activate/code").body
		if !strings.Contains(page, "K7QM-2D9F") || strings.Contains(page, "@") {
			t.Errorf("%s: no reference, or an address is told", name)
		}
		if a := b.post("/activate/code", url.Values{"code": {c.code}}); a.location != c.leads {
			t.Errorf("%s leads to %d %s", name, a.status, a.location)
		}
	}
	b := newSite(t).browser(t, "en")
	details.Set("birth_date_day", "31")
	if a := b.post("/activate", details); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Enter a date that exists") || !strings.Contains(a.body, "MBR-1") {
		t.Errorf("a date that does not exist: %d", a.status)
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	a := b.get("/activate/" + goodLink)
	if a.location != "/activate/invitation" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("leads to %d %s", a.status, a.location)
	}
	page := b.get(a.location).body
	if !strings.Contains(page, "Welcome, Rosa") || strings.Contains(page, goodLink) {
		t.Error("the page does not greet, or repeats the link")
	}
	born := url.Values{"birth_date_month": {"1"}, "birth_date_day": {"1"}, "birth_date_year": {"1950"}}
	if a := b.follow("/activate/invitation", born); !strings.Contains(a.body, "A person needs to look") {
		t.Errorf("uncertain: %d", a.status)
	}
	b.get("/activate/" + goodLink)
	born.Set("birth_date_year", "1961")
	if a := b.post("/activate/invitation", born); a.location != "/appointments" {
		t.Errorf("leads to %d %s", a.status, a.location)
	}
	gone := newSite(t).browser(t, "en")
	if a := gone.get("/activate/old-link"); a.location != "/activate" || !strings.Contains(gone.get("/activate").body, "no longer good") {
		t.Errorf("an old link: %d %s", a.status, a.location)
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	signedIn(t, b)
	page := b.get("/devices").body
	for _, want := range []string{"Chrome on Linux", "Safari on iPhone", "This device"} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if a := b.follow("/devices/0198a000-0000-7000-8000-000000000009/revoke", nil); !strings.Contains(a.body, "That device is signed out") {
		t.Errorf("revoking one: %d", a.status)
	}
	if a := b.follow("/devices/revoke-all", nil); !strings.Contains(a.body, "All other devices") {
		t.Errorf("revoking others: %d", a.status)
	}
	if a := b.post("/devices/revoke-all", url.Values{"all": {"1"}}); a.location != "/" || b.cookies[AreaPatient.secretCookie()] != "" {
		t.Errorf("revoking all: %d", a.status)
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+"/language", strings.NewReader("lang=es"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusForbidden || res.Header.Get("Set-Cookie") != "" {
		t.Errorf("status %d", res.StatusCode)
	}
	b := s.browser(t, "en")
	if a := b.post("/book", url.Values{"service": {strings.Repeat("x", bodyLimit+1)}}); a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "larger than this page accepts") {
		t.Errorf("a large form: %d", a.status)
	}
}

// opaque is what somebody who holds a sealed cookie can look through: its text
// and the bytes that the text stands for. Look in it for long words only: short
// ones turn up by chance.
func opaque(t *testing.T, value string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) == 0 {
		t.Fatalf("%q is no sealed cookie: %v", value, err)
	}
	return value + "\n" + string(b)
}

func TestSealedCookies(t *testing.T) {
	t.Parallel()
	j, err := newJar([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	now := testNow()
	rec := httptest.NewRecorder()
	// Long enough that sealed bytes, which are random, never spell it.
	const written = "Pennsylvania and nowhere else"
	if err := j.put(rec, cookieDraft, draft{State: written}, now, time.Hour); err != nil {
		t.Fatal(err)
	}
	value := rec.Result().Cookies()[0].Value
	open := func(name, value string, at time.Time) bool {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: name, Value: value})
		var d draft
		return j.get(r, name, at, &d) && d.State == written
	}
	if !open(cookieDraft, value, now) {
		t.Error("a good cookie does not open")
	}
	if open(cookieFlow, value, now) || open(cookieDraft, value[1:], now) || open(cookieDraft, value, now.Add(2*time.Hour)) || open(cookieDraft, "", now) {
		t.Error("a moved, broken, old or empty cookie opens")
	}
	if strings.Contains(opaque(t, value), written) {
		t.Error("the cookie can be read")
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9:1", "", "203.0.113.9"},
		{"203.0.113.9:1", "198.51.100.7", "203.0.113.9"},
		{"10.0.0.1:1", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
		{"10.0.0.1:1", "nonsense", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", "2001:db8::1", "2001:db8::1"},
		{"nowhere", "", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := clientAddress(r, proxies); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestPanicBecomesAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	broken := s.web.observe(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") }))
	rec := httptest.NewRecorder()
	broken.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if rec.Code != http.StatusInternalServerError || !strings.Contains(rec.Body.String(), "not your fault") || strings.Contains(rec.Body.String(), "panic") {
		t.Errorf("%d", rec.Code)
	}
}
