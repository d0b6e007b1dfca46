package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// mailedProof is a code that was mailed to the caller, as proof of who they are.
type mailedProof struct {
	Challenge string `json:"c"`
}

// newPassword asks for the caller's new password, and for fresh proof of who
// they are.
func (s *Web) newPassword(c *Call) error {
	page, _, err := s.passwordForm(c)
	if err != nil {
		return err
	}
	return c.Show(account.OwnPasswordView(page))
}

// passwordForm asks for the proof that auth wants of this account. Who has
// neither authenticator nor password first has a code mailed.
func (s *Web) passwordForm(c *Call) (account.OwnPassword, string, error) {
	own, err := s.Accounts.MyAccount(c.Ctx(), &authv1.MyAccountRequest{})
	if err != nil {
		return account.OwnPassword{}, "", err
	}
	page := account.OwnPassword{Told: c.Told(), Prefix: c.Route.Area.Prefix(), TOTP: worksHere(own), Has: own.GetPasswordSetAt() != nil}
	page.Old = page.Has && !page.TOTP
	if !page.TOTP && !page.Old {
		var kept mailedProof
		page.Email, page.Code = mail.Mask(own.GetEmail()), c.Kept(cookieProof, &kept)
	}
	return page, own.GetEmail(), nil
}

func (s *Web) newPasswordSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	page, email, err := s.passwordForm(c)
	if err != nil {
		return err
	}
	f, to := c.Faults(), page.Prefix+"/account"
	if c.Value("send") != "" {
		err, to = s.mailProof(c, f, email), page.Prefix+"/account/password"
	} else {
		err = s.changePassword(c, f, page)
	}
	if err != nil {
		return err
	}
	if f.Any() {
		page.Problems, page.Errors = f.List, f.By
		return c.Again(account.OwnPasswordView(page))
	}
	if page.Code && c.Value("send") != "" {
		c.Tell(ui.OK, "code.sent_again", "")
	}
	return c.See(to)
}

// mailProof mails the caller a code, to bring back as proof.
func (s *Web) mailProof(c *Call, f *Faults, email string) error {
	res, err := s.Auth.RequestCode(c.Ctx(), &authv1.RequestCodeRequest{Email: email, Language: c.L.Lang(), Client: c.Client()})
	if err := f.Take(err, ""); err != nil || f.Any() {
		return err
	}
	return c.Keep(cookieProof, mailedProof{Challenge: res.GetChallengeId()}, flowLife)
}

func (s *Web) changePassword(c *Call, f *Faults, page account.OwnPassword) error {
	req := &authv1.SetPasswordRequest{
		Password: c.R.PostFormValue("password"), Totp: c.Value("totp"), OldPassword: c.R.PostFormValue("old_password"),
		Code: digits(c.Value("code")), Client: c.Client(),
	}
	var kept mailedProof
	if c.Kept(cookieProof, &kept) {
		req.ChallengeId = kept.Challenge
	}
	switch {
	case page.TOTP:
		f.Need("totp", req.GetTotp(), "field.totp")
	case page.Old:
		f.Need("old_password", req.GetOldPassword(), "field.old_password")
	default:
		f.Need("code", req.GetCode(), "field.code")
	}
	f.Need("password", req.GetPassword(), "new_password.missing")
	if f.Any() {
		return nil
	}
	_, err := s.Auth.SetPassword(c.Ctx(), req)
	switch reason := errs.ReasonOf(err); reason {
	case "totp_wrong":
		err = f.Take(err, "totp")
	case "password_wrong":
		err = f.Take(err, "old_password")
	case "code_wrong", "code_expired", "code_spent":
		err = f.Take(err, "code")
	default:
		err = f.takePassword(err)
	}
	if err == nil && !f.Any() {
		c.Drop(cookieProof)
		c.Tell(ui.OK, "password.done", "password.done_text")
	}
	return err
}
