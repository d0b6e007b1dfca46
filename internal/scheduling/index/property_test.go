package index_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

// The horizon is short so that the ring turns often and the reference is quick.
const horizon = 5

// chance draws evenly. rapid's own integers crowd near zero, where calendars are
// empty; it still picks the changes and shortens a failing list of them.
type chance struct{ *rand.Rand }

func newChance(t *rapid.T) chance {
	return chance{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
}

// upTo is between 0 and n.
func (c chance) upTo(n int) int { return c.IntN(n + 1) }

func (c chance) one(in int) bool { return c.IntN(in) == 0 }

func pick[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

// machine drives an index and the reference with the same changes.
type machine struct {
	x   *index.Index
	ref *reference
	now time.Time
	ids []ids.PhysicianID
	// grain of the ranges drawn.
	grain time.Duration
}

func newMachine(t *rapid.T, grain time.Duration) *machine {
	c := newChance(t)
	// Midnights shortly before clocks change.
	start := pick(c, time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 12, 0, 0, 0, 0, time.UTC))
	m := &machine{
		x: index.New(index.Options{Horizon: horizon}), ref: newReference(horizon), grain: grain,
		now: start.Add(minutes(c.IntN(1440))),
	}
	for i := range 4 {
		var id ids.PhysicianID
		id.UUID[0], id.UUID[15] = byte(i*37), byte(i)
		m.ids = append(m.ids, id)
	}
	m.advance()
	for range m.ids {
		m.setPhysician(c)
	}
	return m
}

func (m *machine) advance() {
	m.x.Advance(m.now)
	m.ref.window = m.x.Window()
}

func (m *machine) id(c chance) ids.PhysicianID { return pick(c, m.ids...) }

// moment is a time within the ring or a little outside of it.
func (m *machine) moment(c chance) time.Time {
	n := int((horizon + 4) * day / m.grain)
	return m.now.Truncate(day).Add(-day + m.grain*time.Duration(c.upTo(n)))
}

func (m *machine) ranges(c chance, most int, longest time.Duration) []calendar.Range {
	ranges := make([]calendar.Range, c.upTo(most))
	for i := range ranges {
		from := m.moment(c)
		if i > 0 && c.one(2) {
			// Visits follow one another, and sometimes overlap.
			from = ranges[i-1].To.Add(-m.grain * time.Duration(c.upTo(3)))
		}
		ranges[i] = calendar.Range{From: from, To: from.Add(m.grain * time.Duration(1+c.IntN(int(longest/m.grain))))}
	}
	return ranges
}

// open drops what is outside the ring, as the index does: what it does not
// keep now is not there when the ring has turned.
func (m *machine) open(c chance) []calendar.Range {
	var kept []calendar.Range
	for _, r := range m.ranges(c, 6, 40*time.Hour) {
		if r.To.After(m.ref.window.To) {
			r.To = m.ref.window.To
		}
		if !r.Empty() {
			kept = append(kept, r)
		}
	}
	return kept
}

func (m *machine) taken(c chance) []calendar.Range { return m.ranges(c, 12, 3*time.Hour) }

func (m *machine) date(c chance) calendar.Date {
	if c.one(2) {
		return calendar.Date{}
	}
	return calendar.DateOf(m.now, time.UTC).AddDays(c.upTo(2*horizon+4) - horizon/2)
}

func zoneOf(c chance) *time.Location {
	name := pick(c, "UTC", "America/New_York", "America/Phoenix", "America/Anchorage", "Australia/Lord_Howe")
	loc, err := calendar.LoadZone(name)
	if err != nil || c.one(6) {
		return nil
	}
	return loc
}

func someOf(c chance) []string {
	return pick(c, []string{family}, []string{psychiatry}, []string{psychiatry, family}, nil)
}

const family, psychiatry = "207Q00000X", "2084P0800X"

func (m *machine) setPhysician(c chance) {
	p := index.Physician{
		Specialties: someOf(c), Languages: pick(c, []string{"en"}, []string{"en", "es"}, []string{"vi", "en"}, nil), Open: m.open(c), Zone: zoneOf(c), Data: c.Int(),
		May: map[string][]index.DateRange{},
	}
	for _, s := range []string{"AZ", "NY"} {
		for range c.upTo(2) {
			p.May[s] = append(p.May[s], index.DateRange{From: m.date(c), To: m.date(c)})
		}
	}
	id := m.id(c)
	m.x.SetPhysician(id, p)
	m.ref.set(id, p)
}

func (m *machine) take(c chance) {
	id := m.id(c)
	for _, r := range m.taken(c) {
		m.x.Take(id, r)
		m.x.Take(id, r)
		m.ref.person(id).taken[r] = true
	}
}

func (m *machine) free(c chance) {
	id := m.id(c)
	for _, r := range slices.SortedFunc(maps.Keys(m.ref.person(id).taken), compareRanges) {
		if c.one(2) {
			m.x.Free(id, r)
			m.x.Free(id, r)
			delete(m.ref.person(id).taken, r)
		}
	}
}

func compareRanges(a, b calendar.Range) int {
	return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To))
}

