// Package ofage is the one rule of when somebody comes of age, and of the day
// that rights are judged on.
//
// A day begins at 04:00 UTC, for everybody: midnight where it begins first
// among the states that visits are allowed in (Eastern daylight time, and Puerto
// Rico all year). In that instant of the 18th birthday (March 1 for who was born
// on February 29) everything turns at once: the guardian no longer sees, books,
// cancels or agrees, mail about visits goes to the young adult alone, and the
// young adult may open an account.
//
// One instant for all, and not midnight where each patient lives, because for
// most of them no time zone is known, and because two services that judge by
// two clocks either leave hours in which nobody may act, or hours in which a
// guardian reads what is an adult's. The instant is the first one and not the
// last, because an adult's privacy cannot be given back. The price is on the
// eve: in winter an hour in New York, three more in Los Angeles and six in
// Honolulu in which the guardian is out already and the young adult is in. In
// Guam and the Northern Marianas, where no visit is allowed yet, the birthday
// begins fourteen hours before the rule.
//
// Scheduling judges by the same day in SQL: scheduling.today(), and the view
// scheduling.acting on top of it. Enrollment hands the day to its statements.
package ofage

import "time"

// Years is the age at which a person acts for themselves.
const Years = 18

// firstZone is where a day begins first: its distance from UTC in seconds.
const firstZone = -4 * 60 * 60

// Day is the date of an instant, as midnight UTC, the form in which dates
// travel to and from the database.
func Day(at time.Time) time.Time {
	y, m, d := at.In(time.FixedZone("", firstZone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// BornBy is the last birth date of those who are of age on a day.
func BornBy(day time.Time) time.Time {
	by := day.AddDate(-Years, 0, 0)
	if by.Day() != day.Day() { // from February 29 to a year without one
		by = by.AddDate(0, 0, -1)
	}
	return by
}
