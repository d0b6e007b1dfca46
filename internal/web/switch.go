package web

import (
	"slices"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// otherAreas leads to the areas whose roles this very session has proven as
// well.
func (c *Call) otherAreas() []ui.NavItem {
	var out []ui.NavItem
	for _, a := range Areas() {
		if a != c.Route.Area && c.Who.Has(a.Role()) {
			out = append(out, ui.NavItem{Text: c.T("switch.to", "area", c.T(i18n.Key("role."+string(a)))), Href: "/switch/" + string(a)})
		}
	}
	return out
}

// switchArea takes the session of one area to another that it has proven too,
// without another sign-in. Who is signed in there as somebody else is signed
// out; who is there as the same person stays as they are.
func (s *Web) switchArea(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	from, to := Area(c.Value("from")), Area(c.R.PathValue("area"))
	if !slices.Contains(Areas(), from) || !slices.Contains(Areas(), to) {
		return errs.New(errs.NotFound, "page_unknown", "There is no such area.")
	}
	who, token, err := s.signedIn(c.w, c.R, from)
	if err != nil && errs.CodeOf(err) != errs.Unauthenticated {
		return err
	}
	secret, cookieErr := c.R.Cookie(from.secretCookie())
	if who.Anonymous() || cookieErr != nil {
		return c.See(from.Prefix() + "/sign-in")
	}
	if !who.Has(to.Role()) {
		return errs.New(errs.Forbidden, "not_allowed", "Your account may not do this.")
	}
	if there, old, err := s.signedIn(c.w, c.R, to); err == nil && !there.Anonymous() {
		if there.Account == who.Account {
			return c.See(to.Home())
		}
		s.endQuietly(c, old)
	}
	setCookie(c.w, to.secretCookie(), secret.Value, 0)
	setCookie(c.w, to.tokenCookie(), token, 0)
	return c.See(to.Home())
}

// endQuietly ends a session that this browser no longer has any use for.
func (s *Web) endQuietly(c *Call, token string) {
	if _, err := s.Auth.SignOut(rpc.WithToken(c.Ctx(), token), &authv1.SignOutRequest{}); err != nil && errs.CodeOf(err) != errs.Unauthenticated {
		s.Log.WarnContext(c.Ctx(), "ending a session", "error", err)
	}
}

// signOut ends the area's session, here and in auth, unless another area of
// this browser goes on with the same one. Here it ends also while auth is away:
// what counts on a shared computer is that nothing stays behind.
func (s *Web) signOut(c *Call) error {
	shared := c.sharesSession()
	c.leave()
	if !c.Who.Anonymous() && !shared {
		if _, err := s.Auth.SignOut(c.Ctx(), &authv1.SignOutRequest{}); err != nil && errs.CodeOf(err) != errs.Unauthenticated {
			return err
		}
	}
	if len(s.stillIn(c, c.Route.Area)) > 0 {
		return c.See("/signed-out")
	}
	c.Tell("ok", "sign_out.done", "")
	return c.See("/")
}

// sharesSession says whether another area holds the secret of this one's
// session: they were switched between.
func (c *Call) sharesSession() bool {
	own, err := c.R.Cookie(c.Route.Area.secretCookie())
	if err != nil {
		return false
	}
	return slices.ContainsFunc(Areas(), func(a Area) bool {
		other, err := c.R.Cookie(a.secretCookie())
		return a != c.Route.Area && err == nil && other.Value == own.Value
	})
}

// stillIn lists the areas, but one, that this browser is signed in to.
func (s *Web) stillIn(c *Call, but Area) []Area {
	var out []Area
	for _, a := range Areas() {
		if _, err := c.R.Cookie(a.secretCookie()); a == but || err != nil {
			continue
		}
		if who, _, err := s.signedIn(c.w, c.R, a); err == nil && !who.Anonymous() {
			out = append(out, a)
		}
	}
	return out
}

// signedOut says what this browser is still signed in to after signing out of
// one area.
func (s *Web) signedOut(c *Call) error {
	c.personal = true
	page := account.SignedOut{}
	for _, a := range s.stillIn(c, "") {
		page.Areas = append(page.Areas, ui.NavItem{Text: c.T(i18n.Key("role." + string(a))), Href: a.Home()})
	}
	if len(page.Areas) == 0 {
		c.Tell("ok", "sign_out.done", "")
		return c.See("/")
	}
	return c.Show(account.SignedOutView(page))
}

// signOutEverywhere ends all sessions of this browser.
func (s *Web) signOutEverywhere(c *Call) error {
	for _, a := range Areas() {
		if _, err := c.R.Cookie(a.secretCookie()); err != nil {
			continue
		}
		if who, token, err := s.signedIn(c.w, c.R, a); err == nil && !who.Anonymous() {
			s.endQuietly(c, token)
		}
		dropSession(c.w, a)
	}
	c.leave()
	c.Tell("ok", "sign_out.done", "")
	return c.See("/")
}

// areaWithRole is the first area of those at work that a session may enter, or
// the patient's.
func areaWithRole(has func(Area) bool) Area {
	for _, a := range Areas() {
		if a != AreaPatient && has(a) {
			return a
		}
	}
	return AreaPatient
}

// areaOfRoles is where an account with these roles signs in.
func areaOfRoles(s *authv1.Session) Area {
	return areaWithRole(func(a Area) bool { return slices.Contains(s.GetRoles(), a.Role()) })
}
