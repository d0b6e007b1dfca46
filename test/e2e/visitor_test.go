package e2e

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// visitor is a browser without a window: it keeps cookies, does not follow
// redirects, and sends forms as a browser would. For what needs many of them.
type visitor struct {
	base, lang string
	http       http.Client
}

func newVisitor(base, lang string) *visitor {
	return &visitor{base: base, lang: lang, http: http.Client{
		Jar:           &crumbs{kept: map[string]string{}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// location is where a redirect leads.
func (a answer) location() string { return a.header.Get("Location") }

func (v *visitor) get(ctx context.Context, path string) (answer, error) {
	return v.send(ctx, http.MethodGet, path, nil)
}

func (v *visitor) post(ctx context.Context, path string, form url.Values) (answer, error) {
	return v.send(ctx, http.MethodPost, path, form)
}

func (v *visitor) send(ctx context.Context, method, path string, form url.Values) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept-Language", v.lang)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", v.base)
	}
	res, err := v.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(body)}, nil
}

// crumbs keeps cookies as browsers do for 127.0.0.1, which they trust: secure
// ones too.
type crumbs struct {
	mu   sync.Mutex
	kept map[string]string
}

// SetCookies keeps what an answer sets.
func (c *crumbs) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range cookies {
		if one.MaxAge < 0 {
			delete(c.kept, one.Name)
			continue
		}
		c.kept[one.Name] = one.Value
	}
}

// Cookies gives them back.
func (c *crumbs) Cookies(*url.URL) []*http.Cookie {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*http.Cookie
	for name, value := range c.kept {
		out = append(out, &http.Cookie{Name: name, Value: value})
	}
	return out
}

var (
	inputTag  = regexp.MustCompile(`<input\b[^>]*>`)
	attribute = regexp.MustCompile(`\b(name|value|type)="([^"]*)"`)
)

// inputs returns what the fields of a page are filled with: all values of each
// name, in their order.
func (a answer) inputs() url.Values {
	out := url.Values{}
	for _, tag := range inputTag.FindAllString(a.body, -1) {
		var name, value string
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			switch m[1] {
			case "name":
				name = m[2]
			case "value":
				value = html.UnescapeString(m[2])
			}
		}
		out.Add(name, value)
	}
	return out
}

// hold takes a time as the signed-in patient and answers what is asked, up to
// the page with the button that books: it returns that page's form.
func (v *visitor) hold(ctx context.Context, slot, key string) (url.Values, error) {
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/book", url.Values{"service": {"general"}, "state": {"PA"}}},
		{"/book/time", url.Values{"slot": {slot}, "key": {key}}},
	} {
		a, err := v.post(ctx, step.path, step.form)
		if err != nil {
			return nil, err
		}
		if a.status == http.StatusConflict {
			return nil, errLost
		}
		if a.status != http.StatusSeeOther {
			return nil, fmt.Errorf("%s answered %d", step.path, a.status)
		}
	}
	about, err := v.get(ctx, "/book/about")
	if err != nil {
		return nil, err
	}
	a, err := v.post(ctx, "/book/about", url.Values{
		"patient_id": {about.inputs().Get("patient_id")}, "reason": {"A sore throat"}, "payment": {"self_pay"},
	})
	if err != nil {
		return nil, err
	}
	if a.location() != "/book/check" {
		return nil, fmt.Errorf("the answers were not taken: %d", a.status)
	}
	page, err := v.get(ctx, "/book/check")
	if err != nil {
		return nil, err
	}
	form := page.inputs()
	if form.Get("hold_id") == "" {
		return nil, fmt.Errorf("page 5 has no hold: %d", page.status)
	}
	return url.Values{
		"hold_id": {form.Get("hold_id")}, "patient_id": {form.Get("patient_id")}, "consent_version": {form.Get("consent_version")},
		"consent": {"yes"}, "key": {form.Get("key")},
	}, nil
}

// errLost says that somebody was quicker.
var errLost = errors.New("the time is gone")
