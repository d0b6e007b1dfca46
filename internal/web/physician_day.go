package web

import (
	"strconv"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

const dayPath = "/physician/day"

// physicianDay shows the physician's own visits of one day of their zone.
func (s *Web) physicianDay(c *Call) error {
	res, err := s.Scheduling.PhysicianDay(c.Ctx(), &schedulingv1.PhysicianDayRequest{Day: c.Query("day"), Chosen: c.Query("visit")})
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(res.GetTimeZone())
	if err != nil {
		zone = time.UTC
	}
	now := s.Clock.Now().In(zone)
	day, err := time.ParseInLocation(time.DateOnly, res.GetDay(), zone)
	if err != nil {
		day = now
	}
	page := c.dayPage(res, now, day)
	page.Told = c.Told()
	// Noon names the zone's letters of that day also on the days of change.
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
	page.Eyebrow = c.T("day.eyebrow", "day", c.L.Day(day), "zone", c.L.Zone(res.GetTimeZone(), noon))
	page.Prev = dayPath + "?day=" + day.AddDate(0, 0, -1).Format(time.DateOnly)
	page.Next = dayPath + "?day=" + day.AddDate(0, 0, 1).Format(time.DateOnly)
	return c.Show(physician.Day(page))
}

func (c *Call) dayPage(res *schedulingv1.PhysicianDayResponse, now, day time.Time) physician.DayPage {
	today := now.Format(time.DateOnly) == day.Format(time.DateOnly)
	page := physician.DayPage{NowAt: -1}
	if !today {
		page.Today = dayPath
	}
	all, coming := 0, 0
	for i, a := range res.GetAppointments() {
		end := a.GetSlot().GetEnd().AsTime()
		if today && page.NowAt < 0 && end.After(now) {
			page.NowAt = i
		}
		v := c.visit(a, now)
		v.Href = dayPath + "?day=" + res.GetDay() + "&visit=" + a.GetAppointmentId() + "#visit"
		v.Chosen = a.GetAppointmentId() == res.GetChosen()
		if a.GetStatus() != "canceled" {
			all++
		}
		if a.GetStatus() == "booked" && end.After(now) {
			coming++
			if today && coming == 1 {
				v.Next = true
				if a.GetSlot().GetStart().AsTime().After(now) {
					v.Status = parts.Mark{Kind: ui.OK, Icon: "clock", Text: c.T("day.status.next")}
				}
			}
		}
		if v.Chosen {
			page.Up = c.up(a, now, v.Next, res.GetEarlier())
		}
		page.Visits = append(page.Visits, v)
	}
	if today && page.NowAt < 0 {
		page.NowAt = len(res.GetAppointments())
	}
	page.Now = c.T("day.now", "time", c.L.Time(now))
	page.Title = c.dayTitle(today, all, coming)
	return page
}

func (c *Call) dayTitle(today bool, all, coming int) string {
	switch {
	case all == 0 && today:
		return c.T("day.none")
	case all == 0:
		return c.T("day.none_on")
	case !today:
		return c.T("day.count", "n", all)
	case coming == 0:
		return c.T("day.over")
	}
	return c.T("day.to_come", "n", coming)
}

func (c *Call) visit(a *schedulingv1.Appointment, now time.Time) physician.Visit {
	start, end := a.GetSlot().GetStart().AsTime().In(now.Location()), a.GetSlot().GetEnd().AsTime()
	return physician.Visit{
		When: start.Format(time.RFC3339), Time: c.wallTime(start), Minutes: c.T("day.minutes", "n", int(end.Sub(start)/time.Minute)),
		Patient: c.T("day.aged", "name", a.GetPatientName(), "age", ageOn(a.GetBirthDate(), start)), Reason: a.GetAnswers().GetReason(),
		State: a.GetState(), StateName: c.word(i18n.Key("state."), a.GetState(), a.GetState()),
		Service: c.word(i18n.Key("service."), a.GetServiceId(), a.GetServiceId()), Status: c.visitStatus(a, now), Signs: c.signs(a),
	}
}

// wallTime names the zone's letters where clocks go back and a time comes
// twice.
func (c *Call) wallTime(t time.Time) string {
	if i18n.Ambiguous(t) {
		return c.L.TimeZoned(t)
	}
	return c.L.Time(t)
}

func (c *Call) visitStatus(a *schedulingv1.Appointment, now time.Time) parts.Mark {
	start, end := a.GetSlot().GetStart().AsTime(), a.GetSlot().GetEnd().AsTime()
	switch {
	case a.GetStatus() != "booked":
		return parts.Mark{Kind: ui.Plain, Icon: "calendar-x", Text: c.word(i18n.Key("day.status."), a.GetStatus(), a.GetStatus())}
	case !end.After(now):
		return parts.Mark{Kind: ui.Plain, Icon: "clock", Text: c.T("day.status.past")}
	case !start.After(now):
		return parts.Mark{Kind: ui.OK, Icon: "video", Text: c.T("day.status.on")}
	}
	return parts.Mark{Kind: ui.Info, Icon: "check", Text: c.T("day.status.booked")}
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// ageOn is the age in whole years on a day; a dash without a date of birth.
func ageOn(birth string, at time.Time) string {
	born, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return "–"
	}
	years := at.Year() - born.Year()
	if at.Month() < born.Month() || (at.Month() == born.Month() && at.Day() < born.Day()) {
		years--
	}
	return strconv.Itoa(years)
}
