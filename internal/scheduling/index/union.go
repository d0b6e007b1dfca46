package index

import (
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// union has a bit for every start in g that anybody has free; words are
// numbered from g.firstWord.
func (s *scan) union(g segment) []uint64 {
	acc := make([]uint64, g.words())
	if s.q.Service.DailyMax > 0 {
		for slot := range g.who.members() {
			or(acc, s.free(slot, g))
		}
	} else {
		s.unionOfMasks(acc, g)
	}
	for i := range acc {
		acc[i] &= s.starts(g.firstWord()+int64(i), g.from, g.to)
	}
	return acc
}

// unionOfMasks reads straight from the masks, without a copy.
func (s *scan) unionOfMasks(acc []uint64, g segment) {
	at := s.at(g.firstWord())
	head := min(len(acc), s.words-at) // the rest is at the beginning of the ring
	for slot := range g.who.members() {
		row := s.row(s.masks[s.mask], slot)
		or(acc, row[at:at+head])
		or(acc[head:], row[:len(acc)-head])
	}
}

// or adds src to the beginning of acc.
func or(acc, src []uint64) {
	for len(src) >= 4 && len(acc) >= 4 {
		acc[0] |= src[0]
		acc[1] |= src[1]
		acc[2] |= src[2]
		acc[3] |= src[3]
		acc, src = acc[4:], src[4:]
	}
	for i, w := range src {
		acc[i] |= w
	}
}

// free is the words of g in which one physician could begin, days that have
// reached the maximum left out. Alignment and bounds are the caller's, and so
// is the slice until the next call.
func (s *scan) free(slot int, g segment) []uint64 {
	row, at, n := s.row(s.masks[s.mask], slot), s.at(g.firstWord()), g.words()
	limit := s.q.Service.DailyMax
	if at+n <= len(row) && limit <= 0 {
		return row[at : at+n]
	}
	if len(s.buf) < n {
		s.buf = make([]uint64, n)
	}
	words := s.buf[:n]
	s.copyOut(words, row, g.firstWord())
	e := s.entries[slot]
	if limit <= 0 || len(e.spans) < limit {
		return words
	}
	for _, d := range s.daysOf(e.zone) {
		from, to := max(g.from, d.from), min(g.to, d.to)
		if from < to && e.takenOn(d.Range) >= limit {
			for w := from / wordBits; w <= (to-1)/wordBits; w++ {
				words[w-g.firstWord()] &^= maskOf(w, from, to)
			}
		}
	}
	return words
}

// localDay is a day with the steps at which a visit of the query's service
// begins if its occupied time begins on that day.
type localDay struct {
	calendar.Range
	from, to int64
}

// daysOf lists the days of a zone that starts can fall on, once a query.
func (s *scan) daysOf(zone *time.Location) []localDay {
	if days, ok := s.zones[zone.String()]; ok {
		return days
	}
	var days []localDay
	before := time.Duration(s.q.Service.BufferBefore) * time.Minute
	d := calendar.DateOf(s.time(s.from).Add(-before), zone)
	for from := d.In(zone); from.Before(s.time(s.to)); {
		d = d.AddDays(1)
		to := d.In(zone)
		days = append(days, localDay{
			Range: calendar.Range{From: from, To: to},
			from:  s.ceil(from.Add(before)), to: s.ceil(to.Add(before)),
		})
		from = to
	}
	if s.zones == nil {
		s.zones = make(map[string][]localDay)
	}
	s.zones[zone.String()] = days
	return days
}
