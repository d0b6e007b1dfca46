package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bedside-health/bedside/internal/obs"
)

// checkLimit bounds one readiness check, so that a dead dependency does not
// hold the answer.
const checkLimit = 500 * time.Millisecond

// hourly is the pace of housekeeping.
const hourly = time.Hour

// health answers /livez (the process), /readyz (its targets, unless it is
// draining) and /healthz, a second name for readyz. Optional checks are shown
// and never count: readiness must not flap when Redis dies.
type health struct {
	mu       sync.Mutex
	checks   []check
	draining atomic.Bool
}

type check struct {
	name     string
	run      func(ctx context.Context) error
	optional bool
}

func newHealth() *health { return new(health) }

func (h *health) add(name string, run func(ctx context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if run != nil {
		h.checks = append(h.checks, check{name: name, run: run})
	}
}

func (h *health) optional(name string, run func(ctx context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name: name, run: run, optional: true})
}

func (h *health) drain() { h.draining.Store(true) }

var errDraining = errors.New("draining: this process is about to stop")

// result is one line of /readyz?verbose.
type result struct {
	Name     string `json:"name"`
	OK       bool   `json:"ok"`
	Optional bool   `json:"optional,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// all runs every check at once.
func (h *health) all(ctx context.Context) []result {
	h.mu.Lock()
	checks := h.checks
	h.mu.Unlock()
	out := make([]result, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkLimit)
			defer cancel()
			out[i] = result{Name: c.name, OK: true, Optional: c.optional}
			if err := c.run(ctx); err != nil {
				out[i].OK, out[i].Detail = false, err.Error()
			}
		})
	}
	wg.Wait()
	return out
}

// check returns what keeps the process from being ready.
func (h *health) check(ctx context.Context) error {
	if h.draining.Load() {
		return errDraining
	}
	for _, r := range h.all(ctx) {
		if !r.OK && !r.Optional {
			return fmt.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
	return nil
}

func (h *health) mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", h.readyz)
	mux.HandleFunc("GET /healthz", h.readyz)
}

// readyz tells the public yes or no; details are for the operator, and they
// name dependencies, never people.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	status := http.StatusOK
	if h.check(r.Context()) != nil {
		status = http.StatusServiceUnavailable
	}
	if !r.URL.Query().Has("verbose") {
		w.WriteHeader(status)
		_, _ = fmt.Fprintln(w, map[bool]string{true: "ok", false: "not ready"}[status == http.StatusOK])
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	checks := h.all(r.Context())
	for i := range checks {
		// The cause can name hosts: it goes to the private listener only.
		if _, private := r.Context().Value(privateKey{}).(bool); !private && !checks[i].OK {
			checks[i].Detail = "failing; see /readyz?verbose on the admin listener"
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"ready": status == http.StatusOK, "draining": h.draining.Load(), "checks": checks,
	})
}

type privateKey struct{}

// adminHandler serves what is for operators alone.
func adminHandler(m *obs.Metrics, h *health) http.Handler {
	mux := http.NewServeMux()
	h.mount(mux)
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), privateKey{}, true)))
	})
}
