package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

const topic = "things"

type bundle struct {
	db     *pg.DB
	source *feed.Source
	log    *slog.Logger
}

func setup(t *testing.T) bundle {
	t.Helper()
	db, log := pgtest.Open(t, "auth"), slog.New(slog.DiscardHandler)
	return bundle{db: db, log: log, source: feed.NewSource(db, cache.NewBell(cache.New("", log)), "auth", topic)}
}

func payload(i int) *authv1.Revocation { return &authv1.Revocation{SessionId: fmt.Sprint(i)} }

func (b bundle) write(t *testing.T, key string, i int) {
	t.Helper()
	err := b.db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := feed.Append(ctx, tx, topic, key, payload(i))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	b.source.Ring(topic)
}

// seen is a follower into memory that remembers the last payload of each key.
func (b bundle) seen(t *testing.T) (*feed.Follower, func() map[string]string) {
	t.Helper()
	var mu sync.Mutex
	got := map[string]string{}
	f := feed.NewFollower("test", topic, b.source, feed.NewMemory(nil, nil, func(_ context.Context, cs []*feedv1.Change) error {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range cs {
			var r authv1.Revocation
			if err := proto.Unmarshal(c.GetPayload(), &r); err != nil {
				return err
			}
			got[c.GetKey()] = r.GetSessionId()
		}
		return nil
	}), b.log)
	return f, func() map[string]string {
		mu.Lock()
		defer mu.Unlock()
		out := map[string]string{}
		for k, v := range got {
			out[k] = v
		}
		return out
	}
}

// A transaction that began early and commits late is not skipped, although
// younger ones were delivered before it.
func TestLateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	late, err := b.db.W.DB().(interface {
		Begin(ctx context.Context) (pgx.Tx, error)
	}).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := feed.Append(t.Context(), late, topic, "late", payload(1)); err != nil {
		t.Fatal(err)
	}
	b.write(t, "early", 2)
	f, got := b.seen(t)
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g := got(); g["early"] != "2" || g["late"] != "" {
		t.Fatalf("before the late commit: %v", g)
	}
	b.write(t, "early", 3)
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g := got(); g["late"] != "1" || g["early"] != "3" {
		t.Fatalf("after the late commit: %v", g)
	}
}

// Many writers, more rows than a page: the follower ends with the last value
// of every key, and versions are gapless.
func TestConcurrentWritersConverge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f, got := b.seen(t)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Stop(context.Background()) }()
	const keys, writes = 40, 30
	var wg sync.WaitGroup
	for k := range keys {
		wg.Go(func() {
			for i := range writes {
				b.write(t, fmt.Sprint("k", k), i)
			}
		})
	}
	wg.Wait()
	want := fmt.Sprint(writes - 1)
	waitFor(t, func() bool {
		g := got()
		for k := range keys {
			if g[fmt.Sprint("k", k)] != want {
				return false
			}
		}
		return true
	})
	var holes int
	err := b.db.W.DB().QueryRow(t.Context(), `SELECT count(*) FROM feed_heads h WHERE version <> (SELECT count(*) FROM feed f WHERE f.topic = h.topic AND f.key = h.key)`).Scan(&holes)
	if err != nil || holes != 0 {
		t.Fatalf("%d keys have holes, %v", holes, err)
	}
}

