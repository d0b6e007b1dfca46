package roster

import (
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
)

// endCoverages ends coverages with a last covered day; what begins after it is
// void, for it never will be.
func endCoverages(about []*coverage, day *time.Time, c *db.EnrollmentStagedCoverage, e *effect) {
	day = closing(day)
	switch {
	case day == nil:
		e.say(kindReject, "no_date", c)
		return
	case len(about) == 0:
		e.say(kindReject, "coverage_not_on_file", c)
		return
	}
	before, exact := e.ended, false
	for _, h := range about {
		if h.after(*day) {
			end(h, *day, e)
		}
		exact = exact || (h.Ends != nil && h.Ends.Equal(*day))
	}
	if e.ended == before && !exact {
		e.say(kindWarning, "already_ended", c)
	}
}

// end ends one coverage; an end before its start voids it.
func end(h *coverage, day time.Time, e *effect) {
	was := h.EnrollmentCoverage
	if day.Before(h.Starts) {
		h.Voided = true
	} else {
		h.Ends = &day
	}
	if !touch(h, was) {
		return
	}
	e.ended++
	if h.Voided {
		e.note("voided", h, &was)
		return
	}
	e.note("ended", h, &was)
}

// voidCoverages takes coverages back as if they had never been (002). A start
// date picks one of them.
func voidCoverages(about []*coverage, c *db.EnrollmentStagedCoverage, e *effect) {
	found := false
	for _, h := range about {
		if c.Starts != nil && !h.Starts.Equal(*c.Starts) {
			continue
		}
		found = true
		void(h)
		e.ended++
		e.note("voided", h, &h.EnrollmentCoverage)
	}
	if !found {
		e.say(kindReject, "coverage_not_on_file", c)
	}
}

// changeCoverage takes a new plan, level, group or date for a coverage that is
// on file.
func changeCoverage(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, e *effect) []*coverage {
	starts, ends := firstDay(c.Starts, m.Effective, m.Starts), firstDay(c.Ends, m.Ends)
	about := named(have, c)
	if len(about) == 0 && c.Plan != "" && starts != nil {
		return changePlan(have, m, c, span{*starts, closing(ends)}, e)
	}
	h := latest(about)
	if h == nil {
		e.say(kindReject, "coverage_not_on_file", c)
		return have
	}
	was := h.EnrollmentCoverage
	fill(h, c)
	if starts != nil && starts.Before(h.Starts) && !crowded(have, h, span{*starts, h.Ends}) {
		h.Starts = *starts
	}
	if ends != nil {
		if e2 := closing(ends); e2 != nil && e2.Before(h.Starts) {
			h.Voided = true
		} else if !crowded(have, h, span{h.Starts, e2}) {
			h.Ends = e2
		}
	}
	if !touch(h, was) {
		return have
	}
	if h.Voided || (h.Ends != nil && was.Ends == nil) {
		e.ended++
		e.note("ended", h, &was)
		return have
	}
	e.changed++
	e.note("changed", h, &was)
	return have
}

// changePlan moves somebody from the one plan of a kind that is in force to
// another.
func changePlan(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, s span, e *effect) []*coverage {
	day := s.starts.AddDate(0, 0, -1)
	var from []*coverage
	for _, h := range have {
		if h.Line == c.Line && h.after(day) {
			from = append(from, h)
		}
	}
	if len(from) != 1 {
		e.say(kindReject, "coverage_not_on_file", c)
		return have
	}
	old := from[0]
	if s.ends == nil {
		s.ends = old.Ends
	}
	if s.ends != nil && s.ends.Before(s.starts) {
		e.say(kindWarning, "never_covered", c)
		return have
	}
	if c.Level == "" {
		c.Level = old.Level
	}
	end(old, day, e)
	return append(have, newCoverage(m, c, s, e))
}

// reinstateCoverage opens a coverage that has ended: without a gap the old span
// goes on, with one a new span begins.
func reinstateCoverage(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, e *effect) []*coverage {
	h := latest(named(have, c))
	if h == nil {
		e.say(kindReject, "coverage_not_on_file", c)
		return have
	}
	if c.Plan == "" {
		c.Plan = h.Plan
	}
	return reopen(have, h, m, c, span{*orDay(firstDay(c.Starts, m.Effective, m.Starts), h.Starts), closing(c.Ends)}, e)
}

func orDay(d *time.Time, or time.Time) *time.Time {
	if d == nil {
		return &or
	}
	return d
}

func reopen(have []*coverage, h *coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, s span, e *effect) []*coverage {
	if h.Ends == nil {
		e.say(kindWarning, "not_ended", c)
		return have
	}
	if s.ends != nil && (s.ends.Before(s.starts) || s.ends.Before(h.Starts)) {
		e.say(kindWarning, "never_covered", c)
		return have
	}
	if s.starts.After(h.Ends.AddDate(0, 0, 1)) {
		return append(have, newCoverage(m, c, s, e))
	}
	was := h.EnrollmentCoverage
	h.Ends = s.ends
	fill(h, c)
	if touch(h, was) {
		e.changed++
		e.note("reinstated", h, &was)
	}
	return have
}

// reinstateAll opens what the last termination ended, for a record that names
// no coverage.
func reinstateAll(have []*coverage, m *db.EnrollmentStagedMember, e *effect) []*coverage {
	var last *time.Time
	for _, h := range have {
		if !h.Voided && h.Ends != nil && (last == nil || h.Ends.After(*last)) {
			last = h.Ends
		}
	}
	if last == nil {
		e.say(kindWarning, "not_ended", nil)
		return have
	}
	for _, h := range slices.Clone(have) {
		if h.Voided || h.Ends == nil || !h.Ends.Equal(*last) || inForce(have, h) {
			continue
		}
		c := &db.EnrollmentStagedCoverage{Line: h.Line, Plan: h.Plan, Level: h.Level, GroupNo: h.GroupNo}
		have = reopen(have, h, m, c, span{starts: *orDay(firstDay(m.Effective, m.Starts), h.Starts)}, e)
	}
	return have
}

// inForce says whether another coverage of the same kind goes on beyond h.
func inForce(have []*coverage, h *coverage) bool {
	return slices.ContainsFunc(have, func(o *coverage) bool { return o != h && o.Line == h.Line && o.after(*h.Ends) })
}

// latest returns the coverage that begins last.
func latest(about []*coverage) *coverage {
	var l *coverage
	for _, h := range about {
		if l == nil || h.Starts.After(l.Starts) {
			l = h
		}
	}
	return l
}

// crowded says whether a span for h would overlap another coverage of the same
// plan.
func crowded(have []*coverage, h *coverage, s span) bool {
	return slices.ContainsFunc(have, func(o *coverage) bool {
		return o != h && o.Line == h.Line && o.Plan == h.Plan && o.overlaps(s)
	})
}
