package web

import (
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/web/view/account"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// flow is what one sign-in or activation needs from page to page.
type flow struct {
	Email     string `json:"e,omitempty"`
	Challenge string `json:"c,omitempty"`
	// Activation is the id of an activation by typed details; Link the token
	// of an invitation.
	Activation string `json:"a,omitempty"`
	Link       string `json:"l,omitempty"`
	Name       string `json:"n,omitempty"`
	Mail       string `json:"m,omitempty"`
	Reference  string `json:"r,omitempty"`
	// Next is where to go afterwards.
	Next string `json:"x,omitempty"`
	// Own is who opens an account with an address of their own.
	Own *ownFlow `json:"o,omitempty"`
}

const flowLife = 30 * time.Minute

func (c *Call) flow() flow {
	var f flow
	c.Kept(cookieFlow, &f)
	return f
}

// next is where signing in leads: back to the page asked for, else home.
func (c *Call) next(asked string) string {
	if path := localPath(asked); path != "/" {
		return path
	}
	return c.Route.Area.Home()
}

// signIn asks patients for their e-mail address, others for everything.
func (s *Web) signIn(c *Call) error {
	if !c.Who.Anonymous() {
		return c.See(c.next(c.Query("next")))
	}
	if c.Route.Area != AreaPatient {
		return s.password(c)
	}
	return c.Show(account.SignInView(account.SignIn{Told: c.Told(), Next: localPath(c.Query("next")), Demo: s.Demo}))
}

// signInSent mails a code. The answer is the same for every address.
func (s *Web) signInSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	email, next := c.Value("email"), localPath(c.Value("next"))
	if err := s.sendCode(c, f, email, next); err != nil {
		return err
	}
	if f.Any() {
		return c.Again(account.SignInView(account.SignIn{Email: email, Next: next, Demo: s.Demo, Problems: f.List, Errors: f.By}))
	}
	return c.See("/sign-in/code")
}

// sendCode asks auth to mail a code and remembers the challenge.
func (s *Web) sendCode(c *Call, f *Faults, email, next string) error {
	f.Need("email", email, "field.email")
	if f.Any() {
		return nil
	}
	res, err := s.Auth.RequestCode(c.Ctx(), &authv1.RequestCodeRequest{Email: email, Language: c.L.Lang(), Client: c.Client()})
	if err := f.Take(err, "email"); err != nil || f.Any() {
		return err
	}
	return c.Keep(cookieFlow, flow{Email: email, Challenge: res.GetChallengeId(), Next: next}, flowLife)
}

// bookSignIn is the third page of booking: sign in while the time is kept.
func (s *Web) bookSignIn(c *Call) error {
	if !c.Who.Anonymous() {
		return c.See("/book/about")
	}
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	return c.Show(book.SignInView(book.SignIn{Kept: c.kept(h), Demo: s.Demo}))
}

func (s *Web) bookSignInSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	f, email := c.Faults(), c.Value("email")
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	if extended {
		return c.Show(book.SignInView(book.SignIn{Kept: c.kept(h), Email: email, Demo: s.Demo}))
	}
	if err := s.sendCode(c, f, email, "/book/about"); err != nil {
		return err
	}
	if f.Any() {
		return c.Again(book.SignInView(book.SignIn{Kept: c.kept(h), Email: email, Demo: s.Demo, Problems: f.List, Errors: f.By}))
	}
	return c.See("/sign-in/code")
}

// code asks for the mailed code.
func (s *Web) code(c *Call) error {
	fl := c.flow()
	if fl.Challenge == "" {
		return c.See("/sign-in")
	}
	return c.Show(account.CodeView(account.Code{Told: c.Told(), Action: "/sign-in/code", Email: fl.Email, Kept: strings.HasPrefix(fl.Next, "/book/"), Again: true, Back: "/sign-in"}))
}

