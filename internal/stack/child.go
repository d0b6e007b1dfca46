package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	readyWithin   = 30 * time.Second
	probeEvery    = 20 * time.Millisecond
	stopWithin    = 10 * time.Second
	crashWindow   = time.Minute
	crashesAtMost = 5
	crashPause    = 200 * time.Millisecond
	logAtMost     = 10 << 20
)

// child is one supervised program. A single goroutine, locked to its OS thread, starts and ends it: the parent-death
// signal belongs to the thread that forked.
type child struct {
	name     string
	path     string
	args     []string
	stop     syscall.Signal
	patience time.Duration // how long until ready; 0 means readyWithin
	ready    func(ctx context.Context) error
	before   func(ctx context.Context) error // clears what a crash left, before a restart

	as     *syscall.Credential
	home   string
	log    string
	report func(string)
	giveUp func(error)

	pid    atomic.Int64
	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
}

// launch starts the child and waits until it is ready. Its life does not depend on ctx, only the waiting does.
func (c *child) launch(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		return fmt.Errorf("%s runs already", c.name)
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel, c.done = cancel, make(chan struct{})
	first := make(chan error, 1)
	go c.run(life, first, c.done)
	select {
	case err := <-first:
		if err != nil {
			c.end()
		}
		return err
	case <-ctx.Done():
		c.end()
		return fmt.Errorf("starting %s: %w", c.name, ctx.Err())
	}
}

// halt ends the child and waits for its end.
func (c *child) halt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
}

func (c *child) end() {
	if c.cancel == nil {
		return
	}
	c.cancel()
	<-c.done
	c.cancel = nil
}

func (c *child) run(ctx context.Context, first chan<- error, done chan<- struct{}) {
	defer close(done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var crashes []time.Time
	for started := false; ; {
		err := c.once(ctx, func() { started = tell(first, started) })
		if ctx.Err() != nil {
			return
		}
		if !started {
			first <- err
			return
		}
		crashes = append(recent(crashes), time.Now())
		if len(crashes) > crashesAtMost {
			c.giveUp(fmt.Errorf("%s keeps ending by itself, its log is %s: %w", c.name, c.log, err))
			return
		}
		c.report(fmt.Sprintf("%v; starting it again", err))
		c.pause(ctx)
	}
}

func tell(first chan<- error, told bool) bool {
	if !told {
		first <- nil
	}
	return true
}

func recent(at []time.Time) []time.Time {
	for len(at) > 0 && time.Since(at[0]) > crashWindow {
		at = at[1:]
	}
	return at
}

func (c *child) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(crashPause):
	}
	if c.before == nil {
		return
	}
	if err := c.before(ctx); err != nil {
		c.report(fmt.Sprintf("clearing up after %s: %v", c.name, err))
	}
}

// process is one life of a child; err may be read once gone is closed.
type process struct {
	*os.Process
	gone chan struct{}
	err  error
}

// once is one life of the process. It returns nil only when ctx ended it.
func (c *child) once(ctx context.Context, isReady func()) error {
	p, err := c.fork()
	if err != nil {
		return err
	}
	c.pid.Store(int64(p.Pid))
	defer c.pid.Store(0)
	if err := c.await(ctx, p); err != nil {
		c.terminate(p)
		return err
	}
	isReady()
	select {
	case <-p.gone:
		return fmt.Errorf("%s ended by itself (%s)", c.name, reason(p.err))
	case <-ctx.Done():
		c.terminate(p)
		return nil
	}
}

func (c *child) fork() (*process, error) {
	if info, err := os.Stat(c.log); err == nil && info.Size() > logAtMost {
		if err := os.Rename(c.log, c.log+".1"); err != nil {
			return nil, fmt.Errorf("putting the log of %s aside: %w", c.name, err)
		}
	}
	out, err := os.OpenFile(c.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", c.name, err)
	}
	cmd := prepare(c.as, c.home, c.stop, c.path, c.args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", c.name, err), out.Close())
	}
	p := &process{Process: cmd.Process, gone: make(chan struct{})}
	go func() {
		defer close(p.gone)
		p.err = cmd.Wait()
	}()
	_ = out.Close() // the child has its own
	return p, nil
}

// await polls the readiness probe until it passes, the process ends, or time is up.
func (c *child) await(ctx context.Context, p *process) error {
	patience := c.patience
	if patience == 0 {
		patience = readyWithin
	}
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		last := c.ready(limit)
		if last == nil {
			return nil
		}
		select {
		case <-p.gone:
			return fmt.Errorf("%s did not start (%s); the end of %s:\n%s", c.name, reason(p.err), c.log, tail(c.log))
		case <-limit.Done():
			return fmt.Errorf("%s was not ready in time, its log is %s: %w", c.name, c.log, last)
		case <-time.After(probeEvery):
		}
	}
}

// terminate asks the process to end, then its whole group less politely.
func (c *child) terminate(p *process) {
	for _, sig := range []syscall.Signal{c.stop, syscall.SIGQUIT, syscall.SIGKILL} {
		target := p.Pid
		if sig == syscall.SIGKILL {
			target = -target
		}
		_ = syscall.Kill(target, sig) // it may be gone already
		select {
		case <-p.gone:
			return
		case <-time.After(stopWithin):
		}
	}
}

// prepare makes a command that runs as the children's user, in a group of its own, and dies with this process.
func prepare(as *syscall.Credential, home string, death syscall.Signal, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death, Credential: as}
	return cmd
}

// run runs a short helper program to its end.
func (p place) run(path string, args ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := prepare(p.as, p.dir, syscall.SIGKILL, path, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", path, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func reason(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