func (m *machine) addOpen(c chance) {
	id, open := m.id(c), m.open(c)
	m.x.AddOpen(id, open)
	p := m.ref.person(id)
	p.Open = append(slices.Clone(p.Open), open...)
}

func (m *machine) reset(c chance) {
	id, open, taken := m.id(c), m.open(c), m.taken(c)
	m.x.Reset(id, open, taken)
	p := m.ref.person(id)
	p.Open, p.taken = open, map[calendar.Range]bool{}
	for _, r := range taken {
		p.taken[r] = true
	}
}

func (m *machine) remove(c chance) {
	id := m.id(c)
	m.x.Remove(id)
	delete(m.ref.people, id)
}

// query draws only from a few shapes, so that masks made early are kept up to
// date by all that follows.
func (m *machine) query(c chance) index.Query {
	q := index.Query{
		State: pick(c, "AZ", "NY"),
		Service: pick(c,
			index.ServiceShape{Minutes: 30},
			index.ServiceShape{Minutes: 15, BufferAfter: 5, Align: 5},
			index.ServiceShape{Minutes: 45, BufferBefore: 10, BufferAfter: 15},
			index.ServiceShape{Minutes: 60, BufferBefore: 330, Align: 5},
			index.ServiceShape{Minutes: 360, BufferBefore: 5, BufferAfter: 400, Align: 60},
		),
		Zone: zoneOf(c), Now: m.now,
	}
	q.Service.LeadMinutes = c.upTo(300)
	q.Service.DailyMax = pick(c, 0, 0, 1, 2)
	q.Service.Specialties = someOf(c)
	if c.one(3) {
		q.Language = pick(c, "en", "es", "vi", "tl")
	}
	if c.one(4) {
		q.Specialty = pick(c, family, psychiatry)
	}
	if c.one(2) {
		q.Limit = c.upTo(40)
	}
	if c.one(4) {
		q.Physician = m.id(c)
	}
	if c.one(3) {
		q.From, q.To = m.moment(c), m.moment(c)
	}
	return q
}

func (m *machine) ask(t *rapid.T, c chance) {
	q := m.query(c)
	if got, want := m.x.Find(q), m.ref.find(q); !slices.Equal(got, want) {
		t.Fatalf("%+v\nfound %v\nwant  %v", q, got, want)
	}
	loc := cmp.Or(zoneOf(c), time.UTC)
	first := calendar.DateOf(m.now, loc).AddDays(c.upTo(3) - 1)
	n := c.upTo(horizon + 3)
	if got, want := m.x.Days(q, loc, first, n), m.ref.days(q, loc, first, n); !slices.Equal(got, want) {
		t.Fatalf("%+v in %v\ncounted %v\nwant    %v", q, loc, got, want)
	}
	around := m.moment(c)
	if got, want := m.x.Nearest(q, around, 3), m.ref.nearest(q, around, 3); !slices.Equal(got, want) {
		t.Fatalf("%+v around %v\nfound %v\nwant  %v", q, around, got, want)
	}
}

// actions are the changes, each with chances of its own.
func (m *machine) actions(ask func(*rapid.T, chance)) map[string]func(*rapid.T) {
	with := func(change func(chance)) func(*rapid.T) {
		return func(t *rapid.T) { change(newChance(t)) }
	}
	return map[string]func(*rapid.T){
		"set": with(m.setPhysician), "take": with(m.take), "free": with(m.free),
		"add": with(m.addOpen), "reset": with(m.reset), "remove": with(m.remove),
		"advance": with(func(c chance) {
			m.now = m.now.Add(time.Duration(c.upTo(40)) * time.Hour)
			m.advance()
		}),
		"ask": func(t *rapid.T) { ask(t, newChance(t)) },
	}
}

func TestIndexAgreesWithReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, step)
		t.Repeat(m.actions(m.ask))
		m.ask(t, newChance(t))
	})
}

// Ranges that do not lie on steps are rounded against the patient: whatever
// the index offers, the exact reference offers too.
func TestUnevenRangesAreNeverOfferedWrongly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, 77*time.Second)
		ask := func(t *rapid.T, c chance) {
			q := m.query(c)
			q.Service.Minutes += c.upTo(4)
			q.Limit = 0
			right := map[time.Time]bool{}
			for _, h := range m.ref.find(q) {
				right[h.Start] = true
			}
			for _, h := range m.x.Find(q) {
				if !right[h.Start] {
					t.Fatalf("%+v\noffered %v", q, h)
				}
			}
		}
		t.Repeat(m.actions(ask))
		ask(t, newChance(t))
	})
}
