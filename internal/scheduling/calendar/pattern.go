package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// minutesPerDay bounds a window's wall time; clocks show no later minute even
// on a day of 25 hours.
const minutesPerDay = 24 * 60

// Range is a half-open stretch of time, From included and To not.
type Range struct{ From, To time.Time }

// Empty reports whether no instant lies in r.
func (r Range) Empty() bool { return !r.From.Before(r.To) }

// Duration is the time that passes in r, however clocks are set meanwhile.
func (r Range) Duration() time.Duration { return r.To.Sub(r.From) }

// Window is open wall time on a day of the week, in minutes from midnight; To
// may be 1440. Work past midnight is two windows.
type Window struct {
	Weekday  time.Weekday
	From, To int
}

// Exception replaces the weekly windows on one date; without windows the date
// is closed. The windows' Weekday is not looked at.
type Exception struct {
	Date    Date
	Windows []Window
}

// Pattern is when a physician works, as told in the zone where they live.
type Pattern struct {
	Zone       *time.Location
	Weekly     []Window
	Exceptions []Exception
}

// Validate says what is wrong with a pattern that somebody typed. Expand
// accepts any pattern: whatever is not valid is closed.
func (p Pattern) Validate() error {
	var faults []error
	if p.Zone == nil {
		faults = append(faults, errors.New("no time zone"))
	}
	for _, w := range p.Weekly {
		if w.Weekday < time.Sunday || w.Weekday > time.Saturday {
			faults = append(faults, fmt.Errorf("weekday %d does not exist", w.Weekday))
		}
	}
	faults = append(faults, overlaps("weekly pattern", p.Weekly, true)...)
	seen := make(map[Date]bool, len(p.Exceptions))
	for _, e := range p.Exceptions {
		if seen[e.Date] {
			faults = append(faults, fmt.Errorf("two exceptions on %s", e.Date))
		}
		seen[e.Date] = true
		faults = append(faults, overlaps(e.Date.String(), e.Windows, false)...)
	}
	return errors.Join(faults...)
}

// overlaps lists windows that are empty, leave the day or share time.
func overlaps(where string, windows []Window, weekly bool) []error {
	var faults []error
	for i, w := range windows {
		if !w.valid() {
			faults = append(faults, fmt.Errorf("%s: window from minute %d to %d is not within a day", where, w.From, w.To))
		}
		for _, v := range windows[:i] {
			if (!weekly || v.Weekday == w.Weekday) && v.From < w.To && w.From < v.To {
				faults = append(faults, fmt.Errorf("%s: windows overlap at minute %d", where, max(v.From, w.From)))
			}
		}
	}
	return faults
}

func (w Window) valid() bool { return 0 <= w.From && w.From < w.To && w.To <= minutesPerDay }

// Expand lists the open instants within [from, to) as sorted UTC ranges that
// neither overlap nor touch. The package comment states the rule.
func (p Pattern) Expand(from, to time.Time) []Range {
	if p.Zone == nil {
		return nil
	}
	exceptions := make(map[Date][]Window, len(p.Exceptions))
	for _, e := range p.Exceptions {
		exceptions[e.Date] = e.Windows
	}
	var open []Range
	for s := range stretches(p.Zone, from, to) {
		// Wall time, written as if it were UTC, runs on evenly in a stretch.
		wall := Range{From: s.From.Add(s.offset), To: s.To.Add(s.offset)}
		for d := DateOf(wall.From, time.UTC); d.midnight().Before(wall.To); d = d.AddDays(1) {
			for _, w := range p.windows(d, exceptions) {
				r := clip(w.on(d), wall)
				if !r.Empty() {
					open = append(open, Range{From: r.From.Add(-s.offset), To: r.To.Add(-s.offset)})
				}
			}
		}
	}
	return merge(open)
}

// windows are the valid windows of one date.
func (p Pattern) windows(d Date, exceptions map[Date][]Window) []Window {
	windows, replaced := exceptions[d]
	if !replaced {
		windows = p.Weekly
	}
	weekday := d.Weekday()
	var found []Window
	for _, w := range windows {
		if w.valid() && (replaced || w.Weekday == weekday) {
			found = append(found, w)
		}
	}
	return found
}

// on is the window's wall time on d, written as if it were UTC.
func (w Window) on(d Date) Range {
	midnight := d.midnight()
	return Range{
		From: midnight.Add(time.Duration(w.From) * time.Minute),
		To:   midnight.Add(time.Duration(w.To) * time.Minute),
	}
}

func clip(r, to Range) Range {
	if r.From.Before(to.From) {
		r.From = to.From
	}
	if r.To.After(to.To) {
		r.To = to.To
	}
	return r
}

// merge sorts ranges and joins those that overlap or touch.
func merge(ranges []Range) []Range {
	slices.SortFunc(ranges, func(a, b Range) int { return a.From.Compare(b.From) })
	merged := ranges[:0]
	for _, r := range ranges {
		last := len(merged) - 1
		if last < 0 || r.From.After(merged[last].To) {
			merged = append(merged, r)
			continue
		}
		if r.To.After(merged[last].To) {
			merged[last].To = r.To
		}
	}
	return merged
}
