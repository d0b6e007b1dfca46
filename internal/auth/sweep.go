package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/jackc/pgx/v5"
)

// sweepEvery is how often what is long over is deleted.
const sweepEvery = time.Hour

// feedKeep is how long feeds hold what is no longer the newest.
const feedKeep = 24 * time.Hour

// sweepLoop sweeps until its context ends. Several processes may do so at once.
func (s *Service) sweepLoop(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "old sign-ins could not be swept", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sweep deletes, in bounded steps, codes and links a day after their end, sessions 90
// days after theirs, and revocations and older addresses a day old. Tickets stay: the row is what
// keeps a proof from being redeemed twice.
func (s *Service) sweep(ctx context.Context) error {
	for {
		deleted := int64(0)
		err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			var err error
			deleted, err = s.sweepStep(ctx, tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("sweeping: %w", err)
		}
		if deleted == 0 {
			break
		}
	} // Addresses that accounts have left since.
	return s.source.Prune(ctx, feedKeep)
}

func (s *Service) sweepStep(ctx context.Context, tx pgx.Tx) (int64, error) {
	challenges, err := s.q.SweepChallenges(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("deleting old codes: %w", err)
	}
	sessions, err := s.q.SweepSessions(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("deleting old sessions: %w", err)
	}
	revocations, err := s.q.SweepRevocations(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("deleting old revocations: %w", err)
	}
	links, err := s.q.SweepLinks(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("deleting old links: %w", err)
	}
	changes, err := s.q.SweepEmailChanges(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("deleting old changes of addresses: %w", err)
	}
	total := challenges + sessions + revocations + links + changes
	if total == 0 {
		return 0, nil
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: self(), Action: "auth.sweep", Detail: map[string]string{
			"challenges": fmt.Sprint(challenges), "sessions": fmt.Sprint(sessions), "revocations": fmt.Sprint(revocations),
			"links": fmt.Sprint(links), "email_changes": fmt.Sprint(changes),
		},
	})
	if err != nil {
		return 0, fmt.Errorf("recording the sweep: %w", err)
	}
	return total, nil
}
