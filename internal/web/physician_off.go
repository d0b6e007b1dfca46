package web

import (
	"net/http"
	"slices"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

// The fields for a part of a day, and the refusal to save over another version.
const (
	offStart     = "off_start"
	offEnd       = "off_end"
	hoursChanged = "hours_changed"
)

// daysOff is what takes the place of the week on some days: nothing, or what is
// left of each day's hours around the time off.
func (c *Call) daysOff(f *Faults, now *schedulingv1.GetAvailabilityResponse, days []string) []*schedulingv1.DayException {
	typed := typedWindow{c.Value(offStart), c.Value(offEnd)}
	var away *schedulingv1.WeeklyWindow
	if typed != (typedWindow{}) {
		if away = f.window(typed, offStart, offEnd); away == nil {
			return nil
		}
	}
	var out []*schedulingv1.DayException
	touched := false
	for _, day := range days {
		off := &schedulingv1.DayException{Date: day}
		if away != nil {
			before := hoursOn(now, day)
			off.Windows = around(before, away)
			touched = touched || openFor(off.GetWindows()) < openFor(before)
		}
		out = append(out, off)
	}
	if away != nil && !touched {
		f.Add(offStart, "avail.fault.off_part")
	}
	return out
}

// typedOff are the days off that were typed, with the hours that they get.
func (c *Call) typedOff(next []*schedulingv1.DayException) []ui.Row {
	days := c.typedDays(c.Faults(), "")
	if len(days) == 0 {
		return nil
	}
	var typed []*schedulingv1.DayException
	for _, e := range next {
		if e.GetDate() >= days[0] && e.GetDate() <= days[len(days)-1] {
			typed = append(typed, e)
		}
	}
	var out []ui.Row
	for _, l := range c.timeOff(typed, "") {
		out = append(out, ui.Row{Key: l.When, Value: l.What})
	}
	return out
}

// hoursOn are the windows of one date: its exception's, else its weekday's.
func hoursOn(now *schedulingv1.GetAvailabilityResponse, day string) []*schedulingv1.WeeklyWindow {
	for _, e := range now.GetExceptions() {
		if e.GetDate() == day {
			return e.GetWindows()
		}
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	var out []*schedulingv1.WeeklyWindow
	for _, w := range now.GetWeekly() {
		if w.GetWeekday() == int32(t.Weekday()) { //nolint:gosec // 0 to 6
			out = append(out, w)
		}
	}
	return out
}

// around is what is left of windows without some time.
func around(list []*schedulingv1.WeeklyWindow, away *schedulingv1.WeeklyWindow) []*schedulingv1.WeeklyWindow {
	var out []*schedulingv1.WeeklyWindow
	keep := func(from, to int32) {
		if from < to {
			out = append(out, &schedulingv1.WeeklyWindow{FromMinute: from, ToMinute: to})
		}
	}
	for _, w := range list {
		keep(w.GetFromMinute(), min(w.GetToMinute(), away.GetFromMinute()))
		keep(max(w.GetFromMinute(), away.GetToMinute()), w.GetToMinute())
	}
	return out
}

func openFor(list []*schedulingv1.WeeklyWindow) int32 {
	var sum int32
	for _, w := range list {
		sum += w.GetToMinute() - w.GetFromMinute()
	}
	return sum
}

// hoursMeanwhile shows both where the hours were replaced at the very moment
// of saving.
func (s *Web) hoursMeanwhile(c *Call, next *schedulingv1.SetAvailabilityRequest) error {
	now, err := s.ownHours(c)
	if err != nil {
		return err
	}
	return c.Page(http.StatusConflict, physician.Conflict(c.conflictPage(now, next)))
}

// conflictPage shows the hours that are stored and those that were typed
// without knowing them.
func (c *Call) conflictPage(now *schedulingv1.GetAvailabilityResponse, next *schedulingv1.SetAvailabilityRequest) physician.ConflictPage {
	page := physician.ConflictPage{Typed: append(c.typedHours(), ui.Row{Key: "version", Value: now.GetVersion()})}
	for i := range 7 {
		day := int32((i + 1) % 7) // Monday first
		page.Days = append(page.Days, physician.ConflictDay{
			Name:   capital(c.L.Weekday(time.Date(2023, 1, 1+int(day), 12, 0, 0, 0, time.UTC))),
			Theirs: c.weekdayHours(now.GetWeekly(), day), Mine: c.weekdayHours(next.GetWeekly(), day),
		})
	}
	if c.Value("part") == "off" {
		page.Days = append(page.Days, c.conflictDates(now.GetExceptions(), next.GetExceptions())...)
	}
	return page
}

func (c *Call) weekdayHours(list []*schedulingv1.WeeklyWindow, day int32) string {
	e := &schedulingv1.DayException{}
	for _, w := range list {
		if w.GetWeekday() == day {
			e.Windows = append(e.Windows, w)
		}
	}
	return c.dayHours(e)
}

// conflictDates are the dates that one of two calendars has.
func (c *Call) conflictDates(theirs, mine []*schedulingv1.DayException) []physician.ConflictDay {
	find := func(list []*schedulingv1.DayException, date string) string {
		for _, e := range list {
			if e.GetDate() == date {
				return c.dayHours(e)
			}
		}
		return ""
	}
	var dates []string
	for _, e := range append(slices.Clone(theirs), mine...) {
		dates = append(dates, e.GetDate())
	}
	slices.Sort(dates)
	var out []physician.ConflictDay
	for _, date := range slices.Compact(dates) {
		a, b := find(theirs, date), find(mine, date)
		if a != b {
			out = append(out, physician.ConflictDay{Name: c.L.ISODate(date), Theirs: a, Mine: b})
		}
	}
	return out
}
