package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/principal"
)

// What somebody typed before they signed in is about them as well.
func TestPagesAboutSomebodyNotSignedInAreNotStored(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	b.post("/sign-in", url.Values{"email": {"rosa@example.test"}})
	if a := b.get("/sign-in/code"); !strings.Contains(a.body, "rosa@example.test") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page with the address: %s", a.header.Get("Cache-Control"))
	}
	b = newSite(t).browser(t, "en")
	choose(t, b)
	for _, path := range []string{"/book", "/book/time"} {
		if got := b.get(path).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s with a choice: %s", path, got)
		}
	}
}

// choose goes through the first page of booking.
func choose(t *testing.T, b *browser) {
	t.Helper()
	if a := b.post("/book", url.Values{"service": {"primary-care"}, "state": {"PA"}, "zone": {"America/New_York"}}); a.location != "/book/time" {
		t.Fatalf("choosing: %d %s", a.status, a.location)
	}
}

// Whoever sits down at a shared computer next finds nothing.
func TestSigningOutLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	choose(t, b)
	b.get("/book/about")
	if b.cookies[cookieBrowser] == "" || b.cookies[cookieDraft] == "" {
		t.Fatal("nothing to leave behind")
	}
	b.post("/sign-out", nil)
	for _, name := range []string{cookieBrowser, cookieDraft, cookieFlow, cookieTyped, cookieTypedMore, AreaPatient.secretCookie(), AreaPatient.tokenCookie()} {
		if b.cookies[name] != "" {
			t.Errorf("%s stays", name)
		}
	}
	// Nor while auth is away.
	signedIn(t, b)
	s.web.Auth = awayAuth{fakeAuth: s.auth}
	if a := b.post("/sign-out", nil); a.status != http.StatusServiceUnavailable || b.cookies[AreaPatient.secretCookie()] != "" {
		t.Errorf("auth away: %d, secret kept: %v", a.status, b.cookies[AreaPatient.secretCookie()] != "")
	}
}

// Nor what belongs to the pages of those who work here.
func TestLeavingWorkLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for area, names := range map[Area][]string{
		AreaStaff:     {cookieDeskDraft, cookieBrowser, cookieNewEmail, cookieProof, cookieLink, cookieForm, cookieCodes},
		AreaPhysician: {cookieNewEmail, cookieProof, cookieLink, cookieForm, cookieCodes},
		AreaAdmin:     {cookieNewEmail, cookieProof, cookieLink, cookieForm, cookieCodes},
	} {
		b := s.in(t, area, "en")
		for _, name := range append(names, cookieDraft) {
			b.cookies[name] = "something"
		}
		b.post(area.Prefix()+"/sign-out", nil)
		for _, name := range names {
			if b.cookies[name] != "" {
				t.Errorf("%s stays after leaving %s", name, area)
			}
		}
		if b.cookies[cookieDraft] == "" {
			t.Errorf("leaving %s takes what a patient chose", area)
		}
	}
}

func TestPathsToGoBackToAreOurs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"https://evil.test", "//evil.test", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)", "evil.test", "/a\r\nSet-Cookie: x=y",
		"/\t/evil.test", "http:///evil.test", "///evil.test", "/" + strings.Repeat("a", pathMost), "",
	} {
		if got := localPath(path); got != "/" {
			t.Errorf("%q leads to %q", path, got)
		}
	}
	if got := localPath("/book/time?day=2026-11-24"); got != "/book/time?day=2026-11-24" {
		t.Errorf("a path of ours leads to %q", got)
	}
}

