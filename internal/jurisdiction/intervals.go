package jurisdiction

import "slices"

// Intervals lists the dates on which the physician may treat in the state by
// live video with written consent, from wherever the facts say that they sit:
// in order, apart from each other, both ends included. It agrees with Decide on
// every day. The rules must be that state's; any others give none.
func Intervals(facts Facts, rules Rules, state string) []DateRange {
	if rules.State == "" || rules.State != state || len(rules.Zones) == 0 {
		return nil
	}
	ask := Ask{Act: Treat, PatientState: state, Modality: Video, WrittenConsent: true}
	edges := changeDays(facts, rules)
	var out []DateRange
	for i := 0; i+1 < len(edges); i++ {
		from, to := edges[i], edges[i+1]-1
		if judge(facts, rules, ask, from).reason != ReasonOK {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To == from-1 {
			out[n-1].To = to
		} else {
			out = append(out, DateRange{From: from, To: to})
		}
	}
	return out
}

// changeDays are the days on which the answer may change, in order. Before the
// first and from the last on no license is valid.
func changeDays(facts Facts, rules Rules) []Date {
	var first, last Date
	var days []Date
	for _, l := range facts.Licenses {
		if l.ValidFrom == 0 || l.ValidTo < l.ValidFrom {
			continue
		}
		days = append(days, l.ValidFrom, l.ValidTo+1)
		if l.State != rules.State {
			continue
		}
		if first == 0 || l.ValidFrom < first {
			first = l.ValidFrom
		}
		last = max(last, l.ValidTo+1)
	}
	for _, t := range []Topic{TopicIMLC, TopicOutOfState} {
		for _, e := range rules.Topics[t] {
			if e.EffectiveFrom != 0 {
				days = append(days, e.EffectiveFrom)
			}
			if e.EffectiveTo != 0 {
				days = append(days, e.EffectiveTo+1)
			}
		}
	}
	days = slices.DeleteFunc(days, func(d Date) bool { return d < first || d > last })
	slices.Sort(days)
	return slices.Compact(days)
}
