package scheduling

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"google.golang.org/protobuf/proto"
)

func TestSearchFromIndexAndFromSQLAgree(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	b.addRules("NJ", "America/New_York")
	d, e, p := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/Chicago", "NY", "NJ"), b.addPatient("en")
	b.setWeek(d, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 540, ToMinute: 720})
	b.setWeek(e, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 540, ToMinute: 720}, &schedulingv1.WeeklyWindow{Weekday: 3, FromMinute: 600, ToMinute: 660})
	p.booked(e, tomorrow)
	req := &schedulingv1.SearchRequest{ServiceId: "general", State: "NY", TimeZone: "America/New_York"}
	sql, err := b.s.Search(t.Context(), req)
	must(t, err)
	b.withIndex()
	mem, err := b.s.Search(t.Context(), req)
	must(t, err)
	if !sql.GetFromSql() || mem.GetFromSql() {
		t.Fatal("who answered?")
	}
	if sql.GetTag() != "" || mem.GetTag() == "" {
		t.Fatalf("tags %q and %q", sql.GetTag(), mem.GetTag())
	}
	sql.FromSql, mem.Tag = false, ""
	if !proto.Equal(sql, mem) {
		t.Fatalf("they differ:\n%v\n%v", sql, mem)
	}
	if len(mem.GetDays()) != 7 || mem.GetDays()[0].GetFree() != 0 || mem.GetDay() != "2027-03-02" || len(mem.GetSoonest()) != 3 {
		t.Fatalf("got %v", mem)
	}
	// 9:00 to 11:30 with d, 10:00 (Chicago's 9:00) to 12:30 with either.
	if first, last := mem.GetSlots()[0], mem.GetSlots()[len(mem.GetSlots())-1]; first.GetPhysicianId() != d.id.String() ||
		last.GetPhysicianId() != e.id.String() || len(mem.GetSlots()) != 15 {
		t.Fatalf("%d slots, %v to %v", len(mem.GetSlots()), first, last)
	}
	for _, s := range mem.GetSlots() {
		if s.GetPhysicianName() != "Ines Marlow" || s.GetSpecialty() != "207Q00000X" || s.GetLicenseVerifiedOn() != "2026-11-02" {
			t.Fatalf("a slot says %v", s)
		}
	}
	if len(mem.GetPhysicians()) != 2 {
		t.Fatalf("physicians: %v", mem.GetPhysicians())
	}
}

func TestSearchFollowsTheCalendar(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	b.setWeek(d, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 540, ToMinute: 570}) // two starts
	nine := time.Date(2027, 3, 2, 14, 0, 0, 0, time.UTC)
	b.withIndex()
	free := func() int { return len(b.search("NY", "America/New_York", d, "2027-03-02").GetSlots()) }
	if free() != 1 { // 9:15 would end at 9:35
		t.Fatalf("%d free", free())
	}
	a := p.booked(d, nine)
	b.eventually("a booked time is gone", func() bool { return free() == 0 })
	next, err := b.s.Search(t.Context(), &schedulingv1.SearchRequest{
		ServiceId: "general", State: "NY", TimeZone: "America/New_York", FirstDay: "2027-03-02", Days: 3, PhysicianId: d.id.String(),
	})
	must(t, err)
	if next.GetDay() != "" || next.GetNextDay() != "2027-03-09" {
		t.Fatalf("day %q, next %q", next.GetDay(), next.GetNextDay())
	}
	_, err = b.s.Cancel(p.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	b.eventually("a canceled time is free", func() bool { return free() == 1 })
	b.setWeek(d, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 540, ToMinute: 660})
	b.eventually("new hours are there", func() bool { return free() == 7 })
	p.hold(d, nine)
	b.eventually("a held time is gone", func() bool { return free() == 5 })
	b.moveTo(monday.Add(HoldFor + time.Minute))
	must(t, b.s.expireStale(t.Context()))
	b.eventually("an expired hold is free", func() bool { return free() == 7 })
}

func TestSearchRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	for field, req := range map[string]*schedulingv1.SearchRequest{
		"state":        {ServiceId: "general", State: "New York", TimeZone: "America/New_York"},
		"time_zone":    {ServiceId: "general", State: "NY", TimeZone: "Local"},
		"service_id":   {ServiceId: "surgery", State: "NY", TimeZone: "America/New_York"},
		"physician_id": {ServiceId: "general", State: "NY", TimeZone: "America/New_York", PhysicianId: "x"},
		"days":         {ServiceId: "general", State: "NY", TimeZone: "America/New_York", Days: 15},
		"first_day":    {ServiceId: "general", State: "NY", TimeZone: "America/New_York", FirstDay: "2027-02-30"},
		"day":          {ServiceId: "general", State: "NY", TimeZone: "America/New_York", Day: "tomorrow"},
	} {
		_, err := b.s.Search(t.Context(), req)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	res, err := b.s.ListServices(t.Context(), &schedulingv1.ListServicesRequest{})
	must(t, err)
	if len(res.GetServices()) != 4 || res.GetServices()[0].GetServiceId() != "general" || res.GetServices()[2].GetMinutes() != 40 {
		t.Fatalf("services: %v", res)
	}
}
