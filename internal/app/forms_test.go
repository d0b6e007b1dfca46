package app

import (
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/licensing/npi"
	"github.com/bedside-health/bedside/internal/web"
)

// hostile is something that a field was not made for, or that many forms
// wrongly take for a mistake.
type hostile struct {
	name, value string
	// kept: a form that refuses it must show it again.
	kept bool
}

func hostiles() []hostile {
	return []hostile{
		{"nothing", "", false},
		{"5000 letters", strings.Repeat("x", 5000), false},
		{"200 letters with accents", strings.Repeat("Ñandú", 40), true},
		{"control characters", "a\x07b\x1b[31mc\r\nd", false},
		{"NUL", "a\x00b", false},
		{"broken UTF-8", "a\xff\xfeb", false},
		{"half a character", "\xe2\x82", false},
		{"emoji", "Zoë 👩🏽‍⚕️ 💊", true},
		{"apostrophes", "Renée O'Brien-D’Angelo", true},
		{"a tag", `"><script>alert(1)</script>`, true},
		{"a placeholder", "{n} %s ${x}", true},
		{"right to left", "مريم \u202egnol", false},
		{"a day that does not exist", "2027-02-30", true},
		{"a number too large", "99999999999999999999999", true},
		{"less than nothing", "-1", true},
		{"a phone with an extension", "(215) 555-0147 ext. 12", true},
		{"Puerto Rico", "00601", true},
		{"Guam", "96910-1234", true},
		{"the armed forces", "APO AE 09012", true},
		{"an address with a plus", "rosa+visit@bücher.test", true},
		{"another id", "0198a000-0000-7000-8000-0000000000ff", false},
		{"a path", "/../../etc/passwd", true},
	}
}

// clerk fills in forms: a browser that keeps cookies, also secure ones.
type clerk struct {
	j       *journey
	t       *testing.T
	cookies map[string]string
	address string
	// booked is an appointment of the demo patient's.
	booked string
}

const urlencoded = "application/x-www-form-urlencoded"

// clerk signs in to an area; empty for nowhere. A patient keeps a time; nobody
// does, too, and has asked for a code.
func (j *journey) clerk(t *testing.T, area web.Area) *clerk {
	t.Helper()
	c := &clerk{j: j, t: t, cookies: map[string]string{}, address: j.address()}
	if area != "" {
		c.send("/demo/"+string(area), urlencoded, "")
		if len(c.cookies) < 2 {
			t.Fatalf("the demo %s could not sign in", area)
		}
	}
	switch area {
	case web.AreaPatient:
		c.through("/book", "/book/time", "/book/about")
	case "":
		c.through("/book", "/book/time")
		c.send("/sign-in", urlencoded, url.Values{"email": {"forms@newcomer.test"}}.Encode())
	}
	return c
}

// book gives the demo patient a visit. Earlier ones may be in the way of a time.
func (c *clerk) book() {
	c.t.Helper()
	for range 5 {
		to := c.through("/book/check").header.Get("Location")
		if id, ok := strings.CutSuffix(to, "/booked"); ok {
			c.booked = strings.TrimPrefix(id, "/appointments/")
			c.through("/book", "/book/time", "/book/about")
			return
		}
		c.through("/book", "/book/time", "/book/about")
	}
	c.t.Fatal("the demo patient could not book")
}

// through sends the forms of pages as they are, and gives the last answer.
func (c *clerk) through(pages ...string) answered {
	c.t.Helper()
	var a answered
	for _, page := range pages {
		for _, f := range formsOf(c.ask(http.MethodGet, page, "", "").body) {
			if f.action == page {
				values := f.filled()
				values.Del("with") // whoever is free
				values.Set("service", "general")
				values.Set("state", "PA")
				if slots := f.choices("slot"); len(slots) > 0 {
					values.Set("slot", slots[int(c.j.addresses.Add(1))*5%len(slots)])
				}
				a = c.send(page, urlencoded, values.Encode())
			}
		}
	}
	return a
}

// pathOf fills a route's pattern.
func (c *clerk) pathOf(r web.Route) string {
	if c.booked != "" {
		r.Path = strings.Replace(r.Path, "/appointments/{id}", "/appointments/"+c.booked, 1)
	}
	return c.j.pathOf(r)
}

func (c *clerk) send(path, kind, body string) answered {
	c.t.Helper()
	return c.ask(http.MethodPost, path, kind, body)
}

