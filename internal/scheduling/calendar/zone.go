package calendar

import (
	"fmt"
	"iter"
	"time"
)

// LoadZone finds an IANA time zone by name. Unlike time.LoadLocation it
// refuses "" and "Local", which would quietly mean the server's own zone.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("loading time zone %q: not an IANA zone name", name)
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
