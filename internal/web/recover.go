package web

import (
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// linkLife is how long a link that was opened stays in the browser.
const linkLife = 30 * time.Minute

// mailLink is the link of a mail, taken out of the address.
type mailLink struct {
	Token   string             `json:"t"`
	Purpose authv1.LinkPurpose `json:"p"`
}

// forgotten asks for the address that a link to set a new password goes to.
func (s *Web) forgotten(c *Call) error {
	return c.Show(account.ForgottenView(account.Forgotten{Told: c.Told()}))
}

// forgottenSent answers the same for every address.
func (s *Web) forgottenSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, email := c.Faults(), c.Value("email")
	f.Need("email", email, "field.email")
	if !f.Any() {
		_, err := s.Accounts.RequestPasswordReset(c.Ctx(), &authv1.RequestPasswordResetRequest{Email: email, Client: c.Client()})
		if err := f.Take(err, "email"); err != nil {
			return err
		}
	}
	if f.Any() {
		return c.Again(account.ForgottenView(account.Forgotten{Email: email, Problems: f.List, Errors: f.By}))
	}
	return c.See("/sign-in/forgotten/sent")
}

func (s *Web) forgottenDone(c *Call) error { return c.Show(account.ForgottenSentView()) }

// openLink takes the token of a mailed link out of the address at once: what
// follows has a plain one.
func (s *Web) openLink(c *Call, purpose authv1.LinkPurpose, next string) error {
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	link := mailLink{Token: c.R.PathValue("token"), Purpose: purpose}
	if _, err := s.Accounts.OpenLink(c.Ctx(), c.linkRequest(link)); err != nil {
		return c.linkGone(err)
	}
	if err := c.Keep(cookieLink, link, linkLife); err != nil {
		return err
	}
	return c.See(next)
}

func (c *Call) linkRequest(l mailLink) *authv1.OpenLinkRequest {
	return &authv1.OpenLinkRequest{Token: l.Token, Purpose: l.Purpose, Client: c.Client()}
}

// linkGone leads on from a link that is of no use; it gives back other errors.
func (c *Call) linkGone(err error) error {
	if errs.ReasonOf(err) != "link_gone" {
		return err
	}
	c.Drop(cookieLink)
	c.Tell(ui.Warn, "link.gone", "link.gone_text")
	return c.See("/sign-in")
}

// link is the link that was opened in this browser for a purpose.
func (c *Call) link(purpose authv1.LinkPurpose) (mailLink, bool) {
	var l mailLink
	return l, c.Kept(cookieLink, &l) && l.Purpose == purpose
}

// opened shows what an opened link is for; without one it leads to sign in.
func (s *Web) opened(c *Call, purpose authv1.LinkPurpose) (mailLink, *authv1.OpenLinkResponse, error) {
	l, ok := c.link(purpose)
	if !ok {
		return l, nil, errs.New(errs.Precondition, "link_gone", "That link is no longer good.")
	}
	res, err := s.Accounts.OpenLink(c.Ctx(), c.linkRequest(l))
	return l, res, err
}

func (s *Web) openReset(c *Call) error {
	return s.openLink(c, authv1.LinkPurpose_LINK_PURPOSE_PASSWORD, "/sign-in/reset")
}

// reset asks for a new password.
func (s *Web) reset(c *Call) error {
	_, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_PASSWORD)
	if err != nil {
		return c.linkGone(err)
	}
	return c.Show(account.NewPasswordView(resetPage(res)))
}

func resetPage(res *authv1.OpenLinkResponse) account.NewPassword {
	return account.NewPassword{Action: "/sign-in/reset", Title: "reset.title", Lead: "reset.lead", Email: res.GetMaskedEmail(), Go: "reset.go"}
}

// resetSent sets the password. Nobody is signed in by it: who works here still
// needs the second factor.
func (s *Web) resetSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	l, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_PASSWORD)
	if err != nil {
		return c.linkGone(err)
	}
	f, password := c.Faults(), c.R.PostFormValue("password")
	f.Need("password", password, "new_password.missing")
	if !f.Any() {
		done, err := s.Accounts.ResetPassword(c.Ctx(), &authv1.ResetPasswordRequest{Token: l.Token, Password: password, Client: c.Client()})
		if err == nil {
			c.Drop(cookieLink)
			c.Tell(ui.OK, "reset.done", "reset.done_text")
			return c.See(passwordPath(areaOfRoles(&authv1.Session{Roles: done.GetRoles()})))
		}
		if errs.ReasonOf(err) == "link_gone" {
			return c.linkGone(err)
		}
		if err := f.takePassword(err); err != nil {
			return err
		}
	}
	page := resetPage(res)
	page.Problems, page.Errors = f.List, f.By
	return c.Again(account.NewPasswordView(page))
}

// passwordPath is where an area takes passwords.
func passwordPath(a Area) string {
	if a == AreaPatient {
		return "/sign-in/password"
	}
	return a.Prefix() + "/sign-in"
}

// takePassword says what is wrong with a new password; it gives back what is
// not about the form.
func (f *Faults) takePassword(err error) error {
	for _, bad := range errs.FieldsOf(err) {
		if key := i18n.Key("new_password." + bad.Reason); bad.Name == "password" && f.call.L.Has(key) {
			f.Add("password", key)
		}
	}
	if f.Any() {
		return nil
	}
	return f.Take(err, "password")
}

func (s *Web) openNewAddress(c *Call) error {
	return s.openLink(c, authv1.LinkPurpose_LINK_PURPOSE_ADDRESS, "/sign-in/new-address")
}

// newAddress asks to press the button: opening a link changes nothing, because
// mail programs open links by themselves.
func (s *Web) newAddress(c *Call) error {
	_, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_ADDRESS)
	if err != nil {
		return c.linkGone(err)
	}
	return c.Show(account.NewAddressView(account.NewAddress{Email: res.GetMaskedEmail()}))
}

func (s *Web) newAddressSent(c *Call) error {
	l, ok := c.link(authv1.LinkPurpose_LINK_PURPOSE_ADDRESS)
	if !ok {
		return c.See("/sign-in")
	}
	res, err := s.Accounts.ConfirmEmailReplacement(c.Ctx(), &authv1.ConfirmEmailReplacementRequest{Token: l.Token, Client: c.Client()})
	if errs.ReasonOf(err) == "email_taken" {
		c.Drop(cookieLink)
		c.Tell(ui.Warn, "error.email_taken", "")
		return c.See("/sign-in")
	}
	if errs.ReasonOf(err) == "works_here" {
		c.Drop(cookieLink)
		c.Tell(ui.Warn, "new_address.works_here", "new_address.works_here_text")
		return c.See("/sign-in")
	}
	if err != nil {
		return c.linkGone(err)
	}
	c.Drop(cookieLink)
	area, next := areaOfRoles(&authv1.Session{Roles: res.GetRoles()}), i18n.Key("new_address.done_text")
	if area != AreaPatient {
		next = "new_address.done_work"
	}
	c.Tell(ui.OK, "new_address.done", next)
	return c.See(area.Prefix() + "/sign-in")
}
