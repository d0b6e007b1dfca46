package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
)

// ListLicenses lists what is not in order among Dr. Okafor's licenses.
func (l *officeLicensing) ListLicenses(_ context.Context, q *licensingv1.ListLicensesRequest) (*licensingv1.ListLicensesResponse, error) {
	if q.GetAfter() == "x" {
		return nil, errs.InvalidFields(errs.Field{Name: "after", Reason: "malformed"})
	}
	if q.GetState() == "WY" {
		return &licensingv1.ListLicensesResponse{}, nil
	}
	res := &licensingv1.ListLicensesResponse{
		Next:   fineLicense,
		Counts: map[string]int32{"": 1204, "suspended": 1, "expired": 2, "unconfirmed": 1, "expiring_30": 1, "expiring_60": 1, "expiring_90": 1200},
	}
	for _, p := range papers() {
		if p.GetCurrent() && p.GetLicenseId() != fineLicense {
			res.Entries = append(res.Entries, &licensingv1.LicenseEntry{License: p, GivenName: "Maya", FamilyName: "Okafor", Credential: "MD"})
		}
	}
	return res, nil
}

// TryRules allows what a full license is enough for.
func (l *officeLicensing) TryRules(_ context.Context, q *licensingv1.TryRulesRequest) (*licensingv1.TryRulesResponse, error) {
	if q.GetDay() > "3000" {
		return nil, errs.InvalidFields(errs.Field{Name: "day", Reason: "not_a_date"})
	}
	enough, why := q.GetBasis() == "full", "ok"
	if !enough {
		why = "basis_not_allowed"
	}
	return &licensingv1.TryRulesResponse{Answers: []*licensingv1.RuleAnswer{
		{Question: "first_video", Allowed: enough, Reason: why, Citation: "49 Pa. Code 1.1", Basis: "statute"},
		{Question: "controlled", Reason: "controlled_not_allowed", Basis: "unknown"},
		{Question: "a_new_question", Reason: "a_new_reason"},
	}}, nil
}

func TestLicensesToLookAt(t *testing.T) {
	t.Parallel()
	b := newOffice(t).as(t, AreaLicensing, "en")
	a := b.get("/licensing/licenses")
	for _, want := range []string{
		"1,204 licenses need a look", "Suspended (1)", "90 days (1,200)", "Not verified (0)", "Maya Okafor, MD", "25MA-77", "Confirm or correct",
		`href="/licensing/physicians/` + testPhysician + `/licenses/` + compact + `/correct"`, "after=" + fineLicense,
		`href="/licensing/licenses?concern=expiring_30"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if a := b.get("/licensing/licenses?concern=suspended&state=NJ"); !strings.Contains(a.body, "1 license is suspended or revoked") || !strings.Contains(a.body, "Only New Jersey.") ||
		!strings.Contains(a.body, `name="concern" value="suspended"`) {
		t.Error("the suspended of New Jersey are not told")
	}
	if a := b.get("/licensing/licenses?state=WY"); a.status != http.StatusOK || !strings.Contains(a.body, "Nothing to look at") {
		t.Errorf("an empty list: %d", a.status)
	}
	if a := b.get("/licensing/licenses?concern=nonsense&state=ZZ"); a.status != http.StatusOK {
		t.Errorf("nonsense: %d", a.status)
	}
	if a := b.get("/licensing/licenses?concern=expired&after=x"); a.location != "/licensing/licenses?concern=expired" {
		t.Errorf("a place that is none: %d %s", a.status, a.location)
	}
}

func TestRulesOfADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaLicensing, "en")
	if a := b.get("/licensing/rules?state=PA"); a.location != "/licensing/rules/PA" {
		t.Errorf("a state that is chosen: %d %s", a.status, a.location)
	}
	a := b.get("/licensing/rules/PA?on=2028-02-29&basis=waiver")
	for _, want := range []string{
		"What Bedside would say on February 29, 2028", "First visit by live video", "No rule that we can rely on lets this kind of license in.", "Refused",
		"a new question", "No longer in force", `value="2028-02-29"`, `value="waiver" selected`, "Federal law", "“Unknown” means",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	a = b.get("/licensing/rules/PA?on=2026-06-01")
	for _, want := range []string{"Allowed", "The license is enough.", "In force", `value="full" selected`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("in June the page lacks %q", want)
		}
	}
	if a := b.get("/licensing/rules/US?on=2025-01-01"); !strings.Contains(a.body, "Not yet in force") || strings.Contains(a.body, "What Bedside would say") {
		t.Error("federal law of 2025 is not told")
	}
	for _, day := range []string{"2027-02-29", "tomorrow", "9999-01-01"} {
		if a := b.get("/licensing/rules/PA?on=" + day); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose a day that exists") {
			t.Errorf("%s: %d", day, a.status)
		}
	}
	if a := o.as(t, AreaLicensing, "es").get("/licensing/rules/US"); !strings.Contains(a.body, "Estados Unidos") || strings.Contains(a.body, "United States") {
		t.Error("federal law is not in Spanish")
	}
	if a := b.get("/licensing/rules/ZZ"); a.status != http.StatusNotFound {
		t.Errorf("a state that is none: %d", a.status)
	}
}
