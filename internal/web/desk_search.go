package web

import (
	"net/http"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/desk"
)

const deskPath = "/staff/patients"

// deskSearch is where a day at the desk begins: whom have you on the phone?
func (s *Web) deskSearch(c *Call) error {
	return c.Show(desk.SearchView(desk.Search{Told: c.Told()}))
}

// deskSearched looks for the person. What was typed is about somebody and stays
// out of addresses: the answer is this page.
func (s *Web) deskSearched(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	born := c.DateValue("birth_date")
	page := desk.Search{
		Told: c.Told(), Family: c.Value("family_name"), Year: born.Year, Month: born.Month, Day: born.Day, Number: c.Value("member_number"),
		Email: c.Value("email"), Phone: c.Value("phone"), ZIP: c.Value("zip"), Reference: c.Value("reference"),
	}
	f := c.Faults()
	iso := ""
	if !born.Empty() {
		iso = f.birthDate(born, s.Clock.Now())
	}
	given := 0
	for _, v := range []string{page.Family, born.Year + born.Month + born.Day, page.Number, page.Email, page.Phone, page.ZIP, page.Reference} {
		if v != "" {
			given++
		}
	}
	if given < 2 {
		f.Add("family_name", i18n.Key("desk.fault_two"))
	}
	var found *enrollmentv1.FindPeopleResponse
	if !f.Any() {
		var err error
		if found, err = s.findPeople(c, page, iso); err != nil && len(errs.FieldsOf(err)) == 0 {
			return err
		}
		for _, bad := range errs.FieldsOf(err) {
			f.Add(bad.Name, i18n.Key("desk.fault."+bad.Name))
		}
	}
	page.Problems, page.Errors = f.List, f.By
	if f.Any() {
		return c.Again(desk.SearchView(page))
	}
	page.Asked, page.More = true, found.GetMore()
	for _, p := range found.GetPeople() {
		page.People = append(page.People, c.personLine(p))
	}
	return c.Page(http.StatusOK, desk.SearchView(page))
}

// findPeople asks scheduling whose a quoted reference is, and enrollment for
// whom all identifiers fit.
func (s *Web) findPeople(c *Call, page desk.Search, born string) (*enrollmentv1.FindPeopleResponse, error) {
	req := &enrollmentv1.FindPeopleRequest{
		FamilyName: page.Family, BirthDate: born, MemberNumber: page.Number, Email: page.Email, Phone: page.Phone, Zip: page.ZIP,
	}
	if page.Reference != "" {
		quoted, err := s.Booking.FindByReference(c.Ctx(), &schedulingv1.FindByReferenceRequest{Reference: page.Reference})
		if err != nil {
			return nil, err
		}
		req.ByAppointment, req.PatientId = true, quoted.GetPatientId()
	}
	return s.Desk.FindPeople(c.Ctx(), req)
}

func (c *Call) personLine(p *enrollmentv1.FoundPerson) desk.PersonLine {
	line := desk.PersonLine{
		Href: "/staff/members/" + p.GetMemberId(), Name: personName(p.GetGivenName(), p.GetFamilyName()), Born: c.L.ISODate(p.GetBirthDate()),
		Payer: p.GetPayerName(), State: c.stateNamed(p.GetHomeState()), Status: c.T("desk.member_only"),
	}
	if p.GetPatientId() != "" {
		line.Href, line.Patient, line.Status = deskPath+"/"+p.GetPatientId(), true, c.T("desk.no_account")
	}
	if p.GetHasAccount() {
		line.Account, line.Status = true, c.T("desk.has_account")
	}
	if line.Payer == "" {
		line.Payer = c.T("desk.no_plan")
	}
	return line
}

// stateNamed is a state's name; empty for none.
func (c *Call) stateNamed(code string) string { return c.word(i18n.Key("state."), code, code) }
