package index

import (
	"math/bits"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
)

// Hit is a start time and the physician offered for it.
type Hit struct {
	Physician ids.PhysicianID
	Start     time.Time
	// Data is what SetPhysician was given.
	Data any
}

// Find lists every distinct start in time order. Where several physicians have
// it free, the one with the least time taken on that day (in the query's zone)
// is offered, and among equals the lowest id, so that an answer does not
// change without a reason.
func (x *Index) Find(q Query) []Hit {
	var hits []Hit
	x.read(q, func(s *scan) { hits = s.find(q.Limit) })
	return hits
}

// find stops after limit hits, if limit is positive.
func (s *scan) find(limit int) []Hit {
	var hits []Hit
	for g := range s.segments() {
		left := s.union(g)
		if limit > 0 {
			keepLowest(left, limit-len(hits))
		}
		hits = s.assign(hits, g, left)
		if limit > 0 && len(hits) >= limit {
			break
		}
	}
	return hits
}

// assign gives the starts that are left to physicians: those with the lightest
// day first, each all that they have free.
func (s *scan) assign(hits []Hit, g segment, left []uint64) []Hit {
	if empty(left) {
		return hits
	}
	at := len(hits)
	for _, slot := range s.byLoad(g, left) {
		e := s.entries[slot]
		for i, w := range s.free(slot, g) {
			w &= left[i]
			left[i] &^= w
			for ; w != 0; w &= w - 1 {
				step := (g.firstWord()+int64(i))*wordBits + int64(bits.TrailingZeros64(w))
				hits = append(hits, Hit{Physician: e.id, Start: s.time(step), Data: e.data})
			}
		}
		if empty(left) {
			break
		}
	}
	slices.SortFunc(hits[at:], func(a, b Hit) int { return a.Start.Compare(b.Start) })
	return hits
}

// byLoad sorts those physicians of a segment who have any of these starts free
// by the steps taken on its day, then by id. Loads are small numbers, so they
// are counted rather than compared.
func (s *scan) byLoad(g segment, starts []uint64) []int {
	from, to := s.clip(s.floor(g.day.From), s.ceil(g.day.To))
	heads := make([]int, to-from+2) // heads[l+1]: how many have load l
	type candidate struct{ slot, load int }
	found := make([]candidate, 0, len(s.order))
	for _, slot := range s.order {
		if g.who.has(slot) && intersect(s.free(slot, g), starts) {
			c := candidate{slot, s.load(slot, from, to)}
			found = append(found, c)
			heads[c.load+1]++
		}
	}
	for l := 1; l < len(heads); l++ {
		heads[l] += heads[l-1]
	}
	sorted := make([]int, len(found))
	for _, c := range found {
		sorted[heads[c.load]] = c.slot
		heads[c.load]++
	}
	return sorted
}

// load counts the steps taken in [from, to).
func (s *scan) load(slot int, from, to int64) int {
	row, n := s.row(s.taken, slot), 0
	at := s.at(from / wordBits)
	for w := from / wordBits; w <= (to-1)/wordBits; w++ {
		n += onesIn(row[at], w, from, to)
		if at++; at == len(row) {
			at = 0
		}
	}
	return n
}

// onesIn counts the bits of absolute word w that lie in [from, to).
func onesIn(word uint64, w, from, to int64) int {
	return bits.OnesCount64(word & maskOf(w, from, to))
}

func intersect(a, b []uint64) bool {
	for i, w := range a {
		if w&b[i] != 0 {
			return true
		}
	}
	return false
}

// keepLowest clears all but the n lowest bits that are set.
func keepLowest(words []uint64, n int) {
	for i, w := range words {
		var kept uint64
		for ; w != 0 && n > 0; n-- {
			lowest := w & -w
			kept |= lowest
			w &^= lowest
		}
		words[i] = kept
	}
}
