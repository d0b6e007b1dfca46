package index

import (
	"slices"
	"time"
)

// Nearest lists the n starts closest to a time, closest first and of two
// equally close ones the earlier: what to offer when a time was just lost.
func (x *Index) Nearest(q Query, around time.Time, n int) []Hit {
	if n <= 0 {
		return nil
	}
	var hits []Hit
	x.read(q, func(s *scan) {
		// Whatever lies within a reach is closer than all beyond it, so the
		// first reach that holds enough has the answer.
		for _, reach := range []time.Duration{day, 7 * day, 0} {
			near := *s
			if reach > 0 {
				near.from = max(s.from, s.ceil(around.Add(-reach)))
				near.to = min(s.to, s.ceil(around.Add(reach)))
			}
			if hits = near.find(0); len(hits) >= n {
				break
			}
		}
	})
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return int(a.Start.Sub(around).Abs() - b.Start.Sub(around).Abs())
	})
	return hits[:min(n, len(hits))]
}
