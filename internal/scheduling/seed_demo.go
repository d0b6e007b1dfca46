package scheduling

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
)

// DemoWeek is the weekly pattern of an invented physician.
type DemoWeek struct {
	PhysicianID string
	Weekly      []*schedulingv1.WeeklyWindow
}

// SeedDemo gives every named physician without a weekly pattern theirs. It
// first catches up with licensing, whose demo physicians may be a moment old.
// Doing so again changes nothing, and what a physician has set stays. Outside
// of a demo it returns errs.Forbidden.
func (s *Service) SeedDemo(ctx context.Context, weeks []DemoWeek) error {
	if !s.d.Demo {
		return errs.New(errs.Forbidden, "demo_off", "Demo calendars are only for a demo.")
	}
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	for _, w := range weeks {
		if err := s.seedWeek(ctx, w); err != nil {
			return fmt.Errorf("seeding the calendar of physician %s: %w", w.PhysicianID, err)
		}
	}
	s.ring()
	return nil
}

// catchUp follows licensing once to the end, with followers of its own: those
// of the service may be waiting for news just now.
func (s *Service) catchUp(ctx context.Context) error {
	from := rpc.ServiceFeed(s.d.Licensing)
	for _, f := range []*feed.Follower{
		feed.NewFollower("scheduling/rules at the start", "rules", from, s.storeOf("rules"), s.d.Log),
		feed.NewFollower("scheduling/physicians at the start", "physicians", from, s.storeOf("physicians"), s.d.Log),
	} {
		for !f.CaughtUp() {
			if err := f.Round(ctx, 0); err != nil {
				return fmt.Errorf("catching up with licensing: %w", err)
			}
		}
	}
	return nil
}

func (s *Service) seedWeek(ctx context.Context, week DemoWeek) error {
	physician, err := ids.Parse[ids.PhysicianID](week.PhysicianID)
	if err != nil {
		return err
	}
	w, err := readWindows(&schedulingv1.SetAvailabilityRequest{PhysicianId: week.PhysicianID, Weekly: week.Weekly})
	if err != nil {
		return err
	}
	return s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.q.LockOwnPhysician(ctx, tx, db.LockOwnPhysicianParams{PhysicianID: physician.UUID, AsService: true}); err != nil {
			return fmt.Errorf("locking a calendar: %w", err)
		}
		has, err := s.q.HasWindows(ctx, tx, physician.UUID)
		if err != nil || has {
			return err
		}
		if err := s.replaceWindows(ctx, tx, physician.UUID, w); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, audit.Entry{Actor: audit.Actor{Service: "demo"}, Action: "availability.set", Subject: physician.String()}); err != nil {
			return err
		}
		return changes{{key: physician.String(), kind: kindAvailability}}.tell(ctx, tx)
	})
}
