package app

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/web"
)

// visitor is a browser with some cookies.
type visitor struct {
	name    string
	area    web.Area // where it is signed in; empty for nowhere
	cookies []*http.Cookie
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// visit asks for a page as somebody, from an address of its own.
func (j *journey) visit(t *testing.T, method, path string, who visitor, site string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, j.page(path), strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", j.address())
	req.Header.Set("Accept-Language", "en")
	if site != "" {
		req.Header.Set("Sec-Fetch-Site", site)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range who.cookies {
		req.AddCookie(c)
	}
	res, err := browser().Do(req)
	if err != nil {
		t.Fatalf("%s %s as %s: %v", method, path, who.name, err)
	}
	defer func() { _ = res.Body.Close() }()
	out := answered{status: res.StatusCode, header: res.Header}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") { // which does not end
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("%s %s as %s: %v", method, path, who.name, err)
		}
		out.body = string(body)
	}
	return out
}

// enter opens a demo session of an area, as its button on the home page does.
func (j *journey) enter(t *testing.T, area web.Area) visitor {
	t.Helper()
	res := j.visit(t, http.MethodPost, "/demo/"+string(area), visitor{name: "nobody"}, "same-origin")
	who := visitor{name: string(area), area: area, cookies: cookiesOf(res.header)}
	if res.status != http.StatusSeeOther || len(who.cookies) < 2 {
		t.Fatalf("the demo %s could not sign in: %d", area, res.status)
	}
	return who
}

func cookiesOf(h http.Header) []*http.Cookie {
	return (&http.Response{Header: h}).Cookies()
}

// disguised puts the session of one area into the cookies of another.
func disguised(who visitor, as web.Area) visitor {
	out := visitor{name: who.name + " disguised as " + string(as), area: who.area}
	for _, c := range who.cookies {
		out.cookies = append(out.cookies, &http.Cookie{Name: strings.Replace(c.Name, string(who.area), string(as), 1), Value: c.Value})
	}
	return out
}

