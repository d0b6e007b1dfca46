package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/rpc"
)

// Select turns "all" or "auth,web" into targets, in the order of the map.
func Select(names string) ([]Target, error) {
	all := Targets()
	if names == All {
		return all, nil
	}
	var out []Target
	want := strings.Split(names, ",")
	for _, t := range all {
		if i := slices.Index(want, t.Name); i >= 0 {
			out = append(out, t)
			want = slices.Delete(want, i, i+1)
		}
	}
	if len(want) > 0 {
		known := make([]string, len(all))
		for i, t := range all {
			known[i] = t.Name
		}
		return nil, fmt.Errorf("there is no target %q; there are %s, and %q for all of them", want[0], strings.Join(known, ", "), All)
	}
	return out, nil
}

// Placed says of which targets a process with these needs no address: those
// that run in it, and those that none of them calls.
func Placed(ts []Target) func(name string) bool {
	return func(name string) bool {
		called := false
		for _, t := range ts {
			if t.Name == name {
				return true
			}
			called = called || slices.Contains(t.Calls, name)
		}
		return !called
	}
}

// Names lists the names of targets.
func Names(ts []Target) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.Name
	}
	return out
}

// part is what a target adds to its process.
type part struct {
	runners []lifecycle.Runner
	// ready says what keeps the target from serving; nil if nothing does.
	ready func(ctx context.Context) error
	// unmoved fails if the database's clock is moved and people are real.
	unmoved func(ctx context.Context) error
	// pages is the public HTML of web.
	pages http.Handler
	// seed puts demo people in place, once everything runs.
	seed func(ctx context.Context) error
	// close frees what the target holds, after its runners have stopped.
	close func()
}

// App is one process: some targets behind one listener.
type App struct {
	cfg     *config.Config
	targets []Target
	boot    *boot
	parts   []*part
	group   *lifecycle.Group
	health  *health
	log     *slog.Logger
	server  *http.Server
	admin   *http.Server
	addr    string
	// door stands before the portal's listener, where there is one.
	door func(net.Listener) net.Listener
}

// New builds a process in two phases: first the network with its clients,
// then the targets with their handlers. Nothing listens yet.
func New(ctx context.Context, cfg *config.Config, targets []Target, version string, log *slog.Logger) (*App, error) {
	return newAt(ctx, cfg, targets, version, log, clock.System())
}

// newAt builds a process that tells the time by a clock, which tests move.
func newAt(ctx context.Context, cfg *config.Config, targets []Target, version string, log *slog.Logger, at clock.Clock) (*App, error) {
	names := Names(targets)
	if err := cfg.Check(names, Placed(targets)); err != nil {
		return nil, err
	}
	b, err := newBoot(ctx, cfg, names, version, log, at)
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, targets: targets, boot: b, group: lifecycle.NewGroup(log), health: newHealth(), log: log}
	a.group.Add(b.bell, b.revoked)
	for _, t := range targets {
		b.pool = t.Pool
		p, err := t.build(b)
		if err != nil {
			a.close()
			return nil, fmt.Errorf("building target %s: %w", t.Name, err)
		}
		a.parts = append(a.parts, p)
		a.group.Add(p.runners...)
		a.health.add(t.Name, p.ready)
	}
	a.health.add("sign-ins", b.ready)
	a.health.optional("redis", b.redis.Ping)
	return a, nil
}

// Addr is where the process listens, once it runs.
func (a *App) Addr() string { return a.addr }

// Behind puts a door before the portal's listener, such as one that speaks TLS;
// call it before Start.
func (a *App) Behind(door func(net.Listener) net.Listener) { a.door = door }

// Start starts everything and returns once the process listens. Readiness
// follows when every target says so.
func (a *App) Start(ctx context.Context) error {
	if err := CheckTexts(a.cfg, a.targets); err != nil {
		return err
	}
	if err := a.refuseMovedClock(ctx); err != nil {
		return err
	}
	if err := a.group.Start(ctx); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listening on %s (is another program there? set %sLISTEN or --port): %w", a.cfg.Listen, config.Prefix, err), a.group.Stop(ctx))
	}
	a.addr = l.Addr().String()
	a.server = newServer(a.handler())
	if a.door != nil {
		l = a.door(l)
		// Browsers that do not trust the certificate yet are no error of ours.
		a.server.ErrorLog = slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)
	}
	go a.serve(a.server, l, "portal")
	if a.cfg.Admin() == "" {
		return nil
	}
	al, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.Admin())
	if err != nil {
		return errors.Join(fmt.Errorf("listening on %s for metrics (%sADMIN_LISTEN): %w", a.cfg.Admin(), config.Prefix, err), a.Stop(ctx))
	}
	a.admin = newServer(adminHandler(a.boot.metrics, a.health))
	go a.serve(a.admin, al, "admin")
	return nil
}

// refuseMovedClock refuses to start on a database that tests have played with.
// One that does not answer yet is no reason not to start: readiness asks again.
func (a *App) refuseMovedClock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	for _, p := range a.parts {
		if p.unmoved == nil {
			continue
		}
		if err := p.unmoved(ctx); errors.Is(err, clock.ErrMoved) {
			return err
		}
	}
	return nil
}

func (a *App) serve(s *http.Server, l net.Listener, what string) {
	if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		a.log.Error("a listener ended", "listener", what, "error", err)
	}
}

// newServer bounds how long a client may take to send a request and to take
// the answer, so that a slow one holds nothing that others need. Both leave
// room for the feeds' long polls; an upload asks for more, piece by piece.
func newServer(h http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: h, Protocols: protocols,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
}

// handler routes: health to everybody, pages to the public where web runs,
// calls to other processes where services run alone.
func (a *App) handler() http.Handler {
	mux := http.NewServeMux()
	a.health.mount(mux)
	for _, p := range a.parts {
		if p.pages != nil {
			mux.Handle("/", p.pages)
			return mux
		}
	}
	mux.Handle("/", a.boot.net.Handler())
	return mux
}

// WaitReady waits until every target is ready.
func (a *App) WaitReady(ctx context.Context) error {
	for {
		err := a.health.check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting to be ready: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Seed puts demo people in place; it may run any number of times.
func (a *App) Seed(ctx context.Context) error {
	if !a.cfg.Demo {
		return nil
	}
	for i, p := range a.parts {
		if p.seed == nil {
			continue
		}
		if err := p.seed(rpc.AsService(ctx)); err != nil {
			return fmt.Errorf("putting demo people into %s: %w", a.targets[i].Name, err)
		}
	}
	return nil
}

// Drain turns readiness off and waits for the balancer to notice.
func (a *App) Drain(ctx context.Context) {
	a.health.drain()
	select {
	case <-ctx.Done():
	case <-time.After(a.cfg.LameDuck):
	}
}

// Stop finishes requests, stops what runs and closes what is open.
func (a *App) Stop(ctx context.Context) error {
	var failed []error
	a.health.drain()
	for _, s := range []*http.Server{a.server, a.admin} {
		if s == nil {
			continue
		}
		grace, cancel := context.WithTimeout(ctx, 5*time.Second)
		if err := s.Shutdown(grace); err != nil {
			failed = append(failed, s.Close()) // long polls that did not end
		}
		cancel()
	}
	failed = append(failed, a.group.Stop(ctx), a.boot.tracing.Stop(ctx))
	a.close()
	return errors.Join(failed...)
}

// Close frees what an App that was never started holds.
func (a *App) Close() { a.close() }

func (a *App) close() {
	for _, p := range a.parts {
		if p.close != nil {
			p.close()
		}
	}
	a.boot.redis.Close()
}
