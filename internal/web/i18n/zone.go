package i18n

import (
	"strings"
	"sync"
	"time"
)

// zoneKey gives the zones of the 50 states and DC the names that people use.
func zoneKey(zone string) (Key, bool) {
	switch zone {
	case "America/New_York", "America/Detroit", "America/Kentucky/Louisville", "America/Kentucky/Monticello":
		return "zone.eastern", true
	case "America/Chicago", "America/Menominee":
		return "zone.central", true
	case "America/Denver", "America/Boise":
		return "zone.mountain", true
	case "America/Shiprock":
		return "zone.navajo", true
	case "America/Phoenix":
		return "zone.arizona", true
	case "America/Los_Angeles":
		return "zone.pacific", true
	case "America/Anchorage", "America/Juneau", "America/Nome", "America/Yakutat":
		return "zone.alaska", true
	case "America/Adak":
		return "zone.aleutian", true
	case "Pacific/Honolulu":
		return "zone.hawaii", true
	}
	return "", false
}

// Zones lists the zones that a person may choose from, east to west.
func Zones() []string {
	return []string{
		"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Shiprock",
		"America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu",
	}
}

// chosen are the zones that a person may choose, read once: every page with a
// time on it needs one.
var chosen = sync.OnceValue(func() map[string]*time.Location {
	out := map[string]*time.Location{}
	for _, name := range Zones() {
		if loc, err := time.LoadLocation(name); err == nil {
			out[name] = loc
		}
	}
	return out
})

// Location finds an IANA zone.
func Location(zone string) (*time.Location, error) {
	if loc := chosen()[zone]; loc != nil {
		return loc, nil
	}
	return time.LoadLocation(zone)
}

// Zone names an IANA zone: "Eastern time", "hora del este". At t it adds the
// letters in force then: "Eastern time (EST)".
func (l Locale) Zone(zone string, t time.Time) string {
	name := l.ZoneName(zone)
	loc, err := Location(zone)
	if err != nil {
		return name
	}
	letters, _ := t.In(loc).Zone()
	return name + " (" + letters + ")"
}

// ZoneName names an IANA zone without the letters.
func (l Locale) ZoneName(zone string) string {
	if key, ok := zoneKey(zone); ok {
		return l.T(key)
	}
	switch {
	case strings.HasPrefix(zone, "America/Indiana/Knox"), strings.HasPrefix(zone, "America/Indiana/Tell"),
		strings.HasPrefix(zone, "America/North_Dakota/"):
		return l.T("zone.central")
	case strings.HasPrefix(zone, "America/Indiana/"):
		return l.T("zone.eastern")
	}
	city := zone[strings.LastIndex(zone, "/")+1:]
	return l.T("zone.other", "city", strings.ReplaceAll(city, "_", " "))
}
