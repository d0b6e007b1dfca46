package web

import (
	"time"

	"github.com/bedside-health/bedside/internal/web/i18n"
)

// chooseLanguage keeps the language in the browser and goes back to the page.
func (s *Web) chooseLanguage(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	if lang := c.Value("lang"); i18n.Supported(lang) {
		setCookie(c.w, cookieLanguage, lang, 365*24*time.Hour)
	}
	return c.See(localPath(c.Value("back")))
}
