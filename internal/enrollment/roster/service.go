package roster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/jackc/pgx/v5"
)

// Deps is what the roster side of enrollment needs.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *audit.Reads
	Seal  *seal.Sealer
	// Jobs may be nil in a command that takes no uploads.
	Jobs *jobs.Queue
	// Demo lets files pass that are marked as a test.
	Demo bool
	// OnMembersChanged runs at the end of a transaction that changed members
	// who are linked to patients; Ring after its commit.
	OnMembersChanged func(ctx context.Context, tx pgx.Tx, members []ids.MemberID) error
	Ring             func()
	// Invite queues invitations, and says how many.
	Invite func(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error)
	// Lease is how long a worker is believed to be alive without a sign;
	// 20 s if zero.
	Lease time.Duration
}

// Service imports rosters.
type Service struct {
	db    *pg.DB
	q     *db.Queries
	clock clock.Clock
	log   *slog.Logger
	audit *audit.Reads
	seal  *seal.Sealer
	jobs  *jobs.Queue
	demo  bool
	lease time.Duration
	chunk int32
	// adoptSize is how many held records one transaction looks at.
	adoptSize int32
	after     func(ctx context.Context, tx pgx.Tx, members []ids.MemberID) error
	ring      func()
	invite    func(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error)
	// alarms is how many files of the last week somebody must look into.
	alarms atomic.Int64
	// between runs after every committed step; tests stop an import there.
	between func(phase string) error
}

// chunkSize is how many records one applying transaction takes at first.
const chunkSize = 500

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var missing []error
	need := func(ok bool, name string) {
		if !ok {
			missing = append(missing, fmt.Errorf("roster: %s is missing", name))
		}
	}
	need(d.DB != nil, "DB")
	need(d.Log != nil, "Log")
	need(d.Audit != nil, "Audit")
	need(d.Seal != nil, "Seal")
	need(d.OnMembersChanged != nil, "OnMembersChanged")
	need(d.Ring != nil, "Ring")
	need(d.Invite != nil, "Invite")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if d.Lease <= 0 {
		d.Lease = 20 * time.Second
	}
	return &Service{
		db: d.DB, q: db.New(), clock: d.Clock, log: d.Log, audit: d.Audit, seal: d.Seal, jobs: d.Jobs, demo: d.Demo,
		lease: d.Lease, chunk: chunkSize, adoptSize: adoptSize, after: d.OnMembersChanged, ring: d.Ring, invite: d.Invite,
		between: func(string) error { return nil },
	}, nil
}

// Runners returns the sweep that takes up imports whose worker is gone.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Every("roster sweep", s.log, s.lease/4, s.Sweep)}
}

// Alarms is how many files of the last seven days were refused because they
// repeat control numbers with other content, by whichever process.
func (s *Service) Alarms() float64 { return float64(s.alarms.Load()) }

// Ready says whether the service can answer: the primary does.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return fmt.Errorf("enrollment is not ready: %w", err)
	}
	return nil
}
