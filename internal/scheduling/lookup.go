package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

// The bounds of a search that SQL answers.
const (
	sqlPhysicians = 60
	sqlDays       = 15
)

// menu is the list of services, reread now and then: it changes with a
// release, not with a request.
type menu struct {
	at       time.Time
	services []Terms
}

const menuFor = time.Minute

// services lists what can be booked, in the order in which it is shown.
func (s *Service) services(ctx context.Context, dbtx pg.DBTX) ([]Terms, error) {
	if m := s.menu.Load(); m != nil && time.Since(m.at) < menuFor {
		return m.services, nil
	}
	rows, err := s.q.ListServices(ctx, dbtx)
	if err != nil {
		return nil, fmt.Errorf("reading services: %w", err)
	}
	m := &menu{at: time.Now()}
	for _, r := range rows {
		m.services = append(m.services, termsOf(r))
	}
	s.menu.Store(m)
	return m.services, nil
}

// terms finds a service; an unknown one is a refused field.
func (s *Service) terms(ctx context.Context, dbtx pg.DBTX, id string) (Terms, error) {
	all, err := s.services(ctx, dbtx)
	if err != nil {
		return Terms{}, err
	}
	for _, t := range all {
		if t.ServiceID == id {
			return t, nil
		}
	}
	return Terms{}, errs.InvalidFields(errs.Field{Name: "service_id", Reason: "unknown"})
}

func minutes(d time.Duration) int { return int(d / time.Minute) }

// filter narrows a search; the zero value is anybody.
type filter struct {
	physician ids.PhysicianID
	language  string
	specialty string
}

// query is what the index is asked for a service in a state.
func (s *Service) query(t Terms, state string, f filter, zone *time.Location) index.Query {
	return index.Query{
		State: state, Physician: f.physician, Language: f.language, Specialty: f.specialty, Zone: zone, Now: s.d.Clock.Now(),
		Service: index.ServiceShape{
			Minutes: minutes(t.Duration), BufferBefore: minutes(t.Before), BufferAfter: minutes(t.After),
			LeadMinutes: minutes(t.Lead), Align: minutes(Grid), Specialties: t.Specialties,
		},
	}
}

// indexFor is the index, or while that is not ready a small one made of SQL
// for this question alone: a bounded number of physicians and days from now.
func (s *Service) indexFor(ctx context.Context, t Terms, state string, f filter) (x *index.Index, fromSQL bool, err error) {
	if s.ix.Ready() {
		return s.ix, false, nil
	}
	src := s.d.DB.R.DB(ctx)
	who, err := s.q.PhysiciansOfState(ctx, src, db.PhysiciansOfStateParams{
		State: state, Specialties: t.Specialties, Physician: f.physician.UUID, Language: f.language, Specialty: f.specialty, Page: sqlPhysicians,
	})
	if err != nil {
		return nil, true, fmt.Errorf("searching without the index: %w", err)
	}
	small := index.New(index.Options{Horizon: sqlDays})
	small.Advance(s.d.Clock.Now())
	all, err := s.load(ctx, src, who, small.Window())
	if err != nil {
		return nil, true, err
	}
	for _, p := range all {
		small.SetPhysician(p.id, p.facts)
		small.Reset(p.id, p.facts.Open, p.taken)
	}
	return small, true, nil
}

// hitsOnDay finds the distinct start times of one local day.
func hitsOnDay(x *index.Index, q index.Query, day calendar.Date, zone *time.Location) []index.Hit {
	r := calendar.DayRange(day, zone)
	q.From, q.To = r.From, r.To
	return x.Find(q)
}
