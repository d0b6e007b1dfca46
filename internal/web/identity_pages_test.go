package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// bea is a form that is right.
func bea(t *testing.T, page string) url.Values {
	t.Helper()
	return url.Values{
		"given_name": {"Bea"}, "family_name": {"O'Brien-Núñez"}, "birth_date_month": {"8"}, "birth_date_day": {"9"}, "birth_date_year": {"1979"},
		"email": {"bea+clinic@example.test"}, "language": {"es"}, "key": {hidden(t, page, "key")}, "next": {"/book/about"},
	}
}

func typedCard(t *testing.T, b *browser) {
	t.Helper()
	a := b.post("/activate", url.Values{
		"member_id": {"PM-1"}, "family_name": {"Twin"}, "birth_date_month": {"2"}, "birth_date_day": {"3"}, "birth_date_year": {"1990"},
	})
	if a.location != "/activate/code" {
		t.Fatalf("typing a card: %d %s", a.status, a.location)
	}
}

func TestIdentityPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		o := newOffice(t)
		b := o.browser(t, lang)
		page := b.get("/register?next=/book/about")
		checkPage(t, page, lang, 0)
		if !strings.Contains(page.body, "$") {
			t.Error("no price before registering")
		}
		if a := b.post("/register", bea(t, page.body)); a.location != "/register/code" {
			t.Fatalf("registering: %d", a.status)
		}
		checkPage(t, b.get("/register/code"), lang, 0)
		typedCard(t, b)
		checkPage(t, b.get("/activate/code"), lang, 0)
		own := b.get("/activate/own")
		checkPage(t, own, lang, 0)
		if !strings.Contains(own.body, `value="1990"`) || !strings.Contains(own.body, `value="Twin"`) {
			t.Error("what was typed before is not kept")
		}
		form := bea(t, own.body)
		if a := b.post("/activate/own", form); a.location != "/activate/own/code" {
			t.Fatalf("an address of one's own: %d", a.status)
		}
		checkPage(t, b.get("/activate/own/code"), lang, 0)
		b.post("/activate/code", url.Values{"code": {"00000000"}})
		staff := o.as(t, AreaStaff, lang)
		for _, ref := range []string{openCase, closedCase} {
			checkPage(t, staff.get(casePath(ref)), lang, 0)
		}
		o.identity.passed = true
		checkPage(t, staff.get(casePath(openCase)), lang, 0)
		checkPage(t, staff.post(casePath(openCase)+"/find", url.Values{"member_number": {"X1"}}), lang, 0)
	}
}

func TestRegisteringGoesBackToTheBooking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	holdTime(t, b)
	if !strings.Contains(b.get("/book/sign-in").body, `href="/register?next=/book/about"`) {
		t.Error("no way to register from the booking")
	}
	form := bea(t, b.get("/register?next=/book/about").body)
	b.post("/register", form)
	if a := b.post("/register/code", url.Values{"again": {"1"}}); a.location != "/register/code" || len(s.identity.started) != 2 {
		t.Errorf("another code: %d, %d starts", a.status, len(s.identity.started))
	}
	if a := b.post("/register/code", url.Values{"code": {"00000000"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.status)
	}
	if a := b.post("/register/code", url.Values{"code": {"4829 13"}}); a.location != "/book/about" {
		t.Errorf("registering leads to %s", a.location)
	}
	if b.cookies[cookieBrowser] == "" || b.get("/book/about").status != http.StatusOK {
		t.Error("the time is not kept")
	}
	first := s.identity.started[0]
	if first.GetLanguage() != "es" || first.GetBirthDate() != "1979-08-09" || first.GetActivationId() != "" || first.GetIdempotencyKey() != form.Get("key") {
		t.Errorf("it was asked for %v", first)
	}
	if a := b.get("/register"); a.status != http.StatusSeeOther {
		t.Errorf("somebody signed in registers: %d", a.status)
	}
}

