package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	d := date(t, "2028-02-29")
	if d.String() != "2028-02-29" || d.Weekday() != time.Tuesday || d.AddDays(1).String() != "2028-03-01" {
		t.Errorf("got %v, %v, %v", d, d.Weekday(), d.AddDays(1))
	}
	for _, bad := range []string{"", "2027-02-29", "2027-2-9", "02/03/2027", "2027-03-14T00:00", "-001-01-01"} {
		if got, err := calendar.ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", bad, got)
		}
	}
}

func TestLoadZoneRefusesTheServersOwn(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "Local", "Mars/Olympus", "../etc/passwd"} {
		if got, err := calendar.LoadZone(bad); err == nil {
			t.Errorf("LoadZone(%q) = %v, want an error", bad, got)
		}
	}
}

func TestDayRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date, from string
		hours            float64
	}{
		{"America/New_York", "2027-03-14", "2027-03-14T05:00:00Z", 23},
		{"America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", 25},
		{"America/New_York", "2026-11-02", "2026-11-02T05:00:00Z", 24},
		{"America/Phoenix", "2027-03-14", "2027-03-14T07:00:00Z", 24},
		{"America/Shiprock", "2027-03-14", "2027-03-14T07:00:00Z", 23},
		{"America/Anchorage", "2026-11-01", "2026-11-01T08:00:00Z", 25},
		{"Pacific/Honolulu", "2026-11-01", "2026-11-01T10:00:00Z", 24},
		// Midnight itself is in the gap.
		{"America/Havana", "2027-03-14", "2027-03-14T05:00:00Z", 23},
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", 23.5},
		// Samoa skipped this date when it moved across the date line.
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0},
		// Clocks fell back from 00:01 to 23:01 of the day before.
		{"America/St_Johns", "2010-11-06", "2010-11-06T02:30:00Z", 24},
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z", 25},
	} {
		got := calendar.DayRange(date(t, c.date), zone(t, c.zone))
		if got.From.Format(time.RFC3339) != c.from || got.Duration().Hours() != c.hours {
			t.Errorf("%s %s: from %s, %v; want %s, %v hours",
				c.zone, c.date, got.From.Format(time.RFC3339), got.Duration(), c.from, c.hours)
		}
	}
}

func TestDaysJoinAndHoldTheirInstants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(t)
		d := calendar.DateFromOrdinal(rapid.IntRange(0, 30_000).Draw(t, "ordinal"))
		today, tomorrow := calendar.DayRange(d, loc), calendar.DayRange(d.AddDays(1), loc)
		if !today.To.Equal(tomorrow.From) || today.To.Before(today.From) {
			t.Fatalf("%v is %v but the next day is %v", d, today, tomorrow)
		}
		if today.Empty() {
			return
		}
		if got := calendar.DateOf(today.From, loc); got != d {
			t.Fatalf("%v begins on %v", d, got)
		}
		if before := calendar.DateOf(today.From.Add(-time.Nanosecond), loc); !before.Before(d) {
			t.Fatalf("the instant before %v is on %v", d, before)
		}
		if d.Ordinal() != tomorrowOrdinal(d)-1 {
			t.Fatalf("%v has ordinal %d", d, d.Ordinal())
		}
	})
}

func tomorrowOrdinal(d calendar.Date) int { return d.AddDays(1).Ordinal() }

func TestOrdinal(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"1970-01-01": 0, "1969-12-31": -1, "2026-11-01": 20758, "1600-02-29": -135081} {
		if got := date(t, s); got.Ordinal() != want || calendar.DateFromOrdinal(want) != got {
			t.Errorf("%s has ordinal %d, want %d", s, got.Ordinal(), want)
		}
	}
	if !(calendar.Date{}).IsZero() || date(t, "2026-01-01").IsZero() {
		t.Error("only the zero date is zero")
	}
}
