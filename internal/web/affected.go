package web

import (
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/visits"
)

// affected lists the visits that something has come between, for staff.
func (s *Web) affected(c *Call) error {
	res, err := s.Scheduling.ListAffected(c.Ctx(), &schedulingv1.ListAffectedRequest{})
	if err != nil {
		return err
	}
	page := visits.AffectedPage{Title: c.T("affected.nav")}
	for _, v := range res.GetVisits() {
		line := c.affectedLine(v)
		if v.GetTrouble().GetResolution() == "" {
			page.Open = append(page.Open, line)
		} else {
			page.Mended = append(page.Mended, line)
		}
	}
	if n := len(page.Open); n > 0 {
		page.Eyebrow, page.Title, page.Lead = c.T("affected.nav"), c.T("affected.count", "n", n), c.T("affected.lead")
	}
	return c.Show(visits.AffectedView(page))
}

func (c *Call) affectedLine(v *schedulingv1.AffectedVisit) visits.AffectedLine {
	a, t := v.GetAppointment(), v.GetTrouble()
	start := a.GetSlot().GetStart().AsTime().In(location(a.GetTimeZone()))
	line := visits.AffectedLine{
		When: upperFirst(c.L.DayTime(start)), Patient: personName(a.GetPatientName()), Born: c.L.ISOShortDate(a.GetBirthDate()),
		Doctor: c.doctor(a.GetSlot()), State: c.stateWord(a.GetState()), Reference: a.GetReference(),
		What: c.word(i18n.Key("affected."+t.GetKind()+"."), t.GetReason(), c.T(i18n.Key("affected."+t.GetKind()))),
		Told: c.T("affected.told_not"), Href: "/staff/patients/" + a.GetPatientId() + "/appointments/" + a.GetAppointmentId(),
	}
	if t.GetKind() == "hours" {
		line.Told = c.T("affected.told_hours")
	}
	if t.GetToldAt() != nil {
		line.Told = c.moment(t.GetToldAt())
	}
	line.Status, line.Since = c.troubleMark(a, t), c.moment(t.GetResolvedAt())
	return line
}

// troubleMark says how a visit stands that something has come between.
func (c *Call) troubleMark(a *schedulingv1.Appointment, t *schedulingv1.Trouble) parts.Mark {
	now, start := c.web.Clock.Now(), a.GetSlot().GetStart().AsTime()
	switch how := t.GetResolution(); {
	case how != "":
		return parts.Mark{Kind: ui.OK, Icon: "check", Text: c.word(i18n.Key("affected.how."), how, how)}
	case !start.After(now):
		return parts.Mark{Kind: ui.Bad, Icon: "triangle-alert", Text: c.T("affected.unresolved")}
	case start.Sub(now) < urgent:
		return parts.Mark{Kind: ui.Bad, Icon: "clock", Text: c.T("affected.soon")}
	}
	return parts.Mark{Kind: ui.Warn, Icon: "clock", Text: c.T("affected.open")}
}

// urgent is how near a visit is that somebody should call about.
const urgent = 48 * time.Hour
