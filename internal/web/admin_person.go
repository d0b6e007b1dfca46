package web

import (
	"slices"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/admin"
)

func (c *Call) coworkerID() string { return c.R.PathValue("id") }

// coworker shows one account and what can be done with it.
func (s *Web) coworker(c *Call) error {
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	return c.Show(admin.Person(page))
}

func (s *Web) coworkerPage(c *Call) (admin.PersonPage, error) {
	res, err := s.Admin.GetAccount(c.Ctx(), &authv1.GetAccountRequest{AccountId: c.coworkerID()})
	if err != nil {
		return admin.PersonPage{}, err
	}
	a := res.GetAccount()
	page := admin.PersonPage{
		Told: c.Told(), Path: peoplePath + "/" + a.GetAccountId(), Email: a.GetEmail(), Own: a.GetOwn(), Key: newKey(), EmailVersion: a.GetEmailVersion(),
		Status: c.accountStatus(a), Disabled: a.GetStatus() == "disabled", Waiting: a.GetStatus() == "invited",
		Roles: c.roleChoices(func(area Area) bool { return slices.Contains(a.GetRoles(), area.Role()) }),
	}
	page.Rows = []ui.Row{
		{Key: c.T("admin.email"), Value: a.GetEmail()},
	}
	if a.GetNewEmail() != "" {
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.email_waiting"), Value: a.GetNewEmail(), Soft: c.T("admin.email_waiting_text")})
	}
	page.Rows = append(page.Rows, []ui.Row{
		{Key: c.T("admin.status"), Body: admin.StatusTag(page.Status)},
		{Key: c.T("admin.roles"), Value: c.roleNames(a.GetRoles())},
		{Key: c.T("admin.since"), Value: c.L.Date(a.GetCreatedAt().AsTime())},
	}...)
	if a.GetSignedInAt() != nil {
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.signed_in"), Value: c.L.Date(a.GetSignedInAt().AsTime())})
	}
	if page.Waiting && a.GetInvitedUntil() != nil {
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.link_until"), Value: c.L.Date(a.GetInvitedUntil().AsTime())})
	}
	if slices.Contains(a.GetRoles(), rpcv1.Role_ROLE_PHYSICIAN) {
		s.physicianRow(c, &page, a.GetAccountId())
	}
	return page, nil
}

// physicianRow says which physician on file the account is, or offers to link
// one. While licensing is away the rest of the page goes on.
func (s *Web) physicianRow(c *Call, page *admin.PersonPage, accountID string) {
	res, err := s.Physicians.PhysicianOf(c.Ctx(), &licensingv1.PhysicianOfRequest{AccountId: accountID})
	switch p := res.GetPhysician(); {
	case err != nil:
		s.Log.WarnContext(c.Ctx(), "reading which physician an account is", "error", err)
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.physician"), Value: c.T("admin.physician_away")})
	case p == nil:
		page.Link = true
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.physician"), Value: c.T("admin.physician_none")})
	default:
		page.Rows = append(page.Rows, ui.Row{Key: c.T("admin.physician"), Value: p.GetGivenName() + " " + p.GetFamilyName(), Soft: c.T("admin.npi_is", "npi", p.GetNpi())})
	}
}

// changed ends a form of the page: told what was done, or shown again with what
// was refused.
func (s *Web) changed(c *Call, f *Faults, err error, field string, done i18n.Key) error {
	if err := f.Take(err, field); err != nil {
		return err
	}
	if f.Any() {
		return s.coworkerAgain(c, f)
	}
	c.Tell(ui.OK, done, "")
	return c.See(peoplePath + "/" + c.coworkerID())
}

func (s *Web) coworkerAgain(c *Call, f *Faults) error {
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	page.Problems, page.By, page.NPI = f.List, f.By, c.Value("npi")
	return c.Again(admin.Person(page))
}

func (s *Web) coworkerRoles(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	roles, _ := c.rolesSent(f)
	if f.Any() {
		return s.coworkerAgain(c, f)
	}
	_, err := s.Admin.ChangeRoles(c.Ctx(), &authv1.ChangeRolesRequest{AccountId: c.coworkerID(), Roles: roles, IdempotencyKey: c.Key()})
	return s.changed(c, f, err, "", "admin.roles_changed")
}

func (s *Web) coworkerPhysician(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	id, err := s.physicianToLink(c, f, digits(c.Value("npi")), true)
	if err != nil {
		return err
	}
	if f.Any() {
		return s.coworkerAgain(c, f)
	}
	if _, err := s.Admin.GetAccount(c.Ctx(), &authv1.GetAccountRequest{AccountId: c.coworkerID()}); err != nil {
		return err
	}
	_, err = s.Physicians.LinkAccount(c.Ctx(), &licensingv1.LinkAccountRequest{PhysicianId: id, AccountId: c.coworkerID()})
	return s.changed(c, f, err, "npi", "admin.linked")
}

func (s *Web) coworkerResend(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Admin.ResendInvitation(c.Ctx(), &authv1.ResendInvitationRequest{AccountId: c.coworkerID(), IdempotencyKey: c.Key()})
	return s.changed(c, c.Faults(), err, "", "admin.resent")
}

func (s *Web) coworkerEnable(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Admin.EnableAccount(c.Ctx(), &authv1.EnableAccountRequest{AccountId: c.coworkerID(), IdempotencyKey: c.Key()})
	return s.changed(c, c.Faults(), err, "", "admin.enabled")
}

// coworkerDisable asks once more.
func (s *Web) coworkerDisable(c *Call) error {
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	return c.Show(admin.Disable(page))
}

func (s *Web) coworkerDisableSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Admin.DisableAccount(c.Ctx(), &authv1.DisableAccountRequest{AccountId: c.coworkerID(), IdempotencyKey: c.Key()})
	return s.changed(c, c.Faults(), err, "", "admin.disabled")
}

// coworkerReset asks how the identity was checked before it takes an
// authenticator away.
func (s *Web) coworkerReset(c *Call) error {
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	page.Checks = c.idChecks()
	return c.Show(admin.Reset(page))
}

func (c *Call) idChecks() []ui.Option {
	return []ui.Option{
		{Value: "in_person", Label: c.T("admin.check_in_person")}, {Value: "video", Label: c.T("admin.check_video")},
		{Value: "call_back", Label: c.T("admin.check_call_back")},
	}
}

func (s *Web) coworkerResetSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, check := c.Faults(), c.Value("id_check")
	f.Need("id_check", check, "field.id_check")
	if !f.Any() {
		_, err := s.Admin.ResetSecondFactor(c.Ctx(), &authv1.ResetSecondFactorRequest{AccountId: c.coworkerID(), IdCheck: check, IdempotencyKey: c.Key()})
		if len(errs.FieldsOf(err)) == 0 {
			return s.changed(c, f, err, "", "admin.reset_done")
		}
		if err := f.Take(err, "id_check"); err != nil {
			return err
		}
	}
	page, err := s.coworkerPage(c)
	if err != nil {
		return err
	}
	page.Checks, page.Problems, page.By = c.idChecks(), f.List, f.By
	return c.Again(admin.Reset(page))
}
