// Package lifecycle starts and stops what lives long: in order, bounded,
// readiness off before anything ends.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Runner is something that lives long. Start returns once it runs; Stop is
// idempotent and bounded by its context.
type Runner interface {
	Name() string
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Group starts runners in the order they were added and stops them in reverse.
type Group struct {
	log     *slog.Logger
	mu      sync.Mutex
	runners []Runner
	started int
}

// NewGroup makes an empty group.
func NewGroup(log *slog.Logger) *Group { return &Group{log: log} }

// Add appends runners; they start with the next Start.
func (g *Group) Add(rs ...Runner) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runners = append(g.runners, rs...)
}

// Start starts every runner that is not started yet. On a failure it stops
// those that it started.
func (g *Group) Start(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.started < len(g.runners) {
		r := g.runners[g.started]
		if err := r.Start(ctx); err != nil {
			err = fmt.Errorf("starting %s: %w", r.Name(), err)
			return errors.Join(err, g.stop(ctx))
		}
		g.started++
	}
	return nil
}

// Stop stops what was started, last first, and reports every failure.
func (g *Group) Stop(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stop(ctx)
}

func (g *Group) stop(ctx context.Context) error {
	var failed []error
	for ; g.started > 0; g.started-- {
		r := g.runners[g.started-1]
		if err := r.Stop(ctx); err != nil {
			failed = append(failed, fmt.Errorf("stopping %s: %w", r.Name(), err))
		}
	}
	return errors.Join(failed...)
}

// loop is a Runner over a function that runs until its context ends.
type loop struct {
	name   string
	fn     func(ctx context.Context) error
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{}
}

// Loop makes a Runner of a function that should run until its context ends.
// Returning early, it is started again after a pause that grows to 5 seconds.
func Loop(name string, log *slog.Logger, fn func(ctx context.Context) error) Runner {
	return &loop{name: name, fn: fn, log: log}
}

func (l *loop) Name() string { return l.name }

func (l *loop) Start(context.Context) error {
	if l.cancel != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel, l.done = cancel, make(chan struct{})
	go l.run(ctx)
	return nil
}

func (l *loop) run(ctx context.Context) {
	defer close(l.done)
	const first, most = 50 * time.Millisecond, 5 * time.Second
	pause := first
	for {
		began := time.Now()
		err := l.fn(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > most {
			pause = first
		}
		l.log.Warn("a background loop ended early and starts again", "loop", l.name, "pause", pause.String(), "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, most)
	}
}

func (l *loop) Stop(ctx context.Context) error {
	if l.cancel == nil {
		return nil
	}
	l.cancel()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s: %w", l.name, ctx.Err())
	}
}

// Every makes a Runner of a function that should run now and then. A failure
// is logged and the next turn tries again.
func Every(name string, log *slog.Logger, every time.Duration, fn func(ctx context.Context) error) Runner {
	return Loop(name, log, func(ctx context.Context) error {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := fn(ctx); err != nil && ctx.Err() == nil {
				log.Warn("a periodic task failed; it runs again", "task", name, "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
}
