package licensing

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"google.golang.org/protobuf/proto"
)

func (b *bundle) ruleChanges() []*feedv1.Change {
	b.t.Helper()
	res, err := b.Changes(b.ctx, &feedv1.ChangesRequest{Topic: topicRules})
	must(b.t, err)
	return res.GetChanges()
}

func TestRulesArePublishedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refused(t, b.Ready(b.ctx), errs.Unavailable, "rules_not_published")
	services := []*Service{b.Service, b.another(true), b.another(true)}
	var wg sync.WaitGroup
	for _, s := range services {
		wg.Go(func() {
			if err := s.PublishRules(t.Context()); err != nil {
				t.Errorf("publishing: %v", err)
			}
		})
	}
	wg.Wait()
	must(t, b.Ready(b.ctx))
	changes := b.ruleChanges()
	if len(changes) != 52 {
		t.Fatalf("%d changes, want one for each state, DC and the federal file", len(changes))
	}
	for _, c := range changes {
		m := new(licensingv1.StateRules)
		must(t, proto.Unmarshal(c.GetPayload(), m))
		r, err := jurisdiction.Parse(m.GetYaml())
		must(t, err)
		if c.GetVersion() != 1 || m.GetState() != c.GetKey() || r.State != c.GetKey() || r.Version != m.GetRuleVersion() {
			t.Errorf("%s: version %d, says %s %s", c.GetKey(), c.GetVersion(), m.GetState(), m.GetRuleVersion())
		}
	}
	if n := b.audited("licensing.rules_publish"); n != 52 {
		t.Errorf("%d audit rows", n)
	}
}

func TestOnlyChangedRulesArePublishedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.PublishRules(b.ctx))
	newer := b.another(true)
	for i, f := range newer.files {
		if f.Rules.State == "WY" {
			f.YAML = append(bytes.Clone(f.YAML), "# read again\n"...)
			parsed, err := jurisdiction.Parse(f.YAML)
			must(t, err)
			f.Rules = parsed
			newer.files[i] = f
		}
	}
	must(t, newer.PublishRules(b.ctx))
	if changes := b.ruleChanges(); len(changes) != 53 || changes[52].GetKey() != "WY" || changes[52].GetVersion() != 2 {
		t.Fatalf("%d changes", len(changes))
	}
	// The older binary is rolled back to.
	must(t, b.PublishRules(b.ctx))
	if changes := b.ruleChanges(); len(changes) != 54 || changes[53].GetVersion() != 3 {
		t.Fatalf("%d changes", len(changes))
	}
	if n := b.count(`SELECT count(*) FROM licensing.rules WHERE state = 'WY'`); n != 2 {
		t.Errorf("%d versions are kept", n)
	}
}

func TestListRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.PublishRules(b.ctx))
	res, err := b.ListRules(b.ctx, &licensingv1.ListRulesRequest{})
	must(t, err)
	if len(res.GetStates()) != 52 {
		t.Fatalf("%d states", len(res.GetStates()))
	}
	for _, s := range res.GetStates() {
		if s.GetState() != jurisdiction.FederalState && (len(s.GetTopics()) < 9 || len(s.GetTimeZones()) == 0) {
			t.Errorf("%s: %d topics, zones %v", s.GetState(), len(s.GetTopics()), s.GetTimeZones())
		}
		for _, topic := range s.GetTopics() {
			if topic.GetCitation() != "" && (topic.GetSource() == "" || topic.GetBasis() == "unknown") {
				t.Errorf("%s: %v", s.GetState(), topic)
			}
		}
	}
}

func TestTheRunnerPublishes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	group := lifecycle.NewGroup(b.log)
	group.Add(b.Runners()...)
	must(t, group.Start(b.ctx))
	t.Cleanup(func() { must(t, group.Stop(context.WithoutCancel(b.ctx))) })
	res, err := b.Changes(b.ctx, &feedv1.ChangesRequest{Topic: topicRules, WaitMs: 10_000})
	must(t, err)
	if len(res.GetChanges()) == 0 {
		t.Error("nothing was published")
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := New(Deps{}); err == nil || err.Error() != "licensing needs DB\nlicensing needs Log\nlicensing needs Bell" {
		t.Errorf("got %v", err)
	}
}
