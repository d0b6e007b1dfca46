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

// rules shows what is known of the states' rules, and how well.
func (s *Web) rules(c *Call) error {
	res, err := s.Licensing.ListRules(c.Ctx(), &licensingv1.ListRulesRequest{})
	if err != nil {
		return err
	}
	var page licensing.RulesPage
	all := res.GetStates()
	slices.SortStableFunc(all, func(a, b *licensingv1.StateRules) int { return strings.Compare(c.stateName(a), c.stateName(b)) })
	for _, st := range all {
		page.Choices = append(page.Choices, ui.Option{Value: st.GetState(), Label: c.stateName(st)})
		if st.GetState() == c.Query("state") {
			c.oneState(&page, st)
		}
		page.States = append(page.States, c.stateLine(st))
	}
	return c.Show(licensing.Rules(page))
}

func (c *Call) stateName(st *licensingv1.StateRules) string {
	return c.word(i18n.Key("state."), st.GetState(), st.GetName())
}

func (c *Call) stateLine(st *licensingv1.StateRules) licensing.StateLine {
	line := licensing.StateLine{Href: "/licensing/rules?state=" + st.GetState(), Name: c.stateName(st)}
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

func (c *Call) oneState(page *licensing.RulesPage, st *licensingv1.StateRules) {
	page.State, page.Name, page.Version = st.GetState(), c.stateName(st), st.GetRuleVersion()
	if len(page.Version) > 12 {
		page.Version = page.Version[:12]
	}
	for _, t := range st.GetTopics() {
		if unsure(t) {
			page.Unsure++
		}
		line := licensing.RuleLine{
			Topic: c.word(i18n.Key("rule.topic."), t.GetTopic(), plainWords(t.GetTopic())), Value: c.ruleValue(t.GetValue()),
			Detail: t.GetDetail(), Citation: t.GetCitation(), Source: t.GetSource(), AsOf: t.GetAsOf(), Basis: c.basisMark(t.GetBasis()),
		}
		if line.Citation == "" && t.GetBasis() != "unknown" {
			line.Citation = c.T("rule.no_citation")
		}
		if day := c.L.ISOShortDate(t.GetAsOf()); day != "" {
			line.AsOf = day
		} else if month, err := time.Parse("2006-01", t.GetAsOf()); err == nil {
			line.AsOf = fmt.Sprintf("%s\u00a0%d", c.L.ShortMonth(month.Month()), month.Year())
		}
		if t.GetEffectiveFrom() != "" {
			line.Effective = c.T("rule.from", "day", c.L.ISOShortDate(t.GetEffectiveFrom()))
		}
		if t.GetEffectiveTo() != "" {
			line.Effective = strings.TrimSpace(line.Effective + " " + c.T("rule.to", "day", c.L.ISOShortDate(t.GetEffectiveTo())))
		}
		page.Rules = append(page.Rules, line)
	}
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
