package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

const (
	// dayWindows is how many windows the form offers a day, and mostWindows
	// how many it takes where more are stored.
	dayWindows  = 3
	mostWindows = 12
	// quarter is the form's step, in minutes.
	quarter    = 15
	wholeDay   = 24 * 60
	longestOff = 92
)

// typedWindow is a window as the form has it.
type typedWindow struct{ from, to string }

// week is the windows of each day, Sunday first.
type week [7][]typedWindow

func windowName(day, n int, end string) string { return fmt.Sprintf("w%d_%d_%s", day, n+1, end) }

func clockText(minute int32) string {
	minute %= wholeDay
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}

// storedWeek writes what is stored as the form would have it.
func storedWeek(list []*schedulingv1.WeeklyWindow) week {
	var w week
	for _, v := range list {
		if d := v.GetWeekday(); d >= 0 && d < 7 {
			w[d] = append(w[d], typedWindow{clockText(v.GetFromMinute()), clockText(v.GetToMinute())})
		}
	}
	return w
}

// typedWeek is what the form sent, as it was typed.
func (c *Call) typedWeek() week {
	var w week
	for day := range w {
		for n := range mostWindows {
			typed := typedWindow{c.Value(windowName(day, n, "from")), c.Value(windowName(day, n, "to"))}
			if n < dayWindows || typed != (typedWindow{}) {
				w[day] = append(w[day], typed)
			}
		}
	}
	return w
}

func (c *Call) weekFields() []string {
	var out []string
	for day, list := range c.typedWeek() {
		for n := range list {
			out = append(out, windowName(day, n, "from"), windowName(day, n, "to"))
		}
	}
	return out
}

// typedWindows reads the week that was typed, or adds what is wrong with it.
func (c *Call) typedWindows(f *Faults) []*schedulingv1.WeeklyWindow {
	var out []*schedulingv1.WeeklyWindow
	for day, list := range c.typedWeek() {
		var before []*schedulingv1.WeeklyWindow
		for n, t := range list {
			if t == (typedWindow{}) {
				continue
			}
			w := f.window(t, windowName(day, n, "from"), windowName(day, n, "to"))
			if w == nil {
				continue
			}
			w.Weekday = int32(day)
			for _, v := range before {
				if v.GetFromMinute() < w.GetToMinute() && w.GetFromMinute() < v.GetToMinute() {
					f.Add(windowName(day, n, "from"), "avail.fault.overlap")
				}
			}
			before = append(before, w)
		}
		out = append(out, before...)
	}
	return out
}

// window reads one pair of times; nil and faults if it makes no window.
func (f *Faults) window(t typedWindow, fromName, toName string) *schedulingv1.WeeklyWindow {
	from, okFrom := f.clockTime(t.from, fromName)
	to, okTo := f.clockTime(t.to, toName)
	if !okFrom || !okTo {
		return nil
	}
	if to == 0 {
		to = wholeDay
	}
	if to <= from {
		f.Add(toName, "avail.fault.order")
		return nil
	}
	return &schedulingv1.WeeklyWindow{FromMinute: from, ToMinute: to}
}

// clockTime reads a time of day, as browsers send it and as people type it.
func (f *Faults) clockTime(s, name string) (int32, bool) {
	if s == "" {
		f.Add(name, "avail.fault.missing")
		return 0, false
	}
	s = strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ".", ""))
	if s == "24:00" {
		return wholeDay, true
	}
	for _, layout := range []string{"15:04", "15:04:05", "3:04pm", "3pm", "15"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		minute := int32(t.Hour()*60 + t.Minute()) //nolint:gosec // minutes of a day
		if minute%quarter != 0 || t.Second() != 0 {
			f.Add(name, "avail.fault.quarter")
			return 0, false
		}
		return minute, true
	}
	f.Add(name, "avail.fault.time")
	return 0, false
}

