package x12

import (
	"strings"
	"time"
)

// parseDay reads CCYYMMDD.
func parseDay(v string) (time.Time, bool) {
	if len(v) != 8 {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102", v)
	return t, err == nil
}

// parseDTP reads a DTP in the formats D8, RD8 and DT.
func parseDTP(seg *segment) (Date, bool) {
	d, ok := parseDate(seg.get(1), seg.get(2), seg.get(3))
	d.Pos = seg.Position
	return d, ok
}

func parseDate(qualifier, format, value string) (Date, bool) {
	d := Date{Qualifier: qualifier}
	var ok bool
	switch format {
	case "D8":
		d.From, ok = parseDay(value)
	case "DT":
		if len(value) == 12 {
			d.From, ok = parseDay(value[:8])
		}
	case "RD8":
		from, to, cut := strings.Cut(value, "-")
		if !cut {
			return d, false
		}
		var okTo bool
		d.From, ok = parseDay(from)
		d.To, okTo = parseDay(to)
		ok = ok && okTo
	}
	return d, ok
}
