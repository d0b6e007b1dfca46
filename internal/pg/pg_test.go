package pg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

func TestLSNRoundTrip(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"} {
		l, err := pg.ParseLSN(s)
		if err != nil || l.String() != s {
			t.Errorf("%s became %s, %v", s, l, err)
		}
	}
	for _, s := range []string{"", "16", "x/1", "1/x", "100000000/0"} {
		if _, err := pg.ParseLSN(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}

// A read that must see a write sees it, whether the replica has it or not.
func TestReadsSeeOwnWrites(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).WithReplica(t, "licensing")
	for i := range 50 {
		ctx, _ := pg.WithPosition(t.Context(), 0)
		key := string(rune('A' + i%26))
		err := db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO feed_cursors (follower, cursor) VALUES ($1, $2)
				ON CONFLICT (follower) DO UPDATE SET cursor = excluded.cursor`, key, []byte{byte(i)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		if err := db.R.DB(ctx).QueryRow(ctx, `SELECT cursor FROM feed_cursors WHERE follower = $1`, key).Scan(&got); err != nil || got[0] != byte(i) {
			t.Fatalf("write %d: read %v, %v", i, got, err)
		}
	}
}

// A reader does hand out the replica, or the test above would prove nothing.
func TestReaderUsesTheReplica(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).WithReplica(t, "licensing")
	deadline := time.Now().Add(20 * time.Second)
	for {
		var standby bool
		if err := db.R.DB(t.Context()).QueryRow(t.Context(), `SELECT pg_is_in_recovery()`).Scan(&standby); err == nil && standby {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the replica was never used")
		}
		<-time.After(10 * time.Millisecond)
	}
}

// A replica that nobody answers at costs no read more than its budget.
func TestDeadReplica(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	db, err := pg.Open(t.Context(), pg.Config{Primary: d.Owner, Replica: "postgres://nobody@127.0.0.1:1/none", Service: "licensing", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	for range 20 {
		var one int
		if err := db.R.DB(t.Context()).QueryRow(t.Context(), `SELECT 1`).Scan(&one); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRoleSeesOnlyItsOwnSchema(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "licensing")
	for _, sql := range []string{
		`SELECT count(*) FROM scheduling.feed`, `SELECT count(*) FROM audit.entries`, `DELETE FROM audit.entries`,
		`UPDATE licensing.goose_db_version SET version_id = 0`, `INSERT INTO clock.setting (offset_by) VALUES ('1 day')`,
	} {
		if _, err := db.W.DB().Exec(t.Context(), sql); err == nil {
			t.Errorf("the role of licensing may: %s", sql)
		}
	}
}

func TestTxRollsBackAndBounds(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "licensing")
	boom := errors.New("boom")
	err := db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO feed_cursors VALUES ('x', '')`); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	var n int
	if err := db.W.DB().QueryRow(t.Context(), `SELECT count(*) FROM feed_cursors`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d rows stayed, %v", n, err)
	}
	err = db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT pg_sleep(30)`)
		return err
	})
	if errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("an endless transaction gave %v", err)
	}
}
