package physicians

import (
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/licensing/nucc"
)

// role is one of the ten places in a region: what somebody practices, when by
// the region's clock, and how far away they live.
type role struct {
	specialties []string
	// Weekdays on which a shift begins; Sunday is 0.
	days []int
	// Hours from midnight of the region's clock; past 24 means the next day.
	from, to int
	// away is how many zones to the west somebody lives whose clock changes
	// with the region's. A fixed zone, with hours of its own clock, is used
	// instead where set.
	away  int
	fixed int
	// neighbor says that they also look after the next region.
	neighbor bool
}

const (
	midnight    = 24
	minutesADay = 24 * 60
	daysAWeek   = 7
)

// roles are chosen so that days, evenings and nights overlap by an hour or
// more on every day of the week: roles 1 to 6 alone leave no gap. People who
// live where the clock stays the same come on top, so that a change of clocks
// opens no gap either.
func roles() []role {
	early, late := []int{0, 1, 2, 3}, []int{3, 4, 5, 6}
	workdays := []int{1, 2, 3, 4, 5}
	family, internal := []string{nucc.FamilyMedicine}, []string{nucc.InternalMedicine}
	return []role{
		{specialties: family, days: workdays, from: 8, to: 17},
		{specialties: internal, days: early, from: 7, to: 16},
		{specialties: family, days: late, from: 7, to: 16, away: -1},
		{specialties: internal, days: early, from: 14, to: 23, away: 1},
		{specialties: family, days: late, from: 14, to: 23},
		{specialties: family, days: early, from: 22, to: 32, away: 3, neighbor: true},
		{specialties: []string{nucc.InternalMedicine, nucc.FamilyMedicine}, days: late, from: 22, to: 32, away: 2, neighbor: true},
		{specialties: []string{nucc.GeneralPractice}, days: []int{0, 1, 4, 5, 6}, from: 15, to: 24, fixed: hawaiian, neighbor: true},
		{specialties: []string{nucc.Psychiatry}, days: workdays, from: 9, to: 18},
		{specialties: []string{nucc.Dermatology}, days: workdays, from: 10, to: 18, fixed: arizonan},
	}
}

// zoneOf is where somebody of this role lives.
func (r role) zoneOf(g region) int {
	if r.fixed != 0 {
		return r.fixed
	}
	return min(max(g.zone+r.away, eastern), alaskan)
}

// weekly turns the shifts into open windows on the clock of where they live,
// split at midnight.
func (r role) weekly(g region) []*schedulingv1.WeeklyWindow {
	shift := 0
	if r.fixed == 0 {
		shift = r.zoneOf(g) - g.zone
	}
	var out []*schedulingv1.WeeklyWindow
	for _, day := range r.days {
		from, to := r.from-shift, r.to-shift
		if from >= midnight {
			day, from, to = day+1, from-midnight, to-midnight
		}
		if from < 0 {
			out = append(out, window(day-1, from+midnight, min(to, 0)+midnight))
			from = 0
		}
		if to > 0 {
			out = append(out, window(day, from, min(to, midnight)))
		}
		if to > midnight {
			out = append(out, window(day+1, 0, to-midnight))
		}
	}
	return out
}

func window(day, fromHour, toHour int) *schedulingv1.WeeklyWindow {
	return &schedulingv1.WeeklyWindow{
		Weekday:    int32((day + daysAWeek) % daysAWeek),
		FromMinute: int32(fromHour * 60), //nolint:gosec // at most a day
		ToMinute:   int32(toHour * 60),   //nolint:gosec // at most a day
	}
}