func (s *Web) codeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f := c.flow(), c.Faults()
	if fl.Challenge == "" {
		return c.See("/sign-in")
	}
	if c.Value("again") != "" {
		if err := s.sendCode(c, f, fl.Email, fl.Next); err != nil {
			return err
		}
		if !f.Any() {
			c.Tell("ok", "code.sent_again", "")
			return c.See("/sign-in/code")
		}
	}
	code := digits(c.Value("code"))
	if !f.Any() {
		f.Need("code", code, "field.code")
	}
	if !f.Any() {
		res, err := s.Auth.SignInWithCode(c.Ctx(), &authv1.SignInWithCodeRequest{ChallengeId: fl.Challenge, Code: code, Client: c.Client()})
		if err == nil {
			if err = s.enter(c, res.GetSession(), fl.Next); err == nil {
				return nil
			}
		}
		if err := f.Take(err, "code"); err != nil {
			return err
		}
	}
	return c.Again(account.CodeView(account.Code{
		Action: "/sign-in/code", Email: fl.Email, Kept: strings.HasPrefix(fl.Next, "/book/"), Again: true, Back: "/sign-in", Problems: f.List, Errors: f.By,
	}))
}

// password asks for e-mail and password, and for a code of the authenticator
// where the area needs one.
func (s *Web) password(c *Call) error {
	return c.Show(account.PasswordView(s.passwordPage(c, c.Query("next"))))
}

func (s *Web) passwordPage(c *Call, next string) account.Password {
	a := c.Route.Area
	p := account.Password{
		Told: c.Told(), Area: c.T("sign_in.title"), Next: localPath(next), TOTP: a != AreaPatient, Back: "/sign-in",
		Action: "/sign-in/password",
	}
	if a != AreaPatient {
		p.Back, p.Action = "/", a.Prefix()+"/sign-in"
		if s.Demo {
			p.Demo = string(a)
		}
	}
	return p
}

func (s *Web) passwordSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, page := c.Faults(), s.passwordPage(c, c.Value("next"))
	page.Email = c.Value("email")
	page.TOTP = page.TOTP || c.Value("totp") != ""
	f.Need("email", page.Email, "field.email")
	f.Need("password", c.R.PostFormValue("password"), "field.password")
	if page.TOTP {
		f.Need("totp", c.Value("totp"), "field.totp")
	}
	if !f.Any() {
		res, err := s.Auth.SignInWithPassword(c.Ctx(), &authv1.SignInWithPasswordRequest{
			Email: page.Email, Password: c.R.PostFormValue("password"), Totp: c.Value("totp"), Client: c.Client(),
		})
		switch {
		case err != nil && errs.ReasonOf(err) == "totp_wrong":
			f.Add("totp", "error.totp_wrong")
		case err != nil:
			if err := f.Take(err, "email"); err != nil {
				return err
			}
		case res.GetTotpNeeded():
			page.TOTP = true
			f.Add("totp", "field.totp")
		default:
			err := s.enter(c, res.GetSession(), page.Next)
			if errs.ReasonOf(err) != "wrong_area" {
				return err
			}
			f.Add("email", "error.wrong_area")
		}
	}
	page.Problems, page.Errors = f.List, f.By
	return c.Again(account.PasswordView(page))
}

// enter keeps a fresh session in the browser, if its account belongs to the
// area, and goes on.
func (s *Web) enter(c *Call, session *authv1.Session, next string) error {
	for _, role := range session.GetRoles() {
		if role == c.Route.Area.Role() {
			keepSession(c.w, c.Route.Area, session)
			c.Drop(cookieFlow)
			return c.See(c.next(next))
		}
	}
	// The session is of no use here and must not stay open.
	if _, err := s.Auth.SignOut(rpc.WithToken(c.Ctx(), session.GetToken()), &authv1.SignOutRequest{}); err != nil {
		s.Log.WarnContext(c.Ctx(), "ending a session of another area", "error", err)
	}
	return errs.New(errs.Forbidden, "wrong_area", "That account belongs to other pages.")
}
