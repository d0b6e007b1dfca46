package scheduling

import (
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

func TestSeedDemoOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	b.addDoctor("America/New_York", "NY") // has a week already
	e := b.unseen("America/Denver", "NY")
	weeks := []DemoWeek{{PhysicianID: e.id.String(), Weekly: []*schedulingv1.WeeklyWindow{
		{Weekday: 1, FromMinute: 480, ToMinute: 1020}, {Weekday: 3, FromMinute: 480, ToMinute: 1020},
	}}}
	must(t, b.s.SeedDemo(t.Context(), weeks)) // published, not followed: it catches up
	windows := b.count(`SELECT count(*) FROM scheduling.availability_windows`)
	if n := b.count(`SELECT count(DISTINCT physician_id) FROM scheduling.availability_windows`); n != 2 {
		t.Fatalf("%d have calendars", n)
	}
	must(t, b.s.SeedDemo(t.Context(), weeks))
	if n := b.count(`SELECT count(*) FROM scheduling.availability_windows`); n != windows {
		t.Fatal("seeding again changed something")
	}
	res, err := b.s.Search(t.Context(), &schedulingv1.SearchRequest{ServiceId: "general", State: "NY", TimeZone: "America/New_York", PhysicianId: e.id.String()})
	must(t, err)
	if len(res.GetSlots()) == 0 {
		t.Fatal("nothing is free")
	}
	b.s.d.Demo = false
	refused(t, b.s.SeedDemo(t.Context(), weeks), errs.Forbidden, "demo_off")
}