// Without Demo there is neither the one-click sign-in nor the gallery.
func TestDemoIsOffUnlessAsked(t *testing.T) {
	t.Parallel()
	d := newSite(t).web.Deps
	d.Demo = false
	w, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	b := &browser{t: t, base: server.URL, lang: "en", cookies: map[string]string{}}
	for _, a := range Areas() {
		if got := b.post("/demo/"+string(a), nil); got.status != http.StatusNotFound || b.cookies[a.secretCookie()] != "" {
			t.Errorf("demo sign-in of %s: %d", a, got.status)
		}
	}
	if got := b.get("/_ui"); got.status != http.StatusNotFound {
		t.Errorf("the gallery: %d", got.status)
	}
	for _, path := range []string{"/", "/sign-in", "/staff/sign-in"} {
		if got := b.get(path); strings.Contains(got.body, "/demo/") || strings.Contains(got.body, d.DemoInbox) {
			t.Errorf("%s offers the demo", path)
		}
	}
}

// slowRoster takes its time for every piece, and asks who sends it.
type slowRoster struct {
	*officeRoster
	o *office
}

func (r slowRoster) UploadChunk(ctx context.Context, q *enrollmentv1.UploadChunkRequest) (*enrollmentv1.UploadChunkResponse, error) {
	if !principal.From(ctx).Expires.After(r.o.clock.Now()) {
		return nil, errs.New(errs.Unauthenticated, "token_expired", "Your sign-in needs to be renewed.")
	}
	r.o.clock.Move(r.o.clock.Moved() + 4*time.Minute + 30*time.Second)
	return r.officeRoster.UploadChunk(ctx, q)
}

// An upload over a slow line takes longer than a token lives.
func TestUploadOutlivesAToken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	o.web.Roster = slowRoster{o.roster, o}
	file := fakeFile(4 << 20)
	if a := b.upload("/staff/rosters", url.Values{"payer": {testPayer}}, "a.834", bytes.NewReader(file)); a.status != http.StatusSeeOther || !bytes.Equal(o.roster.content, file) {
		t.Errorf("%d to %s", a.status, a.location)
	}
	if a := b.get("/staff/rosters"); a.status != http.StatusOK {
		t.Errorf("signed out afterwards: %d", a.status)
	}
	// A session that ends meanwhile ends the upload.
	o.auth.mu.Lock()
	clear(o.auth.sessions)
	o.auth.mu.Unlock()
	if a := b.upload("/staff/rosters", url.Values{"payer": {testPayer}}, "a.834", bytes.NewReader(file)); !strings.HasPrefix(a.location, "/staff/sign-in") {
		t.Errorf("an ended session: %d to %s", a.status, a.location)
	}
}

// The server's limits cut a stalled form off, and let a slow upload go on.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	const patience = time.Second
	o := newOffice(t)
	strict := httptest.NewUnstartedServer(o.web.Handler())
	strict.Config.ReadTimeout, strict.Config.WriteTimeout = patience, patience
	strict.Start()
	t.Cleanup(strict.Close)
	b := o.as(t, AreaStaff, "en")
	b.base = strict.URL
	form := "--bb\r\nContent-Disposition: form-data; name=\"payer\"\r\n\r\n" + testPayer +
		"\r\n--bb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.834\"\r\n\r\n"
	body := form + string(fakeFile(chunkSize)) + "\r\n--bb--\r\n"
	a := b.raw("/staff/rosters", "multipart/form-data; boundary=bb", stalled(body, len(form)+100, 2*patience), int64(len(body)))
	if a.status != http.StatusSeeOther {
		t.Errorf("a slow upload: %d", a.status)
	}
	email := "email=rosa%40example.test"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strict.URL+"/sign-in", stalled(email, 5, 5*patience))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(email))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return // cut off
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode < http.StatusBadRequest {
		t.Errorf("a stalled form was waited for: %d", res.StatusCode)
	}
}

// stalled is a body that stops for a while in the middle.
func stalled(body string, at int, pause time.Duration) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, body[:at])
		<-time.After(pause)
		_, _ = io.WriteString(w, body[at:])
		_ = w.Close()
	}()
	return r
}

// awayAuth is auth while nobody can sign out.
type awayAuth struct{ *fakeAuth }

func (awayAuth) SignOut(context.Context, *authv1.SignOutRequest) (*authv1.SignOutResponse, error) {
	return nil, errs.New(errs.Unavailable, "service_away", "auth is away")
}
