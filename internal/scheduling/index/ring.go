package index

import (
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

const (
	// DefaultStep divides every duration and buffer in use, and every offset
	// of a time zone from UTC that is in force today.
	DefaultStep = 5 * time.Minute
	// DefaultHorizon is how many days ahead can be booked.
	DefaultHorizon = 60

	day = 24 * time.Hour
	// slackDays are: yesterday, which buffers reach back into; two that the
	// last local day and the last visit spill into; and the guard.
	slackDays = 4
)

// ring maps absolute steps since 1970 to words of a circular run of bits. The
// number of words divides evenly into days, so the word of an absolute step is
// a plain remainder.
type ring struct {
	step   time.Duration
	ahead  time.Duration // how far visits are offered
	perDay int64         // steps a day
	days   int64         // pages
	words  int           // days*perDay/64
	base   int64         // day number of the first page; 0 before the first Advance
}

func newRing(horizon int, step time.Duration) ring {
	if horizon <= 0 {
		horizon = DefaultHorizon
	}
	if step < time.Minute || time.Hour%step != 0 {
		step = DefaultStep
	}
	r := ring{step: step, perDay: int64(day / step), days: int64(horizon + slackDays), ahead: time.Duration(horizon) * day}
	for r.days*r.perDay%wordBits != 0 {
		r.days++
	}
	r.words = int(r.days * r.perDay / wordBits)
	return r
}

// first and end bound the steps in use. The page after end is the guard: it is
// always closed and never taken, so that no run of bits is followed around the
// end of the ring into yesterday.
func (r *ring) first() int64 { return r.base * r.perDay }

func (r *ring) end() int64 {
	if r.base == 0 {
		return 0
	}
	return (r.base + r.days - 1) * r.perDay
}

// covered is the time that the ring has pages for.
func (r *ring) covered() calendar.Range {
	return calendar.Range{From: r.time(r.first()), To: r.time(r.end())}
}

func (r *ring) time(step int64) time.Time {
	return time.Unix(step*int64(r.step/time.Second), 0).UTC()
}

// floor is the step that t lies in, ceil the first that begins at t or later.
func (r *ring) floor(t time.Time) int64 {
	return floorDiv(t.Unix(), int64(r.step/time.Second))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (r *ring) ceil(t time.Time) int64 {
	n := r.floor(t)
	if r.time(n).Before(t) {
		n++
	}
	return n
}

// steps rounds minutes up to whole steps.
func (r *ring) steps(minutes int) int {
	return int((time.Duration(minutes)*time.Minute + r.step - 1) / r.step)
}

// at is where an absolute word lies in the ring.
func (r *ring) at(word int64) int { return int(uint64(word) % uint64(r.words)) } //nolint:gosec // words are positive and few

// clip bounds [from, to) by the steps in use.
func (r *ring) clip(from, to int64) (int64, int64) {
	return max(from, r.first()), min(to, r.end())
}

// put sets or clears the steps [from, to), which are in use.
func (r *ring) put(words []uint64, from, to int64, on bool) {
	if from >= to {
		return
	}
	for w := from / wordBits; w <= (to-1)/wordBits; w++ {
		if m := maskOf(w, from, to); on {
			words[r.at(w)] |= m
		} else {
			words[r.at(w)] &^= m
		}
	}
}

// maskOf has the bits of absolute word w that lie in [from, to).
func maskOf(w, from, to int64) uint64 {
	m := ^uint64(0)
	if low := from - w*wordBits; low > 0 {
		m &= ^uint64(0) << low
	}
	if high := (w+1)*wordBits - to; high > 0 {
		m &= ^uint64(0) >> high
	}
	return m
}

// copyOut reads len(into) words from absolute word w on.
func (r *ring) copyOut(into, words []uint64, w int64) {
	for n := 0; n < len(into); {
		n += copy(into[n:], words[r.at(w+int64(n)):])
	}
}
