package web

import (
	"net/http"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// consentDue shows the words that staff read to the patient, to be signed.
func (s *Web) consentDue(c *Call) error {
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	if !a.GetConsentDue() {
		return c.See("/appointments/" + a.GetAppointmentId())
	}
	return s.showConsent(c, a, c.Faults())
}

func (s *Web) showConsent(c *Call, a *schedulingv1.Appointment, f *Faults) error {
	words, err := s.People.ReadConsent(c.Ctx(), &enrollmentv1.ReadConsentRequest{Kind: consentKind, Language: c.L.Lang()})
	if err != nil {
		return err
	}
	page := account.Consent{
		ID: a.GetAppointmentId(), Key: c.Key(), When: c.when(a.GetSlot(), a.GetTimeZone()), Problems: f.List, Errors: f.By,
		Title: words.GetTitle(), Text: words.GetParagraphs(), Version: words.GetVersion(),
	}
	if f.Any() {
		return c.Page(http.StatusUnprocessableEntity, account.ConsentView(page))
	}
	return c.Show(account.ConsentView(page))
}

// consentSigned records the consent and puts it under the visit.
func (s *Web) consentSigned(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	a, err := s.getAppointment(c)
	if err != nil {
		return err
	}
	back := "/appointments/" + a.GetAppointmentId()
	if !a.GetConsentDue() {
		return c.See(back)
	}
	if c.Value("consent") == "" {
		f := c.Faults()
		f.Add("consent", "field.consent")
		return s.showConsent(c, a, f)
	}
	given, err := s.People.RecordConsent(c.Ctx(), &enrollmentv1.RecordConsentRequest{
		PatientId: a.GetPatientId(), Kind: consentKind, Version: c.Value("consent_version"), Language: c.L.Lang(), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	signed, err := s.Scheduling.SignConsent(c.Ctx(), &schedulingv1.SignConsentRequest{
		AppointmentId: a.GetAppointmentId(), ConsentId: given.GetConsentId(), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	if signed.GetSigned() == 0 { // it was moved in that moment: its page says what is due
		return c.See(back)
	}
	c.Tell(ui.OK, "consent_due.done", "consent_due.done_text")
	return c.See(back)
}
