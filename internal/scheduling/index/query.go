package index

import (
	"time"

	"github.com/bedside-health/bedside/internal/ids"
)

const (
	// DefaultAlign keeps starts on the quarter hours of every zone in use.
	DefaultAlign = 15
	// maxMinutes bounds visits and buffers: the ring's slack is made for it, and
	// a visit touches two local days at most.
	maxMinutes = 12 * 60
)

// ServiceShape is what a service asks of a calendar, in minutes, which count as
// whole steps, rounded up.
type ServiceShape struct {
	Minutes                   int
	BufferBefore, BufferAfter int
	// LeadMinutes is the time from now to the first start offered.
	LeadMinutes int
	// Align is the distance of starts from one another, counted from midnight
	// UTC; 15 when zero.
	Align int
	// Specialties are NUCC codes, any of which will do; none means anybody.
	Specialties []string
	// DailyMax is how many times may be taken of a physician on a day in the
	// physician's zone; unlimited when zero. A taken range belongs to the day
	// on which it begins, buffer included.
	DailyMax int
}

// Query says what is looked for. A visit may begin at s if physician and
// service agree on all of: [s, s+minutes) is open; nothing taken touches
// [s-before, s+minutes+after), whether or not the buffers lie in open time,
// for a buffer is preparation, not a visit; the physician may practice in the
// state on every local date that the visit touches; s is aligned, not before
// now and the lead, and less than the horizon away.
type Query struct {
	// State is where the patient will be; without one nothing is found.
	State   string
	Service ServiceShape
	// Physician restricts the search to one; the zero value means anybody.
	Physician ids.PhysicianID
	// Language restricts it to those who speak it, Specialty to those who have
	// it, besides what the service asks for; empty means any.
	Language  string
	Specialty string
	// Zone is where the patient will be: license dates and a physician's load
	// are counted in its days. UTC when nil (Days: the zone of its strip).
	Zone *time.Location
	// From and To bound the starts, To excluded; zero means no bound.
	From, To time.Time
	Now      time.Time
	// Limit bounds the hits; zero means all.
	Limit int
}

// scan is a query being answered, under the index's lock.
type scan struct {
	*Index
	q      Query
	mask   int // which of the masks
	need   window
	from   int64 // starts lie in [from, to)
	to     int64
	wanted bitset // slots that offer the service
	zones  map[string][]localDay
	buf    []uint64
}

// read runs answer on a scan, unless nothing can be found. The first query for
// a window computes its masks, under the write lock: once for each service in
// the life of a process.
func (x *Index) read(q Query, answer func(s *scan)) {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	s := &scan{Index: x, q: q}
	v := q.Service
	if v.Minutes <= 0 || v.BufferBefore < 0 || v.BufferAfter < 0 ||
		max(v.Minutes, v.BufferBefore, v.BufferAfter) > maxMinutes {
		return
	}
	s.need = window{x.steps(v.Minutes), x.steps(v.BufferBefore), x.steps(v.BufferAfter)}
	x.mu.RLock()
	if n, ok := x.windowAt[s.need]; ok {
		defer x.mu.RUnlock()
		s.mask = n
	} else {
		x.mu.RUnlock()
		x.mu.Lock()
		defer x.mu.Unlock()
		if n, ok = x.windowAt[s.need]; !ok {
			n = x.addWindow(s.need)
		}
		s.mask = n
	}
	if s.prepare(); s.from < s.to && !empty(s.wanted) {
		answer(s)
	}
}

// prepare bounds the starts and finds who offers the service.
func (s *scan) prepare() {
	soonest := s.q.Now.Add(time.Duration(s.q.Service.LeadMinutes) * time.Minute)
	if s.q.From.After(soonest) {
		soonest = s.q.From
	}
	latest := s.q.Now.Add(s.ahead)
	if !s.q.To.IsZero() && s.q.To.Before(latest) {
		latest = s.q.To
	}
	s.from, s.to = s.clip(s.ceil(soonest), s.ceil(latest))
	var wanted bitset
	for _, code := range s.q.Service.Specialties {
		wanted.or(s.specialists[code])
	}
	if len(s.q.Service.Specialties) == 0 {
		for _, slot := range s.order {
			wanted.set(slot)
		}
	}
	if s.q.Language != "" {
		wanted = wanted.and(s.speakers[s.q.Language])
	}
	if s.q.Specialty != "" {
		wanted = wanted.and(s.specialists[s.q.Specialty])
	}
	if s.q.Physician == (ids.PhysicianID{}) {
		s.wanted = wanted
		return
	}
	if slot, known := s.slots[s.q.Physician]; known && wanted.has(slot) {
		s.wanted.set(slot)
	}
}

// starts are the bits of absolute word w at which the query lets a visit begin.
func (s *scan) starts(w, from, to int64) uint64 {
	align := int64(s.steps(s.q.Service.Align))
	if align <= 0 {
		align = int64(s.steps(DefaultAlign))
	}
	var aligned uint64
	for b := (align - w*wordBits%align) % align; b < wordBits; b += align {
		aligned |= 1 << b
	}
	return aligned & maskOf(w, from, to)
}

// Choice is a physician that a patient may pick.
type Choice struct {
	Physician ids.PhysicianID
	Data      any
}

// Eligible lists, by id, who offers the service and may practice in the state
// on any day between the query's bounds, whether or not a time is free.
func (x *Index) Eligible(q Query) []Choice {
	var found []Choice
	x.read(q, func(s *scan) {
		var who bitset
		for g := range s.segments() {
			who.or(g.who)
		}
		for _, slot := range s.order {
			if who.has(slot) {
				e := s.entries[slot]
				found = append(found, Choice{Physician: e.id, Data: e.data})
			}
		}
	})
	return found
}