func TestAnAddressOfOnesOwnKeepsTheActivation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	for _, path := range []string{"/activate/own", "/activate/own/code", "/register/code"} {
		if a := b.get(path); a.status != http.StatusSeeOther {
			t.Errorf("%s without a beginning: %d", path, a.status)
		}
		if a := b.post(path, url.Values{}); a.status != http.StatusSeeOther && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s sent without a beginning: %d", path, a.status)
		}
	}
	typedCard(t, b)
	b.post("/activate/own", bea(t, b.get("/activate/own").body))
	if len(s.identity.started) != 1 || s.identity.started[0].GetActivationId() == "" {
		t.Fatalf("it was asked for %v", s.identity.started)
	}
	s.identity.notes = []*enrollmentv1.PlanNote{{Kind: "unconfirmed", Reference: openCase, Self: true}}
	if a := b.follow("/activate/own/code", url.Values{"code": {"482913"}}); !strings.Contains(a.body, openCase) || !strings.Contains(a.body, "not confirmed yet") {
		t.Errorf("the first page after opening: %d", a.status)
	}
}

// Who is signed in gets the plan there, with one button.
func TestAPlanForTheAccountThatIsSignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	typedCard(t, b)
	page := b.get("/activate/own")
	checkPage(t, page, "en", 0)
	if strings.Contains(page.body, `name="email"`) || !strings.Contains(page.body, "Add it to my account") {
		t.Error("somebody signed in is asked for an address")
	}
	s.identity.refuse = errs.New(errs.Precondition, "already_active", "No.")
	if a := b.post("/activate/own", url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a plan that is somebody's: %d", a.status)
	}
	s.identity.refuse = nil
	if a := b.post("/activate/own", url.Values{}); a.location != "/appointments" || len(s.identity.claimed) != 2 || s.identity.claimed[1] == "" || len(s.identity.started) != 0 {
		t.Errorf("claiming a plan: %d to %s", a.status, a.location)
	}
}

// No page for patients says that something was terminated.
func TestPatientsNeverReadTerminated(t *testing.T) {
	t.Parallel()
	for key, e := range i18n.Entries("en") {
		office := strings.Contains(e.File, "staff") || strings.Contains(e.File, "licensing") || strings.Contains(e.File, "physician")
		if !office && strings.Contains(strings.ToLower(e.One+e.Other), "terminated") {
			t.Errorf("%s: %s says so", e.File, key)
		}
	}
}

func TestRegistrationFormsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	page := b.get("/register").body
	for field, values := range map[string]url.Values{
		"given_name":  {"given_name": {strings.Repeat("x", 200)}},
		"family_name": {"family_name": {""}},
		"birth_date":  {"birth_date_month": {"2"}, "birth_date_day": {"30"}},
		"email":       {"email": {"béa@example.test"}},
	} {
		form := bea(t, page)
		for name, v := range values {
			form[name] = v
		}
		a := b.post("/register", form)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#`+field+`"`) || !strings.Contains(a.body, `O&#39;Brien-Núñez`) && field != "family_name" {
			t.Errorf("%s: %d", field, a.status)
		}
	}
	for year, want := range map[string]string{"2199": "in the future", "1890": "Check the year", "2015": "a parent or guardian books"} {
		form := bea(t, page)
		form.Set("birth_date_year", year)
		if a := b.post("/register", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("born in %s: %d", year, a.status)
		}
	}
	if len(s.identity.started) != 0 {
		t.Errorf("%d registrations began", len(s.identity.started))
	}
}

