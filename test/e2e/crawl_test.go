package e2e

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// guest is somebody who follows every link.
type guest struct {
	area   string // as in the path; empty for the pages of patients
	role   string // of the demo; empty for nobody
	begins []string
}

func guests() []guest {
	return []guest{
		{"", "", []string{"/", "/book/time", "/book/sign-in", "/physician/sign-in", "/staff/sign-in", "/licensing/sign-in", "/admin/sign-in"}},
		{"", "patient", []string{"/", "/appointments", "/book/time", "/book/about", "/book/check", "/devices"}},
		{"physician", "physician", []string{"/physician/day"}},
		{"staff", "staff", []string{"/staff/patients", "/staff/rosters"}},
		{"licensing", "licensing", []string{"/licensing/licenses", "/licensing/rules/US"}},
		{"admin", "admin", []string{"/admin/people"}},
	}
}

// Everybody follows every link there is, in both languages: no page is broken,
// each has one heading, says its language, and is not kept by the browser of
// who is signed in. A browser looks at one page of each kind: axe finds
// nothing serious, nothing is cut off, and nothing is asked of anybody else.
func TestEveryLink(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.run("roster", "import", "--payer", "Larkspur Health Plan", demoRoster)
	narrow := look{width: 320, height: 720, scheme: "dark", lang: "es"}
	for _, l := range []look{desktop(), narrow} {
		t.Run(l.lang, func(t *testing.T) {
			t.Parallel()
			for _, g := range guests() {
				c := crawl{t: t, guest: g, look: l, v: newVisitor(p.base, l.lang), seen: map[string]bool{}, kinds: map[string]int{}}
				c.prepare()
				c.tab = newTab(t, p.base, l)
				c.borrow()
				for _, path := range g.begins {
					c.add(path)
				}
				for len(c.todo) > 0 {
					next := c.todo[0]
					c.todo = c.todo[1:]
					c.visit(next)
				}
				c.foreign.check(t, p.base)
				t.Logf("%q: %d pages of %d kinds", g.role, len(c.seen), len(c.kinds))
			}
		})
	}
}

// crawl is one guest's walk.
type crawl struct {
	t       *testing.T
	guest   guest
	look    look
	v       *visitor
	tab     *tab
	todo    []string
	seen    map[string]bool
	kinds   map[string]int
	foreign requests
}

// mostOfAKind bounds how many pages of one kind are visited.
const mostOfAKind = 3

// prepare signs in and, for the pages of booking, keeps a time; a patient has
// a visit as well.
func (c *crawl) prepare() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	must := func(a answer, err error) answer {
		c.t.Helper()
		if err != nil || a.status >= http.StatusBadRequest {
			c.t.Fatalf("preparing %q: %d, %v", c.guest.role, a.status, err)
		}
		return a
	}
	if c.guest.role != "" {
		must(c.v.post(ctx, "/demo/"+c.guest.role, nil))
	}
	if c.guest.area != "" {
		return
	}
	must(c.v.post(ctx, "/book", url.Values{"service": {"general"}, "state": {"PA"}}))
	// The languages walk side by side, each on a day of its own.
	ahead := 3
	if c.look.lang == "es" {
		ahead = 5
	}
	day := "/book/time?day=" + time.Now().AddDate(0, 0, ahead).Format(time.DateOnly)
	slots := must(c.v.get(ctx, day)).inputs()["slot"]
	if len(slots) < 40 {
		c.t.Fatalf("%d times are free", len(slots))
	}
	if c.guest.role == "" {
		must(c.v.post(ctx, "/book/time", url.Values{"slot": {slots[36]}, "key": {"crawl-nobody-" + c.look.lang}}))
		return
	}
	form, err := c.v.hold(ctx, slots[12], "crawl-one-"+c.look.lang)
	if err != nil {
		c.t.Fatal(err)
	}
	must(c.v.post(ctx, "/book/check", form))
	if _, err := c.v.hold(ctx, slots[24], "crawl-two-"+c.look.lang); err != nil {
		c.t.Fatal(err)
	}
}

