package index

import (
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// DayCount is how many distinct times a day has with anybody.
type DayCount struct {
	Day  calendar.Date
	Free int
}

// Days counts distinct start times for n days from first on, as days are
// counted in loc. From and To of the query bound them further; Limit is not
// looked at. A time that the wall shows twice in a night counts twice.
func (x *Index) Days(q Query, loc *time.Location, first calendar.Date, n int) []DayCount {
	days := make([]DayCount, max(n, 0))
	bounds := make([]calendar.Range, len(days))
	if len(days) == 0 {
		return days
	}
	from := first.In(loc)
	for i := range days {
		days[i].Day = first.AddDays(i)
		bounds[i] = calendar.Range{From: from, To: first.AddDays(i + 1).In(loc)}
		from = bounds[i].To
	}
	if q.Zone == nil {
		q.Zone = loc
	}
	if q.From.Before(bounds[0].From) {
		q.From = bounds[0].From
	}
	if last := bounds[len(bounds)-1].To; q.To.IsZero() || last.Before(q.To) {
		q.To = last
	}
	x.read(q, func(s *scan) {
		parts := slices.Collect(s.segments())
		all := s.whole(parts)
		free := s.union(all)
		for _, g := range parts {
			if rest := g.without(all.who); !empty(rest.who) {
				or(free[g.firstWord()-all.firstWord():], s.union(rest))
			}
		}
		for i, b := range bounds {
			days[i].Free = countSteps(free, all.firstWord(), max(s.from, s.ceil(b.From)), min(s.to, s.ceil(b.To)))
		}
	})
	return days
}

// countSteps counts set bits in [from, to); words begin at absolute word first.
func countSteps(words []uint64, first, from, to int64) int {
	n := 0
	if from < to {
		for w := from / wordBits; w <= (to-1)/wordBits; w++ {
			n += onesIn(words[w-first], w, from, to)
		}
	}
	return n
}
