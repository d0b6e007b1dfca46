package e2e

import (
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/bedside-health/bedside/internal/web"
)

// guest is somebody who follows every link, or who only looks at a few pages
// that nothing links to.
type guest struct {
	name   string
	area   string // as in the path; empty for the pages of patients
	role   string // of the demo; empty for nobody
	begins []string
	only   bool // visits what it begins with, and follows nothing
	// prepare fills forms so that the pages are there, and may add to where it
	// begins.
	prepare func(ctx context.Context, c *crawl) error
}

// ground is what all guests have seen in one language.
type ground struct {
	routes map[string]web.Route // by the pattern of the site
	mux    *http.ServeMux
	seen   map[string]bool // patterns
	looked map[string]bool // kinds of pages
}

// Everybody follows every link there is, in both languages, and fills in what
// leads to the pages that nothing links to: no page is broken, each has one
// heading, says its language, and is not kept by the browser of who is signed
// in. A browser looks at one page of each kind: axe finds nothing serious,
// nothing is cut off, and nothing is asked of anybody else. Every page of the
// site is visited, or excused by name.
func TestEveryLink(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	s := p.furnish()
	for _, lang := range []string{"en-US", "es"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			g := newGround()
			for _, one := range guests(s, lang) {
				c := crawl{t: t, p: p, ground: g, guest: one, lang: lang, v: newVisitor(p.base, lang), seen: map[string]bool{}, kinds: map[string]int{}}
				c.walk()
			}
			g.check(t)
		})
	}
}

func newGround() *ground {
	g := &ground{routes: map[string]web.Route{}, mux: http.NewServeMux(), seen: map[string]bool{}, looked: map[string]bool{}}
	for _, r := range (&web.Web{Deps: web.Deps{Demo: true}}).Routes() {
		if r.Method == http.MethodGet {
			pattern := r.Method + " " + r.Path
			g.routes[pattern] = r
			g.mux.Handle(pattern, http.NotFoundHandler())
		}
	}
	return g
}

// route is the route that answers for a path.
func (g *ground) route(path string) (web.Route, string) {
	u, err := url.Parse(path)
	if err != nil {
		return web.Route{}, ""
	}
	_, pattern := g.mux.Handler(&http.Request{Method: http.MethodGet, URL: u})
	return g.routes[pattern], pattern
}

// excused are the pages that nobody has to visit here, and why.
func excused() map[string]string {
	return map[string]string{}
}

// check fails for every page that nobody has visited.
func (g *ground) check(t *testing.T) {
	t.Helper()
	var missed []string
	for pattern := range g.routes {
		why := excused()[pattern]
		switch {
		case !g.seen[pattern] && why == "":
			missed = append(missed, pattern)
		case g.seen[pattern] && why != "":
			t.Errorf("%s is visited, and excused because %s", pattern, why)
		}
	}
	slices.Sort(missed)
	if len(missed) > 0 {
		t.Errorf("nobody visits %d of %d pages:\n%s", len(missed), len(g.routes), strings.Join(missed, "\n"))
	}
	t.Logf("%d routes, %d kinds of pages looked at", len(g.routes), len(g.looked))
}

// crawl is one guest's walk.
type crawl struct {
	t       *testing.T
	p       *portal
	ground  *ground
	guest   guest
	lang    string
	v       *visitor
	tab     *tab
	todo    []string
	seen    map[string]bool
	kinds   map[string]int
	foreign requests
}

// gallery shows every component of the pages, to who makes them.
const gallery = "/_ui"

// mostOfAKind bounds how many pages of one kind are visited.
const mostOfAKind = 3

// walk signs in, prepares, and visits what there is.
func (c *crawl) walk() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*patience)
	defer cancel()
	if c.guest.role != "" {
		if a, err := c.v.post(ctx, "/demo/"+c.guest.role, nil); err != nil || a.status != http.StatusSeeOther {
			c.t.Fatalf("signing in as %q: %d, %v", c.guest.role, a.status, err)
		}
	}
	if c.guest.prepare != nil {
		if err := c.guest.prepare(ctx, c); err != nil {
			c.t.Errorf("preparing %q in %s: %v", c.guest.name, c.lang, err)
			return
		}
	}
	c.browse()
	for _, path := range c.guest.begins {
		c.add(path)
	}
	for len(c.todo) > 0 {
		next := c.todo[0]
		c.todo = c.todo[1:]
		c.visit(next)
	}
	c.t.Logf("%q: %d pages of %d kinds", c.guest.name, len(c.seen), len(c.kinds))
	c.tab.close()
}

