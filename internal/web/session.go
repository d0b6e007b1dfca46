package web

import (
	"net/http"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
)

// Area is whose pages a route belongs to. Each has a session of its own, so
// that one browser can be signed in to all of them.
type Area string

// The areas.
const (
	AreaPatient   Area = "patient"
	AreaPhysician Area = "physician"
	AreaStaff     Area = "staff"
	AreaLicensing Area = "licensing"
	AreaAdmin     Area = "admin"
)

// Areas lists all areas.
func Areas() []Area {
	return []Area{AreaPatient, AreaPhysician, AreaStaff, AreaLicensing, AreaAdmin}
}

// Role is who may sign in to the area.
func (a Area) Role() rpcv1.Role {
	switch a {
	case AreaPhysician:
		return rpcv1.Role_ROLE_PHYSICIAN
	case AreaStaff:
		return rpcv1.Role_ROLE_STAFF
	case AreaLicensing:
		return rpcv1.Role_ROLE_LICENSING_OFFICER
	case AreaAdmin:
		return rpcv1.Role_ROLE_ADMINISTRATOR
	}
	return rpcv1.Role_ROLE_PATIENT
}

// Prefix is what the paths of the area begin with; empty for patients.
func (a Area) Prefix() string {
	if a == AreaPatient {
		return ""
	}
	return "/" + string(a)
}

// Home is where signing in leads.
func (a Area) Home() string {
	switch a {
	case AreaPhysician:
		return "/physician/day"
	case AreaStaff:
		return "/staff/patients"
	case AreaLicensing:
		return licensesPath
	case AreaAdmin:
		return "/admin/people"
	}
	return "/appointments"
}

func (a Area) secretCookie() string { return "__Host-s-" + string(a) }
func (a Area) tokenCookie() string  { return "__Host-t-" + string(a) }

// renewBefore is how much life a token must have left to be used as it is.
const renewBefore = 60 * time.Second

// signedIn finds out who is signed in to the area. A token about to end is
// renewed, which is also the idle touch. Nobody, or a session that ended, is
// the zero principal; ended says that there was one.
func (s *Web) signedIn(w http.ResponseWriter, r *http.Request, a Area) (p principal.Principal, token string, ended error) {
	ctx := r.Context()
	if c, err := r.Cookie(a.tokenCookie()); err == nil {
		if p, err := s.Verifier.Verify(ctx, c.Value, false); err == nil {
			token = c.Value
			if p.Expires.Sub(s.Clock.Now()) > renewBefore {
				return p, token, nil
			}
			if renewed, fresh, err := s.renew(w, r, a); err == nil {
				return renewed, fresh, nil
			} else if errs.CodeOf(err) != errs.Unauthenticated {
				// auth is away: what we hold is still good.
				return p, token, nil
			}
		}
	}
	p, token, err := s.renew(w, r, a)
	if err != nil {
		return principal.Principal{}, "", err
	}
	return p, token, nil
}

// renew trades the secret for a fresh token. Without a secret it does nothing.
func (s *Web) renew(w http.ResponseWriter, r *http.Request, a Area) (principal.Principal, string, error) {
	c, err := r.Cookie(a.secretCookie())
	if err != nil || c.Value == "" {
		return principal.Principal{}, "", nil //nolint:nilerr // no cookie is no session
	}
	res, err := s.Auth.Renew(r.Context(), &authv1.RenewRequest{Secret: c.Value})
	if errs.CodeOf(err) == errs.Unauthenticated {
		dropSession(w, a)
	}
	if err != nil {
		return principal.Principal{}, "", err
	}
	p, err := s.Verifier.Verify(r.Context(), res.GetToken(), false)
	if err != nil {
		return principal.Principal{}, "", err
	}
	setCookie(w, a.tokenCookie(), res.GetToken(), 0)
	return p, res.GetToken(), nil
}

// keepSession stores a fresh session in the browser. Its cookies end with the
// browser; auth ends the session itself.
func keepSession(w http.ResponseWriter, a Area, session *authv1.Session) {
	setCookie(w, a.secretCookie(), session.GetSecret(), 0)
	setCookie(w, a.tokenCookie(), session.GetToken(), 0)
}

func dropSession(w http.ResponseWriter, a Area) {
	dropCookie(w, a.secretCookie())
	dropCookie(w, a.tokenCookie())
}

// leave takes the session out of the browser, and what somebody who sits down
// there next must not find: the time held, the choices, the half-done sign-in,
// what was typed.
func (c *Call) leave() {
	dropSession(c.w, c.Route.Area)
	for _, name := range c.Route.Area.leftovers() {
		c.Drop(name)
	}
}

// leftovers are the cookies, beside a session's, that an area leaves in a
// browser. Signing out everywhere is the patients' route.
func (a Area) leftovers() []string {
	names := []string{cookieForm, cookieCodes, cookieLink, cookieNewEmail, cookieProof}
	switch a {
	case AreaPatient:
		return append(names, cookieBrowser, cookieDraft, cookieDeskDraft, cookieFlow, cookieTyped, cookieTypedMore, cookieCare, cookieLetter)
	case AreaStaff:
		return append(names, cookieBrowser, cookieDeskDraft)
	case AreaPhysician, AreaLicensing, AreaAdmin:
	}
	return names
}

// stay renews a token that is about to end in the middle of a long request: an
// upload may take longer than a token lives. It fails if the session has ended;
// while auth is away, what we hold goes on as long as it is good.
func (c *Call) stay() error {
	if c.Who.Expires.Sub(c.web.Clock.Now()) > renewBefore {
		return nil
	}
	p, token, err := c.web.renew(c.w, c.R, c.Route.Area)
	if errs.CodeOf(err) == errs.Unauthenticated {
		return err
	}
	if err != nil || p.Anonymous() {
		return nil //nolint:nilerr // the services judge what we hold
	}
	c.Who = p
	c.R = c.R.WithContext(principal.With(rpc.WithToken(c.Ctx(), token), p))
	return nil
}
