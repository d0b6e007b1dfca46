package index

import (
	"iter"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// segment is a run of starts for which the same physicians may practice.
type segment struct {
	from, to int64
	day      calendar.Range // the local day that holds them
	who      bitset
}

// firstWord and words say where the segment's bits lie.
func (g segment) firstWord() int64 { return g.from / wordBits }

func (g segment) words() int { return int((g.to-1)/wordBits - g.firstWord() + 1) }

// segments cuts the starts by local day, and a day again where visits begin to
// reach past its midnight: those need a license on the next day too.
func (s *scan) segments() iter.Seq[segment] {
	return func(yield func(segment) bool) {
		date := calendar.DateOf(s.time(s.from), s.q.Zone)
		who := s.licensed(s.q.State, date).and(s.wanted)
		day := calendar.DayRange(date, s.q.Zone)
		for from := s.from; from < s.to; {
			date = date.AddDays(1)
			next := s.licensed(s.q.State, date).and(s.wanted)
			to := min(s.to, s.ceil(day.To))
			past, both := to, who
			if !who.equal(next) {
				past = max(from, min(to, s.floor(day.To)-int64(s.need.minutes)+1))
				both = who.and(next)
			}
			if from < past && !yield(segment{from, past, day, who}) {
				return
			}
			if past < to && !yield(segment{past, to, day, both}) {
				return
			}
			from, who = max(from, to), next
			day = calendar.Range{From: day.To, To: date.AddDays(1).In(s.q.Zone)}
		}
	}
}

// whole is all the starts of a query as one segment, of those physicians who
// may practice throughout. Most may, and are read in one run.
func (s *scan) whole(parts []segment) segment {
	all := segment{from: s.from, to: s.to}
	for i, g := range parts {
		if i == 0 {
			all.who = g.who
			continue
		}
		all.who = all.who.and(g.who)
	}
	return all
}

// without is g for those who are not in who.
func (g segment) without(who bitset) segment {
	g.who = g.who.minus(who)
	return g
}
