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
	"github.com/bedside-health/bedside/internal/web/ui"
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
	Identity   enrollmentv1connect.IdentityServiceClient
	Roster     enrollmentv1connect.RosterServiceClient
	Acting     enrollmentv1connect.ActingServiceClient
	Licensing  licensingv1connect.LicensingServiceClient
	Scheduling schedulingv1connect.SchedulingServiceClient
	Accounts   authv1connect.AccountServiceClient
	Admin      authv1connect.AdminServiceClient
	Contacts   enrollmentv1connect.ContactServiceClient
	Physicians licensingv1connect.PhysicianAccountServiceClient
	// Desk and Booking are what staff use for somebody on the phone.
	Desk    enrollmentv1connect.DeskServiceClient
	Booking schedulingv1connect.DeskServiceClient

	Persons     enrollmentv1connect.PersonsServiceClient
	Invitations enrollmentv1connect.InvitationServiceClient
	Letters     enrollmentv1connect.LetterServiceClient

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
	pages map[string]bool
	// interpreters are the choices of each language that pages exist in.
	interpreters map[string][]ui.Option
	kept         keptTimes
	handler      http.Handler
}

// New checks what it is given and lays the routes.
func New(d Deps) (*Web, error) {
	if d.Auth == nil || d.People == nil || d.Identity == nil || d.Roster == nil || d.Licensing == nil || d.Scheduling == nil {
		return nil, errors.New("web needs a client of every service")
	}
	if d.Acting == nil || d.Desk == nil || d.Booking == nil {
		return nil, errors.New("web needs a client of every service")
	}
	if d.Accounts == nil || d.Admin == nil || d.Contacts == nil || d.Physicians == nil {
		return nil, errors.New("web needs a client of every service of accounts")
	}
	if d.Persons == nil || d.Invitations == nil || d.Letters == nil {
		return nil, errors.New("web needs a client of everything that staff do about people")
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
	s := &Web{Deps: d, jar: j, pages: map[string]bool{}, interpreters: map[string][]ui.Option{}}
	for _, lang := range i18n.Languages() {
		s.interpreters[lang] = interpretersIn(i18n.In(lang))
	}
	s.handler = s.build()
	return s, nil
}

// Handler is the whole site.
func (s *Web) Handler() http.Handler { return s.handler }
