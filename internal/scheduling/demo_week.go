package scheduling

import (
	"maps"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/google/uuid"
)

// demoPerson is an invented physician who needs a calendar.
type demoPerson struct {
	id      uuid.UUID
	zone    *time.Location
	states  []string // where they may practice
	general bool     // whether they offer general visits
}

// The grid of a day on which shifts are laid out.
const (
	halfHours  = 48
	shiftHalfs = 20 // ten hours
	fillHalfs  = 4  // two hours, where a state would have nobody
)

// shift is a day of one physician in half hours of wall time.
type shift [halfHours]bool

// planDemo lays out a day for each physician, the same every day, so that each
// state has somebody at every half hour of the day, summer and winter: first a
// shift each where it helps most, then more hours where a state would have
// nobody. It is the same for the same people.
func planDemo(people []demoPerson) map[uuid.UUID][]calendar.Window {
	shifts := make([]shift, len(people))
	covered := newCoverage(people)
	for i, p := range people {
		start := 16 // eight in the morning, for whoever offers no general visits
		if p.general {
			start = covered.bestStart(p)
		}
		for h := range shiftHalfs {
			shifts[i][(start+h)%halfHours] = true
		}
		covered.add(p, shifts[i])
	}
	for _, state := range slices.Sorted(maps.Keys(covered.generals)) {
		who := covered.generals[state]
		for {
			season, half, open := covered.hole(state)
			if !open {
				break
			}
			i := leastBusy(who, shifts)
			at := wallHalf(people[i].zone, season, half)
			for h := range fillHalfs {
				shifts[i][(at+h)%halfHours] = true
			}
			covered.add(people[i], shifts[i])
		}
	}
	out := make(map[uuid.UUID][]calendar.Window, len(people))
	for i, p := range people {
		out[p.id] = shifts[i].windows()
	}
	return out
}

// seasons are days on which clocks stand on winter and on summer time.
func seasons() [2]time.Time {
	return [2]time.Time{time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC)}
}

// wallHalf is what the wall shows in a zone at a half hour of the UTC day.
func wallHalf(zone *time.Location, season, half int) int {
	t := seasons()[season].Add(time.Duration(half) * 30 * time.Minute).In(zone)
	return t.Hour()*2 + t.Minute()/30
}

// coverage says which half hours of the UTC day a state has somebody for
// general visits, in each season.
type coverage struct {
	at       map[string]*[2]shift
	generals map[string][]int // who offers them there, by place in the list
}

func newCoverage(people []demoPerson) *coverage {
	c := &coverage{at: map[string]*[2]shift{}, generals: map[string][]int{}}
	for i, p := range people {
		for _, state := range p.states {
			if c.at[state] == nil {
				c.at[state] = new([2]shift)
			}
			if p.general {
				c.generals[state] = append(c.generals[state], i)
			}
		}
	}
	return c
}

func (c *coverage) add(p demoPerson, s shift) {
	if !p.general {
		return
	}
	for season := range seasons() {
		for half := range halfHours {
			if !s[wallHalf(p.zone, season, half)] {
				continue
			}
			for _, state := range p.states {
				c.at[state][season][half] = true
			}
		}
	}
}

// bestStart is the start of a shift that covers most of what nobody covers
// yet; the usual morning if none helps more.
func (c *coverage) bestStart(p demoPerson) int {
	best, most := 16, -1
	for _, start := range []int{16, 12, 20, 24, 28, 32, 36, 40, 44, 0, 4, 8} {
		if n := c.gain(p, start); n > most {
			best, most = start, n
		}
	}
	return best
}

func (c *coverage) gain(p demoPerson, start int) int {
	n := 0
	for season := range seasons() {
		for half := range halfHours {
			if (wallHalf(p.zone, season, half)-start+halfHours)%halfHours >= shiftHalfs {
				continue
			}
			for _, state := range p.states {
				if !c.at[state][season][half] {
					n++
				}
			}
		}
	}
	return n
}

// hole is the first half hour at which a state has nobody.
func (c *coverage) hole(state string) (season, half int, open bool) {
	for season := range seasons() {
		for half := range halfHours {
			if !c.at[state][season][half] {
				return season, half, true
			}
		}
	}
	return 0, 0, false
}

func leastBusy(who []int, shifts []shift) int {
	best, least := who[0], halfHours+1
	for _, i := range who {
		if n := shifts[i].length(); n < least {
			best, least = i, n
		}
	}
	return best
}

func (s shift) length() int {
	n := 0
	for _, on := range s {
		if on {
			n++
		}
	}
	return n
}

// windows are the shift as wall time; one past midnight is two.
func (s shift) windows() []calendar.Window {
	var out []calendar.Window
	for half, on := range s {
		if !on {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To == half*30 {
			out[n-1].To += 30
		} else {
			out = append(out, calendar.Window{From: half * 30, To: half*30 + 30})
		}
	}
	return out
}
