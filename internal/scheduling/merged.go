package scheduling

import (
	"context"
	"fmt"
	"slices"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// busyAsAnother says whether a patient has a visit at that time under the id of
// another who is the same human. Visits from before a merge keep their ids, and
// nothing new is booked for the one who was absorbed: so asking is enough, but
// for two visits that are moved at the same moment.
func (s *Service) busyAsAnother(ctx context.Context, tx pgx.Tx, facts *enrollmentv1.PatientFacts, during calendar.Range) (bool, error) {
	var others []uuid.UUID
	for _, id := range append(slices.Clone(facts.GetMergedFrom()), facts.GetMergedInto()) {
		if other, err := uuid.Parse(id); err == nil {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return false, nil
	}
	busy, err := s.q.BusyAsAnother(ctx, tx, db.BusyAsAnotherParams{PatientIds: others, StartsAt: during.From, EndsAt: during.To})
	if err != nil {
		return false, fmt.Errorf("looking for visits under another id: %w", err)
	}
	return busy, nil
}
