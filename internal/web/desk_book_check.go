package web

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/desk"
)

// deskAbout asks what the patient says about the visit.
func (s *Web) deskAbout(c *Call) error {
	h, err := s.deskHold(c)
	if err != nil || h == nil {
		return err
	}
	return s.showDeskAbout(c, h, h.GetAnswers(), c.Faults())
}

func (s *Web) showDeskAbout(c *Call, h *schedulingv1.Hold, a *schedulingv1.Answers, f *Faults) error {
	p, service, err := s.callerAndService(c, h.GetServiceId())
	if err != nil {
		return err
	}
	page := desk.About{
		For: c.calling(p), Action: bookPath(c, "/about"), Back: bookPath(c, "/time"), Kept: c.deskKept(h), Problems: f.List, Errors: f.By,
		Reason: a.GetReason(), Interpreter: a.GetInterpreter(), Captions: a.GetCaptions(), Phone: a.GetPhone(), Payment: paymentValue(a),
		Interpreters: c.interpreters(), Payments: c.payingFor(p, h, service.GetPriceCents()),
	}
	if a == nil {
		page.Payment = page.Payments[0].Value
		for _, v := range p.GetContacts() {
			if v.GetKind() == "phone" && page.Phone == "" {
				page.Phone = strings.ReplaceAll(phoneText(v.GetValue()), "\u00a0", " ")
			}
		}
	}
	if f.Any() {
		return c.Again(desk.AboutView(page))
	}
	return c.Show(desk.AboutView(page))
}

func (s *Web) callerAndService(c *Call, id string) (p *enrollmentv1.DeskPatient, v *schedulingv1.Service, err error) {
	calls, ctx := errgroup.WithContext(c.Ctx())
	calls.Go(func() (err error) {
		p, err = s.caller(c)
		return err
	})
	calls.Go(func() (err error) {
		v, err = s.service(ctx, id)
		return err
	})
	return p, v, calls.Wait()
}

// deskAboutSent keeps what the patient said.
func (s *Web) deskAboutSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	h, err := s.deskHold(c)
	if err != nil || h == nil {
		return err
	}
	a := readAnswers(c)
	a.PatientId = c.R.PathValue("id")
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	f := c.Faults()
	if extended {
		return s.showDeskAbout(c, h, a, f)
	}
	f.Need("reason", a.GetReason(), "desk.fault_reason")
	if utf8.RuneCountInString(a.GetReason()) > reasonLimit {
		f.Add("reason", "field.reason_long", "n", reasonLimit)
	}
	f.Need("payment", a.GetPayment(), "desk.fault_payment")
	if n := len(digits(a.GetPhone())); a.GetPhone() != "" && (n < 10 || n > 15) {
		f.Add("phone", "field.phone")
	}
	if f.Any() {
		return s.showDeskAbout(c, h, a, f)
	}
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	_, err = s.Booking.SaveAnswersFor(c.Ctx(), &schedulingv1.SaveAnswersForRequest{BrowserId: browser, Answers: a})
	if err := f.Take(err, ""); err != nil {
		return err
	}
	if f.Any() {
		return s.showDeskAbout(c, h, a, f)
	}
	return c.See(bookPath(c, "/check"))
}

// deskCheck shows all answers, to be read back, and the consent.
func (s *Web) deskCheck(c *Call) error {
	h, err := s.deskHold(c)
	if err != nil || h == nil {
		return err
	}
	if h.GetAnswers().GetReason() == "" {
		return c.See(bookPath(c, "/about"))
	}
	return s.showDeskCheck(c, h, c.Faults())
}

func (s *Web) showDeskCheck(c *Call, h *schedulingv1.Hold, f *Faults) error {
	p, service, err := s.callerAndService(c, h.GetServiceId())
	if err != nil {
		return err
	}
	words, err := s.wordsFor(c, p)
	if err != nil {
		return err
	}
	a, about := h.GetAnswers(), bookPath(c, "/about#")
	page := desk.Check{
		For: c.calling(p), Action: bookPath(c, "/check"), Back: bookPath(c, "/about"), Kept: c.deskKept(h), DueNote: "desk.consent_due_note", Problems: f.List, Errors: f.By, Key: c.Key(),
		HoldID: h.GetHoldId(), ConsentTitle: words.GetTitle(), ConsentText: words.GetParagraphs(), ConsentVersion: words.GetVersion(), ConsentLang: words.GetLanguage(),
		Rows: []ui.Row{
			{Key: c.T("check.when"), Value: c.when(h.GetSlot(), h.GetTimeZone()), Soft: c.L.ZoneName(h.GetTimeZone()), Change: bookPath(c, "/time"), ChangeWhat: c.T("check.change_time")},
			{Key: c.T("check.who"), Value: c.doctor(h.GetSlot()), Soft: c.license(h.GetSlot(), h.GetState())},
			{Key: c.T("check.need"), Value: c.serviceName(service), Soft: c.T("format.minutes", "n", service.GetMinutes()), Change: bookPath(c, ""), ChangeWhat: c.T("check.change_need")},
			{Key: c.T("desk.where"), Value: c.stateNamed(h.GetState()), Change: bookPath(c, ""), ChangeWhat: c.T("desk.change_where")},
			{Key: c.T("check.reason"), Value: a.GetReason(), Change: about + "reason", ChangeWhat: c.T("check.change_reason")},
			{Key: c.T("check.help"), Value: c.helpWanted(a), Change: about + "interpreter", ChangeWhat: c.T("check.change_help")},
			{Key: c.T("check.phone"), Value: orDash(phoneText(a.GetPhone())), Change: about + "phone", ChangeWhat: c.T("check.change_phone")},
			c.payingRow(a, c.payingFor(p, h, service.GetPriceCents()), about+"payment"),
		},
	}
	if !h.GetToldByMail() {
		page.DueNote = "desk.consent_due_phone"
	}
	if signed := signedConsent(p, words.GetVersion()); signed != nil {
		page.Signed = c.T("desk.signed_on", "when", c.moment(signed.GetGivenAt()))
	}
	if f.Any() {
		return c.Again(desk.CheckView(page))
	}
	return c.Show(desk.CheckView(page))
}

