package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// worker carries one import from where it stands to its end.
type worker struct {
	s        *Service
	id       uuid.UUID
	owner    uuid.UUID
	payer    db.EnrollmentPayer
	actor    audit.Actor
	content  io.ReaderAt
	size     int64
	progress func(Progress)
	// shrunk makes chunks smaller after one took too long.
	shrunk int
}

// smallest is where a transaction that takes too long gives up becoming
// smaller.
const smallest = 25

// sized is how many records the next transaction takes.
func (w *worker) sized(most int32) int32 { return max(most>>min(w.shrunk, 16), min(smallest, most)) }

// tooLong says whether a transaction failed because of its size, so that a
// smaller one may pass.
func (w *worker) tooLong(ctx context.Context, err error) bool {
	return errs.CodeOf(err) == errs.Unavailable && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && w.sized(chunkSize) > smallest
}

// errLost means that another worker has this import now.
var errLost = errors.New("roster: another worker has taken this import over")

// run works until the import has ended. Its lease is renewed meanwhile, and
// given back where it stops early.
func (w *worker) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beat sync.WaitGroup
	beat.Go(func() { w.heartbeat(ctx, cancel) })
	err := w.phases(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	cancel(nil)
	beat.Wait()
	if err != nil && !errors.Is(err, errLost) {
		w.giveBack(context.WithoutCancel(ctx), errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
	}
	return err
}

// heartbeat renews the lease until the work ends.
func (w *worker) heartbeat(ctx context.Context, lost context.CancelCauseFunc) {
	tick := time.NewTicker(w.s.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n, err := w.s.q.RenewLease(ctx, w.s.db.W.DB(), db.RenewLeaseParams{LeaseSeconds: w.s.lease.Seconds(), ImportID: w.id, LeaseOwner: &w.owner})
		if err != nil || n > 0 {
			continue // a database that is away is noticed by the work itself
		}
		if i, err := w.s.q.ImportByID(ctx, w.s.db.W.DB(), w.id); err == nil && i.EnrollmentImport.FinishedAt == nil {
			lost(errLost)
		}
		return
	}
}

// giveBack lets the next worker begin: at once after a stop, after a pause
// that grows where the work fails.
func (w *worker) giveBack(ctx context.Context, stopped bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	i, err := w.s.q.ImportByID(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return // the lease runs out by itself
	}
	attempts := i.EnrollmentImport.Attempts
	rest := time.Duration(0)
	if !stopped {
		rest = pause(attempts)
		attempts++
	}
	_ = w.s.q.ReleaseLease(ctx, w.s.db.W.DB(), db.ReleaseLeaseParams{ // it runs out by itself
		PauseSeconds: rest.Seconds(), Attempts: attempts, ImportID: w.id, LeaseOwner: &w.owner,
	})
}

// phases goes through the states of the import, each of which leaves it in the
// next one or in an end.
func (w *worker) phases(ctx context.Context) error {
	for {
		row, err := w.s.q.ImportByID(ctx, w.s.db.W.DB(), w.id)
		if err != nil {
			return fmt.Errorf("reading an import: %w", err)
		}
		i := row.EnrollmentImport
		switch i.Status {
		case "reading":
			err = w.read(ctx, i)
		case "checking":
			err = w.check(ctx, i)
		case "applying":
			err = w.apply(ctx, i)
		default:
			return nil
		}
		var refusal *x12.Refusal
		if errors.As(err, &refusal) {
			err = w.refuse(ctx, refusal)
		}
		if err != nil {
			return err
		}
	}
}

// step is one transaction of the work. It begins by locking the import, which
// fails if another worker has it.
func (w *worker) step(ctx context.Context, phase string, fn func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error) error {
	err := w.s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		i, err := w.s.q.HoldImport(ctx, tx, db.HoldImportParams{ImportID: w.id, LeaseOwner: &w.owner})
		if errors.Is(err, pgx.ErrNoRows) || (err == nil && i.Status != phase) {
			return errLost
		}
		if err != nil {
			return fmt.Errorf("holding the import: %w", err)
		}
		return fn(ctx, tx, i)
	})
	if err != nil {
		return err
	}
	return w.s.between(phase)
}

func (w *worker) tell(p Progress) {
	if w.progress != nil {
		p.Total = w.size
		w.progress(p)
	}
}

