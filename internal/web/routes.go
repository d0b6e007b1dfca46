package web

import (
	"net/http"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// Permission says who may see a route: anybody, or one role. It never suffices:
// the services check again. The zero value lets nobody in.
type Permission int32

// The permissions of routes.
const (
	Public    Permission = -1
	Patient              = Permission(rpcv1.Role_ROLE_PATIENT)
	Physician            = Permission(rpcv1.Role_ROLE_PHYSICIAN)
	Staff                = Permission(rpcv1.Role_ROLE_STAFF)
	Officer              = Permission(rpcv1.Role_ROLE_LICENSING_OFFICER)
)

func (p Permission) allow(who principal.Principal) error {
	switch {
	case p == Public:
		return nil
	case who.Anonymous():
		return errs.New(errs.Unauthenticated, "sign_in_needed", "Please sign in first.")
	case p == 0 || !who.Has(rpcv1.Role(p)):
		return errs.New(errs.Forbidden, "not_allowed", "Your account may not do this.")
	}
	return nil
}

// Route is one row: method, path, permission, area, handler.
type Route struct {
	Method     string
	Path       string
	Permission Permission
	Area       Area
	Handle     func(*Call) error
	// Body is the largest request accepted; 64 KiB where zero.
	Body int64
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every page and form of the site.
func (s *Web) routes() []Route {
	rows := []Route{
		{Method: get, Path: "/{$}", Permission: Public, Area: AreaPatient, Handle: s.home},
		{Method: post, Path: "/language", Permission: Public, Area: AreaPatient, Handle: s.chooseLanguage},
	}
	if s.Demo {
		rows = append(rows,
			Route{Method: get, Path: "/_ui", Permission: Public, Area: AreaPatient, Handle: s.gallery},
			Route{Method: post, Path: "/demo/{role}", Permission: Public, Area: AreaPatient, Handle: s.demoSignIn},
		)
	}
	return rows
}

// entry is one line of the navigation. signedIn limits it to people who are,
// or are not, signed in to the area.
type entry struct {
	area     Area
	text     i18n.Key
	path     string
	signedIn *bool
}

// navigation shows only what exists.
func navigation() []entry {
	yes, no := true, false
	return []entry{
		{area: AreaPatient, text: "nav.book", path: "/book"},
		{area: AreaPatient, text: "nav.appointments", path: "/appointments", signedIn: &yes},
		{area: AreaPatient, text: "nav.account", path: "/account", signedIn: &yes},
		{area: AreaPatient, text: "nav.sign_in", path: "/sign-in", signedIn: &no},
	}
}
