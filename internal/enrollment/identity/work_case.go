package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// change is a request that works on a case.
type change interface {
	proto.Message
	GetReference() string
	GetVersion() int64
	GetIdempotencyKey() string
}

// work does something to a case once, for somebody who saw it as it is now: of
// two at the same moment one wins and the other is told.
func work[Req change, Res proto.Message](ctx context.Context, s *Service, method string, req Req, res Res, do func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error) (Res, error) {
	var out Res
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		out, err = once.Do(ctx, tx, method, req.GetIdempotencyKey(), req, principal.From(ctx).Key(), func() (Res, error) {
			c, err := s.lockCase(ctx, tx, req.GetReference(), req.GetVersion())
			if err != nil {
				return res, err
			}
			return res, do(ctx, tx, c)
		})
		return err
	})
	if err != nil {
		var none Res
		return none, fmt.Errorf("working on a case: %w", err)
	}
	return out, nil
}

// lockCase locks a case that is open and still as somebody saw it.
func (s *Service) lockCase(ctx context.Context, tx pgx.Tx, reference string, version int64) (db.LockCaseRow, error) {
	c, err := s.q.LockCase(ctx, tx, reference)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return c, errCaseUnknown()
	case err != nil:
		return c, fmt.Errorf("locking a case: %w", err)
	case c.Closed:
		return c, errCaseClosed()
	case c.Version != version:
		return c, errCaseChanged()
	}
	return c, nil
}
