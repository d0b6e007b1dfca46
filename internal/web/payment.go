package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/visits"
)

func paymentPath(id string) string { return "/appointments/" + id + "/payment" }

// payment asks how a visit is to be paid. One that has begun leads to its page.
func (s *Web) payment(c *Call) error {
	a, err := s.movable(c)
	if a == nil {
		return err
	}
	return s.showPayment(c, a, paidNow(a), c.Faults())
}

// paidNow is the choice as the form has it; none where the coverage of before
// does not cover the day any more.
func paidNow(a *schedulingv1.Appointment) string {
	for _, t := range a.GetTroubles() {
		if t.GetKind() == "coverage" {
			return ""
		}
	}
	return paymentValue(a.GetAnswers())
}

func (s *Web) showPayment(c *Call, a *schedulingv1.Appointment, chosen string, f *Faults) error {
	me, err := s.People.Me(c.Ctx(), &enrollmentv1.MeRequest{})
	if err != nil {
		return err
	}
	service, err := s.service(c.Ctx(), a.GetServiceId())
	if err != nil {
		return err
	}
	id := a.GetAppointmentId()
	page := visits.Payment{
		ID: id, Path: paymentPath(id), Key: newKey(), Version: a.GetVersion(), Problems: f.List, Error: f.By["payment"], Value: chosen,
		Why: c.uncovered(a), Rows: []ui.Row{
			{Key: c.T("check.when"), Value: c.when(a.GetSlot(), a.GetTimeZone())},
			{Key: c.T("check.who"), Value: c.doctor(a.GetSlot())},
			{Key: c.T("check.patient"), Value: personName(a.GetPatientName())},
		},
	}
	day := a.GetSlot().GetStart().AsTime().In(location(a.GetTimeZone())).Format(time.DateOnly)
	for _, v := range coverageOf(me, a.GetPatientId(), day) {
		page.Options = append(page.Options, ui.Option{
			Value: "coverage:" + v.GetCoverageId(), Label: v.GetPayerName(), Hint: c.T("about.coverage_hint", "plan", v.GetPlan()),
		})
	}
	page.Options = append(page.Options, ui.Option{Value: "self_pay", Label: c.T("about.self_pay"), Aside: c.L.Money(service.GetPriceCents())})
	if f.Any() {
		return c.Again(visits.PaymentView(page))
	}
	return c.Show(visits.PaymentView(page))
}

// coverageOf is what covers a day of a patient's; nothing for a patient whom
// the caller does not act for.
func coverageOf(me *enrollmentv1.MeResponse, patient, day string) []*enrollmentv1.Coverage {
	for _, p := range me.GetPatients() {
		if p.GetPatientId() == patient || slices.Contains(p.GetMergedFrom(), patient) {
			return healthCoverage(p, day)
		}
	}
	return nil
}

// paymentSent changes how the visit is paid.
func (s *Web) paymentSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	a, err := s.movable(c)
	if a == nil {
		return err
	}
	f := c.Faults()
	if f.Need("payment", c.Value("payment"), "field.payment"); f.Any() {
		return s.showPayment(c, a, "", f)
	}
	how, coverage := splitPayment(c.Value("payment"))
	version, err := strconv.ParseInt(c.Value("version"), 10, 64)
	if err != nil {
		version = a.GetVersion()
	}
	_, err = s.Scheduling.ChangePayment(c.Ctx(), &schedulingv1.ChangePaymentRequest{
		AppointmentId: a.GetAppointmentId(), Payment: how, CoverageId: coverage, Version: version, IdempotencyKey: c.Key(),
	})
	for _, bad := range errs.FieldsOf(err) {
		switch bad.Name {
		case "coverage_id":
			f.Add("payment", "field.coverage_id")
		case "payment":
			f.Add("payment", "field.payment")
		}
	}
	if f.Any() {
		return s.showPayment(c, a, "", f)
	}
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "pay.done", "pay.done_text")
	return c.See("/appointments/" + a.GetAppointmentId())
}

// troubles are the notes on a visit's page about what has come between.
func (c *Call) troubles(a *schedulingv1.Appointment) []visits.Trouble {
	if a.GetStatus() != "booked" {
		return nil
	}
	var out []visits.Trouble
	id := a.GetAppointmentId()
	for _, t := range a.GetTroubles() {
		switch t.GetKind() {
		case "coverage":
			out = append(out, visits.Trouble{
				Title: c.uncovered(a), Text: c.T("trouble.coverage_do"), Do: c.T("trouble.coverage_link"), Href: paymentPath(id),
			})
		case "license":
			out = append(out, visits.Trouble{
				Title: c.T("trouble.license", "doctor", c.doctor(a.GetSlot()), "state", c.T(i18n.Key("state."+a.GetState()))),
				Text:  c.T("trouble.license_do"), Do: c.T("trouble.license_link"), Href: movePath(id),
			})
		}
	}
	return out
}

// uncovered says why a visit is not covered; empty where it is.
func (c *Call) uncovered(a *schedulingv1.Appointment) string {
	for _, t := range a.GetTroubles() {
		if t.GetKind() == "coverage" {
			return c.T(i18n.Key("trouble.coverage_"+t.GetReason()), "day", c.L.ISODate(t.GetEndedOn()))
		}
	}
	return ""
}

// unlicensed says that the physician may not see the patient then, whatever
// was true at booking.
func unlicensed(a *schedulingv1.Appointment) bool {
	for _, t := range a.GetTroubles() {
		if t.GetKind() == "license" {
			return true
		}
	}
	return false
}
