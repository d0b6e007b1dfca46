package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/people"
)

// attestationKind is the document that a guardian vouches with.
const attestationKind = "guardian"

// child asks about a child, and for the guardian's word.
func (s *Web) child(c *Call) error { return s.showChild(c, people.Child{}, c.Faults()) }

func (s *Web) showChild(c *Call, page people.Child, f *Faults) error {
	doc, err := s.People.ReadConsent(c.Ctx(), &enrollmentv1.ReadConsentRequest{Kind: attestationKind, Language: c.L.Lang()})
	if err != nil {
		return err
	}
	page.Title, page.Text, page.Version = doc.GetTitle(), doc.GetParagraphs(), doc.GetVersion()
	page.Key, page.Problems, page.Errors = c.Key(), f.List, f.By
	if f.Any() {
		return c.Again(people.ChildView(page))
	}
	return c.Show(people.ChildView(page))
}

// childSent asks to act for the child. Where staff must look, the answer is the
// same whatever a roster says.
func (s *Web) childSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, born := c.Faults(), c.DateValue("birth_date")
	page := people.Child{
		Given: c.Value("given_name"), Family: c.Value("family_name"), MemberNo: c.Value("member_no"),
		NoPlan: c.Value("no_plan") != "", Year: born.Year, Month: born.Month, Day: born.Day,
	}
	f.Need("given_name", page.Given, "child.wrong_given_name")
	f.Need("family_name", page.Family, "child.wrong_family_name")
	birth, ok := born.ISO()
	if !ok {
		f.Add("birth_date", "child.wrong_birth_date")
	}
	if (page.MemberNo == "") != page.NoPlan {
		f.Add("member_no", "child.wrong_plan")
	}
	if c.Value("attest") == "" {
		f.Add("attest", "child.wrong_attest")
	}
	if f.Any() {
		return s.showChild(c, page, f)
	}
	res, err := s.Acting.AddChild(c.Ctx(), &enrollmentv1.AddChildRequest{
		GivenName: page.Given, FamilyName: page.Family, BirthDate: birth, MemberNo: page.MemberNo,
		AttestationVersion: c.Value("version"), AttestationLanguage: c.L.Lang(), IdempotencyKey: c.Key(),
	})
	if err := f.takeChild(err); err != nil {
		return err
	}
	if f.Any() {
		return s.showChild(c, page, f)
	}
	if res.GetPatientId() == "" {
		c.Tell(ui.Info, "child.checking", "child.checking_text")
	} else {
		c.Tell(ui.OK, "child.done", "child.done_text")
	}
	return c.See("/people")
}

// takeChild turns a refusal into faults, in the words of this form.
func (f *Faults) takeChild(err error) error {
	for _, bad := range errs.FieldsOf(err) {
		switch {
		case bad.Reason == "adult":
			f.Add(bad.Name, "child.wrong_adult")
		case bad.Name == "attestation_version": // other words are in force by now
			f.Add("attest", "child.wrong_version")
		case f.call.L.Has(i18n.Key("child.wrong_" + bad.Name)):
			f.Add(bad.Name, i18n.Key("child.wrong_"+bad.Name))
		}
	}
	if f.Any() {
		return nil
	}
	return f.Take(err, "")
}
