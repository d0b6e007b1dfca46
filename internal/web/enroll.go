package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
	"rsc.io/qr"
)

const (
	enrollPath = "/sign-in/invited"
	// codesLife is how long recovery codes can be looked at again.
	codesLife = 15 * time.Minute
)

// keptCodes are recovery codes that are being shown to their owner.
type keptCodes struct {
	Account string   `json:"a"`
	Codes   []string `json:"c"`
}

func (s *Web) openInvited(c *Call) error {
	return s.openLink(c, authv1.LinkPurpose_LINK_PURPOSE_ENROLL, enrollPath)
}

// invited greets who was invited and asks for a password.
func (s *Web) invited(c *Call) error {
	_, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_ENROLL)
	if err != nil {
		return c.linkGone(err)
	}
	return c.Show(account.NewPasswordView(invitedPage(res)))
}

func invitedPage(res *authv1.OpenLinkResponse) account.NewPassword {
	return account.NewPassword{Action: enrollPath, Title: "enroll.title", Lead: "enroll.lead", Email: res.GetMaskedEmail(), Go: "form.continue"}
}

func (s *Web) invitedSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	l, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_ENROLL)
	if err != nil {
		return c.linkGone(err)
	}
	f, password := c.Faults(), c.R.PostFormValue("password")
	f.Need("password", password, "new_password.missing")
	if !f.Any() {
		_, err := s.Accounts.SetEnrollmentPassword(c.Ctx(), &authv1.SetEnrollmentPasswordRequest{Token: l.Token, Password: password, Client: c.Client()})
		if errs.ReasonOf(err) == "link_gone" {
			return c.linkGone(err)
		}
		if err := f.takePassword(err); err != nil {
			return err
		}
	}
	if f.Any() {
		page := invitedPage(res)
		page.Problems, page.Errors = f.List, f.By
		return c.Again(account.NewPasswordView(page))
	}
	return c.See(enrollPath + "/authenticator")
}

// authenticator shows what to set an authenticator app up with.
func (s *Web) authenticator(c *Call) error {
	_, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_ENROLL)
	if err != nil {
		return c.linkGone(err)
	}
	if res.GetAuthenticator() == nil {
		return c.See(enrollPath)
	}
	page, err := authenticatorPage(res.GetAuthenticator())
	if err != nil {
		return err
	}
	return c.Show(account.AuthenticatorView(page))
}

func authenticatorPage(a *authv1.Authenticator) (account.Authenticator, error) {
	code, err := qr.Encode(a.GetOtpauthUrl(), qr.M)
	if err != nil {
		return account.Authenticator{}, fmt.Errorf("drawing an authenticator's code: %w", err)
	}
	return account.Authenticator{Secret: inFours(a.GetSecret()), URL: a.GetOtpauthUrl(), Picture: squares(code), Size: fmt.Sprint(code.Size + 8)}, nil
}

// squares draws the dark squares of a QR code as the path of a picture, with
// the four light ones around that readers need.
func squares(code *qr.Code) string {
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				_, _ = fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return path.String()
}

// inFours groups a secret so that people can copy it by eye.
func inFours(s string) string {
	var out []string
	for len(s) > 4 {
		out, s = append(out, s[:4]), s[4:]
	}
	return strings.Join(append(out, s), " ")
}

// authenticatorSent takes the first code of the app: that signs in.
func (s *Web) authenticatorSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	l, res, err := s.opened(c, authv1.LinkPurpose_LINK_PURPOSE_ENROLL)
	if err != nil {
		return c.linkGone(err)
	}
	if res.GetAuthenticator() == nil {
		return c.See(enrollPath)
	}
	f, code := c.Faults(), digits(c.Value("totp"))
	f.Need("totp", code, "field.totp")
	if !f.Any() {
		done, err := s.Accounts.FinishEnrollment(c.Ctx(), &authv1.FinishEnrollmentRequest{Token: l.Token, Totp: code, Client: c.Client()})
		if err == nil {
			return c.enrolled(done)
		}
		if errs.ReasonOf(err) == "link_gone" {
			return c.linkGone(err)
		}
		if err := f.Take(err, "totp"); err != nil {
			return err
		}
	}
	page, err := authenticatorPage(res.GetAuthenticator())
	if err != nil {
		return err
	}
	page.Problems, page.Errors = f.List, f.By
	return c.Again(account.AuthenticatorView(page))
}

// enrolled keeps the fresh session and shows the recovery codes.
func (c *Call) enrolled(done *authv1.FinishEnrollmentResponse) error {
	area := areaOfRoles(done.GetSession())
	keepSession(c.w, area, done.GetSession())
	c.Drop(cookieLink)
	kept := keptCodes{Account: done.GetSession().GetAccountId(), Codes: done.GetRecoveryCodes()}
	if err := c.Keep(cookieCodes, kept, codesLife); err != nil {
		return err
	}
	c.Tell(ui.OK, "enroll.done", "")
	return c.See(area.Prefix() + "/account/recovery/codes")
}

// recoveryCodes shows codes that were just made, for as long as their owner has
// not said that they are kept, a quarter of an hour at most.
func (s *Web) recoveryCodes(c *Call) error {
	var kept keptCodes
	if !c.Kept(cookieCodes, &kept) || kept.Account != c.Who.Account.String() {
		return c.See(c.Route.Area.Prefix() + "/account")
	}
	return c.Show(account.CodesView(account.Codes{Told: c.Told(), Prefix: c.Route.Area.Prefix(), Codes: kept.Codes}))
}

// recoveryCodesKept ends that.
func (s *Web) recoveryCodesKept(c *Call) error {
	c.Drop(cookieCodes)
	return c.See(c.Route.Area.Home())
}

// recovery asks for a code of the authenticator before it makes new codes.
func (s *Web) recovery(c *Call) error {
	return c.Show(account.RecoveryView(account.Recovery{Prefix: c.Route.Area.Prefix()}))
}

func (s *Web) recoverySent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, code := c.Faults(), digits(c.Value("totp"))
	f.Need("totp", code, "field.totp")
	if !f.Any() {
		res, err := s.Accounts.NewRecoveryCodes(c.Ctx(), &authv1.NewRecoveryCodesRequest{Totp: code})
		if err == nil {
			if err := c.Keep(cookieCodes, keptCodes{Account: c.Who.Account.String(), Codes: res.GetCodes()}, codesLife); err != nil {
				return err
			}
			return c.See(c.Route.Area.Prefix() + "/account/recovery/codes")
		}
		if err := f.Take(err, "totp"); err != nil {
			return err
		}
	}
	return c.Again(account.RecoveryView(account.Recovery{Prefix: c.Route.Area.Prefix(), Problems: f.List, Errors: f.By}))
}
