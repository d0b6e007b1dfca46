package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/obs"
)

// With real people, a portal does not start on a database whose clock tests
// have moved; in a demo it may.
func TestMovedClockIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "")
	p.db.MoveClock(t, time.Hour)
	targets, err := Select("licensing,auth")
	if err != nil {
		t.Fatal(err)
	}
	cfg := p.config()
	cfg.Demo = false
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := New(ctx, cfg, targets, "test", obs.NewLogger(p.logs, slog.LevelInfo, "test"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	// A loaded machine may need longer than a check takes: then it starts,
	// and stays unready.
	if err := a.Start(ctx); err == nil {
		defer stop(t, a.Stop)
		if err := a.health.check(ctx); err == nil {
			t.Fatal("it started and is ready")
		}
	} else if !errors.Is(err, clock.ErrMoved) {
		t.Fatalf("got %v", err)
	}
	p.run(t, p.config(), "auth")
}
