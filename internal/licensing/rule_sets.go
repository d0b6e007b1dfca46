package licensing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/feed"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/licensing/rules"
	"github.com/jackc/pgx/v5"
)

// PublishRules makes this binary's rule files the ones that hold, and tells the
// neighbors of those that changed. Several processes may do so at once. The
// process that started last decides: an older binary that is rolled back to
// brings its rules back too.
func (s *Service) PublishRules(ctx context.Context) error {
	heads, err := s.q.RuleHeads(ctx, s.db.W.DB())
	if err != nil {
		return fmt.Errorf("reading published rules: %w", err)
	}
	holds := make(map[string]string, len(heads))
	for _, h := range heads {
		holds[h.State] = h.RuleVersion
	}
	for _, f := range s.files {
		if holds[f.Rules.State] == f.Rules.Version {
			continue
		}
		if err := s.publishState(ctx, f); err != nil {
			return fmt.Errorf("publishing the rules of %s: %w", f.Rules.State, err)
		}
	}
	s.source.Ring(topicRules)
	s.published.Store(true)
	return nil
}

func (s *Service) publishState(ctx context.Context, f rules.File) error {
	return s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := s.q.InsertRules(ctx, tx, db.InsertRulesParams{State: f.Rules.State, RuleVersion: f.Rules.Version, Yaml: f.YAML})
		if err != nil {
			return fmt.Errorf("storing a rule file: %w", err)
		}
		changed, err := s.q.SetRuleHead(ctx, tx, db.SetRuleHeadParams{State: f.Rules.State, RuleVersion: f.Rules.Version})
		if err != nil {
			return fmt.Errorf("moving to a rule file: %w", err)
		}
		if changed == 0 {
			return nil
		}
		if _, err := feed.Append(ctx, tx, topicRules, f.Rules.State, rulesProto(f)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: audit.Actor{Service: serviceName}, Action: "licensing.rules_publish", Subject: "rules/" + f.Rules.State,
			Detail: map[string]string{"rule_version": f.Rules.Version},
		})
	})
}

// listRules lists the rules that hold, federal law under US.
func (s *Service) listRules(ctx context.Context) (*licensingv1.ListRulesResponse, error) {
	heads, err := s.q.RuleHeads(ctx, s.db.R.DB(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing rules: %w", err)
	}
	res := &licensingv1.ListRulesResponse{}
	for _, h := range heads {
		parsed, err := jurisdiction.Parse(h.Yaml)
		if err != nil {
			return nil, fmt.Errorf("reading stored rules: %w", err)
		}
		m := rulesProto(rules.File{Rules: parsed, YAML: h.Yaml})
		m.Yaml = nil // the page shows the topics
		res.States = append(res.States, m)
	}
	return res, nil
}

func rulesProto(f rules.File) *licensingv1.StateRules {
	m := &licensingv1.StateRules{State: f.Rules.State, Name: f.Rules.Name, RuleVersion: f.Rules.Version, Yaml: f.YAML}
	for _, z := range f.Rules.Zones {
		m.TimeZones = append(m.TimeZones, z.String())
	}
	for topic, entries := range f.Rules.Topics {
		for _, e := range entries {
			m.Topics = append(m.Topics, &licensingv1.RuleTopic{
				Topic: string(topic), Value: e.Value, Detail: e.Detail, Citation: e.Citation, Source: e.Source,
				AsOf: e.AsOf, Basis: string(e.Evidence),
				EffectiveFrom: e.EffectiveFrom.String(), EffectiveTo: e.EffectiveTo.String(),
			})
		}
	}
	order := append(jurisdiction.StateTopics(), jurisdiction.FederalTopics()...)
	slices.SortStableFunc(m.Topics, func(a, b *licensingv1.RuleTopic) int {
		i, j := slices.Index(order, jurisdiction.Topic(a.GetTopic())), slices.Index(order, jurisdiction.Topic(b.GetTopic()))
		if i != j {
			return i - j
		}
		return strings.Compare(a.GetEffectiveFrom(), b.GetEffectiveFrom())
	})
	return m
}
