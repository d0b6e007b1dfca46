package e2e

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var (
	formTag   = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	actionOf  = regexp.MustCompile(`\baction="([^"]*)"`)
	selectTag = regexp.MustCompile(`(?s)<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>`)
	optionTag = regexp.MustCompile(`(?s)<option\b([^>]*)>(.*?)</option>`)
	textTag   = regexp.MustCompile(`(?s)<textarea\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</textarea>`)
)

// form is what a browser would send of the form of a page that goes to a path:
// what stands in it, the first choice where none is made, no box checked. Its
// action may have a query of its own.
func (a answer) form(to string) (action string, values url.Values, ok bool) {
	for _, m := range formTag.FindAllStringSubmatch(a.body, -1) {
		found := actionOf.FindStringSubmatch(m[1])
		if found == nil {
			continue
		}
		action = html.UnescapeString(found[1])
		if path, _, _ := strings.Cut(action, "?"); path == to {
			return action, fieldsOf(m[2]), true
		}
	}
	return "", nil, false
}

func fieldsOf(body string) url.Values {
	out := url.Values{}
	for _, tag := range inputTag.FindAllString(body, -1) {
		is := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			is[m[1]] = html.UnescapeString(m[2])
		}
		name, checked := is["name"], strings.Contains(tag, " checked")
		switch {
		case name == "" || is["type"] == "checkbox" && !checked:
		case is["type"] == "radio" && !checked && out.Has(name):
		default:
			out.Set(name, is["value"])
		}
	}
	for _, m := range selectTag.FindAllStringSubmatch(body, -1) {
		for _, option := range optionTag.FindAllStringSubmatch(m[2], -1) {
			value := ""
			if v := attribute.FindStringSubmatch(option[1]); v != nil {
				value = html.UnescapeString(v[2])
			}
			if out.Get(m[1]) == "" || strings.Contains(option[1], " selected") {
				out.Set(m[1], value)
			}
		}
	}
	for _, m := range textTag.FindAllStringSubmatch(body, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// fill opens a page and sends the form there that goes to a path, with these
// values instead of what stands in it. The answer leads on, or it is an error.
func (v *visitor) fill(ctx context.Context, page, to string, with url.Values) (string, error) {
	a, err := v.get(ctx, page)
	if err != nil {
		return "", err
	}
	action, values, ok := a.form(to)
	if !ok {
		return "", fmt.Errorf("%s answers %d to %q, without a form to %s", page, a.status, a.location(), to)
	}
	for name, value := range with {
		values[name] = value
	}
	if a, err = v.post(ctx, action, values); err != nil {
		return "", err
	}
	if a.status != http.StatusSeeOther {
		return "", fmt.Errorf("the form to %s was answered %d:\n%s", to, a.status, wrong.FindString(a.body))
	}
	return a.location(), nil
}

// wrong is what a page lists as wrong with its form.
var wrong = regexp.MustCompile(`(?s)<main.{0,900}`)
