package duplicates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates/db"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// lookEvery is how long a change waits at most until it is looked at.
const lookEvery = 5 * time.Second

// Deps is what duplicates need. Every field is required.
type Deps struct {
	DB    *pg.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *audit.Reads
	Seal  *seal.Sealer
	// Hold locks patients and whoever is the same human, before anything is
	// written about them.
	Hold func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// Publish publishes patients' facts, in the transaction that changes them.
	Publish func(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error
	// TellHeld and TellBack mail an account that it acts for a patient no more
	// until papers were seen, and that it does again; in the transaction that
	// changes it.
	TellHeld, TellBack func(ctx context.Context, tx pgx.Tx, account, patient uuid.UUID) error
	// Ring says, after the commit, that facts were published.
	Ring func()
}

// Service finds pairs, and merges them.
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
		{"DB", d.DB != nil}, {"Log", d.Log != nil}, {"Audit", d.Audit != nil}, {"Seal", d.Seal != nil},
		{"Hold", d.Hold != nil}, {"Publish", d.Publish != nil}, {"TellHeld", d.TellHeld != nil}, {"TellBack", d.TellBack != nil}, {"Ring", d.Ring != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's duplicates need %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Service{d: d, q: db.New()}, nil
}

// Runners looks for duplicates among those who appeared or changed.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{lifecycle.Every("search for duplicate patients", s.d.Log, lookEvery, s.Find)}
}

// today is the day that rights are judged on.
func (s *Service) today() time.Time { return ofage.Day(s.d.Clock.Now()) }
