package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// trouble is one way in which a page cannot be shown.
type trouble struct {
	name   string
	status int
	// what replaces the page's own words about what happened.
	what i18n.Key
	// also must be said.
	also i18n.Key
	wait bool
	// again offers to try once more.
	again   bool
	provoke func(o *office, b *browser) answer
}

// refused makes the service behind a page refuse it.
func refused(err error) func(*office, *browser) answer {
	return func(o *office, b *browser) answer {
		o.licensing.refuse = err
		return b.get("/physician/licenses")
	}
}

func away(part string) error {
	e := errs.New(errs.Unavailable, "service_away", "away")
	e.Part = part
	return e
}

func troubles() []trouble {
	raw := func(body string) func(*office, *browser) answer {
		return func(_ *office, b *browser) answer {
			return b.raw("/book", "application/x-www-form-urlencoded", strings.NewReader(body), int64(len(body)))
		}
	}
	return []trouble{
		{name: "a broken form", status: http.StatusBadRequest, provoke: raw("service=%zz&state")},
		{name: "somebody else's page", status: http.StatusForbidden, what: "error.not_allowed", provoke: func(_ *office, b *browser) answer {
			b.cookies[AreaStaff.secretCookie()], b.cookies[AreaStaff.tokenCookie()] = b.cookies[AreaPhysician.secretCookie()], b.cookies[AreaPhysician.tokenCookie()]
			return b.get("/staff/rosters")
		}},
		{name: "no such page", status: http.StatusNotFound, provoke: func(_ *office, b *browser) answer { return b.get("/nowhere") }},
		{name: "no such page of staff", status: http.StatusNotFound, provoke: func(_ *office, b *browser) answer { return b.get("/staff/nowhere") }},
		{name: "the wrong method", status: http.StatusNotFound, provoke: func(_ *office, b *browser) answer { return b.post("/devices", nil) }},
		{name: "nothing of the caller's", status: http.StatusNotFound, provoke: refused(errs.New(errs.NotFound, "some_reason", "no"))},
		{name: "a lost race", status: http.StatusConflict, provoke: refused(errs.New(errs.Conflict, "some_reason", "no"))},
		{name: "the wrong moment", status: http.StatusConflict, what: "error.not_movable", provoke: refused(errs.New(errs.Precondition, "not_movable", "no"))},
		{name: "too large", status: http.StatusRequestEntityTooLarge, provoke: raw("service=" + strings.Repeat("x", bodyLimit))},
		{name: "a key that was used", status: http.StatusUnprocessableEntity, what: "error.key_reused", provoke: refused(errs.New(errs.Conflict, "key_reused", "no"))},
		{name: "too often", status: http.StatusTooManyRequests, what: "error.too_many_tries", wait: true, again: true, provoke: refused(errs.New(errs.Throttled, "too_many_tries", "no"))},
		{name: "our fault", status: http.StatusInternalServerError, again: true, provoke: refused(errors.New("pq: secret of " + testPhysician))},
		{name: "a service is away", status: http.StatusServiceUnavailable, wait: true, again: true, provoke: refused(away(""))},
		{name: "licensing is away", status: http.StatusServiceUnavailable, also: "error.works_without_licensing", wait: true, again: true, provoke: refused(away("licensing"))},
		{name: "enrollment is away", status: http.StatusServiceUnavailable, also: "error.works_without_enrollment", wait: true, again: true, provoke: refused(away("enrollment"))},
		{name: "scheduling is away", status: http.StatusServiceUnavailable, also: "error.works_without_scheduling", wait: true, again: true, provoke: refused(away("scheduling"))},
		{name: "auth is away", status: http.StatusServiceUnavailable, also: "error.works_without_auth", wait: true, again: true, provoke: refused(away("auth"))},
		{name: "the database is away", status: http.StatusServiceUnavailable, what: "error.database_away", wait: true, again: true,
			provoke: refused(errs.New(errs.Unavailable, "database_away", "no"))},
	}
}

var reference = regexp.MustCompile(`<span class="num nowrap">[0-9a-f-]{8,}</span>`)

