package feed

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/lifecycle"
)

// Client is what a follower asks: a neighbor's generated client, or a source
// of this very service.
type Client interface {
	Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error)
	ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error)
}

// Store keeps a follower's place and applies changes; see NewTables and
// NewMemory.
type Store interface {
	// Load returns where to go on; nil from the beginning.
	Load(ctx context.Context) (*feedv1.Cursor, error)
	// Versions returns the versions applied so far of some keys.
	Versions(ctx context.Context, keys []string) (map[string]int64, error)
	// Apply applies changes, newest of each key only, and keeps the cursor,
	// together.
	Apply(ctx context.Context, changes []*feedv1.Change, next *feedv1.Cursor) error
}

// Follower follows one topic of a neighbor. It is a lifecycle.Runner.
type Follower struct {
	lifecycle.Runner
	topic string
	from  Client
	store Store

	mu      sync.Mutex
	cursor  *feedv1.Cursor
	applied uint64
	heard   atomic.Int64 // Unix nanoseconds of the last answer
	caught  atomic.Bool
}

// NewFollower makes a follower. Where calls must be made as a service, from
// does that (see rpc.AsService).
func NewFollower(name, topic string, from Client, store Store, log *slog.Logger) *Follower {
	f := &Follower{topic: topic, from: from, store: store}
	f.Runner = lifecycle.Loop("feed "+name, log, f.follow)
	return f
}

// CaughtUp says that one whole round has been applied since the start.
func (f *Follower) CaughtUp() bool { return f.caught.Load() }

// SilentFor says how long the source has not answered; very long before the
// first answer.
func (f *Follower) SilentFor() time.Duration {
	at := f.heard.Load()
	if at == 0 {
		return time.Duration(1<<63 - 1)
	}
	return time.Since(time.Unix(0, at))
}

func (f *Follower) follow(ctx context.Context) error {
	// What is applied counts from the start: a restart of the loop reads the
	// store again.
	cur, err := f.store.Load(ctx)
	if err != nil {
		return fmt.Errorf("reading the cursor: %w", err)
	}
	f.mu.Lock()
	f.cursor, f.applied = cur, 0
	f.mu.Unlock()
	// A silent source must be told from a dead one: the wait is short beside
	// the 10 seconds after which strict calls refuse. The first round does
	// not wait, so that a start with nothing to read is ready at once.
	const wait = 3 * time.Second
	for ctx.Err() == nil {
		next := wait
		if !f.CaughtUp() {
			next = 0
		}
		if err := f.Round(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// Round asks for one page, waiting up to wait for something new, and applies
// it. Tests call it to follow step by step.
func (f *Follower) Round(ctx context.Context, wait time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	call, cancel := context.WithTimeout(ctx, wait+5*time.Second)
	defer cancel()
	res, err := f.from.Changes(call, &feedv1.ChangesRequest{
		Topic: f.topic, Cursor: f.cursor, WaitMs: int32(wait.Milliseconds()), AppliedXid: f.applied, //nolint:gosec // seconds
	})
	if err != nil {
		return fmt.Errorf("asking for changes of %s: %w", f.topic, err)
	}
	f.heard.Store(time.Now().UnixNano())
	todo, err := f.missing(ctx, res.GetChanges())
	if err != nil {
		return err
	}
	if len(todo) > 0 || f.cursor.GetXid() != res.GetNext().GetXid() || res.GetMore() {
		if err := f.store.Apply(ctx, todo, res.GetNext()); err != nil {
			return fmt.Errorf("applying changes of %s: %w", f.topic, err)
		}
	}
	for _, c := range res.GetChanges() {
		f.applied = max(f.applied, c.GetXid())
	}
	f.cursor = res.GetNext()
	if !res.GetMore() {
		f.caught.Store(true)
	}
	return nil
}

// missing picks the newest change of each key that is not applied yet, and
// rereads keys whose versions jump.
func (f *Follower) missing(ctx context.Context, page []*feedv1.Change) ([]*feedv1.Change, error) {
	if len(page) == 0 {
		return nil, nil
	}
	keys := make([]string, 0, len(page))
	for _, c := range page {
		keys = append(keys, c.GetKey())
	}
	own, err := f.store.Versions(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading applied versions of %s: %w", f.topic, err)
	}
	var todo []*feedv1.Change
	var gaps []string
	for _, c := range page {
		have := own[c.GetKey()]
		switch {
		case c.GetVersion() <= have:
		case c.GetVersion() == have+1:
			todo = append(todo, c)
			own[c.GetKey()] = c.GetVersion()
		default:
			gaps = append(gaps, c.GetKey())
		}
	}
	if len(gaps) == 0 {
		return todo, nil
	}
	again, err := f.from.ReadKeys(ctx, &feedv1.ReadKeysRequest{Topic: f.topic, Keys: gaps})
	if err != nil {
		return nil, fmt.Errorf("rereading keys of %s: %w", f.topic, err)
	}
	for _, c := range again.GetChanges() {
		if c.GetVersion() > own[c.GetKey()] {
			todo = append(todo, c)
			own[c.GetKey()] = c.GetVersion()
		}
	}
	return todo, nil
}

// Fetch rereads one key from its source and applies it: for a caller that
// meets a key the feed has not brought yet. It says whether the key exists.
func (f *Follower) Fetch(ctx context.Context, key string) (bool, error) {
	res, err := f.from.ReadKeys(ctx, &feedv1.ReadKeysRequest{Topic: f.topic, Keys: []string{key}})
	if err != nil {
		return false, fmt.Errorf("reading a key of %s: %w", f.topic, err)
	}
	if len(res.GetChanges()) == 0 {
		return false, nil
	}
	if err := f.store.Apply(ctx, res.GetChanges(), nil); err != nil {
		return false, fmt.Errorf("applying a key of %s: %w", f.topic, err)
	}
	return true, nil
}
