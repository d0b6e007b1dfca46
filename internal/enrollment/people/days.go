package people

import "time"

// parseBirthDate reads YYYY-MM-DD: a date that exists, of somebody who may be
// alive.
func parseBirthDate(s string, today time.Time) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 || t.After(today.AddDate(0, 0, 1)) {
		return time.Time{}, false
	}
	return t, true
}

// DateOrEmpty writes a date that may be open.
func DateOrEmpty(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}
