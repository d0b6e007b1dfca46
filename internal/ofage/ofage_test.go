package ofage_test

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ofage"
)

// The birthday has not begun before in any state that visits are allowed in,
// and not much later in the first of them.
func TestDayBeginsWithTheFirstState(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2027-03-02T03:59:59Z": "2027-03-01",
		"2027-03-02T04:00:00Z": "2027-03-02",
		"2027-07-02T03:59:59Z": "2027-07-01",
		"2027-07-02T04:00:00Z": "2027-07-02",
		"2027-03-03T03:59:59Z": "2027-03-02",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := ofage.Day(instant).Format(time.DateOnly); got != want {
			t.Errorf("Day(%s) = %s, want %s", at, got, want)
		}
	}
	for _, name := range []string{"America/Puerto_Rico", "America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for month := time.January; month <= time.December; month++ {
			midnight := time.Date(2027, month, 15, 0, 0, 0, 0, zone)
			if got := ofage.Day(midnight).Format(time.DateOnly); got != midnight.Format(time.DateOnly) {
				t.Errorf("at midnight of %s in %s it is still %s", midnight.Format(time.DateOnly), name, got)
			}
		}
	}
}

func TestBornBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		born, today string
		adult       bool
	}{
		{"2008-12-01", "2026-11-30", false},
		{"2008-12-01", "2026-12-01", true},
		{"2008-02-29", "2026-02-28", false},
		{"2008-02-29", "2026-03-01", true},
		{"2010-03-01", "2028-02-29", false},
		{"2010-02-28", "2028-02-29", true},
	} {
		day := func(s string) time.Time {
			d, err := time.Parse(time.DateOnly, s)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if got := !day(c.born).After(ofage.BornBy(day(c.today))); got != c.adult {
			t.Errorf("born %s, on %s: adult %t", c.born, c.today, got)
		}
	}
}
