package web

import (
	"strings"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
)

// licenseForm is the form with what was typed.
func (s *Web) licenseForm(c *Call, f *Faults, p *licensingv1.Physician) licensing.LicensePage {
	from, to := c.DateValue("valid_from"), c.DateValue("valid_to")
	return licensing.LicensePage{
		Key: c.Key(), Action: c.R.URL.Path, Back: physiciansPath + "/" + p.GetPhysicianId(), Physician: fullName(p),
		Title: c.T("lic.add_license"), Lead: c.T("lic.add_license_lead"), Problems: f.List, By: f.By,
		State: c.Value("state"), Number: c.Value("number"), Board: c.Value("board"), Basis: c.Value("basis"), Status: c.Value("status"),
		Source: c.Value("source"), Note: c.Value("note"), Looked: c.Value("looked") == "yes", Confirmed: c.Value("confirm") == "yes",
		From: licensing.DateValue(from), To: licensing.DateValue(to), States: c.stateOptions(),
		Bases:    c.codeOptions(i18n.Key("lic.basis."), "full", "imlc", "telehealth_registration", "waiver", "exception"),
		Statuses: c.codeOptions(i18n.Key("lic.status."), "active", "pending", "suspended", "revoked", "expired", "surrendered"),
	}
}

// newLicense is the form for a license that is not on file.
func (s *Web) newLicense(c *Call) error {
	res, err := s.Licensing.GetPhysician(c.Ctx(), &licensingv1.GetPhysicianRequest{PhysicianId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	page := s.licenseForm(c, c.Faults(), res.GetPhysician())
	page.Basis, page.Status = "full", "active"
	return c.Show(licensing.License(page))
}

// newLicenseSent adds the first row of a license.
func (s *Web) newLicenseSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	l := c.typedLicense(f)
	l.PhysicianId = c.R.PathValue("id")
	if !f.Any() {
		res, err := s.Licensing.AddLicense(c.Ctx(), &licensingv1.AddLicenseRequest{License: l, IdempotencyKey: c.Key()})
		if err := f.takeLicensing(err); err != nil {
			return err
		}
		if !f.Any() {
			c.Tell(ui.OK, "lic.told_license", "lic.told_license_text")
			if res.GetNeedsConfirmation() {
				c.Tell(ui.Warn, "lic.told_license", "lic.told_unconfirmed")
			}
			return c.See(physiciansPath + "/" + l.GetPhysicianId())
		}
	}
	res, err := s.Licensing.GetPhysician(c.Ctx(), &licensingv1.GetPhysicianRequest{PhysicianId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	return c.Again(licensing.License(s.licenseForm(c, f, res.GetPhysician())))
}

// typedLicense reads the form. What is missing, and dates that do not exist,
// are faults here; all else is for licensing to judge.
func (c *Call) typedLicense(f *Faults) *licensingv1.License {
	l := &licensingv1.License{
		State: c.Value("state"), Number: c.Value("number"), Board: c.Value("board"), Basis: c.Value("basis"),
		Status: c.Value("status"), Source: c.Value("source"),
	}
	for _, name := range []string{"state", "number", "board", "basis", "status"} {
		f.Need(name, c.Value(name), i18n.Key("lic.fault."+name))
	}
	for _, d := range []struct {
		name string
		into *string
	}{{"valid_from", &l.ValidFrom}, {"valid_to", &l.ValidTo}} {
		typed := c.DateValue(d.name)
		iso, ok := typed.ISO()
		if *d.into = iso; !ok && !typed.Empty() {
			f.Add(d.name, "lic.fault.not_a_date")
		}
		f.Need(d.name, iso, i18n.Key("lic.fault."+d.name))
	}
	return l
}

// licenseToCorrect finds the row that an address means. A row that was
// corrected already comes with errs.Conflict.
func (s *Web) licenseToCorrect(c *Call) (*licensingv1.Physician, *licensingv1.License, error) {
	res, err := s.Licensing.GetPhysician(c.Ctx(), &licensingv1.GetPhysicianRequest{PhysicianId: c.R.PathValue("id")})
	if err != nil {
		return nil, nil, err
	}
	for _, l := range res.GetLicenses() {
		switch {
		case l.GetLicenseId() != c.R.PathValue("license"):
		case !l.GetCurrent():
			return res.GetPhysician(), l, errs.New(errs.Conflict, "license_corrected", "Somebody has corrected this license in the meantime.")
		default:
			return res.GetPhysician(), l, nil
		}
	}
	return nil, nil, errs.New(errs.NotFound, "no_license_row", "That license is not on file.")
}

// correctionPage adds to the form what only corrections ask for.
func (c *Call) correctionPage(page licensing.LicensePage, old *licensingv1.License) licensing.LicensePage {
	page.Correct, page.Confirm = true, unconfirmed(old)
	page.Title, page.Lead = c.T("lic.correct_title", "state", c.word(i18n.Key("state."), old.GetState(), old.GetState()), "number", old.GetNumber()), c.T("lic.correct_lead")
	page.Verified = c.T("lic.looked_hint", "day", c.onDay(old.GetVerifiedAt(), c.T("lic.never")))
	return page
}

// correctLicense is the form that corrects a license, filled in with what
// stands now.
func (s *Web) correctLicense(c *Call) error {
	p, old, err := s.licenseToCorrect(c)
	if err != nil {
		return err
	}
	page := c.correctionPage(s.licenseForm(c, c.Faults(), p), old)
	page.State, page.Number, page.Board, page.Basis, page.Status = old.GetState(), old.GetNumber(), old.GetBoard(), old.GetBasis(), old.GetStatus()
	page.Source, page.From, page.To = old.GetSource(), isoParts(old.GetValidFrom()), isoParts(old.GetValidTo())
	return c.Show(licensing.License(page))
}

// isoParts takes a YYYY-MM-DD date apart, for its three fields.
func isoParts(iso string) licensing.DateValue {
	p := strings.Split(iso, "-")
	if len(p) != 3 {
		return licensing.DateValue{}
	}
	return licensing.DateValue{Year: p[0], Month: strings.TrimPrefix(p[1], "0"), Day: strings.TrimPrefix(p[2], "0")}
}

// correctLicenseSent writes a newer row over a license.
func (s *Web) correctLicenseSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	l := c.typedLicense(f)
	f.Need("note", c.Value("note"), "lic.fault.note")
	p, old, err := s.licenseToCorrect(c)
	if err != nil && errs.ReasonOf(err) != "license_corrected" {
		return err
	}
	if c.Value("looked") != "yes" && l.GetSource() == old.GetSource() {
		// Nobody looked again: the row was verified when it was.
		l.VerifiedAt = old.GetVerifiedAt()
	}
	if !f.Any() {
		_, err := s.Licensing.CorrectLicense(c.Ctx(), &licensingv1.CorrectLicenseRequest{
			LicenseId: c.R.PathValue("license"), License: l, Note: c.Value("note"), Confirm: c.Value("confirm") == "yes", IdempotencyKey: c.Key(),
		})
		if err := f.takeCorrection(err); err != nil {
			return err
		}
	}
	if f.Any() && err != nil {
		return err
	}
	if f.Any() {
		return c.Again(licensing.License(c.correctionPage(s.licenseForm(c, f, p), old)))
	}
	c.Tell(ui.OK, "lic.told_corrected", "lic.told_corrected_text")
	return c.See(physiciansPath + "/" + c.R.PathValue("id"))
}

// takeCorrection puts a refusal to confirm beside the box that asked for it. A
// lost race is not about the form: its page says so.
func (f *Faults) takeCorrection(err error) error {
	switch errs.ReasonOf(err) {
	case "nothing_to_confirm":
		f.Add("confirm", "error.nothing_to_confirm")
		return nil
	case "license_corrected":
		return err
	}
	return f.takeLicensing(err)
}