func (c *Call) payingRow(a *schedulingv1.Answers, ways []ui.Option, change string) ui.Row {
	row := ui.Row{Key: c.T("check.pay"), Value: c.T("about.self_pay"), Change: change, ChangeWhat: c.T("check.change_pay")}
	for _, w := range ways {
		if w.Value == paymentValue(a) {
			row.Value, row.Soft = w.Label, w.Aside+w.Hint
		}
	}
	return row
}

// wordsFor are the words of the consent in the patient's language.
func (s *Web) wordsFor(c *Call, p *enrollmentv1.DeskPatient) (*enrollmentv1.ReadConsentResponse, error) {
	return s.People.ReadConsent(c.Ctx(), &enrollmentv1.ReadConsentRequest{Kind: consentKind, Language: p.GetLanguage()})
}

// signedConsent is the consent in writing to a version that still counts; nil if
// there is none. A guardian's does not, once the patient has come of age.
func signedConsent(p *enrollmentv1.DeskPatient, version string) *enrollmentv1.DeskConsent {
	for _, v := range p.GetConsents() {
		if v.GetKind() == consentKind && v.GetVersion() == version && v.GetMethod() == "written" && v.GetCounts() {
			return v
		}
	}
	return nil
}

// deskCheckSent books: with the consent that the patient signed before, or with
// what they just said. The same form sent twice has one effect.
func (s *Web) deskCheckSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	h, err := s.deskHold(c)
	if err != nil || h == nil {
		return err
	}
	p, err := s.caller(c)
	if err != nil {
		return err
	}
	words, err := s.wordsFor(c, p)
	if err != nil {
		return err
	}
	signed, f := signedConsent(p, words.GetVersion()), c.Faults()
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	if !extended && signed == nil && c.Value("said") == "" {
		f.Add("said", "desk.fault_said")
	}
	if extended || f.Any() {
		return s.showDeskCheck(c, h, f)
	}
	consent := signed.GetConsentId()
	if signed == nil {
		res, err := s.Desk.RecordVerbalConsent(c.Ctx(), &enrollmentv1.RecordVerbalConsentRequest{
			PatientId: p.GetPatientId(), Kind: consentKind, Version: c.Value("consent_version"), Language: p.GetLanguage(), IdempotencyKey: c.Key(),
		})
		if errs.ReasonOf(err) == "guardian_needed" {
			f.Add("said", "desk.fault_guardian")
			return s.showDeskCheck(c, h, f)
		}
		if err != nil {
			return err
		}
		consent = res.GetConsentId()
	}
	return s.deskBook(c, h, consent)
}

func (s *Web) deskBook(c *Call, h *schedulingv1.Hold, consent string) error {
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	patient := c.R.PathValue("id")
	res, err := s.Booking.BookFor(c.Ctx(), &schedulingv1.BookForRequest{
		PatientId: patient, BrowserId: browser, HoldId: c.Value("hold_id"), ConsentId: consent, IdempotencyKey: c.Key(),
	})
	if errs.ReasonOf(err) == "hold_missing" { // another time was held in the meantime
		c.Tell(ui.Info, "desk.hold_none", "")
		return c.See(bookPath(c, "/time"))
	}
	if err != nil {
		return err
	}
	if res.GetAppointment() == nil {
		return s.showDeskLost(c, draft{Service: h.GetServiceId(), State: h.GetState(), Zone: h.GetTimeZone()}, res.GetLost(), res.GetNearest())
	}
	c.Drop(cookieDeskDraft)
	c.Tell(ui.OK, "desk.booked", bookedHow(res.GetAppointment()))
	return c.See(visitPath(patient, res.GetAppointment().GetAppointmentId()))
}

// bookedHow says what staff tell the patient still on the phone, and whether a
// mail says it as well.
func bookedHow(a *schedulingv1.Appointment) i18n.Key {
	switch due, mailed := a.GetConsentDue(), a.GetToldByMail(); {
	case due && mailed:
		return "desk.booked_due"
	case due:
		return "desk.booked_due_phone"
	case mailed:
		return "desk.booked_text"
	}
	return "desk.booked_text_phone"
}
