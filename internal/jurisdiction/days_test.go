package jurisdiction_test

import (
	"fmt"
	"testing"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	j "github.com/bedside-health/bedside/internal/jurisdiction"
	"pgregory.net/rapid"
)

func TestDates(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1999-12-31", "2024-02-29", "2026-11-23", "1900-01-01"} {
		if got := day(t, s).String(); got != s {
			t.Errorf("%s came back as %s", s, got)
		}
	}
	for _, s := range []string{"", "2026-02-30", "2026-2-3", "23-11-2026", "0001-01-01", "3000-01-01"} {
		if _, err := j.ParseDate(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
	if got := day(t, "2028-02-29").AddMonths(-12).String(); got != "2027-02-28" {
		t.Errorf("a year before a leap day: %s", got)
	}
	if day(t, "2026-03-01")-day(t, "2026-02-28") != 1 {
		t.Error("dates do not count in days")
	}
}

func TestValidityIsJudgedWhereThePatientIs(t *testing.T) {
	t.Parallel()
	rules := rulesWith(t, map[string]string{"time_zones": `{value: America/Chicago America/Denver, basis: secondary, source: an atlas}`})
	l := license(t, j.BasisFull, j.StatusActive)
	l.ValidFrom, l.ValidTo = day(t, "2026-06-01"), day(t, "2026-06-30")
	for name, c := range map[string]struct {
		at      string
		minutes int
		want    j.Reason
	}{
		"still May in Denver":               {"2026-06-01T05:59:00Z", 0, j.ReasonLicenseNotYetValid},
		"June in both":                      {"2026-06-01T06:00:00Z", 15, j.ReasonOK},
		"last minute before July in both":   {"2026-07-01T04:45:00Z", 15, j.ReasonOK},
		"runs into July in Chicago":         {"2026-07-01T04:45:00Z", 16, j.ReasonLicenseExpired},
		"July in Chicago, June in Denver":   {"2026-07-01T05:00:00Z", 0, j.ReasonLicenseExpired},
		"July in UTC, June where they are":  {"2026-07-01T01:00:00Z", 15, j.ReasonOK},
		"June in UTC, May where they are":   {"2026-06-01T01:00:00Z", 15, j.ReasonLicenseNotYetValid},
		"runs over midnight inside of June": {"2026-06-11T04:45:00Z", 60, j.ReasonOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			a := ask()
			a.At, a.Until = at, at.Add(time.Duration(c.minutes)*time.Minute)
			if d := j.Decide(factsOf(l), rules, a); d.Reason != c.want {
				t.Fatalf("got %s, want %s", d.Reason, c.want)
			}
		})
	}
}

const propertyDays = 60

func drawDate(t *rapid.T, start j.Date, label string) j.Date {
	return start + j.Date(rapid.IntRange(0, propertyDays).Draw(t, label))
}

// drawWorld makes a physician and a state whose licenses and rules change
// within the days of the property.
func drawWorld(rt *rapid.T, t *testing.T) (j.Facts, j.Rules, j.Date) {
	start := day(t, "2026-10-01") // the clocks change within
	from, to := drawDate(rt, start, "change"), drawDate(rt, start, "change end")
	if to < from {
		from, to = to, from
	}
	rules := rulesWith(t, map[string]string{
		"time_zones": fmt.Sprintf(`{value: %s, basis: secondary, source: an atlas}`,
			rapid.SampledFrom([]string{"America/Chicago", "America/Anchorage America/Adak", "America/Phoenix America/Shiprock", "America/New_York America/Chicago"}).Draw(rt, "zones")),
		"out_of_state_route": fmt.Sprintf(`{value: %s, basis: %s, citation: ZZ 1, source: code, effective_from: %q, effective_to: %q}`,
			rapid.SampledFrom([]string{"registration", "waiver", "full_license_both_places"}).Draw(rt, "route"),
			rapid.SampledFrom([]string{"statute", "unverified"}).Draw(rt, "evidence"), from, to),
		"imlc_membership": fmt.Sprintf(`{value: not_member, basis: secondary, source: list, effective_from: %q}`, drawDate(rt, start, "withdrawal")),
	})
	facts := factsOf()
	facts.PracticeState = rapid.SampledFrom([]string{"", "ZZ", "YY"}).Draw(rt, "seat")
	for i := range rapid.IntRange(0, 4).Draw(rt, "licenses") {
		l := j.License{
			ID: fmt.Sprint(i), State: rapid.SampledFrom([]string{"ZZ", "ZZ", "YY"}).Draw(rt, "state"),
			Basis: rapid.SampledFrom(j.Bases()).Draw(rt, "basis"),
			Status: rapid.SampledFrom([]j.Status{
				j.StatusActive, j.StatusActive, j.StatusActive, j.StatusActive, j.StatusExpired, j.StatusSuspended,
			}).Draw(rt, "status"),
			ValidFrom: drawDate(rt, start, "from"), ValidTo: drawDate(rt, start, "to"),
			NeedsConfirmation: rapid.Bool().Draw(rt, "needs confirmation"),
		}
		if rapid.Bool().Draw(rt, "confirmed") {
			l.ConfirmedAt = drawDate(rt, start, "confirmed at").Start(time.UTC)
		}
		facts.Licenses = append(facts.Licenses, l)
	}
	return facts, rules, start
}

