package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
)

// patternsOf reads the weekly patterns and exceptions of physicians.
func (s *Service) patternsOf(ctx context.Context, dbtx pg.DBTX, physicians []db.SchedulingPhysician) (map[uuid.UUID]calendar.Pattern, error) {
	out := make(map[uuid.UUID]calendar.Pattern, len(physicians))
	who := make([]uuid.UUID, 0, len(physicians))
	for _, p := range physicians {
		zone, err := calendar.LoadZone(p.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("reading the zone of physician %s: %w", p.PhysicianID, err)
		}
		out[p.PhysicianID] = calendar.Pattern{Zone: zone}
		who = append(who, p.PhysicianID)
	}
	windows, err := s.q.WindowsOf(ctx, dbtx, who)
	if err != nil {
		return nil, fmt.Errorf("reading weekly windows: %w", err)
	}
	for _, w := range windows {
		p := out[w.PhysicianID]
		p.Weekly = append(p.Weekly, calendar.Window{Weekday: time.Weekday(w.Weekday), From: int(w.FromMinute), To: int(w.ToMinute)})
		out[w.PhysicianID] = p
	}
	exceptions, err := s.q.ExceptionsOf(ctx, dbtx, who)
	if err != nil {
		return nil, fmt.Errorf("reading exceptions: %w", err)
	}
	for _, e := range exceptions {
		p := out[e.PhysicianID]
		p.Exceptions = addException(p.Exceptions, e)
		out[e.PhysicianID] = p
	}
	return out, nil
}

// addException adds a row, of which a date with several windows has several,
// one after another, and a closed date one that is empty.
func addException(list []calendar.Exception, e db.ExceptionsOfRow) []calendar.Exception {
	date := calendar.DateOf(e.OnDay, time.UTC)
	if n := len(list); n == 0 || list[n-1].Date != date {
		list = append(list, calendar.Exception{Date: date})
	}
	if e.FromMinute < e.ToMinute {
		last := &list[len(list)-1]
		last.Windows = append(last.Windows, calendar.Window{From: int(e.FromMinute), To: int(e.ToMinute)})
	}
	return list
}

// openAround expands one physician's pattern a day around a time: the judge of
// whether it is offered, which never asks the index.
func (s *Service) openAround(ctx context.Context, dbtx pg.DBTX, p db.SchedulingPhysician, at time.Time) ([]calendar.Range, error) {
	patterns, err := s.patternsOf(ctx, dbtx, []db.SchedulingPhysician{p})
	if err != nil {
		return nil, err
	}
	const around = 24 * time.Hour
	return patterns[p.PhysicianID].Expand(at.Add(-around), at.Add(around)), nil
}
