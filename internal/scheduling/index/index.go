package index

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// Options say how far the index sees. The zero value is the product's.
type Options struct {
	// Horizon is in days; 60 when zero.
	Horizon int
	// Step divides an hour; 5 minutes when zero, or when it does not.
	Step time.Duration
}

// Index answers what is free. See the package comment; all methods may be
// called at once from anywhere.
type Index struct {
	mu sync.RWMutex
	ring
	ready atomic.Bool

	slots   map[ids.PhysicianID]int
	entries []*entry // by slot; nil where one was removed
	vacant  []int    // slots to use again
	order   []int    // slots sorted by physician id

	// The bits of all physicians, a row of words each, by slot. Rows lie one
	// after another, so that a search walks memory forward.
	open, taken []uint64
	masks       [][]uint64 // by window: a visit may begin here

	windows  []window
	windowAt map[window]int
	oldest   int // which window gives way when there are too many

	specialists map[string]bitset   // slots by specialty
	speakers    map[string]bitset   // slots by language
	may         map[string][]bitset // slots by state and date (ordinal modulo days)

	scratch []uint64
	version uint64
}

// New makes an empty index. Nothing is kept or found before the first Advance.
func New(o Options) *Index {
	return &Index{
		ring:        newRing(o.Horizon, o.Step),
		slots:       make(map[ids.PhysicianID]int),
		windowAt:    make(map[window]int),
		specialists: make(map[string]bitset),
		speakers:    make(map[string]bitset),
		may:         make(map[string][]bitset),
	}
}

// Ready reports whether the index holds all that it should, as its feeder said
// with SetReady; until then search has to ask the database.
func (x *Index) Ready() bool { return x.ready.Load() }

// SetReady is for whoever feeds the index.
func (x *Index) SetReady(ready bool) { x.ready.Store(ready) }

// Window is the time that the index has room for, from yesterday on: patterns
// are to be expanded over it.
func (x *Index) Window() calendar.Range {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.covered()
}

// Version rises with every change of what a search could find.
func (x *Index) Version() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.version
}

// Stats are for metrics.
type Stats struct {
	Physicians int
	Windows    int
	Taken      int
	// Bytes counts the bits and ranges, not what Physician.Data holds.
	Bytes int
	// Version rises with every change.
	Version uint64
	Window  calendar.Range
}

// Stats walks all physicians: for a scrape, not for a request.
func (x *Index) Stats() Stats {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s := Stats{Physicians: len(x.order), Windows: len(x.windows), Version: x.version, Window: x.covered()}
	const wordBytes, spanBytes = 8, 16
	for _, slot := range x.order {
		e := x.entries[slot]
		s.Taken += len(e.spans)
		s.Bytes += cap(e.spans) * spanBytes
	}
	x.eachPlane(func(plane *[]uint64) { s.Bytes += cap(*plane) * wordBytes })
	for _, dates := range x.may {
		for _, b := range dates {
			s.Bytes += cap(b) * wordBytes
		}
	}
	return s
}

// entry finds a physician's slot, or makes one: the taken times of somebody
// may arrive before the licenses do.
func (x *Index) entry(id ids.PhysicianID) *entry {
	if slot, ok := x.slots[id]; ok {
		return x.entries[slot]
	}
	slot := len(x.entries)
	if n := len(x.vacant); n > 0 {
		slot, x.vacant = x.vacant[n-1], x.vacant[:n-1]
	} else {
		x.entries = append(x.entries, nil)
		x.eachPlane(func(plane *[]uint64) { *plane = append(*plane, make([]uint64, x.words)...) })
	}
	e := &entry{id: id, slot: slot, zone: time.UTC}
	x.entries[slot], x.slots[id] = e, slot
	at, _ := x.place(id)
	x.order = slices.Insert(x.order, at, slot)
	return e
}

// eachPlane visits every set of rows.
func (x *Index) eachPlane(visit func(plane *[]uint64)) {
	visit(&x.open)
	visit(&x.taken)
	for i := range x.masks {
		visit(&x.masks[i])
	}
}

// row is one physician's part of a plane.
func (x *Index) row(plane []uint64, slot int) []uint64 {
	return plane[slot*x.words : (slot+1)*x.words]
}

// place is where in the order a physician stands or would stand.
func (x *Index) place(id ids.PhysicianID) (int, bool) {
	return slices.BinarySearchFunc(x.order, id, func(slot int, id ids.PhysicianID) int {
		return compareIDs(x.entries[slot].id, id)
	})
}

func compareIDs(a, b ids.PhysicianID) int { return slices.Compare(a.UUID[:], b.UUID[:]) }
