package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
)

const (
	// gather is how long a read's entry waits for company.
	gather = 5 * time.Millisecond
	// batchMax bounds one transaction.
	batchMax = 200
)

// Reads records reads of health data. Record returns once the entry is
// committed at the primary; entries of the same 5 ms share a transaction. It
// is a lifecycle.Runner.
type Reads struct {
	db      *pg.DB
	pending chan pending
	stop    chan struct{}
	done    chan struct{}
}

type pending struct {
	args []any
	done chan error
}

// NewReads makes the recorder of a service.
func NewReads(db *pg.DB) *Reads {
	return &Reads{db: db, pending: make(chan pending, batchMax), stop: make(chan struct{}), done: make(chan struct{})}
}

// Name implements lifecycle.Runner.
func (r *Reads) Name() string { return "audit of reads" }

// Start implements lifecycle.Runner.
func (r *Reads) Start(context.Context) error {
	go r.run()
	return nil
}

// Stop implements lifecycle.Runner: what is waiting is written first.
func (r *Reads) Stop(ctx context.Context) error {
	select {
	case <-r.stop:
	default:
		close(r.stop)
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("writing the last audit entries: %w", ctx.Err())
	}
}

// Record writes an entry before the answer leaves. If it cannot be written,
// the answer must not leave: it returns errs.Unavailable.
func (r *Reads) Record(ctx context.Context, e Entry) error { return r.RecordAll(ctx, []Entry{e}) }

// RecordAll writes several entries as Record does, together.
func (r *Reads) RecordAll(ctx context.Context, entries []Entry) error {
	away := errs.New(errs.Unavailable, "audit_away", "We cannot show this right now. Nothing was lost; please try again.")
	waiting := make([]pending, len(entries))
	for i, e := range entries {
		args, err := e.args()
		if err != nil {
			return err
		}
		waiting[i] = pending{args: args, done: make(chan error, 1)}
	}
	for _, p := range waiting {
		select {
		case r.pending <- p:
		case <-r.stop:
			return away
		case <-ctx.Done():
			return away.With(ctx.Err())
		}
	}
	for _, p := range waiting {
		if err := r.written(ctx, p, away); err != nil {
			return err
		}
	}
	return nil
}

// written waits for one entry.
func (r *Reads) written(ctx context.Context, p pending, away *errs.Error) error {
	select {
	case err := <-p.done:
		if err != nil {
			return away.With(err)
		}
		return nil
	case <-r.done:
		return away
	case <-ctx.Done():
		return away.With(ctx.Err())
	}
}

func (r *Reads) run() {
	defer close(r.done)
	for {
		select {
		case first := <-r.pending:
			r.write(r.collect(first))
		case <-r.stop:
			r.drain()
			return
		}
	}
}

// collect waits a little for more entries to share the commit.
func (r *Reads) collect(first pending) []pending {
	batch := []pending{first}
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for len(batch) < batchMax {
		select {
		case p := <-r.pending:
			batch = append(batch, p)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

func (r *Reads) drain() {
	for {
		select {
		case p := <-r.pending:
			r.write([]pending{p})
		default:
			return
		}
	}
}

func (r *Reads) write(batch []pending) {
	ctx, cancel := context.WithTimeout(context.Background(), pg.TxLimit)
	defer cancel()
	err := r.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		b := new(pgx.Batch)
		for _, p := range batch {
			b.Queue(appendSQL, p.args...)
		}
		res := tx.SendBatch(ctx, b)
		var failed []error
		for range batch {
			_, err := res.Exec()
			failed = append(failed, err)
		}
		return errors.Join(append(failed, res.Close())...)
	})
	for _, p := range batch {
		p.done <- err
	}
}
