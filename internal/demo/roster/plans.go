package roster

import "time"

// employer is an invented sponsor with the plans that it offers.
type employer struct {
	name, id, policy string
	// groups are group numbers (REF*1L).
	groups []string
	// health are the health plans with how many households in a hundred take
	// them; those that are left take none.
	health      []offer
	dental, eye string
}

type offer struct {
	line, plan string
	share      int
}

func employers() [2]employer {
	return [2]employer{
		{
			name: "HOLLOWBROOK LANTERN WORKS", id: "999000411", policy: "HLW-2026", groups: []string{"HLW-100", "HLW-200", "HLW-900"},
			health: []offer{
				{"HMO", "LARKSPUR HMO 20", 34}, {"PPO", "LARKSPUR PPO 500", 30},
				{"EPO", "LARKSPUR EPO", 16}, {"HLT", "LARKSPUR BASIC", 15},
			},
			dental: "LARKSPUR DENTAL PLUS", eye: "LARKSPUR VISION",
		},
		{
			name: "TERN AND THISTLE ORCHARDS", id: "999000422", policy: "TTO-2026", groups: []string{"TTO-1", "TTO-2"},
			health: []offer{
				{"HMO", "LARKSPUR HMO 40", 44}, {"PPO", "LARKSPUR PPO 1500", 22},
				{"EPO", "LARKSPUR EPO", 10}, {"HLT", "LARKSPUR CATASTROPHIC", 20},
			},
			dental: "LARKSPUR DENTAL", eye: "LARKSPUR VISION",
		},
	}
}

// coverage is one HD.
type coverage struct {
	line, plan   string
	starts, ends time.Time
}

// coverageStart is the day from which almost everybody is covered, and from
// which ages are counted.
func coverageStart() time.Time { return date(2026, 1, 1) }

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

func day(t time.Time) string { return t.Format("20060102") }

// coverages chooses what a household has: mostly one health plan, often dental
// and vision, sometimes these alone.
func (v *inventor) coverages(e employer, f fault) []coverage {
	out := make([]coverage, 0, 3)
	n := v.IntN(100)
	for _, o := range e.health {
		if n -= o.share; n < 0 {
			out = append(out, coverage{line: o.line, plan: o.plan})
			break
		}
	}
	if len(out) == 0 || v.chance(55) {
		out = append(out, coverage{line: "DEN", plan: e.dental})
	}
	if v.chance(35) {
		out = append(out, coverage{line: "VIS", plan: e.eye})
	}
	starts, ends := v.span()
	if f == beyond2100 {
		starts, ends = date(2106, 1, 1), time.Time{}
	}
	for i := range out {
		out[i].starts, out[i].ends = starts, ends
	}
	return out
}

// span says from when to when a household is covered: with few exceptions from
// the beginning of 2026 with no end, which some write as an end in 9999.
func (v *inventor) span() (starts, ends time.Time) {
	switch n := v.IntN(100); {
	case n < 2:
		return coverageStart(), date(2026, 3+v.IntN(3), 30)
	case n < 4:
		return date(2027, 1, 1), time.Time{}
	case n < 7:
		return coverageStart(), date(9999, 12, 31)
	}
	return coverageStart(), time.Time{}
}
