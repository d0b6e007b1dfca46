package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/persons"
)

const duplicatesPath = "/staff/duplicates"

// duplicates lists patients who may be one human: those that wait, or those that
// were decided.
func (s *Web) duplicates(c *Call) error {
	state := "open"
	if c.Query("show") == "decided" {
		state = "decided"
	}
	res, err := s.Persons.ListDuplicates(c.Ctx(), &enrollmentv1.ListDuplicatesRequest{State: state, After: c.Query("after")})
	if err != nil {
		return err
	}
	page := persons.DuplicatesPage{Told: c.Told(), Decided: state == "decided"}
	for _, d := range res.GetDuplicates() {
		page.Lines = append(page.Lines, persons.DuplicateLine{
			Href: duplicatesPath + "/" + d.GetDuplicateId(), Names: c.bothNames(d), Born: c.bothBorn(d), Why: c.why(d),
			When: c.moment(d.GetFoundAt()), Mark: c.duplicateMark(d.GetState()),
		})
	}
	show := "?show=" + state
	if c.Query("after") != "" {
		page.First = duplicatesPath + show
	}
	if res.GetNext() != "" {
		page.Next = duplicatesPath + show + "&after=" + url.QueryEscape(res.GetNext())
	}
	return c.Show(persons.Duplicates(page))
}

func sideName(p *enrollmentv1.DuplicateSide) string {
	return strings.TrimSpace(p.GetGivenName() + " " + p.GetFamilyName())
}

func (c *Call) bothNames(d *enrollmentv1.Duplicate) string {
	return c.T("dup.both", "one", sideName(d.GetFirst()), "two", sideName(d.GetSecond()))
}

func (c *Call) bothBorn(d *enrollmentv1.Duplicate) string {
	one, two := d.GetFirst().GetBirthDate(), d.GetSecond().GetBirthDate()
	if one == two {
		return c.L.ISOShortDate(one)
	}
	return c.T("dup.both", "one", c.L.ISOShortDate(one), "two", c.L.ISOShortDate(two))
}

func (c *Call) why(d *enrollmentv1.Duplicate) string {
	var out []string
	for _, w := range d.GetWhy() {
		out = append(out, c.word(i18n.Key("dup.why."), w, w))
	}
	return c.L.List(out)
}

func (c *Call) duplicateMark(state string) parts.Mark {
	mark := parts.Mark{Kind: ui.Warn, Icon: "users", Text: c.word(i18n.Key("dup.state."), state, state)}
	switch state {
	case "merged":
		mark.Kind, mark.Icon = ui.OK, "circle-check"
	case "not_duplicates":
		mark.Kind, mark.Icon = ui.Plain, "x"
	}
	return mark
}

// duplicate shows both patients beside each other.
func (s *Web) duplicate(c *Call) error {
	page, err := s.duplicatePage(c, c.Faults())
	if err != nil {
		return err
	}
	page.Told = c.Told()
	return c.Show(persons.Duplicate(page))
}

func (s *Web) duplicatePage(c *Call, f *Faults) (persons.DuplicatePage, error) {
	res, err := s.Persons.GetDuplicate(c.Ctx(), &enrollmentv1.GetDuplicateRequest{DuplicateId: c.R.PathValue("id")})
	if err != nil {
		return persons.DuplicatePage{}, err
	}
	d := res.GetDuplicate()
	one, two := d.GetFirst(), d.GetSecond()
	page := persons.DuplicatePage{
		Told: templ.NopComponent, Path: duplicatesPath + "/" + d.GetDuplicateId(), Title: c.bothNames(d), Why: c.why(d),
		Mark: c.duplicateMark(d.GetState()), Open: d.GetState() == "open", Merged: d.GetState() == "merged",
		Rows: c.compare(one, two), Key: c.Key(), Problems: f.List, By: f.By,
		Survivor: c.Value("survivor"), AccountOf: c.Value("account"), Check: one.GetUnidentified() || two.GetUnidentified(),
		Methods: c.methods(), Method: c.Value("method"), Documents: c.documents(), Document: c.Value("document"),
	}
	page.Choices = []ui.Option{c.sideOption(one, "dup.first"), c.sideOption(two, "dup.second")}
	page.Accounts = one.GetHasAccount() && two.GetHasAccount()
	for _, p := range []*enrollmentv1.DuplicateSide{one, two} {
		if page.Merged && p.GetPatientId() == d.GetSurvivorId() {
			page.GoesOn = sideName(p)
		}
	}
	c.fillRights(&page, d)
	return page, nil
}

// sideOption tells the two apart where they are called the same.
func (c *Call) sideOption(p *enrollmentv1.DuplicateSide, which i18n.Key) ui.Option {
	var payers []string
	for _, cov := range p.GetCoverages() {
		if !slices.Contains(payers, cov.GetPayerName()) {
			payers = append(payers, cov.GetPayerName())
		}
	}
	if len(payers) == 0 {
		payers = []string{c.T("dup.no_coverage")}
	}
	return ui.Option{Value: p.GetPatientId(), Label: c.T(which) + ": " + sideName(p), Hint: c.L.List(payers)}
}

