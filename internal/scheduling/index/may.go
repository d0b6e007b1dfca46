package index

import "github.com/bedside-health/bedside/internal/scheduling/calendar"

// includes reports whether the date with this ordinal lies in r.
func (r DateRange) includes(date int64) bool {
	from, to := r.ordinals()
	return from <= date && date <= to
}

// ordinals are the bounds as day numbers, far away where there is no bound.
func (r DateRange) ordinals() (from, to int64) {
	const never = 1 << 40
	from, to = -never, never
	if !r.From.IsZero() {
		from = int64(r.From.Ordinal())
	}
	if !r.To.IsZero() {
		to = int64(r.To.Ordinal())
	}
	return from, to
}

// qualify enters a physician in the sets of their specialties, languages and
// states.
func (x *Index) qualify(e *entry) {
	enter(x.specialists, e.specialties, e.slot)
	enter(x.speakers, e.languages, e.slot)
	if x.base == 0 {
		return // Advance enters all dates
	}
	for state, ranges := range e.may {
		dates := x.dates(state)
		for _, r := range ranges {
			from, to := r.ordinals()
			for d := max(from, x.base); d <= min(to, x.base+x.days-1); d++ {
				dates[d%x.days].set(e.slot)
			}
		}
	}
}

// enter puts a slot into the sets of some names.
func enter(sets map[string]bitset, names []string, slot int) {
	for _, name := range names {
		set := sets[name]
		set.set(slot)
		sets[name] = set
	}
}

// disqualify takes a physician out of all sets.
func (x *Index) disqualify(e *entry) {
	for _, s := range e.specialties {
		x.specialists[s].clear(e.slot)
	}
	for _, l := range e.languages {
		x.speakers[l].clear(e.slot)
	}
	for state := range e.may {
		for _, b := range x.may[state] {
			b.clear(e.slot)
		}
	}
}

// qualifyDate fills the sets of a date that came into the ring.
func (x *Index) qualifyDate(date int64) {
	for _, dates := range x.may {
		clear(dates[date%x.days])
	}
	for _, slot := range x.order {
		for state, ranges := range x.entries[slot].may {
			for _, r := range ranges {
				if r.includes(date) {
					x.dates(state)[date%x.days].set(slot)
				}
			}
		}
	}
}

func (x *Index) dates(state string) []bitset {
	dates, ok := x.may[state]
	if !ok {
		dates = make([]bitset, x.days)
		x.may[state] = dates
	}
	return dates
}

// licensed are the slots that may practice in a state on a date.
func (x *Index) licensed(state string, d calendar.Date) bitset {
	date := int64(d.Ordinal())
	dates, ok := x.may[state]
	if !ok || date < x.base || date >= x.base+x.days {
		return nil
	}
	return dates[date%x.days]
}
