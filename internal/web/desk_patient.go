package web

import (
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/desk"
)

// deskPatient is the record of a patient: what a call needs, and no reason of
// any visit.
func (s *Web) deskPatient(c *Call) error {
	return s.showDeskPatient(c, c.R.PathValue("id"), c.Faults())
}

func (s *Web) showDeskPatient(c *Call, id string, f *Faults) error {
	var p *enrollmentv1.DeskPatient
	var visits *schedulingv1.ListAppointmentsForResponse
	calls, ctx := errgroup.WithContext(c.Ctx())
	calls.Go(func() error {
		res, err := s.Desk.GetPatient(ctx, &enrollmentv1.GetPatientRequest{PatientId: id})
		p = res.GetPatient()
		return err
	})
	calls.Go(func() (err error) {
		visits, err = s.Booking.ListAppointmentsFor(ctx, &schedulingv1.ListAppointmentsForRequest{PatientId: id})
		return err
	})
	if err := calls.Wait(); err != nil {
		return err
	}
	day := s.coverageDay(c, f)
	page := desk.Patient{
		Told: c.Told(), ID: p.GetPatientId(), MergedInto: p.GetMergedInto(), Name: personName(p.GetGivenName(), p.GetFamilyName()),
		Lead: c.T("desk.born", "day", c.L.ISODate(p.GetBirthDate())), Problems: f.List, Errors: f.By,
		Contacts: c.deskContacts(p.GetContacts()), Actors: c.actorRows(p.GetActors()), Consents: c.consentLines(p.GetConsents()),
		Language: c.word(i18n.Key("language."), p.GetLanguage(), p.GetLanguage()),
		On:       day.typed, OnWords: c.L.ISODate(day.iso), Way: c.wayIn(p.GetMembers(), p.GetInvitations(), p.GetAttempts()),
		Guardians: c.endable(p.GetActors()), EndReasons: c.choices(i18n.Key("desk.end."), "court_order", "false_statement", "asked_by_guardian", "other"),
	}
	for _, m := range p.GetMembers() {
		page.Plans = append(page.Plans, c.plan(m, day.iso))
	}
	for _, a := range visits.GetUpcoming() {
		page.Upcoming = append(page.Upcoming, c.visitLine(a))
	}
	for _, a := range visits.GetPast() {
		page.Past = append(page.Past, c.visitLine(a))
	}
	if f.Any() {
		return c.Again(desk.PatientView(page))
	}
	return c.Show(desk.PatientView(page))
}

// coverageDate is the date on which coverage is looked at, and how it was typed.
type coverageDate struct {
	iso   string
	typed desk.DateValue
}

// coverageDay reads the date from the address: it is of a visit, not about a
// person. Without one it is today.
func (s *Web) coverageDay(c *Call, f *Faults) coverageDate {
	today := inOffice(s.Clock.Now()).Format(time.DateOnly)
	d := Date{Year: c.Query("on_year"), Month: c.Query("on_month"), Day: c.Query("on_day")}
	if d.Empty() {
		return coverageDate{iso: today}
	}
	out := coverageDate{iso: today, typed: desk.DateValue(d)}
	if iso, ok := d.ISO(); ok {
		out.iso = iso
	} else {
		f.Add("on", "field.date_wrong")
	}
	return out
}