// compare lists what is known of both, and marks what differs.
func (c *Call) compare(one, two *enrollmentv1.DuplicateSide) []persons.CompareLine {
	var out []persons.CompareLine
	add := func(key i18n.Key, of func(p *enrollmentv1.DuplicateSide) string) {
		a, b := of(one), of(two)
		none := c.T("dup.none")
		line := persons.CompareLine{What: c.T(key), First: a, Second: b, Differs: a != b}
		if a == "" {
			line.First = none
		}
		if b == "" {
			line.Second = none
		}
		out = append(out, line)
	}
	lines := func(of func(p *enrollmentv1.DuplicateSide) []string) func(p *enrollmentv1.DuplicateSide) string {
		return func(p *enrollmentv1.DuplicateSide) string { return strings.Join(of(p), "\n") }
	}
	add("dup.given", (*enrollmentv1.DuplicateSide).GetGivenName)
	add("dup.family", (*enrollmentv1.DuplicateSide).GetFamilyName)
	add("dup.born", func(p *enrollmentv1.DuplicateSide) string { return c.L.ISODate(p.GetBirthDate()) })
	add("dup.emails", lines((*enrollmentv1.DuplicateSide).GetEmails))
	add("dup.phones", lines(func(p *enrollmentv1.DuplicateSide) []string {
		var all []string
		for _, n := range p.GetPhones() {
			all = append(all, phoneText(n))
		}
		return all
	}))
	add("dup.addresses", lines((*enrollmentv1.DuplicateSide).GetAddresses))
	add("dup.coverages", lines(func(p *enrollmentv1.DuplicateSide) []string { return c.coverageWords(p.GetCoverages()) }))
	add("dup.language", func(p *enrollmentv1.DuplicateSide) string {
		return c.word(i18n.Key("dup.lang."), p.GetLanguage(), p.GetLanguage())
	})
	add("dup.account", func(p *enrollmentv1.DuplicateSide) string {
		switch {
		case !p.GetHasAccount():
			return c.T("dup.no")
		case p.GetLimited():
			return c.T("dup.account_limited")
		case p.GetUnidentified():
			return c.T("dup.account_unidentified")
		}
		return c.T("dup.yes")
	})
	add("dup.others", func(p *enrollmentv1.DuplicateSide) string { return c.L.Number(int64(p.GetOthers())) })
	add("dup.since", func(p *enrollmentv1.DuplicateSide) string { return c.moment(p.GetSince()) })
	return out
}

func (c *Call) coverageWords(all []*enrollmentv1.Coverage) []string {
	var out []string
	for _, cov := range all {
		words := c.T("dup.coverage_from", "payer", cov.GetPayerName(), "plan", cov.GetPlan(), "line", cov.GetLine(), "from", c.L.ISOShortDate(cov.GetFrom()))
		if cov.GetTo() != "" {
			words = c.T("dup.coverage_span", "payer", cov.GetPayerName(), "plan", cov.GetPlan(), "line", cov.GetLine(),
				"from", c.L.ISOShortDate(cov.GetFrom()), "to", c.L.ISOShortDate(cov.GetTo()))
		}
		out = append(out, words)
	}
	return out
}

// duplicateMerged makes one person of both.
func (s *Web) duplicateMerged(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	f.Need("survivor", c.Value("survivor"), "field.survivor_id")
	guardians := c.guardianChecks(f)
	if !f.Any() {
		_, err := s.Persons.MergeDuplicate(c.Ctx(), &enrollmentv1.MergeDuplicateRequest{
			DuplicateId: c.R.PathValue("id"), SurvivorId: c.Value("survivor"), AccountOf: c.Value("account"), IdempotencyKey: c.Key(),
			Method: c.Value("method"), Document: c.Value("document"), Guardians: guardians,
		})
		if err == nil {
			c.Tell(ui.OK, "dup.done_merged", "dup.done_merged_text")
			return c.See(duplicatesPath + "/" + c.R.PathValue("id"))
		}
		if err := f.takeAs(err, map[string]string{"survivor_id": "survivor", "account_of": "account"}); err != nil {
			return err
		}
	}
	page, err := s.duplicatePage(c, f)
	if err != nil {
		return err
	}
	return c.Again(persons.Duplicate(page))
}

// duplicateUndone brings back what was.
func (s *Web) duplicateUndone(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Persons.UndoMerge(c.Ctx(), &enrollmentv1.UndoMergeRequest{DuplicateId: c.R.PathValue("id"), IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "dup.done_undone", "dup.done_undone_text")
	return c.See(duplicatesPath + "/" + c.R.PathValue("id"))
}

// duplicateDismissed says that they are two people.
func (s *Web) duplicateDismissed(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Persons.DismissDuplicate(c.Ctx(), &enrollmentv1.DismissDuplicateRequest{DuplicateId: c.R.PathValue("id"), IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "dup.done_dismissed", "")
	return c.See(duplicatesPath)
}
