package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// reasonMailbox is the case of somebody who cannot read their mail any more.
const reasonMailbox = "lost_mailbox"

// lostMailbox begins a case for a patient on the phone, or goes to the one that
// is open.
func (s *Web) lostMailbox(c *Call) error {
	res, err := s.Identity.OpenMailboxCase(c.Ctx(), &enrollmentv1.OpenMailboxCaseRequest{PatientId: c.R.PathValue("id")})
	if errs.ReasonOf(err) == "account_missing" {
		c.Tell(ui.Warn, i18n.Key("error.account_missing"), "")
		return c.See("/staff/patients/" + c.R.PathValue("id"))
	}
	if err != nil {
		return err
	}
	return c.See(casePath(res.GetReference()))
}

// caseAddress mails a link to the new address.
func (s *Web) caseAddress(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	f.Need("email", c.Value("email"), "field.email")
	if f.Any() {
		return s.showCase(c, f, "")
	}
	_, err := s.Identity.ReplaceEmail(c.Ctx(), &enrollmentv1.ReplaceEmailRequest{
		Reference: c.R.PathValue("reference"), Version: c.caseVersion(), Email: c.Value("email"), IdempotencyKey: c.Key(),
	})
	if errs.ReasonOf(err) == "check_missing" {
		c.Tell(ui.Warn, i18n.Key("error.check_missing"), "")
		return c.See(casePath(c.R.PathValue("reference")))
	}
	if errs.ReasonOf(err) == "works_here" { // the words are other than an administrator's
		c.Tell(ui.Warn, "mailbox.works_here", "mailbox.works_here_text")
		return c.See(casePath(c.R.PathValue("reference")))
	}
	return s.caseDone(c, f, err, "mailbox.sent")
}