// refuse ends the import with nothing done. Staging goes first: a worker that
// is killed meanwhile reads the file again and comes back here.
func (w *worker) refuse(ctx context.Context, r *x12.Refusal) error {
	if err := w.clear(ctx, true); err != nil {
		return err
	}
	if err := w.clearFindings(ctx); err != nil {
		return err
	}
	return w.end(ctx, func(ctx context.Context, tx pgx.Tx, _ db.EnrollmentImport) error {
		err := w.s.q.RefuseImport(ctx, tx, db.RefuseImportParams{
			Reason: r.Reason, Message: r.Message, Segment: r.Pos.Segment, SegmentID: clip(r.Pos.ID, 4), Element: r.Element,
			ByteOffset: r.Pos.Offset, ImportID: w.id,
		})
		if err != nil {
			return fmt.Errorf("refusing an import: %w", err)
		}
		kind, action := refusalKind(r.Reason), "roster.refuse"
		if kind == kindAlarm {
			action = "roster.alarm"
			w.s.log.ErrorContext(ctx, "a roster repeats control numbers with other content", "import", w.id)
		}
		found, _ := rows(w.id, 0, []finding{{Finding: r.Finding, kind: kind}})
		if _, err := w.s.q.InsertFindings(ctx, tx, found); err != nil {
			return fmt.Errorf("writing the refusal: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: w.actor, Action: action, Subject: "import/" + w.id.String(), Detail: map[string]string{"reason": r.Reason},
		})
	})
}

// end is the last step, after which there is nothing to hold.
func (w *worker) end(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error) error {
	err := w.s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		i, err := w.s.q.HoldImport(ctx, tx, db.HoldImportParams{ImportID: w.id, LeaseOwner: &w.owner})
		if errors.Is(err, pgx.ErrNoRows) {
			return errLost
		}
		if err != nil {
			return fmt.Errorf("holding the import: %w", err)
		}
		return fn(ctx, tx, i)
	})
	if err != nil {
		return err
	}
	if err := w.s.dropUploads(ctx); err != nil {
		w.s.log.WarnContext(ctx, "an upload that is done with could not be dropped; the sweep does it", "error", err)
	}
	return nil
}

// clearBatch is how many rows one clearing transaction removes.
const clearBatch = 5000

// clear empties staging; records that are held stay unless held is set.
func (w *worker) clear(ctx context.Context, held bool) error {
	last, err := w.s.q.LastStaged(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return fmt.Errorf("looking into staging: %w", err)
	}
	err = w.stretch(ctx, last, func(ctx context.Context, tx pgx.Tx, after, upto int64) error {
		// Coverages first: whether they stay is seen at their records.
		err := w.s.q.ClearStagedCoverages(ctx, tx, db.ClearStagedCoveragesParams{ImportID: w.id, After: after, Upto: upto, HeldToo: held})
		if err != nil {
			return err
		}
		return w.s.q.ClearStagedMembers(ctx, tx, db.ClearStagedMembersParams{ImportID: w.id, After: after, Upto: upto, HeldToo: held})
	})
	if err != nil {
		return err
	}
	if err := w.s.q.ClearStagedTransactions(ctx, w.s.db.W.DB(), w.id); err != nil {
		return fmt.Errorf("clearing staged transactions: %w", err)
	}
	return nil
}

// stretch goes over numbered rows up to the last, a stretch a transaction.
func (w *worker) stretch(ctx context.Context, last int64, fn func(ctx context.Context, tx pgx.Tx, after, upto int64) error) error {
	for after := int64(0); after < last; after += clearBatch {
		err := w.s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return fn(ctx, tx, after, after+clearBatch) })
		if err != nil {
			return fmt.Errorf("clearing staging: %w", err)
		}
	}
	return nil
}

// clearFindings forgets what was said about a file that is read again, or that
// is refused.
func (w *worker) clearFindings(ctx context.Context) error {
	last, err := w.s.q.LastFinding(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return fmt.Errorf("looking for findings: %w", err)
	}
	return w.stretch(ctx, last, func(ctx context.Context, tx pgx.Tx, after, upto int64) error {
		return w.s.q.ClearFindings(ctx, tx, db.ClearFindingsParams{ImportID: w.id, After: after, Upto: upto})
	})
}