// plan is one roster's word on a patient, as of a day.
func (c *Call) plan(m *enrollmentv1.DeskMember, day string) desk.Plan {
	out := desk.Plan{Payer: m.GetPayerName(), Number: m.GetNumber()}
	if m.GetOwnNumber() != "" {
		out.Number += " · " + m.GetOwnNumber()
	}
	if !m.GetSubscriber() {
		out.Role = c.T("desk.dependent")
	}
	for _, v := range m.GetCoverages() {
		line := desk.CoverageLine{Plan: v.GetPlan(), Kind: ui.OK, Icon: "circle-check"}
		from, to := c.L.ISODate(v.GetFrom()), c.L.ISODate(v.GetTo())
		switch {
		case !paysForVisits(v.GetLine()):
			line.Words, line.Kind, line.Icon = c.T("desk.cov_other", "from", from), ui.Plain, "info"
		case day < v.GetFrom():
			line.Words, line.Kind, line.Icon = c.T("desk.cov_from", "day", from), ui.Warn, "clock"
		case v.GetTo() == "":
			line.Words = c.T("desk.cov_open")
		case day > v.GetTo():
			line.Words, line.Kind, line.Icon = c.T("desk.cov_ended", "day", to), ui.Plain, "calendar-x"
		default:
			line.Words = c.T("desk.cov_until", "day", to)
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// paysForVisits says whether an insurance line is health coverage.
func paysForVisits(line string) bool {
	return slices.Contains([]string{"HLT", "HMO", "PPO", "POS", "EPO"}, line)
}

func (c *Call) deskContacts(list []*enrollmentv1.DeskContact) []desk.ContactLine {
	var out []desk.ContactLine
	for _, v := range list {
		line := desk.ContactLine{Kind: c.word(i18n.Key("desk.contact."), v.GetKind(), v.GetKind()), Value: v.GetValue(), Proven: v.GetProven()}
		switch v.GetKind() {
		case "phone":
			line.Value = phoneText(v.GetValue())
		case "address":
			line.Value = address(v)
		}
		line.Source = c.word(i18n.Key("desk.source."), v.GetSource(), v.GetSource())
		out = append(out, line)
	}
	return out
}

func address(v *enrollmentv1.DeskContact) string {
	out := v.GetValue()
	for _, part := range []string{v.GetState(), v.GetZip()} {
		if part != "" {
			out += " " + part
		}
	}
	return out
}

func (c *Call) actorRows(list []*enrollmentv1.DeskActor) []ui.Row {
	var out []ui.Row
	for _, a := range list {
		row := ui.Row{Key: c.word(i18n.Key("desk.relation."), a.GetRelation(), a.GetRelation()), Value: personName(a.GetName())}
		if row.Value == "" {
			row.Value = c.T("desk.actor_unnamed")
		}
		row.Soft = c.T("desk.since", "day", c.L.ISODate(a.GetFrom()))
		if a.GetUntil() != "" {
			row.Soft = c.T("desk.until", "day", c.L.ISODate(a.GetUntil()))
		}
		out = append(out, row)
	}
	return out
}

// endable lists the guardians whose right staff may end.
func (c *Call) endable(list []*enrollmentv1.DeskActor) []desk.Guardian {
	var out []desk.Guardian
	for _, a := range list {
		if a.GetRelation() != "guardian" {
			continue
		}
		g := desk.Guardian{Right: a.GetActsForId(), Name: personName(a.GetName()), Key: newKey(), Field: endField(a.GetActsForId())}
		if g.Reason = c.Value(g.Field); g.Name == "" {
			g.Name = c.T("desk.actor_unnamed")
		}
		out = append(out, g)
	}
	return out
}

// endField tells the reasons of several guardians on one page apart.
func endField(right string) string { return "reason_" + right }

// guardianEnded ends a guardian's right.
func (s *Web) guardianEnded(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, right := c.Faults(), c.R.PathValue("id")
	f.Need(endField(right), c.Value(endField(right)), "field.end_reason")
	if !f.Any() {
		res, err := s.Acting.EndGuardian(c.Ctx(), &enrollmentv1.EndGuardianRequest{
			ActsForId: right, Reason: c.Value(endField(right)), IdempotencyKey: c.Key(),
		})
		if err == nil {
			how := i18n.Key("desk.ended_text")
			if !res.GetToldByMail() {
				how = "desk.ended_phone"
			}
			c.Tell(ui.OK, "desk.ended", how)
			return c.See("/staff/patients/" + res.GetPatientId())
		}
		if err := f.takeAs(err, map[string]string{"end_reason": endField(right)}); err != nil {
			return err
		}
	}
	return s.showDeskPatient(c, c.Value("patient"), f)
}

func (c *Call) consentLines(list []*enrollmentv1.DeskConsent) []ui.Row {
	var out []ui.Row
	for _, v := range list {
		row := ui.Row{
			Key: c.word(i18n.Key("desk.consent."), v.GetMethod(), v.GetMethod()), Value: c.moment(v.GetGivenAt()),
			Soft: c.T("desk.consent_version", "version", v.GetVersion(), "language", c.word(i18n.Key("language."), v.GetLanguage(), v.GetLanguage())),
		}
		if v.GetGivenBy() == "guardian" {
			row.Soft += ". " + c.T("desk.consent_guardian")
		}
		if !v.GetCounts() {
			row.Soft += ". " + c.T("desk.consent_over")
		}
		out = append(out, row)
	}
	return out
}

// visitLine leads to the visit under the patient whose it is: the record of who
// goes on for others lists theirs too.
func (c *Call) visitLine(a *schedulingv1.Appointment) desk.VisitLine {
	return desk.VisitLine{
		Href: visitPath(a.GetPatientId(), a.GetAppointmentId()), When: c.when(a.GetSlot(), a.GetTimeZone()), Zone: c.L.ZoneName(a.GetTimeZone()),
		Doctor: c.doctor(a.GetSlot()), Service: c.serviceName(&schedulingv1.Service{ServiceId: a.GetServiceId()}), Reference: a.GetReference(),
		Status: c.deskStatus(a), Due: a.GetConsentDue(),
	}
}

func visitPath(patient, appointment string) string {
	return deskPath + "/" + patient + "/appointments/" + appointment
}

// deskStatus is a visit's status in words: one that is booked is to come, or
// over.
func (c *Call) deskStatus(a *schedulingv1.Appointment) string {
	if a.GetStatus() == "booked" && a.GetSlot().GetEnd().AsTime().After(c.web.Clock.Now()) {
		return c.T("desk.status_booked")
	}
	return c.word(i18n.Key("appointment.status_"), a.GetStatus(), a.GetStatus())
}

// deskMember is the record of a member who is no patient yet.
func (s *Web) deskMember(c *Call) error {
	res, err := s.Desk.GetMember(c.Ctx(), &enrollmentv1.GetMemberRequest{MemberId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	if res.GetPatientId() != "" {
		return c.See(deskPath + "/" + res.GetPatientId())
	}
	m := res.GetMember()
	f := c.Faults()
	day := s.coverageDay(c, f)
	page := desk.Member{
		Told: c.Told(), ID: m.GetMemberId(), Name: personName(m.GetGivenName(), m.GetFamilyName()), Lead: c.T("desk.born", "day", c.L.ISODate(m.GetBirthDate())),
		Plan: c.plan(m, day.iso), Way: c.wayIn([]*enrollmentv1.DeskMember{m}, res.GetInvitations(), res.GetAttempts()),
		Rows: []ui.Row{
			{Key: c.T("desk.contact.email"), Value: orDash(m.GetEmail())},
			{Key: c.T("desk.contact.phone"), Value: orDash(phoneText(m.GetPhone()))},
			{Key: c.T("desk.contact.address"), Value: orDash(c.stateNamed(m.GetHomeState())), Soft: m.GetZip()},
		},
	}
	return c.Show(desk.MemberView(page))
}

// deskInvite sends an invitation again, or says why not.
func (s *Web) deskInvite(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	res, err := s.Desk.ResendInvitation(c.Ctx(), &enrollmentv1.ResendInvitationRequest{MemberId: id, IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	if why := res.GetRefused(); why != "" {
		key := i18n.Key("desk.not." + why)
		if !c.L.Has(key) {
			key = "desk.not.other"
		}
		c.Tell(ui.Warn, "desk.not_sent", key)
	} else {
		c.Tell(ui.OK, "desk.sent", "desk.sent_text")
	}
	if res.GetPatientId() != "" {
		return c.See(deskPath + "/" + res.GetPatientId())
	}
	return c.See("/staff/members/" + id)
}
