package licensing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
)

// noon of the state is when a day is tried: no zone of the state is then on
// another date.
const noon = 12 * time.Hour

// examinedBefore is how many months before the day an examination in person
// counts as recent.
const examinedBefore = 6

// tryRules asks the evaluator what one license of a kind allows in a state on a
// day, by the rules that hold now. It is about no physician and decides
// nothing. It returns errs.Invalid with every field that is wrong.
func (s *Service) tryRules(ctx context.Context, req *licensingv1.TryRulesRequest) (*licensingv1.TryRulesResponse, error) {
	var f fields
	state, basis := strings.ToUpper(strings.TrimSpace(req.GetState())), jurisdiction.Basis(req.GetBasis())
	if !slices.Contains(s.states, state) {
		f.add("state", missingOr(state, faultUnknown))
	}
	if !slices.Contains(jurisdiction.Bases(), basis) {
		f.add("basis", missingOr(req.GetBasis(), faultUnknown))
	}
	day := f.date("day", req.GetDay())
	if err := f.err(); err != nil {
		return nil, err
	}
	rules, err := s.rulesThatHold(ctx, state)
	if err != nil {
		return nil, err
	}
	facts := jurisdiction.Facts{PracticeState: state, Licenses: []jurisdiction.License{{
		State: state, Basis: basis, Status: jurisdiction.StatusActive, ValidFrom: day, ValidTo: day,
		NeedsConfirmation: basis == jurisdiction.BasisIMLC && !rules.KnownMember(day),
	}}}
	res := &licensingv1.TryRulesResponse{}
	for _, q := range questions(day) {
		q.ask.PatientState, q.ask.WrittenConsent = state, true
		q.ask.At = day.Start(rules.Zones[0]).Add(noon)
		d := jurisdiction.Decide(facts, rules, q.ask)
		res.Answers = append(res.Answers, &licensingv1.RuleAnswer{
			Question: q.name, Allowed: d.Allowed, Reason: string(d.Reason), Citation: d.Citation.Text, Basis: string(d.Citation.Evidence),
		})
	}
	return res, nil
}

// question is one thing that a physician may want to do.
type question struct {
	name string
	ask  jurisdiction.Ask
}

func questions(day jurisdiction.Date) []question {
	examined := day.AddMonths(-examinedBefore)
	return []question{
		{"first_video", jurisdiction.Ask{Act: jurisdiction.Treat, Modality: jurisdiction.Video, FirstVisit: true}},
		{"later_audio", jurisdiction.Ask{Act: jurisdiction.Treat, Modality: jurisdiction.Audio}},
		{"later_async", jurisdiction.Ask{Act: jurisdiction.Treat, Modality: jurisdiction.Async}},
		{"controlled", jurisdiction.Ask{Act: jurisdiction.Prescribe, Modality: jurisdiction.Video, Schedule: 2}},
		{"controlled_examined", jurisdiction.Ask{Act: jurisdiction.Prescribe, Modality: jurisdiction.Video, Schedule: 2, InPerson: examined}},
	}
}

// rulesThatHold reads a state's rules as they were published last, with federal
// law beside them.
func (s *Service) rulesThatHold(ctx context.Context, state string) (jurisdiction.Rules, error) {
	heads, err := s.q.RuleHeads(ctx, s.db.R.DB(ctx))
	if err != nil {
		return jurisdiction.Rules{}, fmt.Errorf("reading published rules: %w", err)
	}
	held := map[string]jurisdiction.Rules{}
	for _, h := range heads {
		if h.State != state && h.State != jurisdiction.FederalState {
			continue
		}
		if held[h.State], err = jurisdiction.Parse(h.Yaml); err != nil {
			return jurisdiction.Rules{}, fmt.Errorf("reading stored rules: %w", err)
		}
	}
	rules, federal := held[state], held[jurisdiction.FederalState]
	if len(rules.Zones) == 0 {
		return jurisdiction.Rules{}, errs.New(errs.Unavailable, "rules_not_published", "The licensing rules are still being published.")
	}
	if federal.State != "" {
		rules.Federal = &federal
	}
	return rules, nil
}
