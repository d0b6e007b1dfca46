package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// hm is a time of day in minutes.
func hm(hour, minute int) int { return hour*60 + minute }

// sundays is a pattern of one window on Sundays, when clocks change.
func sundays(loc *time.Location, from, to int) calendar.Pattern {
	return calendar.Pattern{Zone: loc, Weekly: []calendar.Window{{Weekday: time.Sunday, From: from, To: to}}}
}

// show writes ranges as "06:30-08:00 …" in UTC, with the wall's reading at
// either end in brackets.
func show(ranges []calendar.Range, loc *time.Location) string {
	var words []string
	for _, r := range ranges {
		words = append(words, fmt.Sprintf("%s-%s[%s-%s]",
			r.From.UTC().Format("15:04"), r.To.UTC().Format("15:04"),
			r.From.In(loc).Format("15:04"), r.To.In(loc).Format("15:04")))
	}
	return strings.Join(words, " ")
}

func TestGapsAndFolds(t *testing.T) {
	t.Parallel()
	const gap, fold = "2027-03-14", "2026-11-01"
	for _, c := range []struct {
		name, zone, date string
		from, to         int
		want             string
	}{
		{"across the gap: an hour less", "America/New_York", gap, hm(1, 0), hm(4, 0), "06:00-08:00[01:00-04:00]"},
		{"begins in the gap: opens after it", "America/New_York", gap, hm(2, 30), hm(4, 0), "07:00-08:00[03:00-04:00]"},
		{"ends in the gap: closes at it", "America/New_York", gap, hm(1, 0), hm(2, 30), "06:00-07:00[01:00-03:00]"},
		{"inside the gap: vanishes", "America/New_York", gap, hm(2, 15), hm(2, 45), ""},
		{"exactly the gap: vanishes", "America/New_York", gap, hm(2, 0), hm(3, 0), ""},
		{"after the gap: unmoved on the wall", "America/New_York", gap, hm(9, 0), hm(17, 0), "13:00-21:00[09:00-17:00]"},
		{"across the fold: an hour more", "America/New_York", fold, hm(0, 0), hm(3, 0), "04:00-08:00[00:00-03:00]"},
		{"exactly the fold: both readings", "America/New_York", fold, hm(1, 0), hm(2, 0), "05:00-07:00[01:00-02:00]"},
		{"begins in the fold", "America/New_York", fold, hm(1, 30), hm(3, 0), "05:30-06:00[01:30-01:00] 06:30-08:00[01:30-03:00]"},
		{"ends in the fold", "America/New_York", fold, hm(0, 0), hm(1, 30), "04:00-05:30[00:00-01:30] 06:00-06:30[01:00-01:30]"},
		{"inside the fold: twice", "America/New_York", fold, hm(1, 15), hm(1, 45), "05:15-05:45[01:15-01:45] 06:15-06:45[01:15-01:45]"},
		{"whole day, 25 hours", "America/New_York", fold, 0, 1440, "04:00-05:00[00:00-00:00]"},
		{"Arizona has no gap", "America/Phoenix", gap, hm(1, 0), hm(4, 0), "08:00-11:00[01:00-04:00]"},
		{"Arizona has 02:30", "America/Phoenix", gap, hm(2, 15), hm(2, 45), "09:15-09:45[02:15-02:45]"},
		{"Arizona has no fold", "America/Phoenix", fold, hm(0, 0), hm(3, 0), "07:00-10:00[00:00-03:00]"},
		{"the Navajo Nation, also in Arizona, has a gap", "America/Shiprock", gap, hm(1, 0), hm(4, 0), "08:00-10:00[01:00-04:00]"},
		{"and no 02:30", "America/Shiprock", gap, hm(2, 15), hm(2, 45), ""},
		{"and a fold", "America/Shiprock", fold, hm(0, 0), hm(3, 0), "06:00-10:00[00:00-03:00]"},
		{"Anchorage, gap", "America/Anchorage", gap, hm(1, 0), hm(4, 0), "10:00-12:00[01:00-04:00]"},
		{"Anchorage, fold", "America/Anchorage", fold, hm(0, 0), hm(3, 0), "08:00-12:00[00:00-03:00]"},
		{"Nome, gap", "America/Nome", gap, hm(2, 30), hm(4, 0), "11:00-12:00[03:00-04:00]"},
		{"Nome, fold", "America/Nome", fold, hm(1, 0), hm(2, 0), "09:00-11:00[01:00-02:00]"},
		{"Honolulu never changes, gap", "Pacific/Honolulu", gap, hm(1, 0), hm(4, 0), "11:00-14:00[01:00-04:00]"},
		{"Honolulu never changes, fold", "Pacific/Honolulu", fold, hm(1, 0), hm(2, 0), "11:00-12:00[01:00-02:00]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, c.zone)
			of := calendar.DayRange(date(t, c.date), loc)
			if got := show(sundays(loc, c.from, c.to).Expand(of.From, of.To), loc); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestStandingAppointmentKeepsItsWallTime(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/Anchorage")
	p := sundays(loc, hm(9, 0), hm(9, 30))
	got := p.Expand(date(t, "2026-10-20").In(loc), date(t, "2027-03-20").In(loc))
	if len(got) != 21 {
		t.Fatalf("%d Sundays, want 21", len(got))
	}
	for _, r := range got {
		if at := r.From.In(loc).Format("Mon 15:04"); at != "Sun 09:00" {
			t.Errorf("opens %s on %s", at, r.From)
		}
	}
}

func TestExceptionsReplaceADay(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/New_York")
	p := sundays(loc, hm(9, 0), hm(17, 0))
	p.Exceptions = []calendar.Exception{
		{Date: date(t, "2026-11-01")},
		{Date: date(t, "2026-11-08"), Windows: []calendar.Window{{Weekday: time.Friday, From: hm(12, 0), To: hm(13, 0)}}},
		{Date: date(t, "2026-11-10"), Windows: []calendar.Window{{From: hm(12, 0), To: hm(13, 0)}}},
	}
	var days []string
	for _, r := range p.Expand(date(t, "2026-11-01").In(loc), date(t, "2026-11-16").In(loc)) {
		days = append(days, r.From.In(loc).Format("Mon 02 15:04"))
	}
	if got := strings.Join(days, ", "); got != "Sun 08 12:00, Tue 10 12:00, Sun 15 09:00" {
		t.Errorf("open on %s", got)
	}
}

func TestExpandClipsAndMerges(t *testing.T) {
	t.Parallel()
	loc := zone(t, "UTC")
	p := calendar.Pattern{Zone: loc, Weekly: []calendar.Window{
		{Weekday: time.Sunday, From: hm(12, 0), To: 1440},
		{Weekday: time.Monday, From: 0, To: hm(2, 0)},
		{Weekday: time.Monday, From: hm(1, 0), To: hm(3, 0)},
		{Weekday: time.Monday, From: hm(5, 0), To: hm(4, 0)},
		{Weekday: time.Monday, From: -60, To: 3000},
	}}
	from := time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC)
	if got := show(p.Expand(from, from.Add(time.Hour)), loc); got != "13:00-14:00[13:00-14:00]" {
		t.Errorf("clipped: %s", got)
	}
	if got := show(p.Expand(from, from.Add(48*time.Hour)), loc); got != "13:00-03:00[13:00-03:00]" {
		t.Errorf("merged past midnight: %s", got)
	}
	if got := p.Expand(from, from); got != nil {
		t.Errorf("nothing lies in an empty range, got %v", got)
	}
	if got := (calendar.Pattern{Weekly: p.Weekly}).Expand(from, from.Add(48*time.Hour)); got != nil {
		t.Errorf("without a zone nothing is open, got %v", got)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := sundays(zone(t, "America/Phoenix"), hm(9, 0), 1440)
	good.Weekly = append(good.Weekly, calendar.Window{Weekday: time.Monday, From: hm(9, 0), To: hm(10, 0)})
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	bad := calendar.Pattern{
		Weekly: []calendar.Window{
			{Weekday: 7, From: 0, To: 60},
			{Weekday: 1, From: 60, To: 60},
			{Weekday: 2, From: 0, To: 1441},
			{Weekday: 3, From: 0, To: 600},
			{Weekday: 3, From: 540, To: 660},
		},
		Exceptions: []calendar.Exception{
			{Date: date(t, "2026-11-01")},
			{Date: date(t, "2026-11-01"), Windows: []calendar.Window{{From: -1, To: 5}}},
		},
	}
	err := bad.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"no time zone", "weekday 7", "minute 60 to 60", "minute 0 to 1441",
		"overlap at minute 540", "two exceptions on 2026-11-01", "minute -1 to 5",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the faults:\n%v", want, err)
		}
	}
}
