package web

import (
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/people"
)

// cookieCare keeps the link of an invitation to a caregiver while they sign in,
// or make an account of their own.
const cookieCare = "__Host-care"

const careLife = 24 * time.Hour

// careLink is the inside of that cookie.
type careLink struct {
	Token string `json:"t"`
	Name  string `json:"n"`
}

// caregiver asks whom to invite.
func (s *Web) caregiver(c *Call) error {
	return c.Show(people.InviteView(people.Invite{Key: newKey()}))
}

// caregiverSent mails the invitation.
func (s *Web) caregiverSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, email := c.Faults(), c.Value("email")
	f.Need("email", email, "field.email")
	if !f.Any() {
		_, err := s.Acting.InviteCaregiver(c.Ctx(), &enrollmentv1.InviteCaregiverRequest{Email: email, Language: c.L.Lang(), IdempotencyKey: c.Key()})
		if bad := errs.FieldsOf(err); len(bad) == 1 && bad[0].Reason == "own" {
			f.Add("email", "care.own_address")
		} else if err := f.Take(err, ""); err != nil {
			return err
		}
	}
	if f.Any() {
		return c.Again(people.InviteView(people.Invite{Key: c.Key(), Email: email, Problems: f.List, Errors: f.By}))
	}
	c.Tell(ui.OK, "care.sent", "care.sent_text")
	return c.See("/people")
}

// withdrawCaregiver makes the link of an invitation void.
func (s *Web) withdrawCaregiver(c *Call) error {
	_, err := s.Acting.WithdrawCaregiverInvitation(c.Ctx(), &enrollmentv1.WithdrawCaregiverInvitationRequest{InvitationId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "care.withdrawn", "care.withdrawn_text")
	return c.See("/people")
}

// openCare takes the link out of the address at once: what follows has a plain
// one.
func (s *Web) openCare(c *Call) error {
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	token := c.R.PathValue("token")
	res, err := s.Acting.OpenCaregiverInvitation(c.Ctx(), &enrollmentv1.OpenCaregiverInvitationRequest{Token: token, Address: c.Address()})
	if code := errs.CodeOf(err); err != nil && (code == errs.NotFound || code == errs.Precondition) {
		c.Tell(ui.Warn, "care.gone", "care.gone_text")
		if c.Who.Anonymous() {
			return c.See("/sign-in")
		}
		return c.See("/people")
	}
	if err != nil {
		return err
	}
	if err := c.Keep(cookieCare, careLink{Token: token, Name: personName(res.GetGivenName())}, careLife); err != nil {
		return err
	}
	return c.See("/people/accept")
}

// care says who invites, and asks who is signed in whether they accept.
func (s *Web) care(c *Call) error {
	link, ok := c.careLink()
	if !ok {
		return c.See("/people")
	}
	return c.Show(people.AcceptView(people.Accept{Told: c.Told(), Name: link.Name, SignedIn: !c.Who.Anonymous()}))
}

func (c *Call) careLink() (careLink, bool) {
	var link careLink
	ok := c.Kept(cookieCare, &link) && link.Token != ""
	c.personal = c.personal || ok
	return link, ok
}

// careSent accepts.
func (s *Web) careSent(c *Call) error {
	link, ok := c.careLink()
	if !ok {
		return c.See("/people")
	}
	f := c.Faults()
	_, err := s.Acting.AcceptCaregiverInvitation(c.Ctx(), &enrollmentv1.AcceptCaregiverInvitationRequest{Token: link.Token})
	if err := f.Take(err, ""); err != nil {
		return err
	}
	if f.Any() {
		return c.Again(people.AcceptView(people.Accept{Name: link.Name, SignedIn: true, Problems: f.List}))
	}
	c.Drop(cookieCare)
	c.Tell(ui.OK, "care.accepted", "care.accepted_text")
	return c.See("/people")
}
