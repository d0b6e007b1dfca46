package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

const rulesPath = "/licensing/rules"

// federalLaw is the state code under which federal law is listed.
const federalLaw = "US"

// rules shows what is known of the states' rules, and how well. A state that
// was chosen from the list has a page of its own.
func (s *Web) rules(c *Call) error {
	all, err := s.allRules(c)
	if err != nil {
		return err
	}
	var page licensing.RulesPage
	for _, st := range all {
		if st.GetState() == c.Query("state") {
			return c.See(rulesPath + "/" + st.GetState())
		}
		page.Choices = append(page.Choices, ui.Option{Value: st.GetState(), Label: c.stateName(st)})
		page.States = append(page.States, c.stateLine(st))
	}
	return c.Show(licensing.Rules(page))
}

// allRules lists the rules of all states, by name.
func (s *Web) allRules(c *Call) ([]*licensingv1.StateRules, error) {
	res, err := s.Licensing.ListRules(c.Ctx(), &licensingv1.ListRulesRequest{})
	if err != nil {
		return nil, err
	}
	all := res.GetStates()
	slices.SortStableFunc(all, func(a, b *licensingv1.StateRules) int { return strings.Compare(c.stateName(a), c.stateName(b)) })
	return all, nil
}

func (c *Call) stateName(st *licensingv1.StateRules) string {
	return c.word(i18n.Key("state."), st.GetState(), st.GetName())
}

func (c *Call) stateLine(st *licensingv1.StateRules) licensing.StateLine {
	line := licensing.StateLine{Href: rulesPath + "/" + st.GetState(), Name: c.stateName(st)}
	known, unverified, unknown := 0, 0, 0
	for _, t := range st.GetTopics() {
		switch {
		case t.GetBasis() == "unknown":
			unknown++
		case unsure(t):
			unverified++
		default:
			known++
		}
		if t.GetTopic() == "imlc_membership" {
			line.Compact = c.ruleValue(t.GetValue())
		}
	}
	line.Known, line.Unverified, line.Unknown = strconv.Itoa(known), strconv.Itoa(unverified), strconv.Itoa(unknown)
	return line
}

// unsure says that nobody has checked a rule against its text.
func unsure(t *licensingv1.RuleTopic) bool {
	return t.GetBasis() == "unverified" || t.GetBasis() == "inferred"
}

// ruleLines puts a state's rules into words, as they stand on a day.
func (c *Call) ruleLines(topics []*licensingv1.RuleTopic, on string) []licensing.RuleLine {
	var out []licensing.RuleLine
	for _, t := range topics {
		line := licensing.RuleLine{
			Topic: c.word(i18n.Key("rule.topic."), t.GetTopic(), plainWords(t.GetTopic())), Value: c.ruleValue(t.GetValue()),
			Detail: t.GetDetail(), Citation: t.GetCitation(), Source: t.GetSource(), AsOf: c.asOf(t.GetAsOf()),
			Basis: c.basisMark(t.GetBasis()), Force: c.forceMark(t, on),
		}
		if line.Citation == "" && t.GetBasis() != "unknown" {
			line.Citation = c.T("rule.no_citation")
		}
		if t.GetEffectiveFrom() != "" {
			line.Effective = c.T("rule.from", "day", c.L.ISOShortDate(t.GetEffectiveFrom()))
		}
		if t.GetEffectiveTo() != "" {
			line.Effective = strings.TrimSpace(line.Effective + " " + c.T("rule.to", "day", c.L.ISOShortDate(t.GetEffectiveTo())))
		}
		out = append(out, line)
	}
	return out
}

// asOf is when a source was read, which may be a day, a month or a year.
func (c *Call) asOf(text string) string {
	if day := c.L.ISOShortDate(text); day != "" {
		return day
	}
	if month, err := time.Parse("2006-01", text); err == nil {
		return fmt.Sprintf("%s\u00a0%d", c.L.ShortMonth(month.Month()), month.Year())
	}
	return text
}

// forceMark says whether a rule that has dates holds on a day.
func (c *Call) forceMark(t *licensingv1.RuleTopic, on string) parts.Mark {
	switch from, to := t.GetEffectiveFrom(), t.GetEffectiveTo(); {
	case from == "" && to == "":
		return parts.Mark{}
	case from > on:
		return parts.Mark{Kind: ui.Info, Icon: "clock", Text: c.T("try.not_yet")}
	case to != "" && to < on:
		return parts.Mark{Kind: ui.Plain, Icon: "clock", Text: c.T("try.not_anymore")}
	}
	return parts.Mark{Kind: ui.OK, Icon: "circle-check", Text: c.T("try.in_force")}
}

// ruleValue is a value in words; lists of codes stay as they are.
func (c *Call) ruleValue(value string) string {
	if strings.Contains(value, "/") {
		var zones []string
		for z := range strings.FieldsSeq(value) {
			zones = append(zones, strings.ReplaceAll(z[strings.LastIndex(z, "/")+1:], "_", " "))
		}
		return strings.Join(zones, ", ")
	}
	return c.word(i18n.Key("rule.value."), value, plainWords(value))
}

// plainWords makes words of a code that the catalog does not know.
func plainWords(code string) string { return strings.ReplaceAll(code, "_", " ") }

func (c *Call) basisMark(basis string) parts.Mark {
	mark := parts.Mark{Kind: ui.Plain, Icon: "circle-help", Text: c.word(i18n.Key("rule.basis."), basis, basis)}
	switch basis {
	case "statute":
		mark.Kind, mark.Icon = ui.OK, "circle-check"
	case "secondary":
		mark.Kind, mark.Icon = ui.Info, "file-text"
	case "inferred", "unverified":
		mark.Kind, mark.Icon = ui.Warn, "triangle-alert"
	}
	return mark
}
