package waves

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/waves/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
)

// pumpEvery is how often waves are looked at.
const pumpEvery = 500 * time.Millisecond

// Deps is what waves need. Every field is required.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *audit.Reads
	// Invite queues invitations, in the same transaction.
	Invite func(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error)
}

// Service sends invitations in waves.
type Service struct {
	d Deps
	q *db.Queries
}

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Invite", d.Invite != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's waves need %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Service{d: d, q: db.New()}, nil
}

// Runners moves waves forward.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Every("waves of invitations", s.d.Log, pumpEvery, s.Pump)}
}

// adultIfBornBy is the last birth date of those who are adults today.
func (s *Service) adultIfBornBy() time.Time { return ofage.BornBy(ofage.Day(s.d.Clock.Now())) }
