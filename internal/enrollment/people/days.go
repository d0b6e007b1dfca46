package people

import "time"

// adultYears is the age at which a person activates alone.
const adultYears = 18

// lastZone is where a day begins last in the United States (American Samoa). A
// right that begins on a day has begun everywhere, and nobody comes of age
// before their birthday has come where they live.
const lastZone = -11 * 60 * 60

// day is the date of an instant where a day begins last, as midnight UTC, the
// form in which dates travel to and from the database.
func day(at time.Time) time.Time {
	y, m, d := at.In(time.FixedZone("", lastZone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// adultIfBornBy is the last birth date of those who are adults on a day. A
// birthday of February 29 comes on March 1 in other years.
func adultIfBornBy(today time.Time) time.Time {
	by := today.AddDate(-adultYears, 0, 0)
	if by.Day() != today.Day() { // from February 29 to a year without one
		by = by.AddDate(0, 0, -1)
	}
	return by
}

// parseBirthDate reads YYYY-MM-DD: a date that exists, of somebody who may be
// alive.
func parseBirthDate(s string, today time.Time) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 || t.After(today.AddDate(0, 0, 1)) {
		return time.Time{}, false
	}
	return t, true
}

// DateOrEmpty writes a date that may be open.
func DateOrEmpty(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}
