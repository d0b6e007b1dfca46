package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

func doctorForm() url.Values {
	return url.Values{
		"npi": {"9999 000 041"}, "given_name": {"Inés"}, "family_name": {"O'Dell"}, "credential": {"DO"}, "specialties": {"207R00000X"},
		"specialty_2": {"208D00000X"}, "language_en": {"yes"}, "language_es": {"yes"}, "practice_state": {"NM"}, "time_zone": {"America/Denver"}, "key": {"k1"},
	}
}

func paperForm() url.Values {
	return url.Values{
		"state": {"PA"}, "number": {"MD-1"}, "board": {"Board"}, "basis": {"full"}, "status": {"active"}, "source": {"board website"},
		"valid_from_month": {"1"}, "valid_from_day": {"5"}, "valid_from_year": {"2026"},
		"valid_to_month": {"12"}, "valid_to_day": {"31"}, "valid_to_year": {"2027"}, "key": {"k2"},
	}
}

func with(form url.Values, field, value string) url.Values {
	form.Set(field, value)
	return form
}

func TestSearchOfPhysicians(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	body := b.get("/licensing/physicians?filter=expired&state=PA").body
	for _, want := range []string{"60 physicians", "Maya Okafor, MD", "1 suspended", "1 expired", "1 not confirmed", "1 ends soon", "All in order", "No license",
		"after=0198a000-0000-7000-8000-00000000d003"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if q := o.licensing.asked[0]; q.GetFilter() != "expired" || q.GetState() != "PA" {
		t.Errorf("asked %v", q)
	}
	a := b.post("/licensing/physicians", url.Values{"q": {"okaf<or"}, "state": {"PA"}, "filter": {"nonsense"}})
	if q := o.licensing.asked[1]; a.status != http.StatusOK || q.GetQuery() != "okaf<or" || q.GetState() != "PA" || q.GetFilter() != "" {
		t.Errorf("searched %v: %d", q, a.status)
	}
	if strings.Contains(a.body, "?q=") || strings.Contains(a.body, "q=okaf") || !strings.Contains(a.body, `value="okaf&lt;or"`) {
		t.Error("the words searched for are in an address, or not on the page")
	}
	if a := b.post("/licensing/physicians", url.Values{"state": {"NJ"}}); a.location != "/licensing/physicians?state=NJ" {
		t.Errorf("a search for nothing: %d %s", a.status, a.location)
	}
	if a := b.post("/licensing/physicians", url.Values{"q": {"nobody"}}); !strings.Contains(a.body, "Nobody found") {
		t.Error("finding nobody is not said")
	}
	if a := b.post("/licensing/physicians", url.Values{"q": {strings.Repeat("x", 90)}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "fewer and shorter") {
		t.Errorf("too many words: %d", a.status)
	}
}

func TestAddPhysician(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	a := b.follow("/licensing/physicians/new", doctorForm())
	if !strings.Contains(a.body, "The physician is on file") {
		t.Fatal("adding is not confirmed")
	}
	p := o.licensing.added[0].GetPhysician()
	if p.GetNpi() != "9999000041" || p.GetFamilyName() != "O'Dell" || len(p.GetSpecialties()) != 2 || len(p.GetLanguages()) != 2 ||
		p.GetTimeZone() != "America/Denver" || o.licensing.added[0].GetIdempotencyKey() != "k1" {
		t.Errorf("added %v", p)
	}
}

func TestAddPhysicianFaults(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	a := b.post("/licensing/physicians/new", url.Values{"given_name": {"Inés"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "7 answers need another look") || !strings.Contains(a.body, `value="Inés"`) {
		t.Errorf("an empty form: %d", a.status)
	}
	o.licensing.refuse = errs.InvalidFields(errs.Field{Name: "npi", Reason: "check_digit"}, errs.Field{Name: "surprise", Reason: "odd"})
	a = b.post("/licensing/physicians/new", doctorForm())
	for _, want := range []string{"its check digit does not fit", "One of the answers cannot be right", `href="#npi"`, `value="k1"`, `value="O&#39;Dell"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if a.status != http.StatusUnprocessableEntity || len(o.licensing.added) > 0 {
		t.Errorf("a wrong NPI: %d", a.status)
	}
	o.licensing.refuse = errs.New(errs.Unavailable, "database_away", "away")
	if a := b.post("/licensing/physicians/new", doctorForm()); a.status != http.StatusServiceUnavailable {
		t.Errorf("licensing away: %d", a.status)
	}
}

func TestAddLicense(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	path := "/licensing/physicians/" + testPhysician + "/licenses/new"
	if a := b.follow(path, paperForm()); !strings.Contains(a.body, "The license is on file") {
		t.Error("adding is not confirmed")
	}
	l := o.licensing.licensed[0].GetLicense()
	if l.GetValidFrom() != "2026-01-05" || l.GetValidTo() != "2027-12-31" || l.GetPhysicianId() != testPhysician || l.GetVerifiedAt() != nil {
		t.Errorf("added %v", l)
	}
	o.licensing.needs = true
	if a := b.follow(path, with(paperForm(), "basis", "imlc")); !strings.Contains(a.body, "Confirm it before it can be used") {
		t.Error("nobody is told to confirm")
	}
	a := b.post(path, with(with(paperForm(), "valid_to_day", "32"), "number", ""))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Enter a date that exists") || !strings.Contains(a.body, "Enter the license number") {
		t.Errorf("a day that does not exist: %d", a.status)
	}
	o.licensing.refuse = errs.InvalidFields(errs.Field{Name: "valid_to", Reason: "before_start"}, errs.Field{Name: "number", Reason: "taken"})
	a = b.post(path, paperForm())
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "before the first day") || !strings.Contains(a.body, "on file already") {
		t.Errorf("faults of the service: %d", a.status)
	}
}

func TestCorrectLicense(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	path := "/licensing/physicians/" + testPhysician + "/licenses/" + compact + "/correct"
	page := b.get(path).body
	for _, want := range []string{`value="C-5512"`, `value="imlc" checked`, "I confirm that the board lists this license", `value="2027"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if a := b.post(path, paperForm()); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Write why you correct it") || len(o.licensing.corrected) > 0 {
		t.Errorf("without a reason: %d", a.status)
	}
	a := b.follow(path, with(with(paperForm(), "note", "Typing mistake"), "confirm", "yes"))
	if !strings.Contains(a.body, "The newer entry is saved") {
		t.Error("saving is not confirmed")
	}
	if q := o.licensing.corrected[0]; q.GetLicenseId() != compact || !q.GetConfirm() || q.GetNote() != "Typing mistake" || q.GetLicense().GetVerifiedAt() == nil {
		t.Errorf("corrected %v", q)
	}
	b.post(path, with(with(paperForm(), "note", "Looked again"), "looked", "yes"))
	if q := o.licensing.corrected[1]; q.GetConfirm() || q.GetLicense().GetVerifiedAt() != nil {
		t.Errorf("corrected %v", q)
	}
}

func TestCorrectLicenseRaces(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	base := "/licensing/physicians/" + testPhysician + "/licenses/"
	if a := b.get(base + oldLicense + "/correct"); a.status != http.StatusConflict || !strings.Contains(a.body, "Somebody has corrected this license") {
		t.Errorf("an old row: %d", a.status)
	}
	// A repeat after it went through reaches the service, which knows the key.
	if a := b.post(base+oldLicense+"/correct", with(paperForm(), "note", "x")); a.status != http.StatusSeeOther {
		t.Errorf("a repeat: %d", a.status)
	}
	o.licensing.refuse = errs.New(errs.Conflict, "license_corrected", "Too late.")
	if a := b.post(base+fineLicense+"/correct", with(paperForm(), "note", "x")); a.status != http.StatusConflict {
		t.Errorf("a lost race: %d", a.status)
	}
	o.licensing.refuse = errs.New(errs.Precondition, "nothing_to_confirm", "No.")
	if a := b.post(base+compact+"/correct", with(paperForm(), "note", "x")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "needs no confirmation") {
		t.Errorf("nothing to confirm: %d", a.status)
	}
}

func TestHistoryAndRules(t *testing.T) {
	t.Parallel()
	b := newOffice(t).as(t, AreaLicensing, "en")
	one := b.get("/licensing/physicians/" + testPhysician).body
	for _, want := range []string{"The board suspended it on Nov 18.", "replaced by a newer entry", "4 licenses need a look", "Confirm or correct", "Not confirmed"} {
		if !strings.Contains(one, want) {
			t.Errorf("the physician lacks %q", want)
		}
	}
	rules := b.get("/licensing/rules/PA").body
	for _, want := range []string{"Not verified", "49 Pa. Code 1.1", "No citation", "Everybody must agree", "2 of these rules were not verified", "some new value", "From Jan\u00a01,\u00a02026"} {
		if !strings.Contains(rules, want) {
			t.Errorf("the rules lack %q", want)
		}
	}
	if all := b.get("/licensing/rules?state=ZZ").body; !strings.Contains(all, "Pennsylvania") || !strings.Contains(all, "United States") {
		t.Error("an unknown state does not show all")
	}
}
