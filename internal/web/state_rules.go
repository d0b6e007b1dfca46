package web

import (
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// licenseBases are the kinds of license, the strongest first.
func licenseBases() []string {
	return []string{"full", "imlc", "telehealth_registration", "waiver", "exception"}
}

// stateRules shows one state's rules, and what they mean on a day for a kind of
// license. Neither is about a person, so both stand in the address.
func (s *Web) stateRules(c *Call) error {
	all, err := s.allRules(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(st *licensingv1.StateRules) bool { return st.GetState() == c.R.PathValue("state") })
	if i < 0 {
		return errs.New(errs.NotFound, "page_unknown", "There is no such page.")
	}
	page := licensing.StatePage{
		State: all[i].GetState(), Name: c.stateName(all[i]), Version: all[i].GetRuleVersion(),
		On: inOffice(s.Clock.Now()).Format(time.DateOnly), Basis: c.Query("basis"),
	}
	page.Version = page.Version[:min(len(page.Version), 12)]
	if asked := c.Query("on"); asked != "" {
		if c.L.ISODate(asked) == "" {
			page.OnError = c.T("try.on_wrong")
		} else {
			page.On = asked
		}
	}
	for _, t := range all[i].GetTopics() {
		if unsure(t) {
			page.Unsure++
		}
	}
	page.Rules = c.ruleLines(all[i].GetTopics(), page.On)
	if page.State != federalLaw {
		if err := s.tryState(c, &page); err != nil {
			return err
		}
		for _, st := range all {
			if st.GetState() == federalLaw {
				page.Federal = c.ruleLines(st.GetTopics(), page.On)
			}
		}
	}
	if page.OnError != "" {
		return c.Again(licensing.State(page))
	}
	return c.Show(licensing.State(page))
}

// tryState asks what the rules allow on the day, and puts it into words.
func (s *Web) tryState(c *Call, page *licensing.StatePage) error {
	if !slices.Contains(licenseBases(), page.Basis) {
		page.Basis = licenseBases()[0]
	}
	for _, b := range licenseBases() {
		page.Bases = append(page.Bases, ui.Option{Value: b, Label: c.T(i18n.Key("lic.basis." + b))})
	}
	res, err := s.Licensing.TryRules(c.Ctx(), &licensingv1.TryRulesRequest{State: page.State, Day: page.On, Basis: page.Basis})
	if len(errs.FieldsOf(err)) > 0 {
		page.OnError = c.T("try.on_wrong") // a day in the year 9999
		return nil
	}
	if err != nil {
		return err
	}
	page.Title = c.T("try.title", "day", c.L.ISODate(page.On))
	for _, a := range res.GetAnswers() {
		line := licensing.AnswerLine{
			Question: c.word(i18n.Key("try.question."), a.GetQuestion(), plainWords(a.GetQuestion())),
			Why:      c.word(i18n.Key("try.reason."), a.GetReason(), plainWords(a.GetReason())),
			Citation: a.GetCitation(), Answer: parts.Mark{Kind: ui.Bad, Icon: "circle-alert", Text: c.T("try.refused")},
		}
		if a.GetBasis() != "" {
			line.Basis = c.basisMark(a.GetBasis()).Text
		}
		if a.GetAllowed() {
			line.Answer = parts.Mark{Kind: ui.OK, Icon: "circle-check", Text: c.T("try.allowed")}
		}
		page.Answers = append(page.Answers, line)
	}
	return nil
}
