// Package calendar turns wall-clock patterns ("Mondays 9:00 to 17:00 in
// Anchorage") into instants, for any date. It is pure: no clock, no database.
//
// # The rule
//
// An instant is open exactly when a clock on the physician's wall, at that
// instant, reads a date and time inside one of that date's windows. Everything
// about daylight saving time follows from this one sentence:
//
//   - A gap (02:30 on the day when clocks jump from 02:00 to 03:00): no instant
//     reads such a time. A window boundary in the gap therefore acts at the
//     first instant after it, and a window wholly inside the gap vanishes. The
//     physician works fewer hours that day, and is never offered at an hour
//     that does not exist.
//   - A fold (01:30 on the day when clocks fall from 02:00 back to 01:00): two
//     instants read such a time and both count. A window across the fold is an
//     hour longer; one that begins in the fold first opens at the earlier
//     reading, and one that ends in it last closes at the later reading.
//   - A window with a boundary inside the fold is two ranges: 00:00 to 01:30
//     is open until 01:30 comes the first time, closed until the clock falls
//     back, and open again from the second 01:00 to the second 01:30. Bridging
//     the two would offer visits at 01:45, which the physician never agreed
//     to; dropping one would depend on which reading a library happens to
//     prefer.
//
// Two windows that touch are the same as one window over both, on every day
// of the year, which no rule about boundaries alone achieves.
//
// # Why not time.Date
//
// time.Date answers for wall times that do not exist (02:30 in New York on
// 2027-03-14 becomes 01:30) and silently picks one of two readings in a fold.
// So it is never asked about a zone here. The time line is cut where the
// zone's offset changes; between two cuts wall time is UTC plus a constant,
// and ordinary arithmetic is right.
package calendar

import (
	// Zones must be the same wherever the program runs; a slim container image
	// has no zone files of its own.
	_ "time/tzdata"
)
