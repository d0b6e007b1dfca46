package clock_test

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/pgtest"
)

func TestBothClocksMoveTogether(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	db := d.As(t, "auth")
	if err := clock.CheckUnmoved(t.Context(), db.W.DB()); err != nil {
		t.Fatal(err)
	}
	const by = 36 * time.Hour
	c := clock.Offset(by)
	d.MoveClock(t, by)
	var at time.Time
	if err := db.W.DB().QueryRow(t.Context(), `SELECT clock.now()`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	if diff := c.Now().Sub(at).Abs(); diff > time.Minute {
		t.Fatalf("the clocks are %s apart", diff)
	}
	if err := clock.CheckUnmoved(t.Context(), db.W.DB()); err == nil {
		t.Fatal("production would start on a moved clock")
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	c := clock.Offset(0)
	other := c // copies share the offset, as services do
	c.Move(time.Hour)
	if other.Moved() != time.Hour || time.Until(other.Now()) < 59*time.Minute {
		t.Fatalf("moved by %s", other.Moved())
	}
	clock.System().Move(time.Hour)
	if clock.System().Moved() != 0 {
		t.Fatal("the system's clock was moved")
	}
}
