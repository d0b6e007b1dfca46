package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
)

// demoSignIn opens a demo account with one click. Its session belongs to the
// role's own area, so that all roles can be open in one browser.
func (s *Web) demoSignIn(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	area := Area(c.R.PathValue("role"))
	known := false
	for _, a := range Areas() {
		known = known || a == area
	}
	if !known {
		return errs.New(errs.NotFound, "page_unknown", "There is no such role.")
	}
	res, err := s.Auth.SignInDemo(c.Ctx(), &authv1.SignInDemoRequest{Role: area.Role(), Client: c.Client()})
	if err != nil {
		return err
	}
	keepSession(c.w, area, res.GetSession())
	if next := localPath(c.Value("next")); next != "/" && areaOf(next) == area {
		return c.See(next)
	}
	return c.See(area.Home())
}
