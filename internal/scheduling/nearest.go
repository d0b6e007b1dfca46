package scheduling

import (
	"context"
	"fmt"
	"time"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// maxOverlaps is how many starts of one physician can overlap a lost one: on
// the grid, with the longest service and its buffers.
const maxOverlaps = 16

func overlap(a, b calendar.Range) bool { return a.From.Before(b.To) && b.From.Before(a.To) }

// nearest is what whoever lost a time is offered: the closest free ones, with
// anybody who may treat there. It is asked after the transaction, and again
// for a repeated request: alternatives that are gone are of no use.
func (s *Service) nearest(ctx context.Context, t Terms, state string, lost ids.PhysicianID, zone string, around time.Time) ([]*schedulingv1.Slot, error) {
	loc, err := calendar.LoadZone(zone)
	if err != nil {
		return nil, fmt.Errorf("offering other times: %w", err)
	}
	x, _, err := s.indexFor(ctx, t, state, ids.PhysicianID{})
	if err != nil {
		return nil, err
	}
	hits := x.Nearest(s.query(t, state, ids.PhysicianID{}, loc), around, nearestWanted+maxOverlaps)
	out := hits[:0]
	for _, h := range hits {
		// The index may not have heard yet of what was just lost.
		if h.Physician != lost || !overlap(t.Occupied(h.Start), t.Occupied(around)) {
			out = append(out, h)
		}
	}
	return slotsOf(t, state, out[:min(nearestWanted, len(out))]), nil
}
