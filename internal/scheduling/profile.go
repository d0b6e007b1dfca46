package scheduling

import (
	"context"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/bedside-health/bedside/internal/scheduling/index"
	"github.com/google/uuid"
)

// profile is what a search shows of a physician. It travels in the index as
// the data of a hit and never changes.
type profile struct {
	id          ids.PhysicianID
	name        string
	credential  string
	specialties []string
	languages   []string
	verified    map[string]string // by state, YYYY-MM-DD
}

func nameOf(p db.SchedulingPhysician) string {
	return strings.TrimSpace(p.GivenName + " " + p.FamilyName)
}

// specialtyFor is the code under which a physician offers a service: of theirs
// the first that the service names, else their primary one.
func specialtyFor(specialties []string, t Terms) string {
	for _, s := range specialties {
		if t.OfferedBy([]string{s}) {
			return s
		}
	}
	if len(specialties) == 0 {
		return ""
	}
	return specialties[0]
}

// known is a physician as the index takes them in.
type known struct {
	id    ids.PhysicianID
	facts index.Physician
	taken []calendar.Range
}

// load reads physicians as the index wants them, over a window of time: from
// one and the same database, so that what is open, what is taken and who may
// practice agree.
func (s *Service) load(ctx context.Context, dbtx pg.DBTX, who []uuid.UUID, window calendar.Range) ([]known, error) {
	rows, err := s.q.PhysiciansByID(ctx, dbtx, who)
	if err != nil {
		return nil, fmt.Errorf("reading physicians: %w", err)
	}
	patterns, err := s.patternsOf(ctx, dbtx, rows)
	if err != nil {
		return nil, err
	}
	live, err := s.q.LiveReservations(ctx, dbtx, db.LiveReservationsParams{Since: window.From, PhysicianIds: who})
	if err != nil {
		return nil, fmt.Errorf("reading what is taken: %w", err)
	}
	taken := make(map[uuid.UUID][]calendar.Range, len(who))
	for _, r := range live {
		taken[r.PhysicianID] = append(taken[r.PhysicianID], calendar.Range{From: r.OccupiedFrom, To: r.OccupiedTo})
	}
	out := make([]known, 0, len(rows))
	for _, row := range rows {
		pattern := patterns[row.PhysicianID]
		facts, err := s.know(ctx, dbtx, row)
		if err != nil {
			return nil, err
		}
		facts.Zone, facts.Open = pattern.Zone, pattern.Expand(window.From, window.To)
		out = append(out, known{ids.PhysicianID{UUID: row.PhysicianID}, facts, taken[row.PhysicianID]})
	}
	return out, nil
}

// know reads where a physician may practice, and their profile.
func (s *Service) know(ctx context.Context, dbtx pg.DBTX, row db.SchedulingPhysician) (index.Physician, error) {
	m, facts, err := factsOf(row)
	if err != nil {
		return index.Physician{}, err
	}
	p := &profile{
		id: ids.PhysicianID{UUID: row.PhysicianID}, name: nameOf(row), credential: row.Credential,
		specialties: row.Specialties, languages: row.Languages, verified: map[string]string{},
	}
	may := map[string][]index.DateRange{}
	for _, l := range facts.Licenses {
		if _, seen := may[l.State]; seen {
			continue
		}
		rules, err := s.rulesOf(ctx, dbtx, l.State)
		if err != nil {
			return index.Physician{}, err
		}
		if may[l.State], err = licenseDays(facts, rules, l.State); err != nil {
			return index.Physician{}, err
		}
		p.verified[l.State] = verifiedOn(m, l.State)
	}
	return index.Physician{Specialties: row.Specialties, Languages: row.Languages, May: may, Data: p}, nil
}
