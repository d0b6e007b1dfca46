package roster

import (
	"slices"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
)

// correctCoverage puts right what a coverage on file says (026): unlike a
// change, it may also begin later, and another plan takes the place of the
// wrong one from the first day.
func correctCoverage(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, e *effect) {
	h := wrongOne(have, c)
	if h == nil {
		e.say(kindReject, "coverage_not_on_file", c)
		return
	}
	was, plan := h.EnrollmentCoverage, c.Plan
	if plan == "" {
		plan = h.Plan
	}
	s := span{*orDay(firstDay(c.Starts, m.Effective, m.Starts), h.Starts), h.Ends}
	if ends := firstDay(c.Ends, m.Ends); ends != nil {
		s.ends = closing(ends)
	}
	if s.ends != nil && s.ends.Before(s.starts) {
		void(h)
		e.ended++
		e.note("voided", h, &was)
		return
	}
	if slices.ContainsFunc(have, func(o *coverage) bool { return o != h && o.Line == h.Line && o.Plan == plan && o.overlaps(s) }) {
		e.say(kindReject, "coverage_overlaps", c)
		return
	}
	h.Plan, h.Starts, h.Ends = plan, s.starts, s.ends
	fill(h, c)
	if touch(h, was) {
		e.changed++
		e.note("corrected", h, &was)
	}
}

// wrongOne is the coverage that a correction is about: of the kind and plan
// named the one that begins on the day named, else the last; else the only one
// of the kind, whose plan was wrong.
func wrongOne(have []*coverage, c *db.EnrollmentStagedCoverage) *coverage {
	about := named(have, c)
	if len(about) == 0 {
		anyPlan := *c
		anyPlan.Plan = ""
		if about = named(have, &anyPlan); len(about) != 1 {
			return nil
		}
	}
	for _, h := range about {
		if c.Starts != nil && h.Starts.Equal(*c.Starts) {
			return h
		}
	}
	return latest(about)
}

// voidAll takes all coverages of a member back as if they had never been, for a
// record of deletion (002) that names none.
func voidAll(have []*coverage, e *effect) {
	before := e.ended
	for _, h := range have {
		if h.Voided {
			continue
		}
		was := h.EnrollmentCoverage
		void(h)
		e.ended++
		e.note("voided", h, &was)
	}
	if e.ended == before {
		e.say(kindWarning, "nothing_to_delete", nil)
	}
}
