package calendar

import (
	"fmt"
	"time"
)

const (
	dateLayout = "2006-01-02"
	day        = 24 * time.Hour
)

// Date is a day of the Gregorian calendar, in no particular zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return Date{}, fmt.Errorf("parsing date %q: %w", s, err)
	}
	return DateOf(t, time.UTC), nil
}

// DateOf is the date that a wall in loc shows at t.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{Year: y, Month: m, Day: d}
}

// DateFromOrdinal is the inverse of Date.Ordinal.
func DateFromOrdinal(n int) Date {
	return DateOf(time.Unix(int64(n)*int64(day/time.Second), 0), time.UTC)
}

// Ordinal counts days from 1970-01-01, so that dates can be indexed and
// compared as numbers.
func (d Date) Ordinal() int {
	return int(floorDiv(d.midnight().Unix(), int64(day/time.Second)))
}

// IsZero reports whether d is the zero value, which is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD.
func (d Date) String() string { return d.midnight().Format(dateLayout) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AddDays is the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return DateFromOrdinal(d.Ordinal() + n) }

// Compare is -1, 0 or 1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int { return d.midnight().Compare(e.midnight()) }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// midnight is the date's midnight in UTC, a zone where it always exists.
func (d Date) midnight() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// In is the first instant of the date in loc; it is that of the next date where
// a zone skipped this one.
func (d Date) In(loc *time.Location) time.Time { return firstAt(d.midnight(), loc) }

// DayRange is the stretch of time from the first instant whose date in loc is
// d or later to the first whose date is the next day or later. It is 23, 24 or
// 25 hours in most zones; days of a zone always join without gap or overlap,
// and a date that a zone skipped is empty.
func DayRange(d Date, loc *time.Location) Range {
	return Range{From: d.In(loc), To: d.AddDays(1).In(loc)}
}

// firstAt is the first instant at which a wall in loc shows wall or later;
// wall carries its reading in UTC.
func firstAt(wall time.Time, loc *time.Location) time.Time {
	// No zone is a whole day away from UTC, so nothing earlier than this reads
	// wall or later, and nothing later than a day on reads earlier.
	var first time.Time
	for s := range stretches(loc, wall.Add(-day), wall.Add(2*day)) {
		at := wall.Add(-s.offset)
		if at.Before(s.From) {
			at = s.From
		}
		if at.Before(s.To) {
			first = at
			break
		}
	}
	return first
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
