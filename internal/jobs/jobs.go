// Package jobs runs the work that leaves a service: mail, timers, imports.
// Jobs are rows in the service's own schema, inserted in the transaction of
// the change that calls for them (River), and polled: nothing depends on a
// notification. A job's arguments hold ids and the actor that caused it, never
// health data.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// poll is how often a queue is looked at.
const poll = 500 * time.Millisecond

// Queue is a service's own jobs. It is a lifecycle.Runner.
type Queue struct {
	service string
	client  *river.Client[pgx.Tx]
}

// New makes the queue of a service with the workers that it registers.
func New(service string, db *pg.DB, workers *river.Workers, log *slog.Logger) (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(db.W.Pool()), &river.Config{
		Schema: service, Workers: workers,
		Queues:   map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2, FetchCooldown: 100 * time.Millisecond, FetchPollInterval: poll}},
		PollOnly: true, JobTimeout: 30 * time.Minute,
		Logger: slog.New(quiet{log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("making the job queue of %s: %w", service, err)
	}
	return &Queue{service: service, client: client}, nil
}

// NewInsertOnly makes a queue that only takes jobs and works none.
func NewInsertOnly(service string, db *pg.DB) (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(db.W.Pool()), &river.Config{Schema: service, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("making the job queue of %s: %w", service, err)
	}
	return &Queue{service: service, client: client}, nil
}

// Insert adds a job in the transaction of the change that calls for it.
func (q *Queue) Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	if _, err := q.client.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("queueing a %s job: %w", args.Kind(), err)
	}
	return nil
}

// InsertMany adds many jobs at once.
func (q *Queue) InsertMany(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("queueing %d jobs: %w", len(jobs), err)
	}
	return nil
}

// Name implements lifecycle.Runner.
func (q *Queue) Name() string { return "jobs of " + q.service }

// Start implements lifecycle.Runner. The queue outlives the context of the
// start.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the jobs of %s: %w", q.service, err)
	}
	return nil
}

// Stop implements lifecycle.Runner: running jobs finish, or are canceled and
// run again elsewhere when the context ends.
func (q *Queue) Stop(ctx context.Context) error {
	soft, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if q.client.Stop(soft) == nil {
		return nil
	}
	if err := q.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stopping the jobs of %s: %w", q.service, err)
	}
	return nil
}

// quiet passes warnings and worse: River's own chatter is of no use at 3 a.m.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

func (q quiet) WithAttrs(as []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(as)} }
func (q quiet) WithGroup(name string) slog.Handler    { return quiet{q.Handler.WithGroup(name)} }