// pathOf fills a route's pattern with what is really there, where something is.
func (j *journey) pathOf(r web.Route) string {
	unknown := ids.NewUUID().String()
	id := unknown
	switch {
	case strings.HasPrefix(r.Path, "/appointments/"):
		id = j.booked[patient].GetAppointmentId()
	case strings.HasPrefix(r.Path, "/staff/patients/"):
		id = j.patients[typed]
	case strings.HasPrefix(r.Path, "/staff/members/"):
		id = j.met["member"]
	case strings.HasPrefix(r.Path, "/staff/rosters/"):
		id = j.met["import"]
	case strings.HasPrefix(r.Path, "/staff/guardians/"):
		id = j.met["waiting"]
	case strings.HasPrefix(r.Path, "/admin/people/"):
		id = j.met["coworker"]
	case strings.HasPrefix(r.Path, "/staff/duplicates/"):
		id = j.met["pair"]
	case strings.HasPrefix(r.Path, "/licensing/physicians/"):
		id = j.met["added"]
	}
	path := strings.NewReplacer("{$}", "", "{id}", id, "{role}", "staff", "{token}", j.met["link"], "{reference}", j.met["slip reference"],
		"{license}", j.met["license"], "{appointment}", j.met["by phone"]).Replace(r.Path)
	return placeholder.ReplaceAllString(path, unknown)
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func (j *journey) pages(t *testing.T) {
	j.t = t
	pages, err := newWeb(j.apps["web"].boot)
	if err != nil {
		t.Fatal(err)
	}
	routes := pages.Routes()
	checkOpen(t, routes)
	// Forms end sessions: everybody comes with a new one every time.
	everybody := func(fn func(who visitor)) {
		fn(visitor{name: "nobody"})
		for _, area := range web.Areas() {
			fn(j.enter(t, area))
		}
	}
	for _, r := range routes {
		everybody(func(who visitor) {
			j.tryDisguise(t, r, who)
			if r.Method == http.MethodPost {
				j.tryFromElsewhere(t, r, who)
			}
			j.tryRoute(t, r, who)
		})
	}
	everybody(func(who visitor) { j.tryUnlisted(t, who) })
	j.tryOthers(t)
}

// open lists the only paths that anybody may visit: opening one more takes two
// changes.
func open() []string {
	return strings.Fields(`/{$} /language /_ui /demo/{role}
		/book /book/zone /book/time /book/again /book/sign-in
		/activate /activate/code /activate/help /activate/invitation /activate/{token}
		/people/accept /people/accept/{token}
		/activate/own /activate/own/code /register /register/code
		/activate/letter /activate/letter/email /activate/letter/code /activate/help/letter
		/sign-in /sign-in/code /sign-in/password /physician/sign-in /staff/sign-in /licensing/sign-in
		/sign-out /physician/sign-out /staff/sign-out /licensing/sign-out
		/admin/sign-in /admin/sign-out /switch/{area} /signed-out /sign-out/everywhere
		/sign-in/forgotten /sign-in/forgotten/sent /sign-in/reset /sign-in/reset/{token}
		/sign-in/new-address /sign-in/new-address/{token}
		/sign-in/invited /sign-in/invited/{token} /sign-in/invited/authenticator`)
}

func checkOpen(t *testing.T, routes []web.Route) {
	t.Helper()
	listed := map[string]bool{}
	for _, r := range routes {
		listed[r.Path] = true
		if r.Permission == web.Public && !slices.Contains(open(), r.Path) {
			t.Errorf("%s %s is open to everybody", r.Method, r.Path)
		}
		if own := web.Permission(r.Area.Role()); r.Permission != web.Public && r.Permission != own {
			t.Errorf("%s %s is of area %s and asks for permission %d", r.Method, r.Path, r.Area, r.Permission)
		}
		if prefix := r.Area.Prefix(); r.Permission != web.Public && !strings.HasPrefix(r.Path, prefix+"/") {
			t.Errorf("%s %s is not below %s/", r.Method, r.Path, prefix)
		}
	}
	for _, path := range open() {
		if !listed[path] {
			t.Errorf("%s is listed as open and does not exist", path)
		}
	}
}

// tryRoute visits a route and expects what its row says.
func (j *journey) tryRoute(t *testing.T, r web.Route, who visitor) {
	t.Helper()
	where := r.Method + " " + r.Path + " as " + who.name
	res := j.visit(t, r.Method, j.pathOf(r), who, "same-origin")
	checkAnswer(t, where, res)
	may := r.Permission == web.Public || (who.area == r.Area && r.Permission == web.Permission(r.Area.Role()))
	toSignIn := strings.HasPrefix(res.header.Get("Location"), r.Area.Prefix()+"/sign-in")
	switch {
	case res.status >= 500:
		t.Errorf("%s: %d", where, res.status)
	case may && r.Permission != web.Public && (res.status == http.StatusForbidden || toSignIn):
		t.Errorf("%s: refused with %d %s", where, res.status, res.header.Get("Location"))
	case !may && (res.status != http.StatusSeeOther || !toSignIn):
		t.Errorf("%s: %d %s, want the way to sign in", where, res.status, res.header.Get("Location"))
	case !may && res.body != "" && len(res.body) > 500:
		t.Errorf("%s: sent to sign in with a body of %d bytes", where, len(res.body))
	}
	cache := res.header.Get("Cache-Control")
	if signedIn := who.area == r.Area; (signedIn || r.Method == http.MethodPost) && cache != "no-store" {
		t.Errorf("%s: Cache-Control %q", where, cache)
	} else if !strings.Contains(cache, "no-store") && !strings.Contains(cache, "private") {
		t.Errorf("%s: Cache-Control %q may be shared", where, cache)
	}
}

// tryDisguise comes with a session that has another role.
func (j *journey) tryDisguise(t *testing.T, r web.Route, who visitor) {
	t.Helper()
	if r.Permission == web.Public || who.area == "" || who.area == r.Area {
		return
	}
	who = disguised(who, r.Area)
	where := r.Method + " " + r.Path + " as " + who.name
	res := j.visit(t, r.Method, j.pathOf(r), who, "same-origin")
	checkAnswer(t, where, res)
	if res.status != http.StatusForbidden || res.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %d, Cache-Control %q", where, res.status, res.header.Get("Cache-Control"))
	}
}

