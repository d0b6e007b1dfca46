package web

import "github.com/bedside-health/bedside/internal/web/view/gallery"

// gallery shows every component.
func (s *Web) gallery(c *Call) error { return c.Show(gallery.View()) }
