package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// drawZone prefers the zones of the United States, and adds the strangest of
// the others: half-hour shifts, gaps at midnight, no change at all.
func drawZone(t *rapid.T) *time.Location {
	name := rapid.SampledFrom([]string{
		"America/New_York", "America/Phoenix", "America/Shiprock", "America/Anchorage", "America/Nome",
		"America/Chicago", "America/Los_Angeles", "America/Adak", "Pacific/Honolulu", "Pacific/Guam",
		"America/St_Johns", "America/Havana", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "UTC",
	}).Draw(t, "zone")
	loc, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func drawWindows(t *rapid.T, label string) []calendar.Window {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) calendar.Window {
		return calendar.Window{
			Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
			From:    rapid.IntRange(0, 1440).Draw(t, "from"),
			To:      rapid.IntRange(0, 1440).Draw(t, "to"),
		}
	}), 0, 12).Draw(t, label)
}

// drawNearChange is a day near one on which clocks change, often that day.
func drawNearChange(t *rapid.T) calendar.Date {
	base := rapid.SampledFrom([]calendar.Date{
		{Year: 2026, Month: time.November, Day: 1},
		{Year: 2027, Month: time.March, Day: 14},
		{Year: 2026, Month: time.October, Day: 4},
		{Year: 2027, Month: time.April, Day: 4},
		{Year: 2011, Month: time.December, Day: 30},
		{Year: 2010, Month: time.November, Day: 7},
		{Year: 2040, Month: time.March, Day: 11},
	}).Draw(t, "around")
	return base.AddDays(rapid.IntRange(-2, 1).Draw(t, "days"))
}

// opens is the rule itself, asked about one instant: what does the wall say,
// and is that within one of that date's windows?
func opens(p calendar.Pattern, at time.Time) bool {
	local := at.In(p.Zone)
	y, m, d := local.Date()
	today := calendar.Date{Year: y, Month: m, Day: d}
	minute := local.Hour()*60 + local.Minute()
	windows, special := p.Weekly, false
	for _, e := range p.Exceptions {
		if e.Date == today {
			windows, special = e.Windows, true
		}
	}
	for _, w := range windows {
		if (special || w.Weekday == local.Weekday()) && w.From <= minute && minute < w.To {
			return true
		}
	}
	return false
}

func TestExpandAgreesWithTheWallClock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := calendar.Pattern{Zone: drawZone(t), Weekly: drawWindows(t, "weekly")}
		first := drawNearChange(t)
		for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
			d := first.AddDays(rapid.IntRange(0, 3).Draw(t, "exception"))
			p.Exceptions = append(p.Exceptions, calendar.Exception{Date: d, Windows: drawWindows(t, "windows")})
		}
		from := first.In(time.UTC).Add(time.Duration(rapid.IntRange(0, 1440).Draw(t, "minute")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(1440, 3*1440).Draw(t, "minutes")) * time.Minute)

		got := p.Expand(from, to)
		checkSorted(t, got, from, to)
		next := 0
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			for next < len(got) && !at.Before(got[next].To) {
				next++
			}
			in := next < len(got) && !at.Before(got[next].From)
			if want := opens(p, at); in != want {
				t.Fatalf("at %s, %s on the wall, open is %v, want %v", at, at.In(p.Zone), in, want)
			}
		}
	})
}

// checkSorted fails unless ranges are in order, apart, within [from, to) and
// in UTC.
func checkSorted(t *rapid.T, ranges []calendar.Range, from, to time.Time) {
	t.Helper()
	last := from.Add(-time.Nanosecond)
	for _, r := range ranges {
		if r.Empty() || !r.From.After(last) || r.To.After(to) || r.From.Location() != time.UTC || r.To.Location() != time.UTC {
			t.Fatalf("range %v after %v within [%v, %v)", r, last, from, to)
		}
		last = r.To
	}
}

func BenchmarkExpandSixtyDays(b *testing.B) {
	p := calendar.Pattern{Zone: zone(b, "America/New_York")}
	for d := time.Monday; d <= time.Friday; d++ {
		p.Weekly = append(p.Weekly,
			calendar.Window{Weekday: d, From: 9 * 60, To: 12 * 60},
			calendar.Window{Weekday: d, From: 13 * 60, To: 17 * 60})
	}
	from := date(b, "2026-10-01").In(p.Zone)
	for b.Loop() {
		p.Expand(from, from.AddDate(0, 0, 60))
	}
}