// tryFromElsewhere sends the form from another website.
func (j *journey) tryFromElsewhere(t *testing.T, r web.Route, who visitor) {
	t.Helper()
	where := "from elsewhere: " + r.Method + " " + r.Path + " as " + who.name
	for _, site := range []string{"cross-site", "same-site"} {
		res := j.visit(t, r.Method, j.pathOf(r), who, site)
		checkAnswer(t, where, res)
		if res.status != http.StatusForbidden {
			t.Errorf("%s (%s): %d", where, site, res.status)
		}
		for _, c := range cookiesOf(res.header) {
			if c.Name != "__Host-pos" { // what must be seen by who comes next
				t.Errorf("%s (%s): sets %s", where, site, c.Name)
			}
		}
	}
}

// tryUnlisted asks for what is in no row: pages that do not exist, methods
// that a page does not have, and what other listeners serve.
func (j *journey) tryUnlisted(t *testing.T, who visitor) {
	t.Helper()
	for _, one := range []struct{ method, path string }{
		{http.MethodGet, "/nothing-here"}, {http.MethodGet, "/staff/nothing-here"}, {http.MethodGet, "/physician"}, {http.MethodGet, "/admin"},
		{http.MethodGet, "/metrics"}, {http.MethodGet, "/debug/pprof/"}, {http.MethodGet, "/appointments/a/b/c"}, {http.MethodGet, "/assets/"},
		{http.MethodGet, "/assets/..%2f..%2fgo.mod"}, {http.MethodGet, "/.git/config"}, {http.MethodPost, "/nothing-here"},
		{http.MethodDelete, "/appointments"}, {http.MethodPut, "/book"}, {http.MethodPost, "/appointments"},
		{http.MethodPost, "/bedside.auth.v1.AuthService/Keys"}, {http.MethodPost, "/bedside.auth.v1.AuthService/SignInDemo"},
		{http.MethodGet, "/bedside.scheduling.v1.SchedulingService/ListServices"},
	} {
		where := one.method + " " + one.path + " as " + who.name
		res := j.visit(t, one.method, one.path, who, "same-origin")
		checkAnswer(t, where, res)
		if res.status != http.StatusNotFound && res.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", where, res.status)
		}
		if one.method == http.MethodGet && res.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", where, res.status)
		}
	}
}