// Whatever goes wrong, the page says in the reader's language what happened,
// what was kept and what to do, whom to call, and under which number we find
// it; and nothing of the inside.
func TestEveryTroubleHasItsPage(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Languages() {
		l := i18n.In(lang)
		for _, c := range troubles() {
			t.Run(lang+" "+c.name, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				a := c.provoke(o, o.as(t, AreaPhysician, lang))
				checkPage(t, a, lang, c.status)
				body := html.UnescapeString(a.body)
				page := i18n.Key(fmt.Sprint("error.p", c.status))
				what := page + ".what"
				if c.what != "" {
					what = c.what
				}
				for _, key := range []i18n.Key{page + ".title", what, page + ".kept", page + ".next", "error.home", c.also} {
					if key != "" && !strings.Contains(body, l.T(key)) {
						t.Errorf("the page lacks %s", key)
					}
				}
				if !reference.MatchString(a.body) {
					t.Error("the page has no reference")
				}
				if (a.header.Get("Retry-After") != "") != c.wait {
					t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
				}
				if strings.Contains(body, l.T("error.again")) != c.again {
					t.Errorf("offers to try again: %v", !c.again)
				}
				if strings.Contains(body, "pq:") || strings.Contains(body, "goroutine") {
					t.Error("the page tells of the inside")
				}
			})
		}
	}
}

// A session that has ended is no error page: it leads to signing in, says why,
// and comes back.
func TestAnEndedSessionLeadsToSigningIn(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Languages() {
		b := newSite(t).browser(t, lang)
		b.cookies[AreaPatient.secretCookie()] = "of yesterday"
		a := b.get("/appointments")
		if a.status != http.StatusSeeOther || a.location != "/sign-in?next=%2Fappointments" || b.cookies[AreaPatient.secretCookie()] != "" {
			t.Fatalf("%s: %d to %s", lang, a.status, a.location)
		}
		if page := b.get(a.location); !strings.Contains(html.UnescapeString(page.body), i18n.In(lang).T("error.session_idle")) {
			t.Errorf("%s: the page does not say why", lang)
		}
	}
}

// throttledAuth has had enough.
type throttledAuth struct{ *fakeAuth }

func (throttledAuth) RequestCode(context.Context, *authv1.RequestCodeRequest) (*authv1.RequestCodeResponse, error) {
	return nil, errs.TooManyTries(49*time.Minute + 10*time.Second)
}

// A form that is sent too often is shown again, with what was typed, and says
// when to come back.
func TestAFormThatIsSentTooOften(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.web.Auth = throttledAuth{fakeAuth: s.auth}
	for lang, words := range map[string]string{"en": "Please try again in about 50 minutes.", "es": "Inténtelo de nuevo en unos 50 minutos."} {
		a := s.browser(t, lang).post("/sign-in", url.Values{"email": {"rosa@example.test"}})
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "2950" || !strings.Contains(a.body, "rosa@example.test") ||
			!strings.Contains(a.body, words) {
			t.Errorf("%s: %d, wait %q", lang, a.status, a.header.Get("Retry-After"))
		}
	}
}

// A page that is refused says how long to wait: the minutes of the error where
// it knows them, else no number.
func TestHowLongToWait(t *testing.T) {
	t.Parallel()
	holds := errs.New(errs.Throttled, "too_many_holds", "Too many.")
	for _, c := range []struct {
		err         error
		after, says string
	}{
		{errs.TooManyTries(time.Hour), "3600", "That was tried too often. Please try again in about 60 minutes."},
		{errs.TooManyTries(time.Millisecond), "1", "That was tried too often. Please try again in about one minute."},
		{errs.TooManyTries(0), "120", "Please wait a few minutes and try again."},
		{holds.After(10 * time.Minute), "600", "kept for your network. Please try again in about 10 minutes."},
		{holds, "120", "Please try again in a few minutes."},
		{errs.New(errs.Throttled, "some_reason", "no").After(time.Hour), "3600", "Try again in about 60 minutes. If you cannot wait, call us."},
	} {
		o := newOffice(t)
		a := refused(c.err)(o, o.as(t, AreaPhysician, "en"))
		if a.header.Get("Retry-After") != c.after || !strings.Contains(a.body, c.says) {
			t.Errorf("%v: wait %q, and the page lacks %q", c.err, a.header.Get("Retry-After"), c.says)
		}
		if strings.Contains(c.says, "about") == strings.Contains(a.body, "few minutes") {
			t.Errorf("%v: the page says two things about the wait", c.err)
		}
	}
}
