package web

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

// availability shows physicians their own hours, to be changed.
func (s *Web) availability(c *Call) error {
	now, err := s.ownHours(c)
	if err != nil {
		return err
	}
	page := c.hoursPage(c.Faults(), now)
	c.fillWeek(&page, c.Faults(), storedWeek(now.GetWeekly()))
	page.Told = c.Told()
	return c.Show(physician.Hours(page))
}

func (s *Web) ownHours(c *Call) (*schedulingv1.GetAvailabilityResponse, error) {
	return s.Scheduling.GetAvailability(c.Ctx(), &schedulingv1.GetAvailabilityRequest{})
}

// availabilitySent takes the page's forms: the week, time off, and what takes
// time off back. The first two show their effect before they save.
func (s *Web) availabilitySent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	now, err := s.ownHours(c)
	if err != nil {
		return err
	}
	f := c.Faults()
	today := s.Clock.Now().In(hoursZone(now.GetTimeZone())).Format(time.DateOnly)
	next := &schedulingv1.SetAvailabilityRequest{PhysicianId: now.GetPhysicianId(), Weekly: now.GetWeekly()}
	// What is over needs no keeping; a calendar holds only so much.
	for _, e := range now.GetExceptions() {
		if e.GetDate() >= today {
			next.Exceptions = append(next.Exceptions, e)
		}
	}
	next.Version = now.GetVersion()
	switch c.Value("part") {
	case "remove":
		next.Exceptions = without(next.GetExceptions(), c.Value("from"), c.Value("to"))
		if _, err := s.Scheduling.SetAvailability(c.Ctx(), next); errs.ReasonOf(err) == hoursChanged {
			c.Tell(ui.Warn, "avail.conflict", "error.hours_changed")
			return c.See(physician.HoursPath)
		} else if err != nil {
			return err
		}
		c.Tell(ui.OK, "avail.told_removed", "avail.told_text")
		return c.See(physician.HoursPath)
	case "off":
		if days := c.typedDays(f, today); len(days) > 0 {
			off := c.daysOff(f, now, days)
			next.Exceptions = append(without(next.GetExceptions(), days[0], days[len(days)-1]), off...)
		}
	case "week":
		next.Weekly = c.typedWindows(f)
		if v := c.Value("version"); v != "" && v != now.GetVersion() && c.Value("step") != "edit" && !f.Any() {
			return c.Page(http.StatusConflict, physician.Conflict(c.conflictPage(now, next)))
		}
	default:
		// An empty form must never empty a week.
		return c.See(physician.HoursPath)
	}
	return s.hoursStep(c, f, now, next)
}

// hoursStep shows what a change would do, saves it, or goes back to the form.
func (s *Web) hoursStep(c *Call, f *Faults, now *schedulingv1.GetAvailabilityResponse, next *schedulingv1.SetAvailabilityRequest) error {
	step := c.Value("step")
	if step == "save" && !f.Any() {
		_, err := s.Scheduling.SetAvailability(c.Ctx(), next)
		if errs.ReasonOf(err) == hoursChanged {
			return s.hoursMeanwhile(c, next)
		}
		if err := f.Take(err, ""); err != nil {
			return err
		}
		if !f.Any() {
			c.Tell(ui.OK, "avail.told", "avail.told_text")
			return c.See(physician.HoursPath)
		}
	}
	if step != "edit" && !f.Any() {
		res, err := s.Scheduling.PreviewAvailability(c.Ctx(), &schedulingv1.PreviewAvailabilityRequest{Weekly: next.GetWeekly(), Exceptions: next.GetExceptions()})
		if err := f.Take(err, ""); err != nil {
			return err
		}
		if !f.Any() {
			page := c.effectPage(res, now.GetVersion())
			if c.Value("part") == "off" {
				page.Off = c.typedOff(next.GetExceptions())
			}
			return c.Show(physician.Effect(page))
		}
	}
	page := c.hoursPage(f, now)
	week := storedWeek(now.GetWeekly())
	if c.Value("part") == "week" {
		week = c.typedWeek()
	}
	c.fillWeek(&page, f, week)
	if f.Any() {
		return c.Again(physician.Hours(page))
	}
	return c.Show(physician.Hours(page))
}

func hoursZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// hoursPage is the page without its week.
func (c *Call) hoursPage(f *Faults, now *schedulingv1.GetAvailabilityResponse) physician.HoursPage {
	date := func(name string, legend, hint i18n.Key) ui.DateProps {
		d := c.DateValue(name)
		p := ui.DateProps{Name: name, Legend: c.T(legend), Error: f.By[name], Year: d.Year, Month: d.Month, Day: d.Day}
		if hint != "" {
			p.Hint = c.T(hint)
		}
		return p
	}
	today := c.web.Clock.Now().In(hoursZone(now.GetTimeZone())).Format(time.DateOnly)
	return physician.HoursPage{
		Told: templ.NopComponent, Problems: f.List, Zone: c.T("avail.zone", "zone", c.L.ZoneName(now.GetTimeZone())), Off: c.timeOff(now.GetExceptions(), today),
		From: date("off_from", "avail.off_from", ""), To: date("off_to", "avail.off_to", "avail.off_to_hint"),
		Version: now.GetVersion(), Start: c.timeField(offStart, f, c.Value(offStart)), End: c.timeField(offEnd, f, c.Value(offEnd)),
		PartOpen: c.Value(offStart)+c.Value(offEnd) != "",
	}
}

func (c *Call) effectPage(res *schedulingv1.PreviewAvailabilityResponse, version string) physician.EffectPage {
	page := physician.EffectPage{
		Typed: []ui.Row{{Key: "version", Value: version}},
		Zone:  c.T("avail.zone", "zone", c.L.ZoneName(res.GetTimeZone())), Lead: c.T("avail.effect_lead"),
		Before: c.hoursText(res.GetMinutesBefore()), After: c.hoursText(res.GetMinutesAfter()),
	}
	if n := len(res.GetOutside()); n > 0 {
		page.Alarm = c.T("avail.alarm", "n", n)
	}
	zone := hoursZone(res.GetTimeZone())
	for _, v := range res.GetOutside() {
		start := v.GetStart().AsTime().In(zone)
		page.Visits = append(page.Visits, physician.EffectVisit{
			When: c.L.DayTime(start), Href: dayPath + "?day=" + start.Format(time.DateOnly), Patient: v.GetPatientName(),
			Service: c.word(i18n.Key("service."), v.GetServiceId(), v.GetServiceId()), Reference: v.GetReference(),
		})
	}
	page.Typed = append(page.Typed, c.typedHours()...)
	return page
}

// typedHours are the fields of the page's forms as they were sent.
func (c *Call) typedHours() []ui.Row {
	var out []ui.Row
	fields := append(c.weekFields(), "part", "off_from_month", "off_from_day", "off_from_year", "off_to_month", "off_to_day", "off_to_year", offStart, offEnd)
	for _, name := range fields {
		if v := c.Value(name); v != "" {
			out = append(out, ui.Row{Key: name, Value: v})
		}
	}
	return out
}

func (c *Call) hoursText(minutes int32) string {
	if minutes%60 == 0 {
		return c.T("avail.hours", "h", minutes/60)
	}
	return c.T("avail.hours_minutes", "h", minutes/60, "m", minutes%60)
}
