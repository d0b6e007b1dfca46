package web

import (
	"unicode"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
)

func specialtyCodes() []string {
	return []string{
		"207Q00000X", "207QA0000X", "207QG0300X", "207R00000X", "208D00000X", "208000000X", "207N00000X", "2084P0800X", "2084P0804X",
	}
}

func spokenCodes() []string {
	return []string{"en", "es", "ar", "fa", "fr", "hi", "ht", "ko", "pl", "pt", "ru", "tl", "vi", "zh", "ase"}
}

// newPhysician is the form for a physician who is not on file.
func (s *Web) newPhysician(c *Call) error {
	page := c.physicianForm(c.Faults())
	for i := range page.Languages {
		page.Languages[i].Checked = page.Languages[i].Code == "en"
	}
	return c.Show(licensing.NewPhysician(page))
}

func (c *Call) physicianForm(f *Faults) licensing.NewPhysicianPage {
	page := licensing.NewPhysicianPage{
		Key: c.Key(), Problems: f.List, By: f.By, NPI: c.Value("npi"), Given: c.Value("given_name"), Family: c.Value("family_name"),
		Degree: c.Value("credential"), Specialty: c.Value("specialties"), Second: c.Value("specialty_2"),
		Zone: c.Value("time_zone"), State: c.Value("practice_state"),
		Specialties: c.codeOptions(i18n.Key("specialty."), specialtyCodes()...), States: c.stateOptions(), Demo: c.web.Demo,
	}
	for _, z := range i18n.Zones() {
		page.Zones = append(page.Zones, ui.Option{Value: z, Label: c.L.ZoneName(z)})
	}
	for _, code := range spokenCodes() {
		page.Languages = append(page.Languages, licensing.Language{
			Code: code, Name: capital(c.T(i18n.Key("language." + code))), Checked: c.Value("language_"+code) == "yes",
		})
	}
	return page
}

// newPhysicianSent adds a physician.
func (s *Web) newPhysicianSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	p := &licensingv1.Physician{
		Npi: digits(c.Value("npi")), GivenName: c.Value("given_name"), FamilyName: c.Value("family_name"), Credential: c.Value("credential"),
		TimeZone: c.Value("time_zone"), PracticeState: c.Value("practice_state"),
	}
	for _, field := range []string{"specialties", "specialty_2"} {
		if code := c.Value(field); code != "" {
			p.Specialties = append(p.Specialties, code)
		}
	}
	for _, code := range spokenCodes() {
		if c.Value("language_"+code) == "yes" {
			p.Languages = append(p.Languages, code)
		}
	}
	f := c.Faults()
	for _, name := range []string{"npi", "given_name", "family_name", "credential", "specialties", "practice_state", "time_zone"} {
		f.Need(name, c.Value(name), i18n.Key("lic.fault."+name))
	}
	if len(p.GetLanguages()) == 0 {
		f.Add("languages", "lic.fault.languages")
	}
	var id string
	if !f.Any() {
		res, err := s.Licensing.AddPhysician(c.Ctx(), &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: c.Key()})
		if err := f.takeLicensing(err); err != nil {
			return err
		}
		id = res.GetPhysicianId()
	}
	if f.Any() {
		return c.Again(licensing.NewPhysician(c.physicianForm(f)))
	}
	c.Tell(ui.OK, "lic.told_physician", "lic.told_physician_text")
	return c.See(physiciansPath + "/" + id)
}

// capital begins a word of a list with a capital letter.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// takeLicensing puts the faults that licensing found beside their fields, and
// gives back errors that are not about the form.
func (f *Faults) takeLicensing(err error) error {
	for _, bad := range errs.FieldsOf(err) {
		key := i18n.Key("lic.fault." + bad.Name + "_" + bad.Reason)
		if !f.call.L.Has(key) {
			key = i18n.Key("lic.fault." + bad.Name)
		}
		if !f.call.L.Has(key) {
			key = "lic.fault.other"
		}
		f.Add(bad.Name, key)
	}
	if f.Any() {
		return nil
	}
	return f.Take(err, "")
}
