package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

type note struct {
	N int `json:"n"`
}

func (note) Kind() string { return "test_note" }

type worker struct {
	river.WorkerDefaults[note]
	done chan int
}

func (w *worker) Work(_ context.Context, j *river.Job[note]) error {
	w.done <- j.Args.N
	return nil
}

// A job is worked if its transaction commits, and only then.
func TestJobsStandOrFallWithTheirTransaction(t *testing.T) {
	t.Parallel()
	db, workers, w := pgtest.Open(t, "auth"), river.NewWorkers(), &worker{done: make(chan int, 10)}
	river.AddWorker(workers, w)
	q, err := jobs.New("auth", db, workers, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	for n, ending := range []error{boom, nil} {
		err := db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			if err := q.Insert(ctx, tx, note{N: n}, nil); err != nil {
				return err
			}
			return ending
		})
		if !errors.Is(err, ending) {
			t.Fatal(err)
		}
	}
	select {
	case n := <-w.done:
		if n != 1 {
			t.Fatalf("job %d was worked", n)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was worked")
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.done) != 0 {
		t.Fatal("the job of the failed transaction was worked")
	}
}

// A queue that works none leaves its jobs to the others.
func TestInsertOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	q, err := jobs.NewInsertOnly("auth", db)
	if err != nil {
		t.Fatal(err)
	}
	err = db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return q.InsertMany(ctx, tx, []river.InsertManyParams{{Args: note{N: 1}}, {Args: note{N: 2}}})
	})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.W.DB().QueryRow(t.Context(), `SELECT count(*) FROM auth.river_job WHERE kind = 'test_note' AND state = 'available'`).Scan(&n); err != nil || n != 2 {
		t.Fatalf("%d jobs wait, %v", n, err)
	}
}
