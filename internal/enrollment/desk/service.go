package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/enrollment/desk/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Deps is what the desk needs; every field is required.
type Deps struct {
	DB    *pg.DB
	Audit *audit.Reads
	// Today is the day that rights and ages are judged on.
	Today func() time.Time
	// Seal makes keyed hashes of what was searched for.
	Seal     *seal.Sealer
	Throttle *cache.Throttle
	// NumberHash finds attempts by the member number that was typed.
	NumberHash func(number string) []byte
	// Invite queues invitation mails, in a transaction.
	Invite func(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error)
	// RecordVerbal stores a consent and publishes it, in a transaction; Ring
	// follows its commit.
	RecordVerbal func(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID, w people.Words) (uuid.UUID, error)
	Ring         func()
}

// Service is the desk.
type Service struct {
	d Deps
	q *db.Queries
}

var _ enrollmentv1connect.DeskServiceHandler = (*Service)(nil)

// New builds the service; it reports every missing dependency at once.
func New(d Deps) (*Service, error) {
	var faults []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"DB", d.DB != nil}, {"Audit", d.Audit != nil}, {"Today", d.Today != nil}, {"NumberHash", d.NumberHash != nil}, {"Seal", d.Seal != nil}, {"Throttle", d.Throttle != nil},
		{"Invite", d.Invite != nil}, {"RecordVerbal", d.RecordVerbal != nil}, {"Ring", d.Ring != nil},
	} {
		if !need.ok {
			faults = append(faults, fmt.Errorf("enrollment's desk needs %s", need.name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Service{d: d, q: db.New()}, nil
}
