package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// signInDemo opens the demo account of a role by one click.
func (s *Service) signInDemo(ctx context.Context, role rpcv1.Role, from client) (opened, error) {
	if !s.demo {
		return opened{}, errDemoOff()
	}
	name := roleName(role)
	if name == "" {
		return opened{}, errs.InvalidFields(errs.Field{Name: "role", Reason: "unknown"})
	}
	if err := s.allow(ctx, s.attempts.demo, nil, from.address); err != nil {
		return opened{}, err
	}
	row, err := s.q.DemoAccountForRole(ctx, s.db.W.DB(), name)
	if errors.Is(err, pgx.ErrNoRows) {
		return opened{}, errs.New(errs.NotFound, "demo_account_missing", "There is no demo account for that yet.")
	}
	if err != nil {
		return opened{}, fmt.Errorf("finding a demo account: %w", err)
	}
	return s.decide(ctx, "signing in as a demo person", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		o, err := s.openSession(ctx, tx, ids.AccountID{UUID: row.AccountID}, row.Roles, byDemo, from)
		return outcome{opened: o}, err
	})
}
