package pg

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// replicaBudget is how long a read may wait to learn how far a replica is.
const replicaBudget = 20 * time.Millisecond

// replicaRetry is how long a replica that failed is left alone.
const replicaRetry = time.Second

// Reader reads from a replica that has replayed what the caller must see, or
// from the primary. Never decide a write from it.
type Reader struct {
	primary *pgxpool.Pool
	replica *replica
}

// DB picks where to read for this caller.
func (r *Reader) DB(ctx context.Context) DBTX {
	if r.replica == nil {
		return r.primary
	}
	need := LSN(0)
	if p := PositionFrom(ctx); p != nil {
		need = p.At()
	}
	if r.replica.has(ctx, need) {
		return r.replica.pool
	}
	return r.primary
}

// replica remembers how far a standby has replayed, and since when it is away.
type replica struct {
	pool     *pgxpool.Pool
	replayed atomic.Uint64
	awayTill atomic.Int64 // Unix nanoseconds
	stop     context.CancelFunc
	done     chan struct{}
}

func newReplica(pool *pgxpool.Pool) *replica {
	ctx, cancel := context.WithCancel(context.Background())
	r := &replica{pool: pool, stop: cancel, done: make(chan struct{})}
	// Away until it has answered once, so that a start without it stalls
	// no read.
	r.awayTill.Store(time.Now().Add(time.Hour).UnixNano())
	go r.watch(ctx)
	return r
}

// watch asks the replica in the background, so that reads without a position
// know at once whether it is there.
func (r *replica) watch(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(replicaRetry / 2)
	defer tick.Stop()
	for {
		r.ask(ctx, replicaRetry/2)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *replica) close() {
	r.stop()
	<-r.done
	r.pool.Close()
}

// has says whether the replica has replayed need.
func (r *replica) has(ctx context.Context, need LSN) bool {
	if need == unknownPosition || time.Now().UnixNano() < r.awayTill.Load() {
		return false
	}
	if LSN(r.replayed.Load()) >= need {
		return true
	}
	return r.ask(ctx, replicaBudget) && LSN(r.replayed.Load()) >= need
}

// ask reads the replica's position and notes whether it is there.
func (r *replica) ask(ctx context.Context, budget time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	var lsn *LSN
	err := r.pool.QueryRow(ctx, `SELECT pg_last_wal_replay_lsn()`).Scan(&lsn)
	if err != nil || lsn == nil {
		r.awayTill.Store(time.Now().Add(replicaRetry).UnixNano())
		return false
	}
	r.awayTill.Store(0)
	for {
		old := r.replayed.Load()
		if uint64(*lsn) <= old || r.replayed.CompareAndSwap(old, uint64(*lsn)) {
			return true
		}
	}
}
