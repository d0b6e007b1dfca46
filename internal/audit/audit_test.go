package audit_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

func entry(action string) audit.Entry {
	return audit.Entry{
		Actor: audit.Actor{Account: ids.New[ids.AccountID]()}, Patient: ids.New[ids.PatientID](),
		Action: action, Subject: "s", Detail: map[string]string{"from": "a"},
	}
}

func count(t *testing.T, d pgtest.Database) (n int) {
	t.Helper()
	d.Query(t, `SELECT count(*) FROM audit.entries`, &n)
	return n
}

func TestEntryStandsOrFallsWithItsTransaction(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	db := d.As(t, "scheduling")
	fail := errors.New("no")
	for _, ending := range []error{fail, nil} {
		err := db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			if err := audit.Append(ctx, tx, entry("appointment.book")); err != nil {
				return err
			}
			return ending
		})
		if !errors.Is(err, ending) {
			t.Fatal(err)
		}
	}
	if n := count(t, d); n != 1 {
		t.Fatalf("%d entries", n)
	}
	var service, from string
	d.Query(t, `SELECT service, detail->>'from' FROM audit.entries`, &service, &from)
	if service != "bedside_scheduling" || from != "a" {
		t.Fatalf("got %q, %q", service, from)
	}
}

func TestNoActorNoEntry(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "scheduling")
	err := audit.Append(t.Context(), db.W.DB(), audit.Entry{Action: "appointment.book"})
	if !errors.Is(err, audit.ErrNoActor) {
		t.Fatalf("got %v", err)
	}
	// Not even by going around Go.
	if _, err := db.W.DB().Exec(t.Context(), `SELECT audit.append(NULL, NULL, '', '', NULL, 'a.b', '', '{}')`); err == nil {
		t.Fatal("the database took an entry without an actor")
	}
}

func TestReadsAreCommittedBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	db := d.As(t, "scheduling")
	r := audit.NewReads(db)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	const n = 50
	for range n {
		wg.Go(func() {
			if err := r.Record(t.Context(), entry("appointment.read")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := count(t, d); got != n {
		t.Fatalf("%d entries for %d reads", got, n)
	}
	var commits int
	d.Query(t, `SELECT count(DISTINCT xid::text) FROM audit.entries`, &commits)
	if commits == n {
		t.Error("no two reads shared a commit")
	}
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Record(t.Context(), entry("appointment.read")); errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("after the stop: %v", err)
	}
}

// What cannot be recorded must not be shown.
func TestUnrecordedReadIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "scheduling")
	r := audit.NewReads(db)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Stop(context.Background()) }()
	db.Close()
	if err := r.Record(t.Context(), entry("appointment.read")); errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("got %v", err)
	}
}