func TestIntervalsAgreeWithDecideOnEveryDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		facts, rules, start := drawWorld(rt, t)
		got := j.Intervals(facts, rules, "ZZ")
		for i := 1; i < len(got); i++ {
			if got[i].From <= got[i-1].To+1 {
				rt.Fatalf("not apart and in order: %v", got)
			}
		}
		for d := start - 2; d <= start+propertyDays+2; d++ {
			a := ask()
			a.At = d.Start(rules.Zones[0]).Add(12 * time.Hour) // the same date in every zone
			decided := j.Decide(facts, rules, a)
			listed := false
			for _, r := range got {
				listed = listed || r.Has(d)
			}
			if listed != decided.Allowed {
				rt.Fatalf("%s: intervals say %v, Decide says %v (%s)", d, listed, decided.Allowed, decided.Reason)
			}
		}
	})
}

func TestWindowsAgreeWithDecideAtEveryInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		facts, rules, start := drawWorld(rt, t)
		intervals := j.Intervals(facts, rules, "ZZ")
		for range 50 {
			a := ask()
			a.At = (start - 1).Start(time.UTC).Add(time.Duration(rapid.IntRange(0, (propertyDays+3)*24*12).Draw(rt, "step")) * 5 * time.Minute)
			a.Until = a.At.Add(time.Duration(rapid.IntRange(1, 12).Draw(rt, "length")) * 5 * time.Minute)
			inside := false
			for _, r := range intervals {
				from, until := rules.Window(r)
				inside = inside || (!a.At.Before(from) && !a.Until.After(until))
			}
			if d := j.Decide(facts, rules, a); d.Allowed != inside {
				rt.Fatalf("%s to %s: windows say %v, Decide says %v (%s)", a.At, a.Until, inside, d.Allowed, d.Reason)
			}
		}
	})
}

func TestIntervalsOfAnotherStateAreEmpty(t *testing.T) {
	t.Parallel()
	facts := factsOf(license(t, j.BasisFull, j.StatusActive))
	if got := j.Intervals(facts, rulesWith(t, nil), "YY"); got != nil {
		t.Errorf("got %v", got)
	}
	if got := j.Intervals(facts, j.Rules{}, "ZZ"); got != nil {
		t.Errorf("without rules: %v", got)
	}
	if got := j.Intervals(facts, rulesWith(t, nil), "ZZ"); len(got) != 1 || got[0].From.String() != "2026-01-01" || got[0].To.String() != "2026-12-31" {
		t.Errorf("got %v", got)
	}
}

func TestFactsOfRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	good := func() *licensingv1.PhysicianFacts {
		return &licensingv1.PhysicianFacts{
			Physician: &licensingv1.Physician{PhysicianId: ids.New[ids.PhysicianID]().String(), Version: 3, PracticeState: "ZZ"},
			Licenses:  []*licensingv1.License{{LicenseId: "a", State: "ZZ", Basis: "full", Status: "active", ValidFrom: "2026-01-01", ValidTo: "2026-12-31"}},
		}
	}
	f, err := j.FactsOf(good())
	if err != nil || f.Version != 3 || f.PracticeState != "ZZ" || len(f.Licenses) != 1 || f.Licenses[0].Basis != j.BasisFull {
		t.Fatalf("got %+v, %v", f, err)
	}
	for name, spoil := range map[string]func(*licensingv1.PhysicianFacts){
		"id":         func(m *licensingv1.PhysicianFacts) { m.Physician.PhysicianId = "x" },
		"valid_from": func(m *licensingv1.PhysicianFacts) { m.Licenses[0].ValidFrom = "" },
		"valid_to":   func(m *licensingv1.PhysicianFacts) { m.Licenses[0].ValidTo = "2026-02-30" },
	} {
		m := good()
		spoil(m)
		if _, err := j.FactsOf(m); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