// look is how a kind of page is looked at. In one language each is seen at a
// desktop, in the other on something small; once in light, once in dark.
func (c *crawl) look(kind string) look {
	h := fnv.New32a()
	_, _ = h.Write([]byte(kind))
	n := h.Sum32() >> 8
	wide, small := desktop(), look{width: 320, height: 720, scheme: "dark"}
	if n%4 < 2 {
		small.width, small.height = phone().width, phone().height
	}
	if n%8 < 4 {
		wide.scheme, small.scheme = small.scheme, wide.scheme
	}
	out := wide
	if (n%2 == 0) != (c.lang == "en-US") {
		out = small
	}
	out.lang = c.lang
	return out
}

// browse opens a tab and begins to listen.
func (c *crawl) browse() {
	c.t.Helper()
	c.tab = newTab(c.t, c.v.base, c.look(c.guest.name))
	if err := chromedp.Listen(c.tab.ctx, c.foreign.hear); err != nil {
		c.t.Fatal(err)
	}
}

// borrow gives the browser the visitor's cookies.
func (c *crawl) borrow() {
	c.t.Helper()
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
	if kind := c.kindOf(path); c.kinds[kind] < mostOfAKind {
		c.kinds[kind]++
		c.seen[path] = true
		c.todo = append(c.todo, path)
	}
}

// kindOf is the route of a path, with the names of its parameters.
func (c *crawl) kindOf(path string) string {
	_, pattern := c.ground.route(path)
	if _, query, found := strings.Cut(path, "?"); found {
		pattern += "?" + value.ReplaceAllString(query, "")
	}
	return strings.TrimPrefix(pattern, "GET ")
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
	route, pattern := c.ground.route(path)
	who := fmt.Sprintf("%s as %q in %s", path, c.guest.name, c.lang)
	if a.status != http.StatusOK && a.status != http.StatusSeeOther {
		c.t.Errorf("%s answers %d", who, a.status)
		return
	}
	if cache := a.header.Get("Cache-Control"); c.guest.role != "" && c.own(path, route) && cache != "no-store" {
		c.t.Errorf("%s may be kept: %q", who, cache)
	}
	if a.status == http.StatusSeeOther {
		c.led(who, path, pattern, a.location())
		return
	}
	c.ground.seen[pattern] = true
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return
	}
	if n := len(h1.FindAllString(a.body, -1)); n != 1 && path != gallery {
		c.t.Errorf("%s has %d first headings", who, n)
	}
	if m := inLang.FindStringSubmatch(a.body); m == nil || !strings.HasPrefix(c.lang, m[1]) {
		c.t.Errorf("%s does not say its language: %v", who, m)
	}
	if !c.guest.only {
		for _, m := range anchor.FindAllStringSubmatch(a.body, -1) {
			c.add(html.UnescapeString(m[1]))
		}
	}
	if kind := c.kindOf(path); !c.ground.looked[kind] {
		c.ground.looked[kind] = true
		c.inspect(path)
	}
}

// led follows a page that leads elsewhere. Only a mailed link may do so where a
// guest begins: to the page that is about it, without the token.
func (c *crawl) led(who, path, pattern, location string) {
	c.t.Helper()
	if before, _, mailed := strings.Cut(pattern, "/{token}"); mailed && strings.HasPrefix(location, strings.TrimPrefix(before, "GET ")) {
		c.ground.seen[pattern] = true
	} else if slices.Contains(c.guest.begins, path) {
		c.t.Errorf("%s leads to %s", who, location)
	}
	c.add(location)
}

// own says whether a path belongs to who is signed in: the area of the guest,
// or a page that asks for a permission.
func (c *crawl) own(path string, route web.Route) bool {
	area, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if c.guest.area == "" {
		return area != "physician" && area != "staff" && area != "licensing" && area != "admin"
	}
	return area == c.guest.area || route.Permission > web.Permission(0)
}

// inspect looks at a page in the browser.
func (c *crawl) inspect(path string) {
	c.t.Helper()
	c.tab.becomes(c.look(c.kindOf(path)))
	c.borrow()
	c.tab.open(path)
	if got := c.tab.eval(`location.pathname + location.search`); got != path {
		c.t.Errorf("the browser is led from %s to %s", path, got)
	}
	c.tab.axe()
	if wide := c.tab.eval(tooWide); wide != "" {
		c.t.Errorf("%s is wider than its screen of %d: %s", path, c.tab.look.width, wide)
	}
	c.tab.readable(c.guest.name + c.kindOf(path))
	c.foreign.check(c.t, c.p.base)
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

// check fails for every request to somebody else since it was called last.
func (r *requests) check(t *testing.T, base string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.all = nil }()
	if len(r.all) == 0 {
		t.Error("the browser asked for nothing")
	}
	for _, address := range r.all {
		if !strings.HasPrefix(address, base+"/") && !strings.HasPrefix(address, "data:") && address != "about:blank" {
			t.Errorf("the browser asked %s", address)
		}
	}
}
