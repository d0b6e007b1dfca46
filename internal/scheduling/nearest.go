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

// missed is a time that somebody did not get, and why.
type missed struct {
	physician ids.PhysicianID
	start     time.Time
	why       string
}

// nearest is what whoever lost a time is offered: the closest free ones, with
// anybody who may treat there. It is asked after the transaction, and again
// for a repeated request: alternatives that are gone are of no use.
func (s *Service) nearest(ctx context.Context, t Terms, state, zone string, gone missed) ([]*schedulingv1.Slot, error) {
	loc, err := calendar.LoadZone(zone)
	if err != nil {
		return nil, fmt.Errorf("offering other times: %w", err)
	}
	x, _, err := s.indexFor(ctx, t, state, filter{})
	if err != nil {
		return nil, err
	}
	hits := x.Nearest(s.query(t, state, filter{}, loc), gone.start, nearestWanted+maxOverlaps)
	out := hits[:0]
	for _, h := range hits {
		// The index may not have heard yet of what was just lost.
		if h.Physician != gone.physician || (gone.why != LostLicense && !overlap(t.Occupied(h.Start), t.Occupied(gone.start))) {
			out = append(out, h)
		}
	}
	return slotsOf(t, state, out[:min(nearestWanted, len(out))]), nil
}