// fillWeek puts a week into the page's fields, Monday first.
func (c *Call) fillWeek(page *physician.HoursPage, f *Faults, w week) {
	for i := range 7 {
		day := (i + 1) % 7
		// The first of January 2023 was a Sunday.
		d := physician.HoursDay{Name: capital(c.L.Weekday(time.Date(2023, 1, 1+day, 12, 0, 0, 0, time.UTC)))}
		for n := range max(dayWindows, len(w[day])) {
			var t typedWindow
			if n < len(w[day]) {
				t = w[day][n]
			}
			from, to := windowName(day, n, "from"), windowName(day, n, "to")
			window := physician.HoursWindow{From: c.timeField(from, f, t.from), To: c.timeField(to, f, t.to)}
			if n == 0 {
				window.From.Label, window.To.Label = c.T("avail.from"), c.T("avail.to")
				d.First = window
				continue
			}
			window.From.Label, window.To.Label = c.T("avail.from_also", "n", n+1), c.T("avail.to_also", "n", n+1)
			d.Open = d.Open || t != (typedWindow{})
			d.More = append(d.More, window)
		}
		page.Days = append(page.Days, d)
	}
}

func (c *Call) timeField(name string, f *Faults, value string) ui.FieldProps {
	return ui.FieldProps{
		Name: name, Value: value, Error: f.By[name], Type: "time", Width: "w-m", Autocomplete: "off", Attrs: templ.Attributes{"step": "900"},
	}
}

// typedDays reads the days of time off, or adds what is wrong with them. One
// day needs no second date.
func (c *Call) typedDays(f *Faults, today string) []string {
	first, last := c.DateValue("off_from"), c.DateValue("off_to")
	if last.Empty() {
		last = first
	}
	from, okFrom := first.ISO()
	to, okTo := last.ISO()
	switch {
	case first.Empty():
		f.Add("off_from", "avail.fault.off_from")
	case !okFrom:
		f.Add("off_from", "field.date_wrong")
	case from < today:
		f.Add("off_from", "avail.fault.past")
	}
	switch {
	case f.Any():
	case !okTo:
		f.Add("off_to", "field.date_wrong")
	case to < from:
		f.Add("off_to", "avail.fault.off_order")
	}
	if f.Any() {
		return nil
	}
	var out []string
	for day := from; day <= to; day = nextDay(day) {
		if out = append(out, day); len(out) > longestOff {
			f.Add("off_to", "avail.fault.off_long")
			return nil
		}
	}
	return out
}

// nextDay is the day after one written as YYYY-MM-DD; what cannot be read is
// after everything.
func nextDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return "9999-12-31"
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// without leaves out the exceptions of some days, both ends included.
func without(list []*schedulingv1.DayException, from, to string) []*schedulingv1.DayException {
	var out []*schedulingv1.DayException
	for _, e := range list {
		if e.GetDate() < from || e.GetDate() > to {
			out = append(out, e)
		}
	}
	return out
}

// timeOff lists exceptions from today on; closed days in a row are one line.
func (c *Call) timeOff(list []*schedulingv1.DayException, today string) []physician.OffLine {
	var out []physician.OffLine
	joins := false
	for _, e := range list {
		closed := len(e.GetWindows()) == 0
		switch last := len(out) - 1; {
		case e.GetDate() < today:
			continue
		case joins && closed && nextDay(out[last].To) == e.GetDate():
			out[last].To = e.GetDate()
		default:
			out = append(out, physician.OffLine{From: e.GetDate(), To: e.GetDate(), What: c.dayHours(e)})
		}
		joins = closed
	}
	for i, l := range out {
		out[i].When = c.L.ISODate(l.From)
		if l.From != l.To {
			out[i].When = c.T("avail.days", "from", c.L.ISODate(l.From), "to", c.L.ISODate(l.To))
		}
	}
	return out
}

func (c *Call) dayHours(e *schedulingv1.DayException) string {
	if len(e.GetWindows()) == 0 {
		return c.T("avail.closed")
	}
	var out []string
	for _, w := range e.GetWindows() {
		at := func(minute int32) string {
			return c.L.Time(time.Date(2023, 1, 1, int(minute)/60, int(minute)%60, 0, 0, time.UTC))
		}
		out = append(out, c.T("avail.window", "from", at(w.GetFromMinute()), "to", at(w.GetToMinute())))
	}
	return c.L.List(out)
}