func TestStaffWorkOnACase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	path := casePath(openCase)
	page := b.get(path).body
	if strings.Contains(page, path+"/link") || strings.Count(page, "Can be linked after") != 2 {
		t.Error("an account can be linked without a check")
	}
	if a := b.post(path+"/check", url.Values{"method": {"video"}, "version": {"3"}}); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "#document") || !strings.Contains(a.body, "#outcome") || len(o.identity.checked) != 0 {
		t.Errorf("half a check: %d", a.status)
	}
	check := url.Values{"method": {"video"}, "document": {"passport"}, "outcome": {"passed"}, "version": {"3"}, "key": {hidden(t, page, "key")}}
	if a := b.follow(path+"/check", check); !strings.Contains(a.body, "The check is recorded") || o.identity.checked[0].GetVersion() != 3 {
		t.Errorf("a check: %d", a.status)
	}
	o.identity.passed = true
	page = b.get(path).body
	if strings.Count(page, `action="`+path+`/link"`) != 2 {
		t.Error("twins cannot be linked")
	}
	link := url.Values{"member_id": {twinTim}, "version": {"3"}, "key": {"a key of the form"}}
	for reason, code := range map[string]errs.Code{"possible_duplicate": errs.Precondition, "member_minor": errs.Precondition, "check_missing": errs.Precondition} {
		o.identity.refuse = errs.New(code, reason, "No.")
		if a := b.post(path+"/link", link); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s: %d", reason, a.status)
		}
	}
	o.identity.refuse = errs.New(errs.Conflict, "case_changed", "No.")
	if a := b.follow(path+"/link", link); a.status != http.StatusOK || !strings.Contains(a.body, "Somebody else worked on this case") {
		t.Errorf("who came second: %d", a.status)
	}
	o.identity.refuse = nil
	if a := b.follow(path+"/link", link); !strings.Contains(a.body, "linked to the member") || o.identity.linked[0].GetMemberId() != twinTim {
		t.Errorf("linking: %d", a.status)
	}
	if a := b.post(path+"/close", url.Values{"version": {"3"}}); a.status != http.StatusUnprocessableEntity || len(o.identity.closed) != 0 {
		t.Errorf("closing without a reason: %d", a.status)
	}
	if a := b.post(path+"/find", url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("looking for nothing: %d", a.status)
	}
	if a := b.get(casePath("AAAA-AAAA")); a.status != http.StatusNotFound {
		t.Errorf("no such case: %d", a.status)
	}
	patient := o.as(t, AreaPatient, "en")
	if a := patient.get(path); a.status != http.StatusSeeOther {
		t.Errorf("a patient at a case: %d", a.status)
	}
}

// Coverage that ended is said with its last day, on the list and while booking.
func TestWhatIsSaidAboutPlans(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	holdTime(t, b)
	s.identity.notes = []*enrollmentv1.PlanNote{
		{Kind: "ended", LastDay: "2026-05-31", Self: true},
		{Kind: "ended", LastDay: "2026-12-31", GivenName: "MIA"},
		{Kind: "unconfirmed", Self: true},
		{Kind: "asked", Reference: openCase, Self: true},
	}
	for path, words := range map[string][]string{
		"/appointments": {"Your plan says that coverage ended on", "May 31", "The plan of Mia says that coverage ends on", "Your plan is not confirmed.", "the plan that you asked about"},
		"/book/about":   {"You can pay yourself: $"},
	} {
		page := b.get(path)
		for _, w := range words {
			if !strings.Contains(page.body, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
		if strings.Contains(strings.ToLower(page.body), "terminat") {
			t.Errorf("%s says that something was terminated", path)
		}
	}
	if s.identity.on == "" {
		t.Error("coverage is not judged on the day of the visit")
	}
}

// Cards name the patient where an account acts for several. While plans cannot
// be read, the appointments are there all the same, each with its name.
func TestAppointmentsWithoutPlans(t *testing.T) {
	t.Parallel()
	const named = "· Rosa Delgado"
	s := newSite(t)
	b := s.browser(t, "en")
	booked(t, b)
	for _, c := range []struct {
		patients       int32
		away, wantName bool
	}{{patients: 1}, {patients: 2, wantName: true}, {patients: 1, away: true, wantName: true}} {
		s.identity.mu.Lock()
		s.identity.patients, s.identity.plansAway = c.patients, c.away
		s.identity.mu.Unlock()
		page := b.get("/appointments")
		page.wants(t, http.StatusOK, `class="card appt"`)
		if strings.Contains(page.body, named) != c.wantName || strings.Contains(page.body, "We cannot look at your plan right now") != c.away {
			t.Errorf("%+v: the name is shown: %t", c, strings.Contains(page.body, named))
		}
	}
}
