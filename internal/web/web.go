package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// Verifier says whose token it is, and refuses what is not good any more with
// errs.Unauthenticated.
type Verifier interface {
	Verify(ctx context.Context, token string, strict bool) (principal.Principal, error)
}

// Deps is what the pages need.
type Deps struct {
	Auth       authv1connect.AuthServiceClient
	People     enrollmentv1connect.PeopleServiceClient
	Roster     enrollmentv1connect.RosterServiceClient
	Licensing  licensingv1connect.LicensingServiceClient
	Scheduling schedulingv1connect.SchedulingServiceClient

	Verifier Verifier
	Log      *slog.Logger
	Clock    clock.Clock
	// Demo offers one-click sign-in and shows the banner and the gallery.
	Demo bool
	// DemoInbox is the address of the page that shows mail, if there is one.
	DemoInbox string
	// HelpPhone is on every page.
	HelpPhone string
	// CookieKey seals what the browser keeps for us; 32 bytes or more, the
	// same in every process.
	CookieKey []byte
	// TrustedProxies may tell the client's address in X-Forwarded-For.
	TrustedProxies []netip.Prefix
	// Observe records a page by route pattern; may be nil.
	Observe func(route string, status int, took time.Duration)
}

// Web serves the pages.
type Web struct {
	Deps
	jar jar
	// pages are the paths, as routes write them, that can be opened.
	pages   map[string]bool
	kept    keptTimes
	handler http.Handler
}

// New checks what it is given and lays the routes.
func New(d Deps) (*Web, error) {
	if d.Auth == nil || d.People == nil || d.Roster == nil || d.Licensing == nil || d.Scheduling == nil {
		return nil, errors.New("web needs a client of every service")
	}
	if d.Verifier == nil || d.Log == nil {
		return nil, errors.New("web needs a verifier and a logger")
	}
	if len(d.CookieKey) < 32 {
		return nil, fmt.Errorf("the cookie key has %d bytes; it needs 32 or more", len(d.CookieKey))
	}
	if d.HelpPhone == "" {
		return nil, errors.New("web needs a help phone number")
	}
	if err := i18n.Check(); err != nil {
		return nil, fmt.Errorf("reading the catalogs: %w", err)
	}
	j, err := newJar(d.CookieKey)
	if err != nil {
		return nil, fmt.Errorf("preparing sealed cookies: %w", err)
	}
	s := &Web{Deps: d, jar: j, pages: map[string]bool{}}
	s.handler = s.build()
	return s, nil
}

// Handler is the whole site.
func (s *Web) Handler() http.Handler { return s.handler }
