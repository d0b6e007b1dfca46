package index

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

func bit(words []uint64, i int) bool {
	return i >= 0 && i < len(words)*wordBits && words[i/wordBits]>>(i%wordBits)&1 == 1
}

// dense draws words in which long runs are common.
func dense(r *rand.Rand, n int) []uint64 {
	words := make([]uint64, n)
	for i, left, on := 0, 0, false; i < n*wordBits; i, left = i+1, left-1 {
		if left <= 0 {
			left, on = 1+r.IntN(150), !on
		}
		if on {
			words[i/wordBits] |= 1 << (i % wordBits)
		}
	}
	return words
}

func TestRunsAndShiftsBitByBit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 200; n++ {
		words := dense(r, 7)
		runs, up := append([]uint64(nil), words...), append([]uint64(nil), words...)
		keepRuns(runs, n)
		shiftUp(up, n)
		length := 0
		for i := len(words)*wordBits - 1; i >= 0; i-- {
			length++
			if !bit(words, i) {
				length = 0
			}
			if bit(runs, i) != (length >= n) {
				t.Fatalf("run of %d at %d is %v, %d bits are set", n, i, bit(runs, i), length)
			}
			if bit(up, i) != bit(words, i-n) {
				t.Fatalf("shifted by %d, bit %d is %v", n, i, bit(up, i))
			}
		}
	}
}

// Masks are right on every step in use, also where no query looks: at both
// ends of the ring, where a run must not be followed around.
func TestMasksToTheEndsOfTheRing(t *testing.T) {
	t.Parallel()
	for d := range 15 {
		x := New(Options{Horizon: 3})
		x.Advance(time.Date(2026, 11, 1+d, 12, 0, 0, 0, time.UTC))
		e := x.entry(ids.PhysicianID{})
		x.put(x.row(x.open, e.slot), x.first(), x.end(), true)
		for n, w := range []window{{6, 0, 0}, {144, 3, 144}, {1, 144, 1}} {
			x.addWindow(w)
			for s := x.first(); s < x.end(); s++ {
				want := s+int64(w.minutes) <= x.end()
				if got := x.row(x.masks[n], e.slot)[x.at(s/wordBits)]>>(s%wordBits)&1 == 1; got != want {
					t.Fatalf("%+v at %v, %v before the end: %v", w, x.time(s), x.time(x.end()).Sub(x.time(s)), got)
				}
			}
		}
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	var a, b bitset
	a.set(3)
	a.set(200)
	b.set(3)
	if a.equal(b) || b.equal(a) || !a.and(b).equal(b) || !b.has(3) || b.has(200) {
		t.Error("sets of different length")
	}
	a.clear(200)
	b.clear(999)
	if !a.equal(b) || !b.equal(a) {
		t.Error("trailing empty words count")
	}
	if !b.minus(a).equal(nil) || !b.minus(bitset{0, 1}).equal(b) {
		t.Error("difference")
	}
	b.or(bitset{0, 1})
	got := slices.Collect(b.members())
	if len(got) != 2 || got[0] != 3 || got[1] != 64 {
		t.Errorf("members %v", got)
	}
}

// After any change, masks kept up to date are the masks computed anew: the
// part that is recomputed reaches far enough in both directions.
func TestRefreshReachesFarEnough(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	x := New(Options{Horizon: 5})
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	x.Advance(now)
	var id ids.PhysicianID
	shapes := []window{{6, 0, 0}, {3, 130, 0}, {3, 0, 130}, {140, 70, 70}}
	for _, w := range shapes {
		x.addWindow(w)
	}
	var taken []calendar.Range
	for range 400 {
		from := now.Add(time.Duration(r.IntN(9*288)-288) * DefaultStep)
		span := calendar.Range{From: from, To: from.Add(time.Duration(1+r.IntN(12)) * DefaultStep)}
		switch {
		case r.IntN(3) == 0:
			x.AddOpen(id, []calendar.Range{{From: span.From, To: span.To.Add(20 * time.Hour)}})
		case len(taken) > 4:
			x.Free(id, taken[0])
			taken = taken[1:]
		default:
			x.Take(id, span)
			taken = append(taken, span)
		}
		e := x.entries[0]
		for n, w := range shapes {
			kept := slices.Clone(x.row(x.masks[n], e.slot))
			if x.fitWords(e.slot, n, x.first(), x.end()); !slices.Equal(kept, x.row(x.masks[n], e.slot)) {
				t.Fatalf("%+v is not up to date after a change at %v", w, span)
			}
		}
		if r.IntN(40) == 0 {
			now = now.Add(day)
			x.Advance(now)
		}
	}
}
