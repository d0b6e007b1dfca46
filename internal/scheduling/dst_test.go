package scheduling

import (
	"slices"
	"testing"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// hours are what the physicians of these tests work every day: 1:00 to 3:15,
// across the hour in which clocks change, and 9:00 to 10:00.
func hours() []*schedulingv1.WeeklyWindow {
	return []*schedulingv1.WeeklyWindow{{FromMinute: 60, ToMinute: 195}, {FromMinute: 540, ToMinute: 600}}
}

// offeredByTheWall is the naive reference: a general visit may begin when the
// wall shows open time at each of its minutes.
func offeredByTheWall(start time.Time, zone *time.Location) bool {
	for m := range 20 {
		at := start.Add(time.Duration(m) * time.Minute).In(zone)
		minute := int32(at.Hour()*60 + at.Minute())
		if !slices.ContainsFunc(hours(), func(w *schedulingv1.WeeklyWindow) bool {
			return w.GetFromMinute() <= minute && minute < w.GetToMinute()
		}) {
			return false
		}
	}
	return true
}

// Availability and booking across the changes of the clock: what search offers
// and what can be held is what the wall says, minute by minute.
func TestBookingAcrossClockChanges(t *testing.T) {
	t.Parallel()
	changes := map[string]calendar.Date{"spring": {Year: 2027, Month: 3, Day: 14}, "fall": {Year: 2026, Month: 11, Day: 1}}
	for zone, state := range map[string]string{
		"America/New_York": "NY", "America/Phoenix": "AZ", "America/Shiprock": "AZ", "America/Anchorage": "AK",
	} {
		for season, date := range changes {
			t.Run(zone+"/"+season, func(t *testing.T) {
				t.Parallel()
				loc, err := calendar.LoadZone(zone)
				must(t, err)
				first := calendar.DayRange(date.AddDays(-1), loc)
				b := newBundle(t, first.From.Add(-24*time.Hour))
				b.addRules("NY", "America/New_York")
				b.addRules("AZ", "America/Phoenix", "America/Shiprock")
				b.addRules("AK", "America/Anchorage", "America/Adak")
				d, p := b.addDoctor(zone, state), b.addPatient("en")
				b.setWeek(d, everyDay(hours()...)...)
				b.withIndex()
				for n := range 3 { // the day before, of and after the change
					b.wantDay(p, d, state, zone, date.AddDays(n-1))
				}
				// One on each side of the change, both at 9:00 by the wall.
				before := b.bookNine(p, d, state, loc, date.AddDays(-1))
				after := b.bookNine(p, d, state, loc, date.AddDays(1))
				want := map[string]time.Duration{"spring": 47 * time.Hour, "fall": 49 * time.Hour}[season]
				if zone == "America/Phoenix" {
					want = 48 * time.Hour
				}
				if got := after.Sub(before); got != want {
					t.Errorf("two days lasted %s, want %s", got, want)
				}
			})
		}
	}
}

func everyDay(windows ...*schedulingv1.WeeklyWindow) []*schedulingv1.WeeklyWindow {
	var all []*schedulingv1.WeeklyWindow
	for weekday := range int32(7) {
		for _, w := range windows {
			all = append(all, &schedulingv1.WeeklyWindow{Weekday: weekday, FromMinute: w.GetFromMinute(), ToMinute: w.GetToMinute()})
		}
	}
	return all
}

// wantDay compares a day as searched, and as held, with the wall.
func (b *bundle) wantDay(p *someone, d *doctor, state, zone string, date calendar.Date) {
	b.t.Helper()
	loc, err := calendar.LoadZone(zone)
	must(b.t, err)
	searched := map[int64]bool{}
	res := b.search(state, zone, d, date.String())
	for _, s := range res.GetSlots() {
		searched[s.GetStart().GetSeconds()] = true
	}
	r := calendar.DayRange(date, loc)
	for start := r.From; start.Before(r.From.Add(5 * time.Hour)); start = start.Add(Grid) {
		want := offeredByTheWall(start, loc)
		if searched[start.Unix()] != want {
			b.t.Errorf("search: %s (%s) is offered: %v, want %v", start.In(loc), start.UTC(), !want, want)
		}
		w := p.wish(d, start)
		w.State, w.TimeZone = state, zone
		held, err := b.s.PlaceHold(b.t.Context(), w)
		must(b.t, err)
		if (held.GetHold() != nil) != want {
			b.t.Errorf("hold: %s (%s): %q, want %v", start.In(loc), start.UTC(), held.GetLost(), want)
		}
	}
	_, err = b.s.ReleaseHold(b.t.Context(), &schedulingv1.ReleaseHoldRequest{BrowserId: p.browser})
	must(b.t, err)
}

// bookNine books 9:00 by the wall and returns the instant.
func (b *bundle) bookNine(p *someone, d *doctor, state string, loc *time.Location, date calendar.Date) time.Time {
	b.t.Helper()
	start := time.Date(date.Year, date.Month, date.Day, 9, 0, 0, 0, loc)
	w := p.wish(d, start)
	w.State, w.TimeZone = state, loc.String()
	held, err := b.s.PlaceHold(b.t.Context(), w)
	must(b.t, err)
	lost(b.t, held.GetLost(), "")
	p.answer()
	a := p.book(held.GetHold()).GetAppointment()
	got := a.GetSlot().GetStart().AsTime()
	if wall := got.In(loc).Format("15:04"); wall != "09:00" || a.GetSlot().GetEnd().AsTime().Sub(got) != 20*time.Minute {
		b.t.Errorf("booked at %s", wall)
	}
	return got
}
