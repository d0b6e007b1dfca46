package roster

import (
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/ids"
)

// coverage is a coverage of a member while a record is applied to it.
type coverage struct {
	db.EnrollmentCoverage
	isNew, dirty bool
}

// active says whether the coverage is in force on some day after d.
func (c *coverage) after(d time.Time) bool { return !c.Voided && (c.Ends == nil || c.Ends.After(d)) }

// span is a range of days; a nil end is open.
type span struct {
	starts time.Time
	ends   *time.Time
}

// overlaps says whether a coverage shares a day with a span.
func (c *coverage) overlaps(s span) bool {
	return !c.Voided && (c.Ends == nil || !c.Ends.Before(s.starts)) && (s.ends == nil || !s.ends.Before(c.Starts))
}

// effect is what one record did to one member.
type effect struct {
	added, changed, ended int64
	// notes are the names of what changed, before what they were, for the
	// version row.
	notes  []string
	before map[string]any
	said   []remark
}

// remark is a finding about a coverage: its reason, and whether it was left as
// it is.
type remark struct {
	kind, reason string
	coverage     *db.EnrollmentStagedCoverage
}

func (e *effect) say(kind, reason string, c *db.EnrollmentStagedCoverage) {
	e.said = append(e.said, remark{kind, reason, c})
}

// note says what happened to a coverage; was is what it was before, if it was.
func (e *effect) note(what string, c *coverage, was *db.EnrollmentCoverage) {
	e.notes = append(e.notes, "coverage."+what+":"+c.Line+":"+c.Plan)
	if was == nil {
		return
	}
	if e.before == nil {
		e.before = map[string]any{}
	}
	ends := ""
	if was.Ends != nil {
		ends = was.Ends.Format(time.DateOnly)
	}
	e.before["coverage."+c.CoverageID.String()] = map[string]string{
		"plan": was.Plan, "level": was.Level, "group_no": was.GroupNo, "starts": was.Starts.Format(time.DateOnly), "ends": ends,
	}
}

// applyCoverage does what one HD says to the coverages of a member, and
// returns them. It decides by HD01 alone: INS03 may say something else.
func applyCoverage(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, e *effect) []*coverage {
	switch c.Code {
	case codeAdd, codeAudit:
		return addCoverage(have, m, c, e)
	case codeChange:
		return changeCoverage(have, m, c, e)
	case codeEnd:
		endCoverages(named(have, c), firstDay(c.Ends, m.Effective, m.Ends), c, e)
	case codeReinstate:
		return reinstateCoverage(have, m, c, e)
	case codeDelete:
		voidCoverages(named(have, c), c, e)
	case codeCorrection:
		correctCoverage(have, m, c, e)
	case codeNoEffect:
	default:
		e.say(kindReject, "coverage_not_supported", c)
	}
	return have
}

// named returns the coverages that an HD is about: its kind, and its plan if it
// names one.
func named(have []*coverage, c *db.EnrollmentStagedCoverage) []*coverage {
	var out []*coverage
	for _, h := range have {
		if !h.Voided && h.Line == c.Line && (c.Plan == "" || h.Plan == c.Plan) {
			out = append(out, h)
		}
	}
	return out
}

func firstDay(days ...*time.Time) *time.Time {
	for _, d := range days {
		if d != nil {
			return d
		}
	}
	return nil
}

// closing turns the sender's way of writing "open" into an open end.
func closing(d *time.Time) *time.Time {
	if d != nil && d.Equal(forever()) {
		return nil
	}
	return d
}

// addCoverage adds a span, or stretches what is there. A plan that the record
// does not name is a plan of its own.
func addCoverage(have []*coverage, m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, e *effect) []*coverage {
	starts := firstDay(c.Starts, m.Effective, m.Starts)
	if starts == nil {
		e.say(kindReject, "no_date", c)
		return have
	}
	s := span{*starts, closing(firstDay(c.Ends, m.Ends))}
	if s.ends != nil && s.ends.Before(s.starts) {
		return neverCovered(have, s, c, e)
	}
	var touched []*coverage
	for _, h := range have {
		if h.Line == c.Line && h.Plan == c.Plan && h.overlaps(s) {
			touched = append(touched, h)
		}
	}
	if len(touched) == 0 {
		return append(have, newCoverage(m, c, s, e))
	}
	stretch(touched, s, c, e)
	return have
}

// neverCovered takes an addition that ends before it begins: it voids the
// coverage that began on that day, if there is one.
func neverCovered(have []*coverage, s span, c *db.EnrollmentStagedCoverage, e *effect) []*coverage {
	for _, h := range have {
		if !h.Voided && h.Line == c.Line && h.Plan == c.Plan && h.Starts.Equal(s.starts) {
			end(h, *s.ends, e)
			return have
		}
	}
	e.say(kindWarning, "never_covered", c)
	return have
}

func newCoverage(m *db.EnrollmentStagedMember, c *db.EnrollmentStagedCoverage, s span, e *effect) *coverage {
	n := &coverage{isNew: true, EnrollmentCoverage: db.EnrollmentCoverage{
		CoverageID: ids.NewUUID(), MemberID: *m.MemberID, Line: c.Line, Plan: c.Plan, Level: c.Level, GroupNo: c.GroupNo,
		Starts: s.starts, Ends: s.ends, Version: 1,
	}}
	e.added++
	e.note("added", n, nil)
	return n
}

// stretch lets spans that overlap a new one become one span with it. One that
// begins on the same day takes the new end, earlier or later: the newest word
// counts.
func stretch(touched []*coverage, s span, c *db.EnrollmentStagedCoverage, e *effect) {
	slices.SortFunc(touched, func(a, b *coverage) int { return a.Starts.Compare(b.Starts) })
	base := touched[0]
	was := base.EnrollmentCoverage
	if base.Starts.Equal(s.starts) && len(touched) == 1 {
		base.Ends = s.ends
	} else {
		if s.starts.Before(base.Starts) {
			base.Starts = s.starts
		}
		base.Ends = later(base.Ends, s.ends)
		for _, other := range touched[1:] {
			base.Ends = later(base.Ends, other.Ends)
			void(other)
			e.note("merged", other, &other.EnrollmentCoverage)
		}
	}
	fill(base, c)
	switch {
	case touch(base, was):
		e.changed++
		e.note("changed", base, &was)
	case len(touched) == 1 && !base.Starts.Equal(s.starts):
		e.say(kindWarning, "already_covered", c)
	}
}

// later returns the later of two ends; an open one is the latest.
func later(a, b *time.Time) *time.Time {
	if a == nil || b == nil {
		return nil
	}
	if b.After(*a) {
		return b
	}
	return a
}

// fill takes the level and the group that an HD names.
func fill(h *coverage, c *db.EnrollmentStagedCoverage) {
	if c.Level != "" {
		h.Level = c.Level
	}
	if c.GroupNo != "" {
		h.GroupNo = c.GroupNo
	}
}

// touch counts a version if the coverage is not as it was.
func touch(h *coverage, was db.EnrollmentCoverage) bool {
	if h.Plan == was.Plan && h.Level == was.Level && h.GroupNo == was.GroupNo && h.Voided == was.Voided &&
		h.Starts.Equal(was.Starts) && sameEnd(h.Ends, was.Ends) {
		return false
	}
	if !h.isNew && !h.dirty {
		h.Version++
	}
	h.dirty = true
	return true
}

func sameEnd(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

func void(h *coverage) {
	was := h.EnrollmentCoverage
	h.Voided = true
	touch(h, was)
}
