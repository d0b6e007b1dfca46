package feed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// tables keeps a follower's place in the service's own schema, in the
// transaction that applies.
type tables struct {
	db    *pg.DB
	name  string
	apply func(ctx context.Context, tx pgx.Tx, changes []*feedv1.Change) error
}

// NewTables makes the store of a projection in tables. Apply gets each change
// at most once, in order per key, inside the transaction that also remembers
// it; it may be called with the newest version only where older ones were
// skipped, so payloads must be whole, not deltas.
func NewTables(db *pg.DB, name string, apply func(ctx context.Context, tx pgx.Tx, changes []*feedv1.Change) error) Store {
	return &tables{db: db, name: name, apply: apply}
}

func (t *tables) Load(ctx context.Context) (*feedv1.Cursor, error) {
	var body []byte
	err := t.db.W.DB().QueryRow(ctx, `SELECT cursor FROM feed_cursors WHERE follower = $1`, t.name).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the cursor of %s: %w", t.name, err)
	}
	cur := new(feedv1.Cursor)
	if err := proto.Unmarshal(body, cur); err != nil {
		return nil, fmt.Errorf("decoding the cursor of %s: %w", t.name, err)
	}
	return cur, nil
}

func (t *tables) Versions(ctx context.Context, keys []string) (map[string]int64, error) {
	return versions(ctx, t.db.W.DB(), t.name, keys)
}

func versions(ctx context.Context, db pg.DBTX, name string, keys []string) (map[string]int64, error) {
	rows, err := db.Query(ctx, `SELECT key, version FROM feed_applied WHERE follower = $1 AND key = ANY ($2)`, name, keys)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of %s: %w", name, err)
	}
	out := map[string]int64{}
	var key string
	var version int64
	if _, err := pgx.ForEachRow(rows, []any{&key, &version}, func() error { out[key] = version; return nil }); err != nil {
		return nil, fmt.Errorf("reading the versions of %s: %w", name, err)
	}
	return out, nil
}

func (t *tables) Apply(ctx context.Context, changes []*feedv1.Change, next *feedv1.Cursor) error {
	return t.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// One process at a time applies under this name.
		if _, err := tx.Exec(ctx, `INSERT INTO feed_cursors (follower, cursor) VALUES ($1, '') ON CONFLICT (follower) DO UPDATE SET cursor = feed_cursors.cursor`, t.name); err != nil {
			return fmt.Errorf("locking the place of %s: %w", t.name, err)
		}
		todo, err := t.unseen(ctx, tx, changes)
		if err != nil {
			return err
		}
		if len(todo) > 0 {
			if err := t.apply(ctx, tx, todo); err != nil {
				return err
			}
		}
		return t.remember(ctx, tx, todo, next)
	})
}

// unseen drops what another process has applied in the meantime.
func (t *tables) unseen(ctx context.Context, tx pgx.Tx, changes []*feedv1.Change) ([]*feedv1.Change, error) {
	keys := make([]string, 0, len(changes))
	for _, c := range changes {
		keys = append(keys, c.GetKey())
	}
	own, err := versions(ctx, tx, t.name, keys)
	if err != nil {
		return nil, err
	}
	var todo []*feedv1.Change
	for _, c := range changes {
		if c.GetVersion() > own[c.GetKey()] {
			own[c.GetKey()] = c.GetVersion()
			todo = append(todo, c)
		}
	}
	return todo, nil
}

func (t *tables) remember(ctx context.Context, tx pgx.Tx, done []*feedv1.Change, next *feedv1.Cursor) error {
	batch := new(pgx.Batch)
	for _, c := range done {
		batch.Queue(`INSERT INTO feed_applied (follower, key, version) VALUES ($1, $2, $3)
			ON CONFLICT (follower, key) DO UPDATE SET version = greatest(feed_applied.version, excluded.version)`, t.name, c.GetKey(), c.GetVersion())
	}
	if next != nil {
		body, err := proto.Marshal(next)
		if err != nil {
			return fmt.Errorf("encoding the cursor of %s: %w", t.name, err)
		}
		batch.Queue(`UPDATE feed_cursors SET cursor = $2 WHERE follower = $1`, t.name, body)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keeping the place of %s: %w", t.name, err)
	}
	return nil
}

// memory keeps a follower's place for the life of the process.
type memory struct {
	apply func(ctx context.Context, changes []*feedv1.Change) error

	mu       sync.Mutex
	start    *feedv1.Cursor
	versions map[string]int64
}

// NewMemory makes the store of a follower that fills memory: it starts at
// start (nil: the beginning) with the versions that a snapshot already holds.
func NewMemory(start *feedv1.Cursor, have map[string]int64, apply func(ctx context.Context, changes []*feedv1.Change) error) Store {
	m := &memory{apply: apply, start: start, versions: map[string]int64{}}
	maps.Copy(m.versions, have)
	return m
}

func (m *memory) Load(context.Context) (*feedv1.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.start, nil
}

func (m *memory) Versions(_ context.Context, keys []string) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]int64, len(keys))
	for _, k := range keys {
		if v := m.versions[k]; v != 0 {
			out[k] = v
		}
	}
	return out, nil
}

func (m *memory) Apply(ctx context.Context, changes []*feedv1.Change, next *feedv1.Cursor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var todo []*feedv1.Change
	for _, c := range changes {
		if c.GetVersion() > m.versions[c.GetKey()] {
			todo = append(todo, c)
		}
	}
	if len(todo) > 0 {
		if err := m.apply(ctx, todo); err != nil {
			return err
		}
	}
	for _, c := range todo {
		m.versions[c.GetKey()] = c.GetVersion()
	}
	if next != nil {
		m.start = next
	}
	return nil
}
