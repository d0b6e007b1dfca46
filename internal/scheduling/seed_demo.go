package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SeedDemo gives every physician without a weekly pattern one, such that each
// state has a general visit free around the clock. It first catches up with
// licensing, whose demo physicians may be a moment old. Doing so again changes
// nothing. Outside of a demo it returns errs.Forbidden.
func (s *Service) SeedDemo(ctx context.Context) error {
	if !s.d.Demo {
		return errs.New(errs.Forbidden, "demo_off", "Demo calendars are only for a demo.")
	}
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	people, err := s.demoPeople(ctx)
	if err != nil {
		return err
	}
	actor := audit.Actor{Service: "demo"}
	for id, weekly := range planDemo(people) {
		if err := s.seedWeek(ctx, actor, id, weekly); err != nil {
			return fmt.Errorf("seeding the calendar of physician %s: %w", id, err)
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

// demoPeople reads who needs a calendar and where they may practice today.
func (s *Service) demoPeople(ctx context.Context) ([]demoPerson, error) {
	src := s.d.DB.W.DB()
	general, err := s.terms(ctx, src, "general")
	if err != nil {
		return nil, err
	}
	who, err := s.q.PhysicianIDs(ctx, src, db.PhysicianIDsParams{Page: 1000})
	if err != nil {
		return nil, fmt.Errorf("reading physicians: %w", err)
	}
	rows, err := s.q.PhysiciansByID(ctx, src, who)
	if err != nil {
		return nil, fmt.Errorf("reading physicians: %w", err)
	}
	visit := general.Visit(s.d.Clock.Now())
	people := make([]demoPerson, 0, len(rows))
	for _, row := range rows {
		_, facts, err := factsOf(row)
		if err != nil {
			return nil, err
		}
		zone, err := calendar.LoadZone(row.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("reading a zone: %w", err)
		}
		p := demoPerson{id: row.PhysicianID, zone: zone, general: general.OfferedBy(row.Specialties)}
		for _, l := range facts.Licenses {
			rules, err := s.rulesOf(ctx, src, l.State)
			if err != nil {
				return nil, err
			}
			if jurisdiction.Decide(facts, rules, askFor(l.State, general.ServiceID, visit, true)).Allowed {
				p.states = append(p.states, l.State)
			}
		}
		slices.Sort(p.states)
		p.states = slices.Compact(p.states)
		people = append(people, p)
	}
	return people, nil
}

func (s *Service) seedWeek(ctx context.Context, actor audit.Actor, physician uuid.UUID, daily []calendar.Window) error {
	return s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.q.LockOwnPhysician(ctx, tx, db.LockOwnPhysicianParams{PhysicianID: physician, AsService: true}); err != nil {
			return fmt.Errorf("locking a calendar: %w", err)
		}
		has, err := s.q.HasWindows(ctx, tx, physician)
		if err != nil || has {
			return err
		}
		w := db.InsertWindowsParams{PhysicianID: physician}
		for day := time.Sunday; day <= time.Saturday; day++ {
			for _, d := range daily {
				w.Weekdays = append(w.Weekdays, int16(day))
				w.FromMinutes = append(w.FromMinutes, int32(d.From)) //nolint:gosec // minutes of a day
				w.ToMinutes = append(w.ToMinutes, int32(d.To))       //nolint:gosec // minutes of a day
			}
		}
		if err := s.q.InsertWindows(ctx, tx, w); err != nil {
			return fmt.Errorf("storing weekly windows: %w", err)
		}
		if err := audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "availability.set", Subject: physician.String()}); err != nil {
			return err
		}
		return changes{{key: physician.String(), kind: kindAvailability}}.tell(ctx, tx)
	})
}
