package people

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/once"
)

// sweepEvery is how often what has ended is put away. Nothing depends on it:
// every statement judges time itself.
const sweepEvery = 10 * time.Minute

// feedKeep is how long old versions of a patient's facts stay in the feed.
const feedKeep = 7 * 24 * time.Hour

// Runners puts away what has ended.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Loop("enrollment-people-sweep", s.log, s.sweepLoop)}
}

func (s *Service) sweepLoop(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sweep ends what is past its time, and with it wipes tokens that never left.
func (s *Service) sweep(ctx context.Context) error {
	if _, err := s.q.ExpireActivations(ctx, s.db.W.DB()); err != nil {
		return fmt.Errorf("ending activations: %w", err)
	}
	if _, err := s.q.ExpireInvitations(ctx, s.db.W.DB()); err != nil {
		return fmt.Errorf("ending invitations: %w", err)
	}
	if err := once.Sweep(ctx, s.db); err != nil {
		return err
	}
	return s.source.Prune(ctx, feedKeep)
}
