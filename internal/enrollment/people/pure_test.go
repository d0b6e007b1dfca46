package people

import (
	"testing"
	"time"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseBirthDate(t *testing.T) {
	t.Parallel()
	today := date(t, "2026-11-23")
	for in, want := range map[string]bool{
		"1980-02-29": true, "1981-02-29": false, "1899-12-31": false, "2026-11-25": false, "2026-11-23": true,
		"": false, "12/01/1980": false, "1980-1-1": false, "9999-12-31": false,
	} {
		if _, ok := parseBirthDate(in, today); ok != want {
			t.Errorf("parseBirthDate(%q) = %v, want %v", in, ok, want)
		}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	today, born := date(t, "2026-11-23"), date(t, "1980-05-06")
	one := candidate{familyName: "García López", birthDate: born, email: "a@b.test"}
	with := func(change func(*candidate)) candidate {
		c := one
		change(&c)
		return c
	}
	twin := date(t, "2015-05-06")
	for name, c := range map[string]struct {
		in     []candidate
		family string
		born   time.Time
		reason string
		found  bool
	}{
		"fits":        {[]candidate{one}, "Garcia", born, "", true},
		"nobody":      {nil, "Garcia", born, reasonNoMatch, false},
		"name":        {[]candidate{one}, "Gracia", born, reasonNoMatch, false},
		"birth date":  {[]candidate{one}, "Garcia", born.AddDate(0, 0, 1), reasonNoMatch, false},
		"several":     {[]candidate{one, one}, "Garcia", born, reasonSeveral, false},
		"no e-mail":   {[]candidate{with(func(c *candidate) { c.email = "" })}, "Garcia", born, reasonNoEmail, true},
		"shared":      {[]candidate{with(func(c *candidate) { c.sharedEmail = true })}, "Garcia", born, reasonSharedEmail, true},
		"active":      {[]candidate{with(func(c *candidate) { c.active = true })}, "Garcia", born, reasonAlreadyActive, true},
		"minor":       {[]candidate{with(func(c *candidate) { c.birthDate = twin })}, "Garcia", twin, reasonMinor, true},
		"other twin":  {[]candidate{one, with(func(c *candidate) { c.birthDate = twin })}, "Garcia", born, "", true},
		"a multitude": {make([]candidate, maxCandidates), "Garcia", born, reasonSeveral, false},
	} {
		got, reason := decide(c.in, c.family, c.born, today)
		if reason != c.reason || (got != nil) != c.found {
			t.Errorf("%s: got %v, %q; want a member: %v, %q", name, got, reason, c.found, c.reason)
		}
	}
}
