package web

import (
	"strings"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/admin"
)

const peoplePath = "/admin/people"

// coworkers lists who works here.
func (s *Web) coworkers(c *Call) error { return s.showCoworkers(c, "", "") }

// coworkersSearched is the list for part of an address, or its next page:
// addresses never stand in ours.
func (s *Web) coworkersSearched(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	return s.showCoworkers(c, c.Value("q"), c.Value("after"))
}

func (s *Web) showCoworkers(c *Call, query, after string) error {
	page := admin.PeoplePage{Told: c.Told(), Query: query}
	res, err := s.Admin.ListAccounts(c.Ctx(), &authv1.ListAccountsRequest{Query: query, After: after})
	if len(errs.FieldsOf(err)) > 0 {
		page.Problem = c.T("admin.search_wrong")
		return c.Again(admin.People(page))
	}
	if err != nil {
		return err
	}
	for _, a := range res.GetAccounts() {
		line := admin.PersonLine{
			Href: peoplePath + "/" + a.GetAccountId(), Email: a.GetEmail(), Roles: c.roleNames(a.GetRoles()), Status: c.accountStatus(a),
			SignedIn: c.T("admin.never"),
		}
		if a.GetSignedInAt() != nil {
			line.SignedIn = c.L.Date(inOffice(a.GetSignedInAt().AsTime()))
		}
		page.Lines = append(page.Lines, line)
	}
	page.Next = res.GetNext()
	return c.Show(admin.People(page))
}

// roleNames writes roles in words.
func (c *Call) roleNames(roles []rpcv1.Role) string {
	var out []string
	for _, a := range Areas() {
		for _, r := range roles {
			if a.Role() == r {
				out = append(out, c.T(i18n.Key("role."+string(a))))
			}
		}
	}
	return strings.Join(out, ", ")
}

func (c *Call) accountStatus(a *authv1.Account) admin.Status {
	switch a.GetStatus() {
	case "disabled":
		return admin.Status{Kind: ui.Bad, Icon: "lock", Text: c.T("admin.status_disabled")}
	case "invited":
		if a.GetInvitedUntil() == nil {
			return admin.Status{Kind: ui.Warn, Icon: "clock", Text: c.T("admin.status_expired")}
		}
		return admin.Status{Kind: ui.Info, Icon: "mail", Text: c.T("admin.status_invited")}
	}
	return admin.Status{Kind: ui.OK, Icon: "check", Text: c.T("admin.status_active")}
}

// roleChoices are the roles that an administrator gives.
func (c *Call) roleChoices(has func(Area) bool) []admin.RoleChoice {
	var out []admin.RoleChoice
	for _, a := range Areas() {
		if a != AreaPatient {
			out = append(out, admin.RoleChoice{
				Name: "role_" + string(a), Label: c.T(i18n.Key("role." + string(a))), Hint: c.T(i18n.Key("admin.may." + string(a))), Checked: has(a),
			})
		}
	}
	return out
}

// rolesSent reads the boxes that were checked; it adds a fault for none.
func (c *Call) rolesSent(f *Faults) (roles []rpcv1.Role, checked func(Area) bool) {
	checked = func(a Area) bool { return c.Value("role_"+string(a)) != "" }
	for _, a := range Areas() {
		if a != AreaPatient && checked(a) {
			roles = append(roles, a.Role())
		}
	}
	if len(roles) == 0 {
		f.Add("roles", "field.roles")
	}
	return roles, checked
}

// coworkerNew asks whom to invite.
func (s *Web) coworkerNew(c *Call) error {
	none := func(Area) bool { return false }
	return c.Show(admin.Invite(admin.InvitePage{Key: c.Key(), Language: "en", Roles: c.roleChoices(none), Languages: c.mailLanguages()}))
}

func (c *Call) mailLanguages() []ui.Option {
	return []ui.Option{{Value: "en", Label: c.T("account.english")}, {Value: "es", Label: c.T("account.spanish")}}
}

// coworkerNewSent invites. A physician must be on file: the account is linked
// to them right after; should that fail, the page of the account offers it.
func (s *Web) coworkerNewSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	page := admin.InvitePage{Key: c.Key(), Email: c.Value("email"), Language: c.Value("language"), NPI: digits(c.Value("npi")), Languages: c.mailLanguages()}
	f.Need("email", page.Email, "field.email")
	roles, checked := c.rolesSent(f)
	page.Roles = c.roleChoices(checked)
	physician, err := s.physicianToLink(c, f, page.NPI, checked(AreaPhysician))
	if err != nil {
		return err
	}
	if !f.Any() {
		res, err := s.Admin.InviteAccount(c.Ctx(), &authv1.InviteAccountRequest{Email: page.Email, Roles: roles, Language: page.Language, IdempotencyKey: page.Key})
		if err == nil {
			return s.coworkerInvited(c, res.GetAccountId(), physician)
		}
		if err := f.Take(err, "email"); err != nil {
			return err
		}
	}
	page.Key, page.Problems, page.By = newKey(), f.List, f.By
	return c.Again(admin.Invite(page))
}

// physicianToLink finds the physician with an NPI, whom nobody signs in as yet.
func (s *Web) physicianToLink(c *Call, f *Faults, npi string, needed bool) (string, error) {
	if !needed {
		return "", nil
	}
	f.Need("npi", npi, "field.npi")
	if f.By["npi"] != "" {
		return "", nil
	}
	res, err := s.Physicians.FindByNPI(c.Ctx(), &licensingv1.FindByNPIRequest{Npi: npi})
	switch {
	case errs.ReasonOf(err) == "physician_unknown":
		f.Add("npi", "error.physician_unknown")
		return "", nil
	case len(errs.FieldsOf(err)) > 0:
		f.Add("npi", "field.npi")
		return "", nil
	case err != nil:
		return "", err
	case res.GetPhysician().GetLinked():
		f.Add("npi", "error.physician_has_account")
	}
	return res.GetPhysician().GetPhysicianId(), nil
}

func (s *Web) coworkerInvited(c *Call, accountID, physicianID string) error {
	c.Tell(ui.OK, "admin.invited", "admin.invited_text")
	if physicianID != "" {
		_, err := s.Physicians.LinkAccount(c.Ctx(), &licensingv1.LinkAccountRequest{PhysicianId: physicianID, AccountId: accountID})
		if err != nil {
			s.Log.WarnContext(c.Ctx(), "linking a physician who was invited", "error", err)
			c.Tell(ui.Warn, "admin.invited", "admin.link_later")
		}
	}
	return c.See(peoplePath + "/" + accountID)
}