// tryOthers visits, as the other patient, what is the demo patient's: every
// answer is the one that says that there is no such thing.
func (j *journey) tryOthers(t *testing.T) {
	t.Helper()
	session := j.fresh(t, other, rpcv1.Role_ROLE_PATIENT)
	who := visitor{name: other, area: web.AreaPatient, cookies: []*http.Cookie{
		{Name: "__Host-s-patient", Value: session.GetSecret()}, {Name: "__Host-t-patient", Value: session.GetToken()},
	}}
	if res := j.visit(t, http.MethodGet, "/appointments/"+j.booked[other].GetAppointmentId(), who, ""); res.status != http.StatusOK {
		t.Fatalf("the other patient reads their own appointment: %d", res.status)
	}
	appointment, device := j.booked[typed].GetAppointmentId(), j.signIn(t, rpcv1.Role_ROLE_PATIENT).GetSessionId()
	for _, one := range []struct{ method, path, theirs string }{
		{http.MethodGet, "/appointments/{id}", appointment},
		{http.MethodGet, "/appointments/{id}/booked", appointment},
		{http.MethodGet, "/appointments/{id}/calendar.ics", appointment},
		{http.MethodGet, "/appointments/{id}/cancel", appointment},
		{http.MethodPost, "/appointments/{id}/cancel", appointment},
		{http.MethodGet, "/appointments/{id}/move", appointment},
		{http.MethodPost, "/appointments/{id}/move", appointment},
		{http.MethodGet, "/appointments/{id}/move/check", appointment},
		{http.MethodPost, "/appointments/{id}/move/check", appointment},
		{http.MethodGet, "/appointments/{id}/consent", appointment},
		{http.MethodPost, "/appointments/{id}/consent", appointment},
		{http.MethodPost, "/devices/{id}/revoke", device},
		{http.MethodGet, "/people/rights/{id}/end", j.met["right"]},
		{http.MethodPost, "/people/rights/{id}/end", j.met["right"]},
		{http.MethodPost, "/people/invitations/{id}/withdraw", j.met["open"]},
	} {
		at := func(id string) answered {
			res := j.visit(t, one.method, strings.Replace(one.path, "{id}", id, 1), who, "same-origin")
			res.body = changing.ReplaceAllString(res.body, "…")
			return res
		}
		theirs, missing := at(one.theirs), at(ids.NewUUID().String())
		if theirs.status != http.StatusNotFound || theirs.status != missing.status || theirs.body != missing.body {
			t.Errorf("%s %s of somebody else: %d; of nobody: %d; the pages are the same: %t",
				one.method, one.path, theirs.status, missing.status, theirs.body == missing.body)
		}
	}
}

// changing is what differs on every page: ids and references.
var changing = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}`)

// strict lists the sources that our policy may name.
var strict = []string{"'self'", "'none'", "data:"}

var (
	loads    = regexp.MustCompile(`(?i)\s(src|href|srcset|action|formaction|poster|data)\s*=\s*["']?\s*(https?:)?//[^"'\s>]*`)
	imports  = regexp.MustCompile(`(?i)@import|url\(\s*["']?(https?:)?//`)
	inline   = regexp.MustCompile(`(?i)<[a-z][^>]*\s(style|on[a-z]+)\s*=`)
	script   = regexp.MustCompile(`(?i)<script\b[^>]*>`)
	styleTag = regexp.MustCompile(`(?i)<style\b`)
)

// checkAnswer is what must be true of every answer, whoever asks for what.
func checkAnswer(t *testing.T, where string, res answered) {
	t.Helper()
	policy := map[string][]string{}
	for directive := range strings.SplitSeq(res.header.Get("Content-Security-Policy"), ";") {
		words := strings.Fields(directive)
		if len(words) < 2 {
			continue
		}
		policy[words[0]] = words[1:]
		for _, source := range words[1:] {
			if !slices.Contains(strict, source) || (source == "data:" && words[0] != "img-src") {
				t.Errorf("%s: the policy lets %s come from %s", where, words[0], source)
			}
		}
	}
	for _, want := range []string{"default-src", "script-src", "style-src", "form-action", "frame-ancestors", "base-uri"} {
		if len(policy[want]) == 0 {
			t.Errorf("%s: the policy says nothing about %s", where, want)
		}
	}
	if res.header.Get("X-Content-Type-Options") != "nosniff" || res.header.Get("Referrer-Policy") == "" {
		t.Errorf("%s: headers are missing: %v", where, res.header)
	}
	for _, c := range cookiesOf(res.header) {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite == http.SameSiteNoneMode || c.SameSite == 0 {
			t.Errorf("%s: a soft cookie: %v", where, c)
		}
	}
	for _, bad := range []*regexp.Regexp{loads, imports, inline, styleTag} {
		if found := bad.FindString(res.body); found != "" {
			t.Errorf("%s: the page has %q", where, found)
		}
	}
	for _, tag := range script.FindAllString(res.body, -1) {
		if !strings.Contains(tag, " src=") {
			t.Errorf("%s: a script in the page: %s", where, tag)
		}
	}
}
