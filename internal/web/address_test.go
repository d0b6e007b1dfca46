package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Whatever route there is: an address with half a character or a NUL in its
// path or in a parameter leads nowhere, whoever asks, and breaks nothing.
func TestAddressesThatNothingCanHold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	browsers := map[Area]*browser{}
	for _, area := range Areas() {
		browsers[area] = o.as(t, area, "en")
	}
	wildcard := regexp.MustCompile(`\{\w+\}`)
	paths := 0
	for _, r := range o.web.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		plain := strings.ReplaceAll(r.Path, "{$}", "")
		var bad []string
		for _, value := range []string{"%00", "%ff", "a%00b", "%C3"} {
			if wildcard.MatchString(plain) {
				bad = append(bad, wildcard.ReplaceAllString(plain, value))
				paths++
			}
			for _, name := range []string{"day", "after", "next", value} {
				bad = append(bad, wildcard.ReplaceAllString(plain, "x")+"?"+name+"="+value)
			}
		}
		for _, path := range bad {
			for _, b := range []*browser{browsers[r.Area], o.browser(t, "en")} {
				if a := b.get(path); a.status != http.StatusNotFound {
					t.Errorf("%s answers %d to %s", path, a.status, a.location)
				}
			}
		}
	}
	if paths < 100 {
		t.Errorf("only %d paths with values were tried", paths)
	}
	// Whole characters are welcome, and so is what is none in a form: it comes
	// back marked.
	if a := browsers[AreaStaff].get("/staff/letters?after=%C3%A9"); a.status != http.StatusOK {
		t.Errorf("a whole character: %d", a.status)
	}
	a := o.browser(t, "en").post("/activate", url.Values{"member_id": {"half\x00\xff"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "half\uFFFD\uFFFD") {
		t.Errorf("what no table holds comes back as %d", a.status)
	}
}
