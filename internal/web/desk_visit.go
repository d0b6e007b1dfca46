package web

import (
	"net/http"
	"net/url"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
	"github.com/bedside-health/bedside/internal/web/view/desk"
)

// visitFor reads the appointment that the path names, of the patient that it
// names.
func (s *Web) visitFor(c *Call) (*schedulingv1.Appointment, error) {
	res, err := s.Booking.GetAppointmentFor(c.Ctx(), &schedulingv1.GetAppointmentForRequest{
		PatientId: c.R.PathValue("id"), AppointmentId: c.R.PathValue("appointment"),
	})
	return res.GetAppointment(), err
}

// openVisit reads one that can still be changed. Any other leads to its page:
// then the answer is given, and nil is returned.
func (s *Web) openVisit(c *Call) (*schedulingv1.Appointment, error) {
	a, err := s.visitFor(c)
	if err != nil {
		return nil, err
	}
	if !s.cancelable(a) {
		return nil, c.See(visitPath(a.GetPatientId(), a.GetAppointmentId()))
	}
	return a, nil
}

func (c *Call) callingOf(a *schedulingv1.Appointment) string {
	return c.T("desk.for", "name", personName(a.GetPatientName()), "day", c.L.ISODate(a.GetBirthDate()))
}

// deskVisit shows one visit, without what it is about.
func (s *Web) deskVisit(c *Call) error {
	a, err := s.visitFor(c)
	if err != nil {
		return err
	}
	page := desk.Visit{
		Told: c.Told(), For: c.callingOf(a), Title: c.T("appointment.title", "doctor", c.doctor(a.GetSlot())), Back: deskPath + "/" + a.GetPatientId(),
		Base: visitPath(a.GetPatientId(), a.GetAppointmentId()), Open: s.cancelable(a), Due: a.GetConsentDue(),
		Rows: c.deskVisitRows(a),
	}
	if a.GetMovedTo() != "" {
		page.MovedTo = visitPath(a.GetPatientId(), a.GetMovedTo())
	}
	return c.Show(desk.VisitView(page))
}

func (c *Call) deskVisitRows(a *schedulingv1.Appointment) []ui.Row {
	pay := ui.Row{Key: c.T("check.pay"), Value: a.GetPayerName()}
	if a.GetPayerName() == "" {
		pay.Value, pay.Soft = c.T("about.self_pay"), c.L.Money(a.GetPriceCents())
	}
	return []ui.Row{
		{Key: c.T("desk.col_reference"), Value: a.GetReference()},
		{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone()), Soft: c.L.ZoneName(a.GetTimeZone())},
		{Key: c.T("desk.col_status"), Value: c.deskStatus(a)},
		{Key: c.T("check.need"), Value: c.serviceName(&schedulingv1.Service{ServiceId: a.GetServiceId()})},
		{Key: c.T("desk.where"), Value: c.stateNamed(a.GetState())},
		pay,
	}
}

// toldHow says who tells the patient, or a child's guardians, of a change: we
// by mail, or staff alone.
func toldHow(a *schedulingv1.Appointment) i18n.Key {
	if a.GetToldByMail() {
		return "desk.told"
	}
	return "desk.told_phone"
}

// deskCancel asks whether to cancel.
func (s *Web) deskCancel(c *Call) error {
	a, err := s.openVisit(c)
	if a == nil {
		return err
	}
	lead := i18n.Key("desk.cancel_lead")
	if !a.GetToldByMail() {
		lead = "desk.cancel_lead_phone"
	}
	return c.Show(desk.CancelView(desk.Cancel{
		For: c.callingOf(a), Lead: lead, Base: visitPath(a.GetPatientId(), a.GetAppointmentId()), Key: newKey(),
		Rows: []ui.Row{
			{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone()), Soft: c.L.ZoneName(a.GetTimeZone())},
			{Key: c.T("check.who"), Value: c.doctor(a.GetSlot())},
		},
	}))
}

// deskCancelSent cancels.
func (s *Web) deskCancelSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	patient := c.R.PathValue("id")
	res, err := s.Booking.CancelFor(c.Ctx(), &schedulingv1.CancelForRequest{
		PatientId: patient, AppointmentId: c.R.PathValue("appointment"), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "desk.canceled", toldHow(res.GetAppointment()))
	return c.See(deskPath + "/" + patient)
}

