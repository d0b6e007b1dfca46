package web

import (
	"slices"
	"strings"
)

// stateZones lists the states and DC with the time zones that people there
// live by, the commonest first. Zones that keep the same time are one.
const stateZones = `
AK America/Anchorage America/Adak
AL America/Chicago
AR America/Chicago
AZ America/Phoenix America/Shiprock
CA America/Los_Angeles
CO America/Denver
CT America/New_York
DC America/New_York
DE America/New_York
FL America/New_York America/Chicago
GA America/New_York
HI Pacific/Honolulu
IA America/Chicago
ID America/Denver America/Los_Angeles
IL America/Chicago
IN America/New_York America/Chicago
KS America/Chicago America/Denver
KY America/New_York America/Chicago
LA America/Chicago
MA America/New_York
MD America/New_York
ME America/New_York
MI America/New_York America/Chicago
MN America/Chicago
MO America/Chicago
MS America/Chicago
MT America/Denver
NC America/New_York
ND America/Chicago America/Denver
NE America/Chicago America/Denver
NH America/New_York
NJ America/New_York
NM America/Denver
NV America/Los_Angeles
NY America/New_York
OH America/New_York
OK America/Chicago
OR America/Los_Angeles
PA America/New_York
RI America/New_York
SC America/New_York
SD America/Chicago America/Denver
TN America/Chicago America/New_York
TX America/Chicago America/Denver
UT America/Denver
VA America/New_York
VT America/New_York
WA America/Los_Angeles
WI America/Chicago
WV America/New_York
WY America/Denver
`

// zonesOf lists the zones of a state; nil for what is no state.
func zonesOf(state string) []string {
	for line := range strings.Lines(stateZones) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == state {
			return words[1:]
		}
	}
	return nil
}

// states lists the codes of all states and DC.
func states() []string {
	var out []string
	for line := range strings.Lines(stateZones) {
		if words := strings.Fields(line); len(words) > 1 {
			out = append(out, words[0])
		}
	}
	return out
}

// zoneFor is the zone in which times are shown to somebody who will be in a
// state: the browser's own if people there live by it, else the commonest.
func zoneFor(state, browser string) string {
	zones := zonesOf(state)
	if slices.Contains(zones, browser) || len(zones) == 0 {
		return browser
	}
	return zones[0]
}
