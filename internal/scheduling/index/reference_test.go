package index_test

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

const (
	step = 5 * time.Minute
	day  = 24 * time.Hour
)

// reference answers the same questions from lists of ranges, one start and one
// physician at a time, with no bits and no ring.
type reference struct {
	horizon int
	window  calendar.Range
	people  map[ids.PhysicianID]*person
}

type person struct {
	index.Physician
	taken map[calendar.Range]bool
}

func newReference(horizon int) *reference {
	return &reference{horizon: horizon, people: map[ids.PhysicianID]*person{}}
}

func (r *reference) person(id ids.PhysicianID) *person {
	p, ok := r.people[id]
	if !ok {
		p = &person{taken: map[calendar.Range]bool{}}
		r.people[id] = p
	}
	return p
}

func (r *reference) set(id ids.PhysicianID, p index.Physician) { r.person(id).Physician = p }

func (p *person) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// opens reports whether all of a range is open: some chain of open ranges
// covers it.
func (p *person) opens(r calendar.Range) bool {
	at := r.From
	for progress := true; progress && at.Before(r.To); {
		progress = false
		for _, o := range p.Open {
			if !o.From.After(at) && o.To.After(at) {
				at, progress = o.To, true
			}
		}
	}
	return !at.Before(r.To)
}

func overlap(a, b calendar.Range) bool { return a.From.Before(b.To) && b.From.Before(a.To) }

func (p *person) takes(r calendar.Range) bool {
	for t := range p.taken {
		if overlap(t, r) {
			return true
		}
	}
	return false
}

// load is the number of steps of a day in which anything is taken.
func (p *person) load(d calendar.Range) int {
	n := 0
	for at := d.From; at.Before(d.To); at = at.Add(step) {
		if p.takes(calendar.Range{From: at, To: at.Add(step)}) {
			n++
		}
	}
	return n
}

func (p *person) full(at time.Time, limit int) bool {
	if limit <= 0 {
		return false
	}
	n, today := 0, calendar.DateOf(at, p.zone())
	for t := range p.taken {
		if calendar.DateOf(t.From, p.zone()) == today {
			n++
		}
	}
	return n >= limit
}

// may reports whether a license covers each date that a visit touches.
func (p *person) may(state string, visit calendar.Range, zone *time.Location) bool {
	for at := visit.From; at.Before(visit.To); at = at.Add(step) {
		d, ok := calendar.DateOf(at, zone), false
		for _, r := range p.May[state] {
			ok = ok || (r.From.IsZero() || !d.Before(r.From)) && (r.To.IsZero() || !r.To.Before(d))
		}
		if !ok {
			return false
		}
	}
	return true
}

func (p *person) offers(wanted []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool {
		return slices.Contains(p.Specialties, w)
	})
}

// suits is what a patient asks of a physician besides the service.
func (p *person) suits(q index.Query) bool {
	return (q.Language == "" || slices.Contains(p.Languages, q.Language)) &&
		(q.Specialty == "" || slices.Contains(p.Specialties, q.Specialty))
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// free is the rule of index.Query, word by word.
func (r *reference) free(p *person, q index.Query, at time.Time) bool {
	v := q.Service
	visit := calendar.Range{From: at, To: at.Add(minutes(v.Minutes))}
	occupied := calendar.Range{From: at.Add(-minutes(v.BufferBefore)), To: visit.To.Add(minutes(v.BufferAfter))}
	return p.offers(v.Specialties) && p.suits(q) &&
		p.opens(visit) && !visit.To.After(r.window.To) &&
		!p.takes(occupied) &&
		!p.full(occupied.From, v.DailyMax) &&
		p.may(q.State, visit, q.Zone)
}

func compareIDs(a, b ids.PhysicianID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) }

func (r *reference) find(q index.Query) []index.Hit {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	align := minutes(q.Service.Align)
	if align == 0 {
		align = minutes(index.DefaultAlign)
	}
	sorted := slices.SortedFunc(maps.Keys(r.people), compareIDs)
	from := q.Now.Add(minutes(q.Service.LeadMinutes))
	if q.From.After(from) {
		from = q.From
	}
	to := q.Now.Add(time.Duration(r.horizon) * day)
	if !q.To.IsZero() && q.To.Before(to) {
		to = q.To
	}
	type personDay struct {
		*person
		calendar.Range
	}
	loads := map[personDay]int{}
	var hits []index.Hit
	for at := from.Truncate(align); at.Before(to); at = at.Add(align) {
		if at.Before(from) {
			continue
		}
		today := calendar.DayRange(calendar.DateOf(at, q.Zone), q.Zone)
		best, found := index.Hit{Start: at}, false
		least := 0
		for _, id := range sorted {
			p := r.people[id]
			if q.Physician != (ids.PhysicianID{}) && q.Physician != id || !r.free(p, q, at) {
				continue
			}
			load, known := loads[personDay{p, today}]
			if !known {
				load = p.load(today)
				loads[personDay{p, today}] = load
			}
			if !found || load < least {
				best.Physician, best.Data, least, found = id, p.Data, load, true
			}
		}
		if found {
			hits = append(hits, best)
		}
		if q.Limit > 0 && len(hits) == q.Limit {
			break
		}
	}
	return hits
}

func (r *reference) days(q index.Query, loc *time.Location, first calendar.Date, n int) []index.DayCount {
	if q.Zone == nil {
		q.Zone = loc
	}
	q.Limit = 0
	counts := make([]index.DayCount, n)
	hits := r.find(q)
	for i := range counts {
		counts[i].Day = first.AddDays(i)
		for _, h := range hits {
			if calendar.DateOf(h.Start, loc) == counts[i].Day {
				counts[i].Free++
			}
		}
	}
	return counts
}

func (r *reference) nearest(q index.Query, around time.Time, n int) []index.Hit {
	q.Limit = 0
	hits := r.find(q)
	slices.SortStableFunc(hits, func(a, b index.Hit) int {
		return int(a.Start.Sub(around).Abs() - b.Start.Sub(around).Abs())
	})
	return hits[:min(n, len(hits))]
}
