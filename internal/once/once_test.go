package once_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

const key = "key-12345678"

// do runs one request that answers with n.
func do(t *testing.T, db *pg.DB, who, key, body string, run func() (*authv1.RevokeAllSessionsResponse, error)) (*authv1.RevokeAllSessionsResponse, error) {
	t.Helper()
	var res *authv1.RevokeAllSessionsResponse
	err := db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "M", key, &authv1.RenewRequest{Secret: body}, who, run)
		return err
	})
	return res, err
}

func answer(n int32) func() (*authv1.RevokeAllSessionsResponse, error) {
	return func() (*authv1.RevokeAllSessionsResponse, error) {
		return &authv1.RevokeAllSessionsResponse{Revoked: n}, nil
	}
}

func TestConcurrentRepeatsHaveOneEffect(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	var ran atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			res, err := do(t, db, "a", key, "same", func() (*authv1.RevokeAllSessionsResponse, error) {
				return answer(ran.Add(1))()
			})
			if err != nil || res.GetRevoked() != 1 {
				t.Errorf("got %v, %v", res, err)
			}
		})
	}
	wg.Wait()
	if ran.Load() != 1 {
		t.Fatalf("it ran %d times", ran.Load())
	}
}

func TestAnotherBodyIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	if _, err := do(t, db, "a", key, "one", answer(1)); err != nil {
		t.Fatal(err)
	}
	_, err := do(t, db, "a", key, "two", answer(2))
	if errs.CodeOf(err) != errs.Conflict || errs.ReasonOf(err) != once.ReasonReused {
		t.Fatalf("got %v", err)
	}
	if res, err := do(t, db, "b", key, "two", answer(2)); err != nil || res.GetRevoked() != 2 {
		t.Fatalf("another principal's same key: %v, %v", res, err)
	}
}

func TestFailureKeepsNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	boom := errors.New("boom")
	if _, err := do(t, db, "a", key, "one", func() (*authv1.RevokeAllSessionsResponse, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if res, err := do(t, db, "a", key, "one", answer(7)); err != nil || res.GetRevoked() != 7 {
		t.Fatalf("after a failure: %v, %v", res, err)
	}
}

func TestEmptyAnswerIsKept(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	for range 2 {
		if res, err := do(t, db, "a", key, "one", answer(0)); err != nil || res == nil {
			t.Fatalf("got %v, %v", res, err)
		}
	}
}

func TestShortKeyIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	_, err := do(t, db, "a", "short", "one", answer(1))
	if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "idempotency_key" {
		t.Fatalf("got %v", err)
	}
}

func TestSweepForgetsOldKeysOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "auth")
	for _, k := range []string{key, key + "-old"} {
		if _, err := do(t, db, "a", k, "one", answer(1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.W.DB().Exec(t.Context(), `UPDATE idempotency SET created_at = created_at - interval '25 hours' WHERE key LIKE '%-old'`); err != nil {
		t.Fatal(err)
	}
	if err := once.Sweep(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.W.DB().QueryRow(t.Context(), `SELECT count(*) FROM idempotency`).Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d keys are left, %v", n, err)
	}
}
