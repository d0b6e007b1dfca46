package scheduling

import (
	"context"
	"fmt"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// applyRules takes licensing's rules of a state into the projection.
func (s *Service) applyRules(ctx context.Context, tx pgx.Tx, page []*feedv1.Change) error {
	for _, c := range page {
		if err := s.applyState(ctx, tx, c); err != nil {
			return fmt.Errorf("applying the rules of %s version %d: %w", c.GetKey(), c.GetVersion(), err)
		}
	}
	return nil
}

func (s *Service) applyState(ctx context.Context, tx pgx.Tx, c *feedv1.Change) error {
	m := new(licensingv1.StateRules)
	err := proto.Unmarshal(c.GetPayload(), m)
	if err == nil {
		_, err = jurisdiction.Parse(m.GetYaml())
	}
	if err != nil {
		s.d.Log.ErrorContext(ctx, "a state's published rules cannot be read: the old ones stay", "state", c.GetKey(), "version", c.GetVersion(), "error", err)
		return nil
	}
	physicians, err := s.q.LockPhysiciansOfState(ctx, tx, c.GetKey())
	if err != nil {
		return fmt.Errorf("locking the physicians: %w", err)
	}
	if err := s.q.UpsertRules(ctx, tx, db.UpsertRulesParams{State: c.GetKey(), Payload: c.GetPayload(), Version: c.GetVersion()}); err != nil {
		return fmt.Errorf("storing the rules: %w", err)
	}
	future, err := s.q.FutureInState(ctx, tx, db.FutureInStateParams{PhysicianIds: physicians, State: c.GetKey()})
	if err != nil {
		return fmt.Errorf("reading future appointments: %w", err)
	}
	if err := s.findAffected(ctx, tx, future); err != nil {
		return err
	}
	return changes{{key: stateKey(c.GetKey()), kind: kindAvailability}}.tell(ctx, tx)
}
