package scheduling

import (
	"context"
	"fmt"
	"slices"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// applyPhysicians takes licensing's word on physicians into the projection.
func (s *Service) applyPhysicians(ctx context.Context, tx pgx.Tx, page []*feedv1.Change) error {
	for _, c := range page {
		if err := s.applyPhysician(ctx, tx, c); err != nil {
			return fmt.Errorf("applying physician %s version %d: %w", c.GetKey(), c.GetVersion(), err)
		}
	}
	return nil
}

func (s *Service) applyPhysician(ctx context.Context, tx pgx.Tx, c *feedv1.Change) error {
	row, states, err := physicianRow(c)
	if err != nil {
		// What cannot be read must not stop the feed for all others; the
		// facts known so far stay until licensing publishes readable ones.
		s.d.Log.ErrorContext(ctx, "a physician's published facts cannot be read: the old ones stay", "physician", c.GetKey(), "version", c.GetVersion(), "error", err)
		return nil
	}
	// Bookings that have decided by the old facts hold these rows shared until
	// they commit; after this, the search below sees them all.
	if _, err := s.q.LockStatesOfPhysician(ctx, tx, row.PhysicianID); err != nil {
		return fmt.Errorf("locking the states: %w", err)
	}
	if err := s.q.UpsertPhysician(ctx, tx, row); err != nil {
		return fmt.Errorf("storing the facts: %w", err)
	}
	if err := s.q.EnsurePhysicianStates(ctx, tx, db.EnsurePhysicianStatesParams{PhysicianID: row.PhysicianID, States: states}); err != nil {
		return fmt.Errorf("storing the states: %w", err)
	}
	future, err := s.q.FutureOfPhysician(ctx, tx, row.PhysicianID)
	if err != nil {
		return fmt.Errorf("reading future appointments: %w", err)
	}
	if err := s.findAffected(ctx, tx, future); err != nil {
		return err
	}
	return changes{{key: row.PhysicianID.String(), kind: kindAvailability}}.tell(ctx, tx)
}

// physicianRow reads a published physician, refusing what could not be decided
// upon later.
func physicianRow(c *feedv1.Change) (db.UpsertPhysicianParams, []string, error) {
	m := new(licensingv1.PhysicianFacts)
	if err := proto.Unmarshal(c.GetPayload(), m); err != nil {
		return db.UpsertPhysicianParams{}, nil, fmt.Errorf("decoding: %w", err)
	}
	facts, err := jurisdiction.FactsOf(m)
	if err != nil {
		return db.UpsertPhysicianParams{}, nil, err
	}
	p := m.GetPhysician()
	if _, err := calendar.LoadZone(p.GetTimeZone()); err != nil {
		return db.UpsertPhysicianParams{}, nil, err
	}
	var account *uuid.UUID
	if a := p.GetAccountId(); a != "" {
		id, err := uuid.Parse(a)
		if err != nil {
			return db.UpsertPhysicianParams{}, nil, fmt.Errorf("reading account_id: %w", err)
		}
		account = &id
	}
	var states []string
	for _, l := range facts.Licenses {
		states = append(states, l.State)
	}
	slices.Sort(states)
	return db.UpsertPhysicianParams{
		PhysicianID: facts.PhysicianID.UUID, AccountID: account,
		GivenName: p.GetGivenName(), FamilyName: p.GetFamilyName(), Credential: p.GetCredential(),
		Specialties: orEmpty(p.GetSpecialties()), Languages: orEmpty(p.GetLanguages()), TimeZone: p.GetTimeZone(),
		Facts: c.GetPayload(), Version: c.GetVersion(),
	}, slices.Compact(states), nil
}

// orEmpty keeps a null out of an array column.
func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
