package web

import (
	"golang.org/x/sync/errgroup"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// consentKind is the consent that care by video needs in writing.
const consentKind = "telehealth"

// bookCheck shows all answers and the consent.
func (s *Web) bookCheck(c *Call) error {
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	if h.GetAnswers().GetReason() == "" {
		return c.See("/book/about")
	}
	return s.showCheck(c, h, c.Faults())
}

func (s *Web) showCheck(c *Call, h *schedulingv1.Hold, f *Faults) error {
	var me *enrollmentv1.MeResponse
	var service *schedulingv1.Service
	var consent *enrollmentv1.ReadConsentResponse
	calls, ctx := errgroup.WithContext(c.Ctx())
	calls.Go(func() (err error) {
		me, err = s.People.Me(ctx, &enrollmentv1.MeRequest{})
		return err
	})
	calls.Go(func() (err error) {
		service, err = s.service(ctx, h.GetServiceId())
		return err
	})
	calls.Go(func() (err error) {
		consent, err = s.People.ReadConsent(ctx, &enrollmentv1.ReadConsentRequest{Kind: consentKind, Language: c.L.Lang()})
		return err
	})
	if err := calls.Wait(); err != nil {
		return err
	}
	a := h.GetAnswers()
	page := book.Check{
		Kept: c.kept(h), Problems: f.List, Errors: f.By, Key: c.Key(),
		HoldID: h.GetHoldId(), PatientID: a.GetPatientId(),
		ConsentTitle: consent.GetTitle(), ConsentText: consent.GetParagraphs(), ConsentVersion: consent.GetVersion(),
	}
	patient := patientOf(me, a.GetPatientId())
	page.Agree, page.AboutTitle = c.agree(patient), c.T("check.about")
	if relationTo(patient) != "self" {
		page.AboutTitle = c.T("who.about_other", "name", personName(patient.GetGivenName()))
	}
	page.Visit = []ui.Row{
		{Key: c.T("check.when"), Value: c.when(h.GetSlot(), h.GetTimeZone()), Change: "/book/time", ChangeWhat: c.T("check.change_time")},
		{Key: c.T("check.who"), Value: c.doctor(h.GetSlot()), Soft: c.license(h.GetSlot(), h.GetState())},
		{Key: c.T("check.need"), Value: c.serviceName(service), Soft: c.T("format.minutes", "n", service.GetMinutes()), Change: "/book", ChangeWhat: c.T("check.change_need")},
		{Key: c.T("check.where"), Value: c.T(i18n.Key("state." + h.GetState())), Change: "/book", ChangeWhat: c.T("check.change_where")},
	}
	about := "/book/about#"
	page.About = []ui.Row{
		c.patientRow(me, patient),
		{Key: c.T("check.reason"), Value: a.GetReason(), Change: about + "reason", ChangeWhat: c.T("check.change_reason")},
		{Key: c.T("check.help"), Value: c.helpWanted(a), Change: about + "interpreter", ChangeWhat: c.T("check.change_help")},
		{Key: c.T("check.phone"), Value: orDash(phoneText(a.GetPhone())), Change: about + "phone", ChangeWhat: c.T("check.change_phone")},
		c.payRow(a, patient, service, about+"payment"),
	}
	if f.Any() {
		return c.Again(book.CheckView(page))
	}
	return c.Show(book.CheckView(page))
}

// agree is what the box to check says: for oneself, or for whom one acts.
func (c *Call) agree(p *enrollmentv1.PatientFacts) string {
	name := personName(p.GetGivenName(), p.GetFamilyName())
	switch relationTo(p) {
	case "guardian":
		return c.T("who.consent_guardian", "name", name)
	case "caregiver":
		return c.T("who.consent_caregiver", "name", name)
	}
	return c.T("consent.agree")
}

// patientRow says who the visit is for; who acts for several may change it.
func (c *Call) patientRow(me *enrollmentv1.MeResponse, p *enrollmentv1.PatientFacts) ui.Row {
	row := ui.Row{Key: c.T("check.patient"), Value: personName(p.GetGivenName(), p.GetFamilyName())}
	if len(me.GetPatients()) > 1 {
		row.Soft, row.Change, row.ChangeWhat = c.age(p.GetBirthDate()), "/book/who", c.T("who.change")
	}
	return row
}

func (c *Call) payRow(a *schedulingv1.Answers, p *enrollmentv1.PatientFacts, v *schedulingv1.Service, change string) ui.Row {
	row := ui.Row{
		Key: c.T("check.pay"), Value: c.T("about.self_pay"), Soft: c.L.Money(v.GetPriceCents()),
		Change: change, ChangeWhat: c.T("check.change_pay"),
	}
	for _, cov := range p.GetCoverages() {
		if a.GetPayment() == "coverage" && cov.GetCoverageId() == a.GetCoverageId() {
			row.Value, row.Soft = cov.GetPayerName(), cov.GetPlan()
		}
	}
	return row
}

// helpWanted says in words which help with language was asked for.
func (c *Call) helpWanted(a *schedulingv1.Answers) string {
	var words []string
	if a.GetInterpreter() != "" {
		words = append(words, c.T("check.interpreter", "language", c.languages([]string{a.GetInterpreter()})))
	}
	if a.GetCaptions() {
		words = append(words, c.T("check.captions"))
	}
	if len(words) == 0 {
		return c.T("check.no_help")
	}
	return upperFirst(c.L.List(words))
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// bookCheckSent records the consent and books. The same form sent twice has
// one effect: consent and booking carry its key.
func (s *Web) bookCheckSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	if c.Value("extend") != "" || c.Value("consent") == "" {
		return s.checkAgain(c)
	}
	consent, err := s.People.RecordConsent(c.Ctx(), &enrollmentv1.RecordConsentRequest{
		PatientId: c.Value("patient_id"), Kind: consentKind, Version: c.Value("consent_version"), Language: c.L.Lang(),
		IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	res, err := s.Scheduling.Book(c.Ctx(), &schedulingv1.BookRequest{
		BrowserId: browser, HoldId: c.Value("hold_id"), ConsentId: consent.GetConsentId(), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	if res.GetAppointment() == nil {
		d, ok := c.draft()
		if !ok {
			return c.See("/book")
		}
		return s.showLost(c, d, res.GetLost(), res.GetNearest(), true)
	}
	c.Drop(cookieDraft)
	return c.See("/appointments/" + res.GetAppointment().GetAppointmentId() + "/booked")
}

// checkAgain shows the page again: more time was asked for, or the consent is
// missing.
func (s *Web) checkAgain(c *Call) error {
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	f := c.Faults()
	if !extended {
		f.Add("consent", "field.consent")
	}
	return s.showCheck(c, h, f)
}
