package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
)

// earlier is the hold that a browser had before the one it asks for: what it
// holds is exchanged, and what was typed goes along.
type earlier struct{ row db.SchedulingReservation }

func (e *earlier) held() bool { return Status(e.row.Status) == Held }

// keeps says that the browser already holds just what it asks for: the hold
// stays as it is, or choosing a time anew would extend it forever.
func (e *earlier) keeps(w wish, now time.Time) bool {
	return e.held() && !stale(e.row, now) &&
		e.row.PhysicianID == w.physician.UUID && e.row.ServiceID == w.terms.ServiceID &&
		e.row.State == w.state && rangeOf(e.row.During).From.Equal(w.start)
}

// before locks the browser's earlier hold; nil if there is none to go on from.
func (s *Service) before(ctx context.Context, tx pgx.Tx, w wish) (*earlier, error) {
	row, err := s.q.LockNewestHold(ctx, tx, w.browser)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("locking the hold before: %w", err)
	}
	if st := Status(row.Status); st != Held && st != Expired {
		return nil, nil // settled: its answers are not for another visit
	}
	return &earlier{row}, nil
}

// rival says whether the insert failed because this same browser placed a hold
// meanwhile, in which case that one is to be exchanged.
func (s *Service) rival(ctx context.Context, tx pgx.Tx, w wish, before *earlier) (bool, error) {
	row, err := s.q.NewestHold(ctx, tx, w.browser)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for another hold: %w", err)
	}
	return Status(row.Status) == Held && (before == nil || row.ReservationID != before.row.ReservationID), nil
}
