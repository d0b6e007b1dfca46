package physicians_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/demo/physicians"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/licensing/npi"
	"github.com/bedside-health/bedside/internal/licensing/nucc"
	"github.com/bedside-health/bedside/internal/licensing/rules"
	"google.golang.org/protobuf/proto"
)

func today() time.Time { return time.Date(2026, 10, 20, 17, 0, 0, 0, time.UTC) }

func states(t *testing.T) map[string]jurisdiction.Rules {
	t.Helper()
	files, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]jurisdiction.Rules{}
	for _, f := range files {
		if f.Rules.State != jurisdiction.FederalState {
			out[f.Rules.State] = f.Rules
		}
	}
	return out
}

func facts(t *testing.T, p physicians.Person) jurisdiction.Facts {
	t.Helper()
	f, err := jurisdiction.FactsOf(&licensingv1.PhysicianFacts{Physician: p.Physician, Licenses: p.Licenses})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheSameDayGivesTheSamePeople(t *testing.T) {
	t.Parallel()
	a, b := physicians.All(today()), physicians.All(today())
	for i := range a {
		if !proto.Equal(a[i].Physician, b[i].Physician) || len(a[i].Licenses) != len(b[i].Licenses) {
			t.Errorf("person %d differs", i)
		}
		for n := range a[i].Licenses {
			if !proto.Equal(a[i].Licenses[n], b[i].Licenses[n]) {
				t.Errorf("license %d of person %d differs", n, i)
			}
		}
	}
	later := physicians.All(today().AddDate(0, 3, 0))
	for i := range a {
		if a[i].Physician.GetPhysicianId() != later[i].Physician.GetPhysicianId() {
			t.Errorf("person %d has another id on another day", i)
		}
	}
}

func TestSixtyDifferentInventedPeople(t *testing.T) {
	t.Parallel()
	all := physicians.All(today())
	if len(all) != 60 {
		t.Fatalf("%d people", len(all))
	}
	seen := map[string]bool{}
	once := func(what, value string) {
		if seen[what+value] {
			t.Errorf("%s %q comes twice", what, value)
		}
		seen[what+value] = true
	}
	primaryCare, zones := 0, map[string]bool{}
	for _, p := range all {
		d := p.Physician
		once("id", d.GetPhysicianId())
		once("npi", d.GetNpi())
		once("given name", d.GetGivenName())
		once("family name", d.GetFamilyName())
		if !npi.Valid(d.GetNpi()) || !strings.HasPrefix(d.GetNpi(), npi.InventedPrefix) {
			t.Errorf("npi %s", d.GetNpi())
		}
		if _, err := time.LoadLocation(d.GetTimeZone()); err != nil {
			t.Error(err)
		}
		zones[d.GetTimeZone()] = true
		if s := d.GetSpecialties()[0]; s == nucc.FamilyMedicine || s == nucc.InternalMedicine {
			primaryCare++
		}
		for _, l := range p.Licenses {
			once("license", l.GetLicenseId())
			once("number", l.GetState()+l.GetBoard()+l.GetNumber())
		}
		for _, w := range p.Weekly {
			if w.GetFromMinute() >= w.GetToMinute() || w.GetFromMinute() < 0 || w.GetToMinute() > 1440 || w.GetWeekday() < 0 || w.GetWeekday() > 6 {
				t.Errorf("%s has the window %v", d.GetFamilyName(), w)
			}
		}
	}
	if primaryCare < 30 || len(zones) < 6 {
		t.Errorf("%d in primary care, zones %v", primaryCare, zones)
	}
}

func TestEveryStateHasEnoughLicensedPhysicians(t *testing.T) {
	t.Parallel()
	all := physicians.All(today())
	from, to := jurisdiction.DateOf(today()), jurisdiction.DateOf(today().AddDate(0, 4, 0))
	status := map[string]int{}
	for state, r := range states(t) {
		able := 0
		for _, p := range all {
			if slices.ContainsFunc(jurisdiction.Intervals(facts(t, p), r, state), func(d jurisdiction.DateRange) bool { return d.Has(from) && d.Has(to) }) {
				able++
			}
		}
		if able < 3 {
			t.Errorf("%s: %d physicians", state, able)
		}
	}
	for _, p := range all {
		for _, l := range p.Licenses {
			status[l.GetStatus()]++
			if l.GetBasis() == "imlc" {
				status["imlc"]++
			}
			if l.GetStatus() == "active" && l.GetValidTo() < today().Format(time.DateOnly) {
				status["lapsed"]++
			}
		}
	}
	if status["suspended"] != 1 || status["expired"] < 3 || status["lapsed"] < 3 || status["imlc"] < 50 {
		t.Errorf("got %v", status)
	}
}

func TestCompactLicensesStandWhereTheCompactDoes(t *testing.T) {
	t.Parallel()
	all, waiting := states(t), 0
	for _, p := range physicians.All(today()) {
		for _, l := range p.Licenses {
			if l.GetBasis() != "imlc" {
				continue
			}
			switch known := all[l.GetState()].KnownMember(jurisdiction.DateOf(today())); {
			case l.GetState() == "MI" && !known:
				waiting++
			case !known:
				t.Errorf("%s holds a compact license of %s", p.Physician.GetFamilyName(), l.GetState())
			}
		}
	}
	if waiting != 2 {
		t.Errorf("%d wait for an officer, want 2", waiting)
	}
}

// span is open time of one person.
type span struct{ from, to time.Time }

// open expands a weekly pattern by the wall clock, joining what touches.
func open(t *testing.T, p physicians.Person, from time.Time, days int) []span {
	t.Helper()
	zone, err := time.LoadLocation(p.Physician.GetTimeZone())
	if err != nil {
		t.Fatal(err)
	}
	var out []span
	for d := -2; d <= days+2; d++ {
		day := from.AddDate(0, 0, d)
		at := func(minute int32) time.Time {
			return time.Date(day.Year(), day.Month(), day.Day(), 0, int(minute), 0, 0, zone)
		}
		for _, w := range p.Weekly {
			if int(w.GetWeekday()) == int(day.Weekday()) {
				out = append(out, span{at(w.GetFromMinute()), at(w.GetToMinute())})
			}
		}
	}
	slices.SortFunc(out, func(a, b span) int { return a.from.Compare(b.from) })
	joined := out[:1]
	for _, s := range out[1:] {
		if last := &joined[len(joined)-1]; !s.from.After(last.to) {
			last.to = s.to
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// TestSomebodyIsFreeSoonInEveryState walks through ordinary weeks and both
// changes of the clocks in steps of a quarter of an hour: each step is the
// beginning of a general visit with somebody who may treat in the state.
func TestSomebodyIsFreeSoonInEveryState(t *testing.T) {
	t.Parallel()
	const visit = 25 * time.Minute // with its buffer
	general := []string{nucc.FamilyMedicine, nucc.InternalMedicine, nucc.GeneralPractice}
	for name, start := range map[string]time.Time{
		"clocks go back":    time.Date(2026, 10, 29, 0, 0, 0, 0, time.UTC),
		"winter":            time.Date(2026, 12, 6, 0, 0, 0, 0, time.UTC),
		"clocks go forward": time.Date(2027, 3, 11, 0, 0, 0, 0, time.UTC),
		"summer":            time.Date(2027, 7, 4, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const days = 8
			people := physicians.All(start)
			for state, r := range states(t) {
				var spans []span
				for _, p := range people {
					if !slices.Contains(general, p.Physician.GetSpecialties()[0]) {
						continue
					}
					for _, d := range jurisdiction.Intervals(facts(t, p), r, state) {
						from, until := r.Window(d)
						for _, s := range open(t, p, start, days) {
							if !s.from.Before(from) && !s.to.After(until) {
								spans = append(spans, s)
							}
						}
					}
				}
				for at := start; at.Before(start.AddDate(0, 0, days)); at = at.Add(15 * time.Minute) {
					if !slices.ContainsFunc(spans, func(s span) bool { return !at.Before(s.from) && !at.Add(visit).After(s.to) }) {
						t.Errorf("%s: nobody at %s", state, at)
						break
					}
				}
			}
		})
	}
}
