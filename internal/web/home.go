package web

import "github.com/bedside-health/bedside/internal/web/view/home"

// home says what Bedside is and where to begin.
func (s *Web) home(c *Call) error {
	return c.Show(home.View(home.Page{Told: c.Told(), SignedIn: !c.Who.Anonymous(), Demo: s.Demo}))
}
