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
)

func movePath(id string) string { return "/appointments/" + id + "/move" }

// movable reads the appointment that the path names. One that cannot be moved
// any more leads to its page: then the answer is given, and nil is returned.
func (s *Web) movable(c *Call) (*schedulingv1.Appointment, error) {
	a, err := s.getAppointment(c)
	if err != nil {
		return nil, err
	}
	if !s.cancelable(a) {
		return nil, c.See("/appointments/" + a.GetAppointmentId())
	}
	return a, nil
}

// sameNeed is what the appointment was booked for; a move changes none of it.
func sameNeed(a *schedulingv1.Appointment) draft {
	return draft{Service: a.GetServiceId(), State: a.GetState(), Zone: a.GetTimeZone()}
}

// moveTimes shows the times to which a visit can be moved.
func (s *Web) moveTimes(c *Call) error {
	a, err := s.movable(c)
	if a == nil {
		return err
	}
	return s.showMoveTimes(c, a, c.Faults())
}

func (s *Web) showMoveTimes(c *Call, a *schedulingv1.Appointment, f *Faults) error {
	id := a.GetAppointmentId()
	page, err := s.timesPage(c, sameNeed(a), movePath(id), f, "")
	if errs.CodeOf(err) == errs.Invalid { // a day that is none
		return c.See("/appointments/" + id)
	}
	if err != nil {
		return err
	}
	page.Back = "/appointments/" + id
	page.Moving = c.T("move.now", "when", c.when(a.GetSlot(), a.GetTimeZone()), "doctor", c.doctor(a.GetSlot()))
	if f.Any() {
		return c.Again(book.TimesView(page))
	}
	return c.Show(book.TimesView(page))
}

// moveTimesSent takes the choice to the last question. Nothing is taken yet:
// the visit keeps its time, and the new one is won or lost in one step.
func (s *Web) moveTimesSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	a, err := s.movable(c)
	if a == nil {
		return err
	}
	if _, _, ok := readSlot(c.Value("slot")); !ok {
		f := c.Faults()
		f.Add("slot", "field.slot")
		return s.showMoveTimes(c, a, f)
	}
	return c.See(movePath(a.GetAppointmentId()) + "/check?slot=" + url.QueryEscape(c.Value("slot")))
}

// moveCheck asks whether to move the visit.
func (s *Web) moveCheck(c *Call) error {
	a, err := s.movable(c)
	if a == nil {
		return err
	}
	times := movePath(a.GetAppointmentId())
	physician, start, ok := readSlot(c.Query("slot"))
	if !ok {
		return c.See(times)
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
		return c.See(times)
	}
	return c.Show(book.MoveView(book.Move{
		ID: a.GetAppointmentId(), Key: newKey(), Slot: c.Query("slot"), Times: times,
		Rows: []ui.Row{
			{Key: c.T("move.old"), Value: c.when(a.GetSlot(), zone), Soft: c.doctor(a.GetSlot())},
			{Key: c.T("move.new"), Value: c.when(&schedulingv1.Slot{Start: timestamppb.New(start)}, zone), Soft: doctor},
			{Key: c.T("check.patient"), Value: personName(a.GetPatientName())},
		},
	}))
}

// moveCheckSent moves the visit.
func (s *Web) moveCheckSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	physician, start, ok := readSlot(c.Value("slot"))
	if !ok {
		return c.See(movePath(id))
	}
	res, err := s.Scheduling.Reschedule(c.Ctx(), &schedulingv1.RescheduleRequest{
		AppointmentId: id, PhysicianId: physician, Start: timestamppb.New(start), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	if res.GetAppointment() == nil {
		return s.showMoveLost(c, a, res)
	}
	c.Tell(ui.OK, "move.done", "move.done_text")
	return c.See("/appointments/" + res.GetAppointment().GetAppointmentId())
}

// showMoveLost says that the new time was not to be had, that the old one
// stays, and which are near.
func (s *Web) showMoveLost(c *Call, a *schedulingv1.Appointment, res *schedulingv1.RescheduleResponse) error {
	page := book.Lost{
		Why: c.T("move.lost_taken"), Base: movePath(a.GetAppointmentId()), Zone: c.L.ZoneName(a.GetTimeZone()), Key: newKey(),
		Stays: c.T("move.stays", "when", c.when(a.GetSlot(), a.GetTimeZone())), Nearest: c.nearest(res.GetNearest(), sameNeed(a)),
	}
	if key := i18n.Key("move.lost_" + res.GetLost()); c.L.Has(key) {
		page.Why = c.T(key)
	}
	if res.GetLost() == "coverage" {
		page.Mend, page.MendHref = c.T("move.to_pay"), paymentPath(a.GetAppointmentId())
	}
	return c.Page(http.StatusConflict, book.LostView(page))
}
