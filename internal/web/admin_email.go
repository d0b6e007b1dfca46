package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/admin"
)

// coworkerEmail asks for a colleague's new address, and how their identity was
// checked.
func (s *Web) coworkerEmail(c *Call) error {
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	page.Checks = c.idChecks()
	return c.Show(admin.NewEmail(page))
}

// coworkerEmailSent mails a link to the new address. Whoever decided by an
// older page is told, and sees how the account is now.
func (s *Web) coworkerEmailSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, typed, check, version := c.Faults(), c.Value("new_email"), c.Value("id_check"), c.Value("email_version")
	f.Need("new_email", typed, "field.new_email")
	f.Need("id_check", check, "field.id_check")
	if !f.Any() {
		_, err := s.Admin.ChangeEmail(c.Ctx(), &authv1.ChangeEmailRequest{
			AccountId: c.coworkerID(), NewEmail: typed, IdCheck: check, EmailVersion: version, IdempotencyKey: c.Key(),
		})
		switch reason := errs.ReasonOf(err); {
		case err == nil:
			c.Tell(ui.OK, "admin.email_sent", "admin.email_sent_text")
			return c.See(peoplePath + "/" + c.coworkerID())
		case reason == "account_changed":
			c.Tell(ui.Warn, i18n.Key("error."+reason), "")
			return c.See(peoplePath + "/" + c.coworkerID())
		}
		if err := f.Take(err, "new_email"); err != nil {
			return err
		}
	}
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	// What was looked at stays what is decided by, also when something else is
	// mended.
	page.EmailVersion = version
	page.Checks, page.Check, page.NewEmail, page.Problems, page.By = c.idChecks(), check, typed, f.List, f.By
	return c.Again(admin.NewEmail(page))
}
