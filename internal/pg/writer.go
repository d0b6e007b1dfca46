package pg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TxLimit bounds every transaction: a feed's cursor cannot pass the oldest one
// that is open.
const TxLimit = 2 * time.Second

// Writer reaches the primary.
type Writer struct{ pool *pgxpool.Pool }

// DB runs single statements on the primary: reads that lead to a write.
func (w *Writer) DB() DBTX { return w.pool }

// Pool is for libraries that need a pool of their own kind (River).
func (w *Writer) Pool() *pgxpool.Pool { return w.pool }

// Tx runs fn in one READ COMMITTED transaction of at most TxLimit, commits it,
// and remembers the position after it. The level is chosen on purpose: what
// must hold is a constraint, never an isolation level.
//
// A failed commit whose fate is unknown is reported as errs.Unavailable with
// the reason "outcome_unknown": the caller repeats with the same idempotency
// key and learns what happened.
func (w *Writer) Tx(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, TxLimit)
	defer cancel()
	tx, err := w.pool.Begin(ctx)
	if err != nil {
		return unavailable("beginning a transaction", err)
	}
	// A rollback after the caller went away still has to reach the server.
	defer func() {
		rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = tx.Rollback(rctx) // after a commit this does nothing
	}()
	if err := fn(ctx, tx); err != nil {
		return classify(err)
	}
	if err := tx.Commit(ctx); err != nil {
		if _, ok := errors.AsType[*pgconn.PgError](err); ok {
			return classify(fmt.Errorf("committing: %w", err))
		}
		return errs.New(errs.Unavailable, "outcome_unknown",
			"We could not confirm whether that was saved. Trying again is safe.").With(err)
	}
	return w.remember(ctx)
}

// remember stores the WAL position after a commit in the context's Position.
func (w *Writer) remember(ctx context.Context) error {
	p := PositionFrom(ctx)
	if p == nil {
		return nil
	}
	var lsn LSN
	if err := w.pool.QueryRow(ctx, `SELECT pg_current_wal_lsn()`).Scan(&lsn); err != nil {
		// The commit stands. Not knowing where, the caller's next read must
		// go to the primary.
		p.Raise(unknownPosition)
		return nil //nolint:nilerr // as said
	}
	p.Raise(lsn)
	return nil
}

// classify turns failures of the server, not of the request, into
// errs.Unavailable, so that a page can say "try again" and mean it.
func classify(err error) error {
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "57P01", "57P02", "57P03", "53300", "25006", "55P03", "57014", "40001", "40P01":
			return unavailable("the database", err)
		}
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) {
		return unavailable("the database", err)
	}
	return err
}

func unavailable(doing string, err error) error {
	return errs.New(errs.Unavailable, "database_away", "Our records are briefly out of reach. Nothing was lost; please try again.").
		With(fmt.Errorf("%s: %w", doing, err))
}
