package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/feed"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/jackc/pgx/v5"
)

const (
	expireEvery = 2 * time.Second
	expireBatch = 200
	sweepEvery  = time.Hour
	// backstopEvery is how often facts and rules are compared with licensing's.
	backstopEvery = 10 * time.Minute
	keepCalendar  = 7 * 24 * time.Hour // of a feed whose readers take a snapshot first
)

// keepTime expires stale holds, so that their time shows as free, and now and
// then forgets what is no longer needed. Nothing depends on it for being
// right: whoever takes a time expires what is in the way.
func (s *Service) keepTime(ctx context.Context) error {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		if err := s.expireStale(ctx); err != nil {
			return err
		}
		if time.Since(swept) > sweepEvery {
			if err := s.sweep(ctx); err != nil {
				return err
			}
			swept = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// expireStale expires holds a batch at a time, until none is stale.
func (s *Service) expireStale(ctx context.Context) error {
	for {
		n, err := s.expireSome(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			s.ring()
		}
		if n < expireBatch {
			return nil
		}
	}
}

func (s *Service) expireSome(ctx context.Context) (int, error) {
	var n int
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := s.q.ExpireStale(ctx, tx, expireBatch)
		if err != nil {
			return fmt.Errorf("expiring holds: %w", err)
		}
		n = len(rows)
		var told changes
		for _, r := range rows {
			told.freed(r.PhysicianID, calendar.Range{From: r.OccupiedFrom, To: r.OccupiedTo})
		}
		return told.tell(ctx, tx)
	})
	return n, err
}

func (s *Service) sweep(ctx context.Context) error {
	if err := s.source.Prune(ctx, keepCalendar); err != nil {
		return fmt.Errorf("sweeping scheduling: %w", err)
	}
	return nil
}

// backstop finds facts and rules that the feeds should have brought and have
// not: a physician must never stay bookable on a license that has ended.
func (s *Service) backstop(ctx context.Context) error {
	from := rpc.ServiceSweep(s.d.Licensing)
	for _, f := range []*feed.Follower{s.physicians, s.rules} {
		n, err := f.Sweep(ctx, from)
		if err != nil {
			return fmt.Errorf("comparing with licensing: %w", err)
		}
		if n > 0 {
			s.d.Log.ErrorContext(ctx, "a feed had missed changes; they are applied now", "follower", f.Name(), "keys", n)
			s.ring()
		}
	}
	return nil
}
