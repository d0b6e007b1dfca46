package scheduling

import (
	"context"
	"errors"
	"fmt"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/jackc/pgx/v5"
)

// ReleaseHold gives the time back. Without a hold it does nothing: the time is
// not held, which is what was wished for.
func (s *Service) ReleaseHold(ctx context.Context, req *schedulingv1.ReleaseHoldRequest) (*schedulingv1.ReleaseHoldResponse, error) {
	browser, err := s.browserHash(req.GetBrowserId())
	if err != nil {
		return nil, err
	}
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.LockNewestHold(ctx, tx, browser)
		if errors.Is(err, pgx.ErrNoRows) || (err == nil && Status(row.Status) != Held) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("locking a hold: %w", err)
		}
		if _, err := s.q.ReleaseHold(ctx, tx, row.ReservationID); err != nil {
			return fmt.Errorf("releasing a hold: %w", err)
		}
		var told changes
		told.freed(row.PhysicianID, rangeOf(row.Occupied))
		return told.tell(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	return &schedulingv1.ReleaseHoldResponse{}, nil
}
