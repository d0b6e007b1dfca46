package calendar

import (
	"fmt"
	"iter"
	"sync"
	"time"
)

// common are the zones that nearly everybody is in, read once: every search
// names one.
var common = sync.OnceValue(func() map[string]*time.Location {
	out := map[string]*time.Location{}
	for _, name := range []string{
		"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
	} {
		if loc, err := time.LoadLocation(name); err == nil {
			out[name] = loc
		}
	}
	return out
})

// LoadZone finds an IANA time zone by name. Unlike time.LoadLocation it
// refuses "" and "Local", which would quietly mean the server's own zone.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("loading time zone %q: not an IANA zone name", name)
	}
	if loc := common()[name]; loc != nil {
		return loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("loading time zone: %w", err)
	}
	return loc, nil
}

// stretch is a range over which a zone's offset from UTC is constant.
type stretch struct {
	Range
	offset time.Duration
}

// stretches cuts [from, to) where the offset of loc changes.
func stretches(loc *time.Location, from, to time.Time) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for at := from; at.Before(to); {
			local := at.In(loc)
			_, seconds := local.Zone()
			_, end := local.ZoneBounds()
			// A zero end means that the offset never changes again.
			if end.IsZero() || end.After(to) {
				end = to
			}
			s := stretch{
				Range:  Range{From: at.UTC(), To: end.UTC()},
				offset: time.Duration(seconds) * time.Second,
			}
			if !yield(s) {
				return
			}
			at = end
		}
	}
}