func (c *clerk) ask(method, path, kind, body string) answered {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.j.page(path), strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", c.address)
	req.Header.Set("Accept-Language", "es")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range c.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := browser().Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, one := range res.Cookies() {
		if c.cookies[one.Name] = one.Value; one.MaxAge < 0 {
			delete(c.cookies, one.Name)
		}
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answered{status: res.StatusCode, header: res.Header, body: string(text)}
}

// form is one form of a page.
type form struct {
	action string
	fields []field
}

// field is one control: what it holds at first, and whether people type there.
type field struct {
	name, value string
	typed       bool
}

var (
	oneForm    = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	control    = regexp.MustCompile(`(?s)<(input|textarea|select|button)\b([^>]*)>`)
	attribute  = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	firstValue = regexp.MustCompile(`<option value="([^"]+)"`)
)

func attributes(tag string) map[string]string {
	out := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		out[m[1]] = html.UnescapeString(m[2])
	}
	return out
}

// formsOf reads the forms of a page that are sent by POST.
func formsOf(page string) []form {
	var out []form
	for _, m := range oneForm.FindAllStringSubmatch(page, -1) {
		head := attributes(m[1])
		if head["method"] != "post" || head["action"] == "/language" || strings.HasSuffix(head["action"], "/sign-out") {
			continue
		}
		f := form{action: head["action"]}
		for _, at := range control.FindAllStringSubmatchIndex(m[2], -1) {
			kind, a := m[2][at[2]:at[3]], attributes(m[2][at[4]:at[5]])
			if a["name"] == "" || a["type"] == "file" {
				continue
			}
			one := field{name: a["name"], value: a["value"]}
			switch {
			case kind == "select":
				if v := firstValue.FindStringSubmatch(m[2][at[1]:]); v != nil {
					one.value = html.UnescapeString(v[1])
				}
			case kind == "textarea", a["type"] == "text", a["type"] == "email", a["type"] == "tel", a["type"] == "" && kind == "input":
				one.typed = a["autocomplete"] != "one-time-code"
			}
			f.fields = append(f.fields, one)
		}
		out = append(out, f)
	}
	return out
}

// filled is the form as somebody in no hurry would send it: the first of each
// choice.
func (f form) filled() url.Values {
	out := url.Values{}
	for _, one := range f.fields {
		if !out.Has(one.name) {
			out.Set(one.name, one.value)
			if one.typed && one.value == "" {
				out.Set(one.name, ordinary(one.name))
			}
		}
	}
	return out
}

// choices lists what a question of the form can be answered with.
func (f form) choices(name string) []string {
	var out []string
	for _, one := range f.fields {
		if one.name == name {
			out = append(out, one.value)
		}
	}
	return out
}

// ordinary is what somebody may type into a field of that name.
func ordinary(name string) string {
	for part, value := range map[string]string{
		"_month": "3", "_day": "5", "_year": "2027", "birth_date_year": "1990", "email": "forms@newcomer.test", "phone": "(215) 555-0147",
		"npi": npi.Complete("999900001"),
	} {
		if strings.HasSuffix(name, part) && (part != "_year" || !strings.HasPrefix(name, "birth")) {
			return value
		}
	}
	return "Prueba"
}