// A second process that starts later catches up from the table; two under one
// name apply each change once.
func TestTablesApplyOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	applied := map[string]int{}
	newOne := func() *feed.Follower {
		return feed.NewFollower("p", topic, b.source, feed.NewTables(b.db, "p", func(_ context.Context, _ pgx.Tx, cs []*feedv1.Change) error {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range cs {
				applied[fmt.Sprint(c.GetKey(), "@", c.GetVersion())]++
			}
			return nil
		}), b.log)
	}
	one, two := newOne(), newOne()
	for i := range 20 {
		b.write(t, "k", i)
	}
	var wg sync.WaitGroup
	for _, f := range []*feed.Follower{one, two} {
		wg.Go(func() {
			if err := f.Round(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for k, n := range applied {
		if n != 1 {
			t.Errorf("%s was applied %d times", k, n)
		}
	}
	if len(applied) != 20 {
		t.Errorf("%d changes were applied, want 20", len(applied))
	}
}

// A failed apply keeps neither effect nor place: the change comes again.
func TestFailedApplyComesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fail := true
	n := 0
	f := feed.NewFollower("f", topic, b.source, feed.NewTables(b.db, "f", func(context.Context, pgx.Tx, []*feedv1.Change) error {
		if fail {
			return fmt.Errorf("not now")
		}
		n++
		return nil
	}), b.log)
	b.write(t, "k", 1)
	if err := f.Round(t.Context(), 0); err == nil {
		t.Fatal("the failure was swallowed")
	}
	fail = false
	if err := f.Round(t.Context(), 0); err != nil || n != 1 {
		t.Fatalf("applied %d times, %v", n, err)
	}
}

// A follower that missed versions rereads the key.
func TestGapIsReread(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.write(t, "k", 1)
	b.write(t, "k", 2)
	if _, err := b.db.W.DB().Exec(t.Context(), `DELETE FROM feed WHERE key = 'k' AND version = 1`); err != nil {
		t.Fatal(err)
	}
	f, got := b.seen(t)
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g := got(); g["k"] != "2" {
		t.Fatalf("got %v", g)
	}
	if ok, err := f.Fetch(t.Context(), "nobody"); ok || err != nil {
		t.Fatalf("a key that is not there: %v, %v", ok, err)
	}
}

// A waiting caller is answered at the bell, well before its deadline.
func TestLongPollHearsTheBell(t *testing.T) {
	t.Parallel()
	b := setup(t)
	done := make(chan *feedv1.ChangesResponse, 1)
	go func() {
		res, err := b.source.Changes(t.Context(), &feedv1.ChangesRequest{Topic: topic, WaitMs: 25_000})
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	b.write(t, "k", 1)
	select {
	case res := <-done:
		if len(res.GetChanges()) != 1 {
			t.Fatalf("got %d changes", len(res.GetChanges()))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody answered")
	}
}

func TestUnknownTopic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.source.Changes(t.Context(), &feedv1.ChangesRequest{Topic: "nothing"})
	if errs.CodeOf(err) != errs.NotFound {
		t.Fatalf("got %v", err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come true in 20 s")
		}
		<-time.After(5 * time.Millisecond)
	}
}

// A key that the feed never brought, for whatever reason, is found by a sweep.
func TestSweepFindsWhatWasMissed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f, got := b.seen(t)
	for i := range 3 {
		b.write(t, fmt.Sprint("k", i), i)
	}
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	// A row below the cursor, as no writer makes it.
	if _, err := b.db.W.DB().Exec(t.Context(), `INSERT INTO feed (topic, key, version, xid, payload)
		SELECT topic, 'lost', 1, '3'::xid8, payload FROM feed WHERE key = 'k2'`); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.W.DB().Exec(t.Context(), `INSERT INTO feed_heads VALUES ($1, 'lost', 1)`, topic); err != nil {
		t.Fatal(err)
	}
	if err := f.Round(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if g := got(); g["lost"] != "" {
		t.Fatal("the feed brought it: the test proves nothing")
	}
	if n, err := f.Sweep(t.Context(), b.source); n != 1 || err != nil {
		t.Fatalf("the sweep found %d, %v", n, err)
	}
	if g := got(); g["lost"] != "2" {
		t.Fatalf("got %v", g)
	}
	if n, err := f.Sweep(t.Context(), b.source); n != 0 || err != nil {
		t.Fatalf("a second sweep found %d, %v", n, err)
	}
}

// What is only late is no alarm: a sweep at the start, or just after a change.
func TestSweepDoesNotCountWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f, got := b.seen(t)
	for i := range 600 { // more than a page
		b.write(t, fmt.Sprintf("k%03d", i), i)
	}
	if n, err := f.Sweep(t.Context(), b.source); n != 0 || err != nil {
		t.Fatalf("the sweep found %d, %v", n, err)
	}
	if g := got(); len(g) != 600 || g["k599"] != "599" {
		t.Fatalf("%d keys were applied, the last as %q", len(g), g["k599"])
	}
}

// Big payloads make small pages: over the network a message has a limit that
// calls within a process do not have.
func TestPagesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		for i := range 60 {
			if _, err := feed.Append(ctx, tx, topic, fmt.Sprintf("k%02d", i), &authv1.Revocation{SessionId: strings.Repeat("x", 100_000)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var at *feedv1.Cursor
	for more := true; more; {
		res, err := b.source.Changes(t.Context(), &feedv1.ChangesRequest{Topic: topic, Cursor: at})
		if err != nil {
			t.Fatal(err)
		}
		if size := proto.Size(res); size > 2<<20 {
			t.Fatalf("a page of %d bytes", size)
		}
		for _, c := range res.GetChanges() {
			if seen[c.GetKey()] {
				t.Errorf("%s came twice", c.GetKey())
			}
			seen[c.GetKey()] = true
		}
		at, more = res.GetNext(), res.GetMore()
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 came", len(seen))
	}
}
