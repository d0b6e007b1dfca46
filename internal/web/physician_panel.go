package web

import (
	"strings"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

// up is the panel of the patient who comes next, or was chosen.
func (c *Call) up(a *schedulingv1.Appointment, now time.Time, next bool, earlier []*schedulingv1.Appointment) *physician.Up {
	start := a.GetSlot().GetStart().AsTime().In(now.Location())
	answers := a.GetAnswers()
	row := func(key i18n.Key, value string) ui.Row { return ui.Row{Key: c.T(key), Value: value} }
	var rows []ui.Row
	if a.GetStatus() != "canceled" {
		rows = append(rows, row("day.row_reason", orElse(answers.GetReason(), c.T("day.reason_none"))))
	}
	if lang := answers.GetInterpreter(); lang != "" {
		rows = append(rows, row("day.row_language", capital(c.word(i18n.Key("language."), lang, lang))))
	}
	if answers.GetCaptions() {
		rows = append(rows, row("day.row_captions", c.T("day.captions_yes")))
	}
	if answers.GetPhone() != "" {
		rows = append(rows, row("day.row_phone", phoneText(answers.GetPhone())))
	}
	rows = append(rows, row("day.row_where", c.word(i18n.Key("state."), a.GetState(), a.GetState())))
	if number := a.GetDecision().GetLicenseNumber(); number != "" {
		license := row("day.row_license", a.GetDecision().GetRuleState()+" "+number)
		license.Soft = c.word(i18n.Key("lic.basis."), a.GetDecision().GetBasis(), "")
		rows = append(rows, license)
	}
	rows = append(rows, row("day.row_payment", orElse(a.GetPayerName(), c.T("day.self_pay"))),
		row("day.row_earlier", c.earlierVisits(earlier, now.Location())), row("day.row_reference", a.GetReference()))
	given, family, _ := strings.Cut(a.GetPatientName(), " ")
	return &physician.Up{
		Heading: c.T(upHeading(a, now, next), "time", c.wallTime(start)), Initials: ui.Initials(given, family), Rows: rows,
		Name: c.T("day.aged", "name", a.GetPatientName(), "age", ageOn(a.GetBirthDate(), start)),
		Soft: c.word(i18n.Key("service."), a.GetServiceId(), a.GetServiceId()),
	}
}

// upHeading says why this patient is shown.
func upHeading(a *schedulingv1.Appointment, now time.Time, next bool) i18n.Key {
	start, end := a.GetSlot().GetStart().AsTime(), a.GetSlot().GetEnd().AsTime()
	switch {
	case a.GetStatus() == "canceled":
		return "day.off"
	case !end.After(now):
		return "day.was"
	case !start.After(now):
		return "day.going_on"
	case next:
		return "day.next"
	}
	return "day.chosen"
}

// earlierVisits are the visits of this patient with this physician before, a
// line each.
func (c *Call) earlierVisits(list []*schedulingv1.Appointment, zone *time.Location) string {
	var lines []string
	for _, a := range list {
		day := a.GetSlot().GetStart().AsTime().In(zone)
		lines = append(lines, c.T("day.earlier_line", "day", c.L.ShortDate(day), "service", c.word(i18n.Key("service."), a.GetServiceId(), a.GetServiceId())))
	}
	return orElse(strings.Join(lines, "\n"), c.T("day.earlier_none"))
}

// signs are what a physician sees of a visit at a glance: who pays, whether the
// consent is there or still to be signed, and help with language.
func (c *Call) signs(a *schedulingv1.Appointment) []physician.Sign {
	if a.GetStatus() == "canceled" {
		return nil
	}
	paid := physician.Sign{Icon: "circle-dollar-sign", Text: c.T("day.self_pay"), Quiet: true}
	if a.GetPayerName() != "" {
		paid = physician.Sign{Icon: "id-card", Text: c.T("day.insured", "payer", a.GetPayerName()), Quiet: true}
	}
	consent := physician.Sign{Icon: "shield-check", Text: c.T("day.consented"), Quiet: true}
	if a.GetConsentDue() {
		consent = physician.Sign{Icon: "shield-alert", Text: c.T("day.consent_due")}
	}
	out := []physician.Sign{paid, consent}
	if lang := a.GetAnswers().GetInterpreter(); lang != "" {
		out = append(out, physician.Sign{Icon: "languages", Text: c.T("day.interpreter", "language", c.word(i18n.Key("language."), lang, lang))})
	}
	if a.GetAnswers().GetCaptions() {
		out = append(out, physician.Sign{Icon: "captions", Text: c.T("day.captions")})
	}
	return out
}
