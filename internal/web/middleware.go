package web

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/web/assets"
)

// policy lets a page load nothing but our own files, and nobody frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

// build puts the routes behind what every request goes through, outside in:
// request id, log and recovery; security headers; cross-origin protection.
func (s *Web) build() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{file}", assets.Handler())
	for _, route := range s.routes() {
		mux.Handle(route.Method+" "+route.Path, s.serve(route))
		if route.Method == get {
			s.pages[route.Path] = true
		}
	}
	for _, area := range Areas() {
		path := area.Prefix() + "/"
		missing := s.serve(Route{Path: path, Permission: Public, Area: area, Handle: s.notFound})
		mux.Handle(path, missing)
		if area.Prefix() != "" {
			mux.Handle(area.Prefix(), missing)
		}
	}

	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.serve(Route{Permission: Public, Area: AreaPatient, Handle: s.crossOrigin}))
	return s.observe(s.headers(guard.Handler(mux)))
}

func (s *Web) notFound(c *Call) error {
	return errs.New(errs.NotFound, "page_unknown", "There is no such page.")
}

func (s *Web) crossOrigin(c *Call) error {
	return errs.New(errs.Forbidden, "cross_origin", "The form came from another website.")
}

// headers sets what every answer carries. A demo does not pin browsers to TLS:
// its host's name serves other things as well.
func (s *Web) headers(next http.Handler) http.Handler {
	every := http.Header{
		"Content-Security-Policy":      {policy},
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
	}
	if !s.Demo {
		every.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The values are shared by all answers: they may be replaced, not added to.
		maps.Copy(w.Header(), every)
		next.ServeHTTP(w, r)
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the first status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts as 200 where nothing was said before.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// observe gives each request an id, logs it by its pattern (never by its path,
// which may hold a token) and turns a panic into an error page.
func (s *Web) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx := r.Context()
		if obs.RequestID(ctx) == "" {
			ctx = obs.WithRequestID(ctx, obs.NewRequestID())
		}
		rec := &recorder{ResponseWriter: w}
		r = r.WithContext(ctx)
		defer func() {
			if cause := recover(); cause != nil {
				s.Log.ErrorContext(ctx, "panic in a page", "route", r.Pattern, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				if rec.status == 0 {
					broken := errs.New(errs.Internal, "internal", "Something went wrong on our side.")
					s.serve(Route{Permission: Public, Area: AreaPatient, Handle: func(*Call) error { return broken }}).ServeHTTP(rec, r)
				}
			}
			s.finish(ctx, r.Pattern, rec.status, time.Since(began))
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *Web) finish(ctx context.Context, pattern string, status int, took time.Duration) {
	if s.Observe != nil {
		s.Observe(pattern, status, took)
	}
	level := slog.LevelInfo
	if strings.HasPrefix(pattern, "GET /assets/") {
		level = slog.LevelDebug
	}
	s.Log.Log(ctx, level, "page", "route", pattern, "status", status, "ms", took.Milliseconds())
}

// clientAddress is the address of the browser: the last hop that is not one of
// our own proxies.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && contains(trusted, addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr.String()
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
