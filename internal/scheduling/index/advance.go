package index

import (
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// Advance moves the ring so that its first page is yesterday's (in UTC), drops
// what is past, and returns the time that it now has room for and had not
// before: the caller adds what is open in it with AddOpen. Within a day it
// returns an empty range. Time never runs backwards here; an earlier now
// changes nothing.
func (x *Index) Advance(now time.Time) calendar.Range {
	x.mu.Lock()
	defer x.mu.Unlock()
	old, oldEnd := x.base, x.end()
	base := x.floor(now)/x.perDay - 1
	if base <= old {
		return calendar.Range{From: x.time(oldEnd), To: x.time(oldEnd)}
	}
	x.base = base
	for _, slot := range x.order {
		x.turn(x.entries[slot], old, oldEnd)
	}
	for date := max(old+x.days, base); date < base+x.days; date++ {
		x.qualifyDate(date)
	}
	x.version++
	return calendar.Range{From: x.time(max(oldEnd, x.first())), To: x.time(x.end())}
}

// turn empties the pages that left the ring, which are those that come in, and
// paints what was already taken there.
func (x *Index) turn(e *entry, old, oldEnd int64) {
	begin := x.time(x.first()).UnixNano()
	gone := 0
	for gone < len(e.spans) && e.spans[gone].to <= begin {
		gone++
	}
	e.spans = e.spans[gone:]
	if x.base-old >= x.days {
		x.eachPlane(func(plane *[]uint64) { clear(x.row(*plane, e.slot)) })
		x.paintTaken(e, x.first(), x.end())
		x.refresh(e, x.first(), x.end())
		return
	}
	from, to := old*x.perDay, x.first()
	x.eachPlane(func(plane *[]uint64) { x.put(x.row(*plane, e.slot), from, to, false) })
	x.paintTaken(e, oldEnd, x.end())
	x.refresh(e, oldEnd, x.end())
	// What was taken before the first page no longer reaches into it.
	x.refresh(e, x.first(), x.first())
}
