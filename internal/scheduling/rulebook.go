package scheduling

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/bedside-health/bedside/internal/scheduling/index"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// rulebook keeps parsed rules by the version of their row, so that a booking
// does not parse a file.
type rulebook struct {
	mu     sync.Mutex
	states map[string]parsedRules
}

type parsedRules struct {
	version int64
	rules   jurisdiction.Rules
}

func newRulebook() *rulebook { return &rulebook{states: map[string]parsedRules{}} }

func (b *rulebook) get(state string, version int64) (jurisdiction.Rules, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.states[state]
	return p.rules, ok && p.version == version
}

func (b *rulebook) put(state string, version int64, rules jurisdiction.Rules) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.states[state].version <= version {
		b.states[state] = parsedRules{version, rules}
	}
}

// rulesOf reads a state's rules as db sees them. A state without any has the
// zero value, which denies everything.
func (s *Service) rulesOf(ctx context.Context, dbtx pg.DBTX, state string) (jurisdiction.Rules, error) {
	row, err := s.q.RulesOf(ctx, dbtx, state)
	if errors.Is(err, pgx.ErrNoRows) {
		return jurisdiction.Rules{}, nil
	}
	if err != nil {
		return jurisdiction.Rules{}, fmt.Errorf("reading the rules of %s: %w", state, err)
	}
	if rules, ok := s.rulebook.get(state, row.Version); ok {
		return rules, nil
	}
	m := new(licensingv1.StateRules)
	if err := proto.Unmarshal(row.Payload, m); err != nil {
		return jurisdiction.Rules{}, fmt.Errorf("decoding the rules of %s: %w", state, err)
	}
	rules, err := jurisdiction.Parse(m.GetYaml())
	if err != nil {
		return jurisdiction.Rules{}, fmt.Errorf("reading the rules of %s: %w", state, err)
	}
	s.rulebook.put(state, row.Version, rules)
	return rules, nil
}

// factsOf reads what is known of a physician out of the projected row.
func factsOf(p db.SchedulingPhysician) (*licensingv1.PhysicianFacts, jurisdiction.Facts, error) {
	m := new(licensingv1.PhysicianFacts)
	if err := proto.Unmarshal(p.Facts, m); err != nil {
		return nil, jurisdiction.Facts{}, fmt.Errorf("decoding the facts of physician %s: %w", p.PhysicianID, err)
	}
	facts, err := jurisdiction.FactsOf(m)
	if err != nil {
		return nil, jurisdiction.Facts{}, fmt.Errorf("reading the facts of physician %s: %w", p.PhysicianID, err)
	}
	return m, facts, nil
}

// askFor is the question for a video visit. Every visit counts as a first one:
// what is stricter is safe.
func askFor(state, service string, visit calendar.Range, consent bool) jurisdiction.Ask {
	return jurisdiction.Ask{
		Act: jurisdiction.Treat, PatientState: state, At: visit.From, Until: visit.To,
		Modality: jurisdiction.Video, FirstVisit: true, WrittenConsent: consent, Service: service,
	}
}

// decide answers whether a physician may treat, from the projections as db
// sees them. An unknown physician has no license.
func (s *Service) decide(ctx context.Context, dbtx pg.DBTX, physician uuid.UUID, ask jurisdiction.Ask) (jurisdiction.Decision, error) {
	rules, err := s.rulesOf(ctx, dbtx, ask.PatientState)
	if err != nil {
		return jurisdiction.Decision{}, err
	}
	var facts jurisdiction.Facts
	row, err := s.q.PhysicianByID(ctx, dbtx, physician)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return jurisdiction.Decision{}, fmt.Errorf("reading a physician: %w", err)
	default:
		if _, facts, err = factsOf(row); err != nil {
			return jurisdiction.Decision{}, err
		}
	}
	return jurisdiction.Decide(facts, rules, ask), nil
}

// licenseDays are the dates on which a physician may treat in a state, as the
// index counts dates.
func licenseDays(facts jurisdiction.Facts, rules jurisdiction.Rules, state string) ([]index.DateRange, error) {
	var out []index.DateRange
	for _, r := range jurisdiction.Intervals(facts, rules, state) {
		from, err := calendar.ParseDate(r.From.String())
		if err != nil {
			return nil, fmt.Errorf("reading license days: %w", err)
		}
		to, err := calendar.ParseDate(r.To.String())
		if err != nil {
			return nil, fmt.Errorf("reading license days: %w", err)
		}
		out = append(out, index.DateRange{From: from, To: to})
	}
	return out, nil
}

// verifiedOn is the day on which the license that is used in a state was last
// verified, YYYY-MM-DD; empty if unknown.
func verifiedOn(facts *licensingv1.PhysicianFacts, state string) string {
	var newest time.Time
	for _, l := range facts.GetLicenses() {
		if l.GetState() == state && l.GetVerifiedAt() != nil && l.GetVerifiedAt().AsTime().After(newest) {
			newest = l.GetVerifiedAt().AsTime()
		}
	}
	if newest.IsZero() {
		return ""
	}
	return newest.UTC().Format(time.DateOnly)
}