// forms sends to every form of the site what it was not made for. Whatever
// comes, nothing breaks, the page is in the reader's language, and a form that
// is refused shows what was typed.
func (j *journey) forms(t *testing.T) {
	if j.apps["web"] != j.apps["auth"] {
		return // the pages are the same in a portal that is split
	}
	j.t = t
	pages, err := newWeb(j.apps["web"].boot)
	if err != nil {
		t.Fatal(err)
	}
	seen := j.formsByPattern(t, pages.Routes())
	swept := 0
	for _, r := range pages.Routes() {
		if r.Method != http.MethodPost || strings.HasPrefix(r.Path, "/demo/") || strings.HasSuffix(r.Path, "/sign-out") {
			continue
		}
		j.sweep(t, r, seen[pattern(r.Path)])
		swept++
	}
	t.Logf("%d forms, %d of them found on a page", swept, len(seen))
	if len(seen) < 20 {
		t.Errorf("only %d forms were found: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

// pattern is a path without what varies in it.
func pattern(path string) string {
	return placeholder.ReplaceAllString(changing.ReplaceAllString(path, "{}"), "{}")
}

// formsByPattern reads every page of every area and keeps the forms that it
// meets by where they go.
func (j *journey) formsByPattern(t *testing.T, routes []web.Route) map[string]form {
	t.Helper()
	out := map[string]form{}
	for _, area := range append(web.Areas(), "") {
		c := j.clerk(t, area)
		if area == web.AreaPatient {
			c.book()
		}
		for _, r := range routes {
			if r.Method != http.MethodGet || (r.Area != area && r.Permission != web.Public) {
				continue
			}
			for _, f := range formsOf(c.ask(http.MethodGet, c.pathOf(r), "", "").body) {
				path, _, _ := strings.Cut(f.action, "?")
				if known, ok := out[pattern(path)]; !ok || len(known.fields) < len(f.fields) {
					out[pattern(path)] = f
				}
			}
		}
	}
	return out
}

// sweep tries everything on one form.
func (j *journey) sweep(t *testing.T, r web.Route, f form) {
	t.Helper()
	area := r.Area
	if r.Permission == web.Public {
		area = ""
	}
	begin := func() *clerk {
		c := j.clerk(t, area)
		if strings.HasPrefix(r.Path, "/appointments/") {
			c.book()
		}
		return c
	}
	c := begin()
	// The form as this clerk sees it: with what is theirs.
	for _, own := range formsOf(c.ask(http.MethodGet, c.pathOf(r), "", "").body) {
		if own.action == c.pathOf(r) && len(own.fields) >= len(f.fields) {
			f = own
		}
	}
	try := func(what string, kind, body string) answered {
		t.Helper()
		c.address = j.address() // throttles are for another test
		a := c.send(c.pathOf(r), kind, body)
		checkForm(t, fmt.Sprintf("%s with %s", r.Path, what), a)
		if strings.HasSuffix(a.header.Get("Location"), "/sign-in") || strings.Contains(a.header.Get("Location"), "/sign-in?") {
			c = begin() // the form ends sessions
		}
		return a
	}
	for _, h := range hostiles() {
		values := f.filled()
		for _, one := range f.fields {
			if one.typed {
				values.Set(one.name, h.value)
			}
		}
		a := try(h.name, urlencoded, values.Encode())
		for _, one := range f.fields {
			if a.status == http.StatusUnprocessableEntity && h.kept && one.typed && !strings.Contains(a.body, html.EscapeString(h.value)) {
				t.Errorf("%s with %s in %s: what was typed is gone", r.Path, h.name, one.name)
			}
		}
		all := url.Values{}
		for _, one := range f.fields {
			all.Set(one.name, h.value)
		}
		try(h.name+" everywhere, also where nobody types", urlencoded, all.Encode())
	}
	for _, one := range f.fields {
		for _, h := range hostiles()[1:8] {
			if values := f.filled(); one.typed {
				values.Set(one.name, h.value)
				try(h.name+" in "+one.name+" alone", urlencoded, values.Encode())
			}
		}
	}
	filled := f.filled().Encode()
	try("no field at all", urlencoded, "")
	try("each field twice", urlencoded, filled+"&"+filled)
	try("names that are none", urlencoded, "%00=1&a[b]=2&__proto__=3&=4&"+filled)
	try("an escape that is none", urlencoded, "a=%zz")
	try("JSON", "application/json", `{"a": 1}`)
	try("no type", "", filled)
	try("parts without a boundary", "multipart/form-data", filled)
	try("parts that end early", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx")
	if r.Body == 0 {
		if a := try("too much", urlencoded, filled+"&more="+strings.Repeat("x", 70<<10)); a.status < http.StatusBadRequest && a.status != http.StatusSeeOther {
			t.Errorf("%s with too much: %d", r.Path, a.status)
		}
	}
	try("what it was made for", urlencoded, filled)
	try("the same once more", urlencoded, filled)
}

var insides = regexp.MustCompile(`goroutine \d|panic:|runtime error|SQLSTATE|pq:|pgx|\.go:\d+|⟦[a-z]|%!`)

// checkForm is what must be true of every answer to a form.
func checkForm(t *testing.T, where string, a answered) {
	t.Helper()
	if a.status >= http.StatusInternalServerError {
		t.Errorf("%s: %d", where, a.status)
	}
	checkAnswer(t, where, a)
	if found := insides.FindString(a.body); found != "" {
		t.Errorf("%s: the page tells of the inside: %q", where, found)
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.body != "" && a.status != http.StatusSeeOther && !strings.Contains(a.body, `<html lang="es">`) {
		t.Errorf("%s: the page is not in the reader's language", where)
	}
}
