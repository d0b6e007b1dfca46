package scheduling

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
)

// ExtendHold gives ten more minutes, twice at most. A hold whose time is over
// comes back as it is, marked expired, if the time went to the pool again;
// until then it can still be extended. It returns errs.NotFound without a
// hold, and errs.Precondition when no extension is left.
func (s *Service) ExtendHold(ctx context.Context, req *schedulingv1.ExtendHoldRequest) (*schedulingv1.ExtendHoldResponse, error) {
	browser, err := s.browserHash(req.GetBrowserId())
	if err != nil {
		return nil, err
	}
	res := &schedulingv1.ExtendHoldResponse{}
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.newestHeld(ctx, tx, browser)
		if err != nil {
			return err
		}
		if Status(row.Status) == Held {
			row, err = s.q.ExtendHold(ctx, tx, db.ExtendHoldParams{Keep: interval(HoldFor), ReservationID: row.ReservationID, Most: MaxExtensions})
			if errors.Is(err, pgx.ErrNoRows) {
				return errs.New(errs.Precondition, "no_extension_left", "This time cannot be held any longer. Please finish booking, or choose a time again.")
			}
			if err != nil {
				return fmt.Errorf("extending a hold: %w", err)
			}
		}
		res.Hold, err = s.holdMessage(ctx, tx, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}
