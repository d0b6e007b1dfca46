package web

import (
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// appointments lists what is to come and what was.
func (s *Web) appointments(c *Call) error {
	v, err := s.ownVisits(c)
	if err != nil {
		return err
	}
	page := account.Appointments{Told: c.Told(), Plans: v.plans}
	for _, a := range v.list.GetUpcoming() {
		page.Upcoming = append(page.Upcoming, c.appointmentCard(a, v.several))
	}
	for _, a := range v.list.GetPast() {
		page.Past = append(page.Past, c.appointmentCard(a, v.several))
	}
	return c.Show(account.AppointmentsView(page))
}

func (c *Call) appointmentCard(a *schedulingv1.Appointment, named bool) account.AppointmentCard {
	at := a.GetSlot().GetStart().AsTime().In(location(a.GetTimeZone()))
	card := account.AppointmentCard{
		Href: "/appointments/" + a.GetAppointmentId(), Month: c.L.ShortMonth(at.Month()), Day: at.Format("2"),
		Weekday: c.L.ShortWeekday(at), Time: c.L.TimeZoned(at), Long: c.L.Day(at), When: at.Format(time.RFC3339),
		Doctor: c.doctor(a.GetSlot()), Service: c.serviceName(&schedulingv1.Service{ServiceId: a.GetServiceId()}),
		Past: a.GetStatus() != "booked" || at.Before(c.web.Clock.Now()),
	}
	if a.GetStatus() != "booked" {
		card.Status = c.T(i18n.Key("appointment.status_" + a.GetStatus()))
	}
	if len(c.troubles(a)) > 0 {
		card.Trouble = c.T("trouble.card")
	}
	if named {
		card.Patient = personName(a.GetPatientName())
	}
	return card
}

// getAppointment reads the appointment that the path names.
func (s *Web) getAppointment(c *Call) (*schedulingv1.Appointment, error) {
	res, err := s.Scheduling.GetAppointment(c.Ctx(), &schedulingv1.GetAppointmentRequest{AppointmentId: c.R.PathValue("id")})
	if errs.CodeOf(err) == errs.Invalid && err != nil {
		return nil, errs.New(errs.NotFound, "page_unknown", "There is no such appointment.").With(err)
	}
	if err != nil {
		return nil, err
	}
	return res.GetAppointment(), nil
}

// appointment shows one appointment.
func (s *Web) appointment(c *Call) error {
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	page := account.Appointment{
		Told: c.Told(), ID: a.GetAppointmentId(), Title: c.T("appointment.title", "doctor", c.doctor(a.GetSlot())),
		When: c.when(a.GetSlot(), a.GetTimeZone()), Rows: c.appointmentRows(a), Canceled: a.GetStatus() == "canceled",
		Open: s.cancelable(a), Site: c.R.Host, MovedTo: a.GetMovedTo(), Troubles: c.troubles(a), ConsentDue: a.GetConsentDue(),
	}
	return c.Show(account.AppointmentView(page))
}

// cancelable says whether the appointment is still to come.
func (s *Web) cancelable(a *schedulingv1.Appointment) bool {
	return a.GetStatus() == "booked" && a.GetSlot().GetStart().AsTime().After(s.Clock.Now())
}

func (c *Call) appointmentRows(a *schedulingv1.Appointment) []ui.Row {
	rows := []ui.Row{
		{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone()), Soft: c.L.ZoneName(a.GetTimeZone())},
		{Key: c.T("check.who"), Value: c.doctor(a.GetSlot()), Soft: c.specialty(a.GetSlot().GetSpecialty())},
	}
	if !unlicensed(a) {
		rows = append(rows, ui.Row{Key: c.T("appointment.license"), Value: c.license(a.GetSlot(), a.GetState())})
	}
	rows = append(rows, []ui.Row{
		{Key: c.T("check.need"), Value: c.serviceName(&schedulingv1.Service{ServiceId: a.GetServiceId()})},
		{Key: c.T("check.where"), Value: c.T(i18n.Key("state." + a.GetState()))},
		{Key: c.T("check.patient"), Value: personName(a.GetPatientName())},
	}...)
	if v := a.GetAnswers(); v != nil {
		rows = append(rows,
			ui.Row{Key: c.T("check.reason"), Value: v.GetReason()},
			ui.Row{Key: c.T("check.help"), Value: c.helpWanted(v)},
			ui.Row{Key: c.T("check.phone"), Value: orDash(phoneText(v.GetPhone()))})
	}
	pay := c.paidRow(a)
	if c.web.cancelable(a) {
		pay.Change, pay.ChangeWhat = paymentPath(a.GetAppointmentId()), " "+c.T("check.change_pay")
	}
	return append(rows, pay, ui.Row{Key: c.T("booked.reference"), Value: a.GetReference()})
}

