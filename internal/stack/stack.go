package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Options say what to start. Only Dir is required.
type Options struct {
	// Portal is where the pages will be, for commands that print links to them.
	Portal string
	Dir    string // data folder; see DefaultDir
	Fresh  bool   // remove the data of earlier runs first

	Standby         bool // a streaming standby as well
	Redis           bool // Redis as well
	WithoutPostgres bool // for tests that need nothing but Redis

	RedisPort int  // 0 takes a free one
	Throwaway bool // for tests: many connections, nothing is flushed to disk

	Log    func(step string, took time.Duration) // told about every step
	Report func(message string)                  // told about children that ended by themselves
}

// Stack is a running set of children. It is safe for concurrent use.
type Stack struct {
	opts     Options
	place    place
	lock     *lock
	redis    string
	failed   chan error
	mu       sync.Mutex
	children []*child // in the order of their start
	stopped  bool
}

// Start brings everything up and returns when all of it answers. On an error nothing is left running. A folder that
// is in use gives a *BusyError.
func Start(ctx context.Context, opts Options) (*Stack, error) {
	if opts.Log == nil {
		opts.Log = func(string, time.Duration) {}
	}
	if opts.Report == nil {
		opts.Report = func(string) {}
	}
	p, err := newPlace(opts.Dir)
	if err != nil {
		return nil, err
	}
	l, err := acquire(p.dir)
	if err != nil {
		return nil, err
	}
	s := &Stack{opts: opts, place: p, lock: l, failed: make(chan error, 1)}
	if err := s.start(ctx); err != nil {
		if stopErr := s.Stop(context.WithoutCancel(ctx)); stopErr != nil {
			err = fmt.Errorf("%w (and stopping: %w)", err, stopErr)
		}
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	if err := s.recover(ctx); err != nil {
		return err
	}
	if s.opts.Fresh {
		if err := s.timed("removing the old data", s.place.wipe); err != nil {
			return err
		}
	}
	if err := s.place.make(); err != nil {
		return err
	}
	if !s.opts.WithoutPostgres {
		if err := s.startPostgres(ctx); err != nil {
			return err
		}
	}
	if s.opts.Redis {
		if err := s.timed("redis", func() error { return s.startRedis(ctx) }); err != nil {
			return err
		}
	}
	return s.lock.write(s.holder())
}

// recover stops what a killed predecessor may have left in the folder.
func (s *Stack) recover(ctx context.Context) error {
	if len(processesIn(s.place.dir)) == 0 {
		return nil
	}
	return s.timed("stopping what an earlier run left behind", func() error {
		return endProcessesIn(ctx, s.place.dir)
	})
}

func (s *Stack) timed(step string, fn func() error) error {
	began := time.Now()
	if err := fn(); err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	s.opts.Log(step, time.Since(began))
	return nil
}

// Stop ends all children, the last started first, and gives the folder free. It may be called more than once.
func (s *Stack) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	for _, c := range slices.Backward(s.children) {
		c.halt()
	}
	if err := endProcessesIn(ctx, s.place.dir); err != nil {
		return fmt.Errorf("stopping the local stack: %w", err)
	}
	return s.lock.release()
}

// Failed delivers an error once, when a child cannot be kept running.
func (s *Stack) Failed() <-chan error { return s.failed }

// AdminURL is where the superuser connects to the primary's maintenance database.
func (s *Stack) AdminURL() string { return s.place.url(primaryPort, "postgres") }

// PrimaryURL is where the superuser connects to the portal's database on the primary.
func (s *Stack) PrimaryURL() string { return s.place.url(primaryPort, Database) }

// URL is where the superuser connects to any database on the primary.
func (s *Stack) URL(database string) string { return s.place.url(primaryPort, database) }

// StandbyURL is the same on the standby, or empty without one.
func (s *Stack) StandbyURL() string {
	if !s.opts.Standby {
		return ""
	}
	return s.place.url(standbyPort, Database)
}

// RedisAddr is host:port, or empty without Redis.
func (s *Stack) RedisAddr() string { return s.redis }

// Halt stops one child ("primary", "standby", "redis") until Resume: for drills and for tests of what goes on without
// it.
func (s *Stack) Halt(name string) error {
	c, err := s.child(name)
	if err != nil {
		return err
	}
	c.halt()
	return nil
}

// Resume starts a child that Halt stopped.
func (s *Stack) Resume(ctx context.Context, name string) error {
	c, err := s.child(name)
	if err != nil {
		return err
	}
	return c.launch(ctx)
}

// PID is the process id of a child, 0 while it does not run.
func (s *Stack) PID(name string) int {
	c, err := s.child(name)
	if err != nil {
		return 0
	}
	return int(c.pid.Load())
}

func (s *Stack) child(name string) (*child, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.children {
		if c.name == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the local stack has no %q", name)
}

// supervise starts a child and adds it to those that Stop ends.
func (s *Stack) supervise(ctx context.Context, c *child) error {
	c.as = s.place.as
	c.home = s.place.dir
	c.log = filepath.Join(s.place.logs(), c.name+".log")
	c.report = s.opts.Report
	c.giveUp = func(err error) {
		select {
		case s.failed <- err:
		default: // one reason to stop is enough
		}
	}
	s.mu.Lock()
	s.children = append(s.children, c)
	s.mu.Unlock()
	return c.launch(ctx)
}

func (s *Stack) holder() Holder {
	h := Holder{PID: os.Getpid(), Command: command(), Since: time.Now().UTC(), Redis: s.redis, Portal: s.opts.Portal}
	if !s.opts.WithoutPostgres {
		h.Admin, h.Primary, h.Standby = s.AdminURL(), s.PrimaryURL(), s.StandbyURL()
	}
	return h
}
