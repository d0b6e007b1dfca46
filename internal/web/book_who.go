package web

import (
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// bookWho asks who the visit is for, of whoever acts for several people: what
// can pay depends on it.
func (s *Web) bookWho(c *Call) error {
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	return s.showWho(c, h, c.Faults())
}

func (s *Web) showWho(c *Call, h *schedulingv1.Hold, f *Faults) error {
	me, err := s.People.Me(c.Ctx(), &enrollmentv1.MeRequest{})
	if err != nil {
		return err
	}
	if len(me.GetPatients()) < 2 {
		return c.See(aboutPath)
	}
	page := book.Who{Kept: c.kept(h), Problems: f.List, Errors: f.By, PatientID: s.chosenPatient(c, h.GetAnswers())}
	for _, p := range me.GetPatients() {
		page.Patients = append(page.Patients, c.patientOption(p))
	}
	if f.Any() {
		return c.Again(book.WhoView(page))
	}
	return c.Show(book.WhoView(page))
}

// patientOption is a person with what tells them from another of the name.
func (c *Call) patientOption(p *enrollmentv1.PatientFacts) ui.Option {
	out := ui.Option{Value: p.GetPatientId(), Label: personName(p.GetGivenName(), p.GetFamilyName()), Aside: c.age(p.GetBirthDate())}
	if relationTo(p) == "self" {
		out.Hint = c.T("who.self")
	}
	return out
}

// relationTo is what the caller is to a patient. Me tells of nobody else.
func relationTo(p *enrollmentv1.PatientFacts) string {
	if acts := p.GetActsFor(); len(acts) > 0 {
		return acts[0].GetRelation()
	}
	return ""
}

// bookWhoSent keeps the choice; the answers about somebody else are not for
// this person.
func (s *Web) bookWhoSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	f, patient := c.Faults(), c.Value("patient_id")
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	if extended {
		return s.showWho(c, h, f)
	}
	me, err := s.People.Me(c.Ctx(), &enrollmentv1.MeRequest{})
	if err != nil {
		return err
	}
	if p := patientOf(me, patient); patient == "" || p.GetPatientId() != patient {
		f.Add("patient_id", "field.patient_id")
		return s.showWho(c, h, f)
	}
	d, ok := c.draft()
	if !ok {
		return c.See("/book")
	}
	d.Patient = patient
	if err := c.Keep(cookieDraft, d, draftLife); err != nil {
		return err
	}
	return c.See(aboutPath)
}

// chosenPatient is for whom the visit is: as chosen last, else as answered.
func (s *Web) chosenPatient(c *Call, a *schedulingv1.Answers) string {
	if d, ok := c.draft(); ok && d.Patient != "" {
		return d.Patient
	}
	return a.GetPatientId()
}
