package index

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// Physician is what the index knows of somebody besides what is taken.
type Physician struct {
	// Specialties are NUCC codes.
	Specialties []string
	// Languages are those that they speak with patients, as BCP 47 tags.
	Languages []string
	// Open is when they work; what lies outside the horizon is not kept.
	Open []calendar.Range
	// May says in which states (USPS codes) they may practice on which dates.
	May map[string][]DateRange
	// Zone is where they live: the daily maximum counts their days. UTC if nil.
	Zone *time.Location
	// Data is given back in hits, as it is. It must not change afterwards.
	Data any
}

// DateRange holds both its days; a zero From or To has no bound.
type DateRange struct{ From, To calendar.Date }

// span is taken time to the nanosecond: the name under which Free finds what
// Take took.
type span struct{ from, to int64 }

func spanOf(r calendar.Range) span { return span{r.From.UnixNano(), r.To.UnixNano()} }

func (s span) compare(t span) int {
	return cmp.Or(cmp.Compare(s.from, t.from), cmp.Compare(s.to, t.to))
}

// entry is one physician's slot.
type entry struct {
	id          ids.PhysicianID
	slot        int
	specialties []string
	languages   []string
	may         map[string][]DateRange
	zone        *time.Location
	data        any

	spans   []span // sorted, all that is taken, also beyond the ring
	longest int64  // no span is longer
}

// paintOpen sets open steps. Only steps that lie wholly within a range are
// open: what is not certain is not offered.
func (x *Index) paintOpen(e *entry, ranges []calendar.Range) {
	for _, r := range ranges {
		from, to := x.clip(x.ceil(r.From), x.floor(r.To))
		x.put(x.row(x.open, e.slot), from, to, true)
	}
}

// paintTaken sets the steps within [from, to) that any taken span touches.
func (x *Index) paintTaken(e *entry, from, to int64) {
	from, to = x.clip(from, to)
	if from >= to {
		return
	}
	row := x.row(x.taken, e.slot)
	for _, s := range e.spans[e.beginning(from*int64(x.step)-e.longest):e.beginning(to*int64(x.step))] {
		a, b := x.touched(s)
		x.put(row, max(a, from), min(b, to), true)
	}
}

// touched are the steps that a span lies in, even in part.
func (x *Index) touched(s span) (from, to int64) {
	step := int64(x.step)
	return floorDiv(s.from, step), floorDiv(s.to+step-1, step)
}

// beginning is the number of spans that begin before an instant.
func (e *entry) beginning(nano int64) int {
	return sort.Search(len(e.spans), func(i int) bool { return e.spans[i].from >= nano })
}

// setTaken replaces all that is taken.
func (x *Index) setTaken(e *entry, taken []calendar.Range) {
	e.spans = e.spans[:0]
	for _, r := range taken {
		if !r.Empty() {
			s := spanOf(r)
			e.spans, e.longest = append(e.spans, s), max(e.longest, s.to-s.from)
		}
	}
	slices.SortFunc(e.spans, span.compare)
	e.spans = slices.Compact(e.spans)
	clear(x.row(x.taken, e.slot))
	x.paintTaken(e, x.first(), x.end())
}

// takenOn counts the spans that begin within r.
func (e *entry) takenOn(r calendar.Range) int {
	return e.beginning(r.To.UnixNano()) - e.beginning(r.From.UnixNano())
}
