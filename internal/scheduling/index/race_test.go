package index_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

// Writers and readers at once, for the race detector; and what every reader
// can count on meanwhile: one physician whom nobody touches is always found,
// and nobody is found at a time that was taken before the race began.
func TestReadersAmongWriters(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	open := []calendar.Range{span(t, "2026-11-25 00:00Z/23:00")}
	still := physician(200)
	x.SetPhysician(still, index.Physician{Open: []calendar.Range{span(t, "2026-11-25 10:00Z/10:30")}, May: anywhere()})
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			churn(x, rand.New(rand.NewPCG(7, uint64(w))), physician(byte(1+w)), open, q.Now)
		})
	}
	for r := range 4 {
		readers.Go(func() {
			mine := q
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				mine.Service.Minutes = 10 + 5*(n%8) // new windows appear on the way
				mine.Physician = ids.PhysicianID{}
				for _, h := range x.Find(mine) {
					if h.Start.Before(open[0].From) || !h.Start.Before(open[0].To) {
						t.Errorf("reader %d found %v, which was never open", r, h.Start)
						return
					}
				}
				x.Days(mine, time.UTC, calendar.DateOf(q.Now, time.UTC), 7)
				x.Stats()
				mine.Physician = still
				mine.Service.Minutes = 30
				if got := x.Nearest(mine, q.Now, 3); len(got) != 1 {
					t.Errorf("reader %d lost the physician whom nobody touches: %v", r, got)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

// churn changes one physician in every way, some hundreds of times.
func churn(x *index.Index, r *rand.Rand, id ids.PhysicianID, open []calendar.Range, now time.Time) {
	p := index.Physician{Open: open, May: anywhere()}
	x.SetPhysician(id, p)
	for range 300 {
		from := open[0].From.Add(time.Duration(r.IntN(276)) * step)
		taken := calendar.Range{From: from, To: from.Add(6 * step)}
		switch r.IntN(8) {
		case 0:
			x.SetPhysician(id, p)
		case 1:
			x.Remove(id)
		case 2:
			x.Reset(id, open, []calendar.Range{taken})
		case 3:
			x.Advance(now)
			x.AddOpen(id, open)
		case 4, 5:
			x.Free(id, taken)
		default:
			x.Take(id, taken)
		}
	}
}
