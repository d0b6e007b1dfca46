package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/lifecycle"
)

type runner struct {
	name  string
	fail  error
	trace *[]string
}

func (r runner) Name() string { return r.name }
func (r runner) Start(context.Context) error {
	*r.trace = append(*r.trace, "+"+r.name)
	return r.fail
}

func (r runner) Stop(context.Context) error {
	*r.trace = append(*r.trace, "-"+r.name)
	return nil
}

func TestGroupStopsInReverse(t *testing.T) {
	t.Parallel()
	var trace []string
	g := lifecycle.NewGroup(slog.New(slog.DiscardHandler))
	g.Add(runner{"a", nil, &trace}, runner{"b", nil, &trace})
	for range 2 {
		if err := g.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := g.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"+a", "+b", "-b", "-a"}; !slices.Equal(trace, want) {
		t.Fatalf("got %v, want %v", trace, want)
	}
}

func TestGroupUndoesAFailedStart(t *testing.T) {
	t.Parallel()
	var trace []string
	boom := errors.New("boom")
	g := lifecycle.NewGroup(slog.New(slog.DiscardHandler))
	g.Add(runner{"a", nil, &trace}, runner{"b", boom, &trace}, runner{"c", nil, &trace})
	if err := g.Start(t.Context()); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if want := []string{"+a", "+b", "-a"}; !slices.Equal(trace, want) {
		t.Fatalf("got %v, want %v", trace, want)
	}
}

func TestLoopStartsAgainAndStops(t *testing.T) {
	t.Parallel()
	var turns atomic.Int32
	third := make(chan struct{})
	l := lifecycle.Loop("l", slog.New(slog.DiscardHandler), func(ctx context.Context) error {
		if turns.Add(1) < 3 {
			return errors.New("again")
		}
		close(third)
		<-ctx.Done()
		return nil
	})
	if err := l.Stop(t.Context()); err != nil {
		t.Fatal("stopping before the start:", err)
	}
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-third:
	case <-time.After(10 * time.Second):
		t.Fatal("it did not start again")
	}
	for range 2 {
		if err := l.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
