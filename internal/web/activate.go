package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// activate asks for what is on the insurance card.
func (s *Web) activate(c *Call) error {
	return c.Show(account.ActivateView(account.Activate{Told: c.Told(), Next: localPath(c.Query("next"))}))
}

// activateSent begins an activation. What follows is the same whether the
// details match or not.
func (s *Web) activateSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, born := c.Faults(), c.DateValue("birth_date")
	page := account.Activate{
		MemberID: c.Value("member_id"), FamilyName: c.Value("family_name"), Next: localPath(c.Value("next")),
		Year: born.Year, Month: born.Month, Day: born.Day,
	}
	f.Need("member_id", page.MemberID, "field.member_id")
	f.Need("family_name", page.FamilyName, "field.family_name")
	birth := f.birthDate(born, s.Clock.Now())
	if !f.Any() {
		res, err := s.People.StartActivation(c.Ctx(), &enrollmentv1.StartActivationRequest{
			MemberId: page.MemberID, FamilyName: page.FamilyName, BirthDate: birth, Language: c.L.Lang(), Address: c.Address(),
		})
		if err := f.Take(err, ""); err != nil {
			return err
		}
		if !f.Any() {
			fl := flow{Activation: res.GetActivationId(), Reference: res.GetReference(), Next: page.Next, Own: &ownFlow{Family: page.FamilyName, Birth: birth}}
			if err := c.Keep(cookieFlow, fl, flowLife); err != nil {
				return err
			}
			return c.See("/activate/code")
		}
	}
	page.Problems, page.Errors = f.List, f.By
	return c.Again(account.ActivateView(page))
}

// activateCode asks for the code that was mailed to the address the insurer
// gave.
func (s *Web) activateCode(c *Call) error {
	fl := c.flow()
	if fl.Activation == "" {
		return c.See("/activate")
	}
	return c.Show(account.CodeView(account.Code{Action: "/activate/code", Reference: fl.Reference, Back: "/activate", Own: ownPath}))
}

func (s *Web) activateCodeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f := c.flow(), c.Faults()
	if fl.Activation == "" {
		return c.See("/activate")
	}
	code := digits(c.Value("code"))
	f.Need("code", code, "field.code")
	if !f.Any() {
		res, err := s.People.ConfirmActivation(c.Ctx(), &enrollmentv1.ConfirmActivationRequest{
			ActivationId: fl.Activation, Code: code, Address: c.Address(),
		})
		if err := f.Take(err, "code"); err != nil {
			return err
		}
		if !f.Any() {
			return s.activated(c, fl, res.GetTicket(), res.GetReference())
		}
	}
	return c.Again(account.CodeView(account.Code{
		Action: "/activate/code", Reference: fl.Reference, Back: "/activate", Own: ownPath, Problems: f.List, Errors: f.By,
	}))
}

// activated signs in with the ticket, or shows the reference for staff.
func (s *Web) activated(c *Call, fl flow, ticket, reference string) error {
	if ticket == "" {
		if err := c.Keep(cookieFlow, flow{Activation: fl.Activation, Own: fl.Own, Reference: reference, Next: fl.Next}, flowLife); err != nil {
			return err
		}
		return c.See("/activate/help")
	}
	res, err := s.Auth.SignInWithTicket(c.Ctx(), &authv1.SignInWithTicketRequest{Ticket: ticket, Client: c.Client()})
	if err != nil {
		return err
	}
	c.Tell("ok", "activate.done", "activate.done_text")
	return s.enter(c, res.GetSession(), fl.Next)
}

// activateHelp says that a person will look, with the reference to quote.
func (s *Web) activateHelp(c *Call) error {
	fl := c.flow()
	if fl.Reference == "" {
		return c.See("/activate")
	}
	page := account.Help{Told: c.Told(), Reference: fl.Reference, Phone: s.HelpPhone, Letter: fl.Activation != ""}
	if fl.Activation != "" {
		page.Own = ownPath
	}
	return c.Show(account.HelpView(page))
}

// openInvitation takes the link of an invitation mail out of the address at
// once: what follows has a plain one.
func (s *Web) openInvitation(c *Call) error {
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	token := c.R.PathValue("token")
	res, err := s.People.OpenInvitation(c.Ctx(), &enrollmentv1.OpenInvitationRequest{Token: token, Address: c.Address()})
	if reason := errs.ReasonOf(err); err != nil && (errs.CodeOf(err) == errs.NotFound || errs.CodeOf(err) == errs.Precondition) {
		if reason == "already_active" {
			c.Tell("info", "error.already_active", "")
			return c.See("/sign-in")
		}
		c.Tell("warn", "invitation.gone", "invitation.gone_text")
		return c.See("/activate")
	}
	if err != nil {
		return err
	}
	fl := flow{Link: token, Name: personName(res.GetGivenName()), Mail: res.GetMaskedEmail()}
	if err := c.Keep(cookieFlow, fl, flowLife); err != nil {
		return err
	}
	return c.See("/activate/invitation")
}

// invitation asks for the date of birth: what a stolen link does not have.
func (s *Web) invitation(c *Call) error {
	fl := c.flow()
	if fl.Link == "" {
		return c.See("/activate")
	}
	return c.Show(account.InvitationView(account.Invitation{Name: fl.Name, Mail: fl.Mail}))
}

func (s *Web) invitationSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f, born := c.flow(), c.Faults(), c.DateValue("birth_date")
	if fl.Link == "" {
		return c.See("/activate")
	}
	birth := f.birthDate(born, s.Clock.Now())
	if !f.Any() {
		res, err := s.People.AcceptInvitation(c.Ctx(), &enrollmentv1.AcceptInvitationRequest{
			Token: fl.Link, BirthDate: birth, Language: c.L.Lang(), Address: c.Address(),
		})
		if err := f.Take(err, "birth_date"); err != nil {
			return err
		}
		if !f.Any() {
			return s.activated(c, fl, res.GetTicket(), res.GetReference())
		}
	}
	return c.Again(account.InvitationView(account.Invitation{
		Name: fl.Name, Mail: fl.Mail, Year: born.Year, Month: born.Month, Day: born.Day, Problems: f.List, Errors: f.By,
	}))
}
