package scheduling

import (
	"fmt"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/google/uuid"
)

// A plan leaves no state without somebody, at any hour, summer and winter.
func TestDemoPlanCoversEveryStateAroundTheClock(t *testing.T) {
	t.Parallel()
	zones := []string{"America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles", "Pacific/Honolulu", "America/Anchorage"}
	var people []demoPerson
	for i := range 60 {
		loc, err := calendar.LoadZone(zones[i%len(zones)])
		must(t, err)
		p := demoPerson{id: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%d", i)), zone: loc, general: i%5 != 0}
		for s := range 51 {
			if (s*3+i)%20 < 2 {
				p.states = append(p.states, fmt.Sprintf("%c%c", 'A'+s/26, 'A'+s%26))
			}
		}
		people = append(people, p)
	}
	plan := planDemo(people)
	open := map[string][]calendar.Range{}
	for _, p := range people {
		pattern := calendar.Pattern{Zone: p.zone}
		for _, w := range plan[p.id] {
			for d := time.Sunday; d <= time.Saturday; d++ {
				pattern.Weekly = append(pattern.Weekly, calendar.Window{Weekday: d, From: w.From, To: w.To})
			}
		}
		must(t, pattern.Validate())
		for _, s := range p.states {
			if p.general {
				for _, at := range []time.Time{time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC), time.Date(2027, 7, 10, 0, 0, 0, 0, time.UTC)} {
					open[s] = append(open[s], pattern.Expand(at, at.Add(24*time.Hour))...)
				}
			}
		}
	}
	for state, ranges := range open {
		for _, from := range []time.Time{time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC), time.Date(2027, 7, 10, 0, 0, 0, 0, time.UTC)} {
			for at := from; at.Before(from.Add(24 * time.Hour)); at = at.Add(15 * time.Minute) {
				if !within(at, ranges) {
					t.Errorf("%s has nobody at %s", state, at)
				}
			}
		}
	}
	if again := planDemo(people); fmt.Sprint(again) != fmt.Sprint(plan) {
		t.Error("the plan is another one each time")
	}
}

func within(at time.Time, ranges []calendar.Range) bool {
	for _, r := range ranges {
		if !at.Before(r.From) && at.Before(r.To) {
			return true
		}
	}
	return false
}

func TestSeedDemoOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	b.addDoctor("America/New_York", "NY") // has a week already
	e := b.unseen("America/Denver", "NY")
	must(t, b.s.SeedDemo(t.Context())) // published, not followed: it catches up
	windows := b.count(`SELECT count(*) FROM scheduling.availability_windows`)
	if n := b.count(`SELECT count(DISTINCT physician_id) FROM scheduling.availability_windows`); n != 2 {
		t.Fatalf("%d have calendars", n)
	}
	must(t, b.s.SeedDemo(t.Context()))
	if n := b.count(`SELECT count(*) FROM scheduling.availability_windows`); n != windows {
		t.Fatal("seeding again changed something")
	}
	res, err := b.s.Search(t.Context(), &schedulingv1.SearchRequest{ServiceId: "general", State: "NY", TimeZone: "America/New_York", PhysicianId: e.id.String()})
	must(t, err)
	if len(res.GetSlots()) == 0 {
		t.Fatal("nothing is free")
	}
	b.s.d.Demo = false
	refused(t, b.s.SeedDemo(t.Context()), errs.Forbidden, "demo_off")
}