// paidRow says who pays for a booked visit, or what it costs.
func (c *Call) paidRow(a *schedulingv1.Appointment) ui.Row {
	if a.GetPayerName() == "" {
		return ui.Row{Key: c.T("check.pay"), Value: c.T("about.self_pay"), Soft: c.L.Money(a.GetPriceCents())}
	}
	return ui.Row{Key: c.T("check.pay"), Value: a.GetPayerName()}
}

// booked is the last page of booking.
func (s *Web) booked(c *Call) error {
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	if a.GetStatus() != "booked" {
		return c.See("/appointments/" + a.GetAppointmentId())
	}
	return c.Show(book.BookedView(book.Booked{
		ID: a.GetAppointmentId(), Reference: a.GetReference(), MailIs: s.mailIs(c),
		Rows: []ui.Row{
			{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone()), Soft: c.L.ZoneName(a.GetTimeZone())},
			{Key: c.T("check.who"), Value: c.doctor(a.GetSlot()), Soft: c.license(a.GetSlot(), a.GetState())},
			{Key: c.T("check.where"), Value: c.T(i18n.Key("state." + a.GetState()))},
			{Key: c.T("check.patient"), Value: personName(a.GetPatientName())},
			c.paidRow(a),
		},
	}))
}

// mailIs says in which language mail to the caller is, where these pages have
// another. While enrollment is away, nothing is missing but an offer.
func (s *Web) mailIs(c *Call) string {
	own, err := s.self(c.Ctx(), c.Who)
	if err != nil || own.GetLanguage() == "" || own.GetLanguage() == c.L.Lang() {
		return ""
	}
	return c.T("account.language_is", "language", c.languageName(own.GetLanguage()))
}

// calendarFile is the appointment for a calendar.
func (s *Web) calendarFile(c *Call) error {
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	if a.GetMovedTo() != "" { // one visit, one entry: that of the new time
		return c.See("/appointments/" + a.GetMovedTo() + "/calendar.ics")
	}
	return c.Send("text/calendar; charset=utf-8", "bedside-"+a.GetReference()+".ics", a.GetIcs())
}

// cancelPage asks whether to cancel.
func (s *Web) cancelPage(c *Call) error {
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	if !s.cancelable(a) {
		return c.See("/appointments/" + a.GetAppointmentId())
	}
	return c.Show(account.CancelView(account.Cancel{
		ID: a.GetAppointmentId(), Key: newKey(),
		Rows: []ui.Row{
			{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone())},
			{Key: c.T("check.who"), Value: c.doctor(a.GetSlot())},
			{Key: c.T("check.patient"), Value: personName(a.GetPatientName())},
		},
	}))
}

// cancelSent cancels.
func (s *Web) cancelSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	if _, err := s.Scheduling.Cancel(c.Ctx(), &schedulingv1.CancelRequest{AppointmentId: id, IdempotencyKey: c.Key()}); err != nil {
		return err
	}
	c.Tell(ui.OK, "cancel.done", "cancel.done_text")
	return c.See("/appointments/" + id)
}