// deskMove shows the times to which a visit can be moved.
func (s *Web) deskMove(c *Call) error {
	a, err := s.openVisit(c)
	if a == nil {
		return err
	}
	return s.showDeskMove(c, a, c.Faults())
}

func (s *Web) showDeskMove(c *Call, a *schedulingv1.Appointment, f *Faults) error {
	back := visitPath(a.GetPatientId(), a.GetAppointmentId())
	page, err := s.timesPage(c, sameNeed(a), back+"/move", f, "")
	if errs.CodeOf(err) == errs.Invalid && err != nil { // a day that is none
		return c.See(back)
	}
	if err != nil {
		return err
	}
	page.For, page.Back = c.callingOf(a), back
	page.Moving = c.T("desk.moving", "when", c.when(a.GetSlot(), a.GetTimeZone()), "doctor", c.doctor(a.GetSlot()))
	if f.Any() {
		return c.Again(book.TimesView(page))
	}
	return c.Show(book.TimesView(page))
}

// deskMoveChosen takes the choice to the last question.
func (s *Web) deskMoveChosen(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	a, err := s.openVisit(c)
	if a == nil {
		return err
	}
	if _, _, ok := readSlot(c.Value("slot")); !ok {
		f := c.Faults()
		f.Add("slot", "field.slot")
		return s.showDeskMove(c, a, f)
	}
	return c.See(visitPath(a.GetPatientId(), a.GetAppointmentId()) + "/move/check?slot=" + url.QueryEscape(c.Value("slot")))
}

// deskMoveCheck asks whether to move the visit.
func (s *Web) deskMoveCheck(c *Call) error {
	a, err := s.openVisit(c)
	if a == nil {
		return err
	}
	base := visitPath(a.GetPatientId(), a.GetAppointmentId())
	physician, start, ok := readSlot(c.Query("slot"))
	if !ok {
		return c.See(base + "/move")
	}
	zone := a.GetTimeZone()
	found, err := s.Scheduling.Search(c.Ctx(), &schedulingv1.SearchRequest{
		ServiceId: a.GetServiceId(), State: a.GetState(), PhysicianId: physician, TimeZone: zone,
		Day: start.In(location(zone)).Format(time.DateOnly), Days: stripDays,
	})
	if err != nil && errs.CodeOf(err) != errs.Invalid {
		return err
	}
	doctor := ""
	for _, p := range found.GetPhysicians() {
		if p.GetPhysicianId() == physician {
			doctor = c.T("book.doctor", "name", p.GetName())
		}
	}
	if doctor == "" {
		return c.See(base + "/move")
	}
	return c.Show(desk.MoveView(desk.Move{
		For: c.callingOf(a), Base: base, Slot: c.Query("slot"), Key: newKey(),
		Rows: []ui.Row{
			{Key: c.T("move.old"), Value: c.when(a.GetSlot(), zone), Soft: c.doctor(a.GetSlot())},
			{Key: c.T("move.new"), Value: c.when(&schedulingv1.Slot{Start: timestamppb.New(start)}, zone), Soft: doctor},
		},
	}))
}

// deskMoveSent moves the visit, or says that it stays where it was.
func (s *Web) deskMoveSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	a, err := s.visitFor(c)
	if err != nil {
		return err
	}
	base := visitPath(a.GetPatientId(), a.GetAppointmentId())
	physician, start, ok := readSlot(c.Value("slot"))
	if !ok {
		return c.See(base + "/move")
	}
	res, err := s.Booking.RescheduleFor(c.Ctx(), &schedulingv1.RescheduleForRequest{
		PatientId: a.GetPatientId(), AppointmentId: a.GetAppointmentId(), PhysicianId: physician, Start: timestamppb.New(start), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	if res.GetAppointment() == nil {
		return c.Page(http.StatusConflict, book.LostView(book.Lost{
			Why: c.word(i18n.Key("desk.lost."), res.GetLost(), c.T("desk.lost.taken")), Base: base + "/move", Zone: c.L.ZoneName(a.GetTimeZone()), Key: newKey(),
			Stays: c.T("desk.stays", "when", c.when(a.GetSlot(), a.GetTimeZone())), Nearest: c.nearest(res.GetNearest(), sameNeed(a)),
		}))
	}
	c.Tell(ui.OK, "move.done", toldHow(res.GetAppointment()))
	return c.See(visitPath(a.GetPatientId(), res.GetAppointment().GetAppointmentId()))
}