// borrow gives the browser the visitor's cookies, and begins to listen.
func (c *crawl) borrow() {
	c.t.Helper()
	if err := chromedp.Listen(c.tab.ctx, c.foreign.hear); err != nil {
		c.t.Fatal(err)
	}
	for _, one := range c.v.http.Jar.Cookies(nil) {
		c.tab.do("borrowing a cookie", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{
				Name: one.Name, Value: one.Value, URL: c.v.base + "/", Path: "/", Secure: new(true), HTTPOnly: new(true),
			})
			return err
		}))
	}
}

var (
	anchor = regexp.MustCompile(`<a\b[^>]*\bhref="([^"]*)"`)
	anyID  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\b20\d\d-\d\d-\d\d\b`)
	value  = regexp.MustCompile(`=[^&]*`)
	h1     = regexp.MustCompile(`<h1\b`)
	inLang = regexp.MustCompile(`<html lang="([a-z]+)"`)
)

// add notes a path to visit, unless enough of its kind are.
func (c *crawl) add(path string) {
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || c.seen[path] {
		return
	}
	if kind := kindOf(path); c.kinds[kind] < mostOfAKind {
		c.kinds[kind]++
		c.seen[path] = true
		c.todo = append(c.todo, path)
	}
}

// kindOf is a path without what varies.
func kindOf(path string) string {
	path = anyID.ReplaceAllString(path, "ID")
	before, query, found := strings.Cut(path, "?")
	if !found {
		return before
	}
	return before + "?" + value.ReplaceAllString(query, "")
}

// visit loads a page, judges it and follows its links.
func (c *crawl) visit(path string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	a, err := c.v.get(ctx, path)
	if err != nil {
		c.t.Fatal(err)
	}
	who := fmt.Sprintf("%s as %q in %s", path, c.guest.role, c.look.lang)
	if a.status != http.StatusOK && a.status != http.StatusSeeOther {
		c.t.Errorf("%s answers %d", who, a.status)
		return
	}
	if cache := a.header.Get("Cache-Control"); c.guest.role != "" && c.own(path) && cache != "no-store" {
		c.t.Errorf("%s may be kept: %q", who, cache)
	}
	if a.status == http.StatusSeeOther {
		if slices.Contains(c.guest.begins, path) {
			c.t.Errorf("%s leads to %s", who, a.location())
		}
		c.add(a.location())
		return
	}
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return
	}
	if n := len(h1.FindAllString(a.body, -1)); n != 1 {
		c.t.Errorf("%s has %d first headings", who, n)
	}
	if m := inLang.FindStringSubmatch(a.body); m == nil || !strings.HasPrefix(c.look.lang, m[1]) {
		c.t.Errorf("%s does not say its language: %v", who, m)
	}
	for _, m := range anchor.FindAllStringSubmatch(a.body, -1) {
		c.add(html.UnescapeString(m[1]))
	}
	if first := kindOf(path) + " looked at"; !c.seen[first] {
		c.seen[first] = true
		c.inspect(path)
	}
}

// own says whether a path belongs to the area that the guest is signed in to.
func (c *crawl) own(path string) bool {
	area, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if c.guest.area == "" {
		return area != "physician" && area != "staff" && area != "licensing" && area != "admin"
	}
	return area == c.guest.area
}

// inspect looks at a page in the browser.
func (c *crawl) inspect(path string) {
	c.t.Helper()
	c.tab.open(path)
	if got := c.tab.eval(`location.pathname + location.search`); got != path {
		c.t.Errorf("the browser is led from %s to %s", path, got)
	}
	c.tab.axe()
	if wide := c.tab.eval(tooWide); wide != "" {
		c.t.Errorf("%s is wider than its screen of %d: %s", path, c.look.width, wide)
	}
	c.tab.readable(c.guest.role + kindOf(path))
}

// requests are the addresses that a browser asked for.
type requests struct {
	mu  sync.Mutex
	all []string
}

func (r *requests) hear(ev any) {
	if sent, ok := ev.(*network.EventRequestWillBeSent); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, sent.Request.URL)
	}
}

// check fails for every request to somebody else.
func (r *requests) check(t *testing.T, base string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == 0 {
		t.Error("the browser asked for nothing")
	}
	for _, address := range r.all {
		if !strings.HasPrefix(address, base+"/") && !strings.HasPrefix(address, "data:") && address != "about:blank" {
			t.Errorf("the browser asked %s", address)
		}
	}
}
