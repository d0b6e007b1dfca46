package web

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// physician shows one physician with every license and its history.
func (s *Web) physician(c *Call) error {
	res, err := s.Licensing.GetPhysician(c.Ctx(), &licensingv1.GetPhysicianRequest{PhysicianId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	p := res.GetPhysician()
	page := licensing.PhysicianPage{
		Told: c.Told(), Path: physiciansPath + "/" + p.GetPhysicianId(), Name: fullName(p), Specialty: c.mainSpecialty(p), Facts: c.physicianFacts(p),
	}
	look, corrected := 0, false
	var current []*licensingv1.License
	for _, l := range res.GetLicenses() {
		corrected = corrected || l.GetCorrects() != ""
		page.History = append(page.History, c.licenseLine(page.Path, l))
		if l.GetCurrent() {
			current = append(current, l)
		}
	}
	slices.SortStableFunc(current, func(a, b *licensingv1.License) int {
		return cmp.Or(
			slices.Index(standings(), standingOf(a, s.Clock.Now()))-slices.Index(standings(), standingOf(b, s.Clock.Now())),
			strings.Compare(c.stateWord(a.GetState()), c.stateWord(b.GetState())))
	})
	for _, l := range current {
		page.Current = append(page.Current, c.licenseLine(page.Path, l))
		switch standingOf(l, s.Clock.Now()) {
		case standsExpired, standsSuspended, standsRevoked, standsUnconfirmed, standsExpiring:
			look++
		}
	}
	if look > 0 {
		page.Alarm = c.T("lic.alarm", "n", look)
	}
	if !corrected {
		page.History = nil
	}
	return c.Show(licensing.Physician(page))
}

// stateWord is a state's name; its code where there are no words.
func (c *Call) stateWord(code string) string { return c.word(i18n.Key("state."), code, code) }

func (c *Call) physicianFacts(p *licensingv1.Physician) []ui.Row {
	account := c.T("lic.account_none")
	if p.GetAccountId() != "" {
		account = c.T("lic.account_linked")
	}
	var specialties, languages []string
	for _, code := range p.GetSpecialties() {
		specialties = append(specialties, c.word(i18n.Key("specialty."), code, code))
	}
	for _, code := range p.GetLanguages() {
		languages = append(languages, c.word(i18n.Key("language."), code, code))
	}
	return []ui.Row{
		{Key: c.T("lic.npi"), Value: p.GetNpi()},
		{Key: c.T("lic.specialties"), Value: strings.Join(specialties, ", ")},
		{Key: c.T("lic.languages_short"), Value: c.L.List(languages)},
		{Key: c.T("lic.practice_state"), Value: c.stateWord(p.GetPracticeState())},
		{Key: c.T("lic.time_zone"), Value: c.L.ZoneName(p.GetTimeZone())},
		{Key: c.T("lic.account"), Value: account},
	}
}

// licenseLine puts one row of a license into words.
func (c *Call) licenseLine(path string, l *licensingv1.License) licensing.LicenseLine {
	state := c.stateWord(l.GetState())
	line := licensing.LicenseLine{
		State: state, Basis: c.word(i18n.Key("lic.basis."), l.GetBasis(), l.GetBasis()), Number: l.GetNumber(), Board: l.GetBoard(),
		From: c.T("lic.valid_since", "day", c.L.ISOShortDate(l.GetValidFrom())), To: c.T("lic.valid_until", "day", c.L.ISOShortDate(l.GetValidTo())),
		Verified: c.onDay(l.GetVerifiedAt(), c.T("lic.never")), Source: l.GetSource(),
		Recorded: c.moment(l.GetRecordedAt()), Note: l.GetNote(),
		Mark:    c.standingMark(standingOf(l, c.web.Clock.Now())),
		Correct: path + "/licenses/" + l.GetLicenseId() + "/correct", What: state + " " + l.GetNumber(), Confirm: unconfirmed(l),
	}
	if !l.GetCurrent() {
		line.Replaced = c.T("lic.replaced")
		// What an old row would be worth today says nothing.
		line.Mark = parts.Mark{Text: c.word(i18n.Key("lic.status."), l.GetStatus(), l.GetStatus())}
	}
	if line.Note == "" && l.GetCorrects() == "" {
		line.Note = c.T("lic.first_entry")
	}
	return line
}

func (c *Call) onDay(at *timestamppb.Timestamp, never string) string {
	if at == nil {
		return never
	}
	return c.L.ShortDate(inOffice(at.AsTime()))
}

// codeOptions lists codes with their words.
func (c *Call) codeOptions(prefix i18n.Key, codes ...string) []ui.Option {
	out := make([]ui.Option, len(codes))
	for i, code := range codes {
		out[i] = ui.Option{Value: code, Label: c.T(prefix + i18n.Key(code))}
		if hint := prefix + i18n.Key(code+"_hint"); c.L.Has(hint) {
			out[i].Hint = c.T(hint)
		}
	}
	return out
}
