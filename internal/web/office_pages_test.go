package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
)

func officePages() map[string]Area {
	one := "/licensing/physicians/" + testPhysician
	return map[string]Area{
		"/staff/rosters": AreaStaff, "/staff/rosters/" + doneImport: AreaStaff, "/staff/rosters/" + busyImport: AreaStaff,
		"/staff/rosters/" + refusedImport: AreaStaff, "/staff/rosters/" + sameImport: AreaStaff,
		"/staff/rosters/" + doneImport + "/rejects": AreaStaff, "/staff/rosters/" + doneImport + "/rejects?after=3": AreaStaff,
		"/staff/activations": AreaStaff, "/staff/affected": AreaStaff,
		"/licensing/physicians": AreaLicensing, "/licensing/physicians?filter=expired&state=PA&after=x": AreaLicensing,
		"/licensing/physicians/new": AreaLicensing, one: AreaLicensing, one + "/licenses/new": AreaLicensing,
		one + "/licenses/" + compact + "/correct": AreaLicensing, "/licensing/rules": AreaLicensing, "/licensing/rules/PA": AreaLicensing,
		"/licensing/rules/PA?on=2027-01-04&basis=imlc": AreaLicensing, "/licensing/licenses": AreaLicensing, "/licensing/licenses?concern=expired&state=PA": AreaLicensing,
		"/physician/licenses": AreaPhysician, "/physician/availability": AreaPhysician,
		"/physician/day": AreaPhysician, "/physician/day?day=2026-11-22": AreaPhysician, "/physician/day?day=2026-11-24": AreaPhysician,
	}
}

func TestEveryOfficePageInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		o := newOffice(t)
		for path, area := range officePages() {
			a := o.as(t, area, lang).get(path)
			t.Run(lang+path, func(t *testing.T) {
				checkPage(t, a, lang, 0)
				if a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("cached as %q", a.header.Get("Cache-Control"))
				}
			})
		}
	}
}

func TestOfficePagesOfOtherAreas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for path, area := range officePages() {
		if a := o.browser(t, "en").get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, area.Prefix()+"/sign-in") {
			t.Errorf("nobody at %s: %d to %q", path, a.status, a.location)
		}
		for _, other := range Areas() {
			if other == area {
				continue
			}
			// The session of another area, put where this area looks for its own.
			b := o.as(t, other, "en")
			b.cookies[area.secretCookie()], b.cookies[area.tokenCookie()] = b.cookies[other.secretCookie()], b.cookies[other.tokenCookie()]
			if a := b.get(path); a.status != http.StatusForbidden || strings.Contains(a.body, "Okafor") {
				t.Errorf("%s at %s: %d", other, path, a.status)
			}
		}
	}
}

func TestOfficeFormsOfOtherAreas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	one := "/licensing/physicians/" + testPhysician
	for path, area := range map[string]Area{
		"/staff/rosters": AreaStaff, "/staff/rosters/" + doneImport + "/invitations": AreaStaff, "/licensing/physicians": AreaLicensing,
		"/licensing/physicians/new": AreaLicensing, one + "/licenses/new": AreaLicensing, one + "/licenses/" + fineLicense + "/correct": AreaLicensing,
		"/physician/availability": AreaPhysician,
	} {
		b := o.as(t, AreaPatient, "en")
		b.cookies[area.secretCookie()], b.cookies[area.tokenCookie()] = b.cookies[AreaPatient.secretCookie()], b.cookies[AreaPatient.tokenCookie()]
		if a := b.post(path, url.Values{"note": {"x"}}); a.status != http.StatusForbidden {
			t.Errorf("a patient at %s: %d", path, a.status)
		}
	}
	if len(o.roster.begun)+len(o.roster.sent)+len(o.licensing.added)+len(o.licensing.licensed)+len(o.licensing.corrected) > 0 {
		t.Error("something reached a service")
	}
}

func TestUnknownOfficeThingsAreNotFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for path, area := range map[string]Area{
		"/staff/rosters/none": AreaStaff, "/staff/rosters/none/rejects": AreaStaff, "/licensing/physicians/none": AreaLicensing,
		"/licensing/physicians/" + testPhysician + "/licenses/none/correct": AreaLicensing,
	} {
		if a := o.as(t, area, "es").get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestPhysicianDay(t *testing.T) {
	t.Parallel()
	b := newOffice(t).as(t, AreaPhysician, "en")
	today := strings.ReplaceAll(b.get("/physician/day").body, "\u00a0", " ")
	for _, want := range []string{
		"2 visits to come", "Monday, November 23 · Eastern time (EST)", "Ana Petrova, 40", "Migraine, third this month", "MD-99120",
		"(215) 555-0147", "Russian", "Canceled", "Now, 1", "?day=2026-11-22", "?day=2026-11-24", "A rash on both arms",
	} {
		if !strings.Contains(today, want) {
			t.Errorf("the day lacks %q", want)
		}
	}
	// The line of the present stands between the morning and the next visit.
	kim, now, petrova := strings.Index(today, "Walter Kim"), strings.Index(today, "Now, 1"), strings.Index(today, "1:30 pm")
	if kim > now || now > petrova {
		t.Errorf("the line of the present is out of place: %d %d %d", kim, now, petrova)
	}
	if other := b.get("/physician/day?day=2026-11-24").body; !strings.Contains(other, "3 visits") || strings.Contains(other, "Now, ") {
		t.Error("another day shows the present")
	}
	if free := b.get("/physician/day?day=2026-11-22").body; !strings.Contains(free, "No visits on this day") {
		t.Error("a free day does not say so")
	}
	if a := b.get("/physician/day?day=yesterday"); a.status != http.StatusBadRequest {
		t.Errorf("a day that is none: %d", a.status)
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for birth, want := range map[string]string{"1985-11-24": "40", "1985-11-23": "41", "2026-01-01": "0", "": "–", "x": "–", "1960-12-01": "65"} {
		if got := ageOn(birth, at); got != want {
			t.Errorf("born %q: %s, want %s", birth, got, want)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, from, to string
		needs            bool
		want             standing
	}{
		{"active", "2020-01-01", "2027-06-01", false, standsActive},
		{"active", "2020-01-01", "2026-11-23", false, standsExpiring},
		{"active", "2020-01-01", "2026-11-22", false, standsExpired},
		{"active", "2020-01-01", "2027-01-22", false, standsExpiring},
		{"active", "2020-01-01", "2027-01-23", false, standsActive},
		{"active", "2026-11-24", "2027-06-01", false, standsLater},
		{"active", "2020-01-01", "2027-06-01", true, standsUnconfirmed},
		{"suspended", "2020-01-01", "2020-06-01", true, standsSuspended},
		{"revoked", "2020-01-01", "2027-06-01", false, standsRevoked},
		{"expired", "2020-01-01", "2027-06-01", false, standsExpired},
	} {
		l := &licensingv1.License{Status: c.status, ValidFrom: c.from, ValidTo: c.to, NeedsConfirmation: c.needs}
		if got := standingOf(l, testNow()); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
