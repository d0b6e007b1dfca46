package index

import (
	"maps"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// SetPhysician replaces all that is known of a physician but what is taken.
func (x *Index) SetPhysician(id ids.PhysicianID, p Physician) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.entry(id)
	x.disqualify(e)
	e.specialties, e.languages = slices.Clone(p.Specialties), slices.Clone(p.Languages)
	e.may = maps.Clone(p.May)
	for state, ranges := range e.may {
		e.may[state] = slices.Clone(ranges)
	}
	e.zone, e.data = p.Zone, p.Data
	if e.zone == nil {
		e.zone = time.UTC
	}
	x.qualify(e)
	x.setOpen(e, p.Open)
}

// Reset replaces what is open and what is taken, as after a gap in a feed.
func (x *Index) Reset(id ids.PhysicianID, open, taken []calendar.Range) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.entry(id)
	x.setTaken(e, taken)
	x.setOpen(e, open)
}

// AddOpen adds open time, such as that of the day which Advance made room for.
func (x *Index) AddOpen(id ids.PhysicianID, open []calendar.Range) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.entry(id)
	x.paintOpen(e, open)
	for _, r := range open {
		x.refresh(e, x.floor(r.From), x.ceil(r.To))
	}
}

// Take marks occupied time, buffers included. Taking the same range again
// changes nothing; it is remembered even beyond the horizon, and even of
// somebody not yet known.
func (x *Index) Take(id ids.PhysicianID, r calendar.Range) {
	if r.Empty() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.entry(id)
	s := spanOf(r)
	at, found := slices.BinarySearchFunc(e.spans, s, span.compare)
	if found {
		return
	}
	e.spans, e.longest = slices.Insert(e.spans, at, s), max(e.longest, s.to-s.from)
	from, to := x.touched(s)
	x.paintTaken(e, from, to)
	x.refresh(e, from, to)
}

// Free undoes Take of exactly this range, and leaves alone what other ranges
// take of the same time. Freeing what is not taken changes nothing.
func (x *Index) Free(id ids.PhysicianID, r calendar.Range) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, known := x.slots[id]
	if !known {
		return
	}
	e := x.entries[slot]
	s := spanOf(r)
	at, found := slices.BinarySearchFunc(e.spans, s, span.compare)
	if !found {
		return
	}
	e.spans = slices.Delete(e.spans, at, at+1)
	from, to := x.touched(s)
	clipped, end := x.clip(from, to)
	x.put(x.row(x.taken, slot), clipped, end, false)
	// Neighbors that end or begin within a step share it.
	x.paintTaken(e, from, to)
	x.refresh(e, from, to)
}

// Remove forgets a physician and what is taken of them.
func (x *Index) Remove(id ids.PhysicianID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, known := x.slots[id]
	if !known {
		return
	}
	x.disqualify(x.entries[slot])
	x.eachPlane(func(plane *[]uint64) { clear(x.row(*plane, slot)) })
	if at, found := x.place(id); found {
		x.order = slices.Delete(x.order, at, at+1)
	}
	delete(x.slots, id)
	x.entries[slot] = nil
	x.vacant = append(x.vacant, slot)
	x.version++
}

// setOpen replaces what is open.
func (x *Index) setOpen(e *entry, open []calendar.Range) {
	clear(x.row(x.open, e.slot))
	x.paintOpen(e, open)
	x.refresh(e, x.first(), x.end())
}
