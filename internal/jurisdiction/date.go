package jurisdiction

import (
	"fmt"
	"time"
)

// Date is a calendar day without a time zone. The zero value is "no date";
// larger is later.
type Date int32

// Day 1 is 0001-01-01, so that zero is free to mean "none".
const unixEpochDay = 719163

const secondsPerDay = 24 * 60 * 60

// NewDate makes a date of its parts, normalized as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	unix := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return Date(unix/secondsPerDay + unixEpochDay) //nolint:gosec // a date fits
}

// DateOf is the date that the clock of t's own location shows.
func DateOf(t time.Time) Date {
	return NewDate(t.Date())
}

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q is not a day written YYYY-MM-DD", s)
	}
	if t.Year() < 1900 || t.Year() > 2999 {
		return 0, fmt.Errorf("date %q is outside 1900 to 2999", s)
	}
	return DateOf(t), nil
}

// Start is the first instant of the date in a time zone.
func (d Date) Start(zone *time.Location) time.Time {
	u := d.utc()
	return time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, zone)
}

// AddMonths moves by calendar months; a day that the target month lacks
// becomes its last.
func (d Date) AddMonths(n int) Date {
	u := d.utc()
	first := time.Date(u.Year(), u.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(u.Day(), last))
}

// String is YYYY-MM-DD, or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) utc() time.Time {
	return time.Unix((int64(d)-unixEpochDay)*secondsPerDay, 0).UTC()
}

// DateRange is the days from From to To, both included.
type DateRange struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Has reports whether the day is in the range.
func (r DateRange) Has(d Date) bool { return r.From <= d && d <= r.To }
