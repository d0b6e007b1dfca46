package web

import (
	"slices"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// newEmail is an address that is being proven.
type newEmail struct {
	Change string `json:"c"`
	Email  string `json:"e"`
}

// email asks for the address to sign in with from now on.
func (s *Web) email(c *Call) error {
	page, _, err := s.emailPage(c)
	if err != nil {
		return err
	}
	var kept newEmail
	if c.Kept(cookieNewEmail, &kept) {
		page.New = kept.Email
	}
	return c.Show(account.EmailView(page))
}

// emailPage asks for the fresh proof that auth wants of this account, and says
// which address it has. Who has neither authenticator nor password first has a
// code mailed there.
func (s *Web) emailPage(c *Call) (account.Email, string, error) {
	own, err := s.Accounts.MyAccount(c.Ctx(), &authv1.MyAccountRequest{})
	if err != nil {
		return account.Email{}, "", err
	}
	page := account.Email{Told: c.Told(), Prefix: c.Route.Area.Prefix(), TOTP: worksHere(own)}
	page.Password = !page.TOTP && own.GetPasswordSetAt() != nil
	if !page.TOTP && !page.Password {
		var mailed mailedProof
		page.Old, page.Code = mail.Mask(own.GetEmail()), c.Kept(cookieProof, &mailed)
	}
	return page, own.GetEmail(), nil
}

// worksHere says that an account is more than a patient's: its proof is a code
// of the authenticator.
func worksHere(own *authv1.MyAccountResponse) bool {
	return slices.ContainsFunc(own.GetRoles(), func(r rpcv1.Role) bool { return r != rpcv1.Role_ROLE_PATIENT })
}

// emailSent mails a code to the new address. The answer is the same for an
// address that somebody else has.
func (s *Web) emailSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	page, old, err := s.emailPage(c)
	if err != nil {
		return err
	}
	f, typed, to := c.Faults(), c.Value("new_email"), page.Prefix+"/account/email/code"
	if c.Value("send") != "" {
		err, to = s.mailProof(c, f, old), page.Prefix+"/account/email"
	} else {
		err = s.proveEmail(c, f, typed, page.Code)
	}
	if err != nil {
		return err
	}
	if f.Any() {
		page.New, page.Problems, page.Errors = typed, f.List, f.By
		return c.Again(account.EmailView(page))
	}
	if page.Code && c.Value("send") != "" {
		c.Tell(ui.OK, "code.sent_again", "")
	}
	return c.See(to)
}

// proveEmail asks auth to mail a code to the new address; byCode says that the
// proof of who asks is a code that was mailed to the old one.
func (s *Web) proveEmail(c *Call, f *Faults, typed string, byCode bool) error {
	req := &authv1.StartEmailChangeRequest{
		NewEmail: typed, Language: c.L.Lang(), Totp: c.Value("totp"), Password: c.R.PostFormValue("password"), Client: c.Client(),
	}
	var mailed mailedProof
	if byCode && c.Kept(cookieProof, &mailed) {
		req.ChallengeId, req.Code = mailed.Challenge, digits(c.Value("code"))
		f.Need("code", req.GetCode(), "field.code")
	}
	f.Need("new_email", typed, "field.new_email")
	if f.Any() {
		return nil
	}
	res, err := s.Accounts.StartEmailChange(c.Ctx(), req)
	field := "new_email"
	switch errs.ReasonOf(err) {
	case "code_wrong", "code_expired", "code_spent":
		field = "code"
	case "totp_wrong":
		field = "totp"
	case "password_wrong":
		field = "password"
	}
	if err := f.Take(err, field); err != nil || f.Any() {
		return err
	}
	c.Drop(cookieProof)
	return c.Keep(cookieNewEmail, newEmail{Change: res.GetChangeId(), Email: typed}, flowLife)
}

// emailCode asks for the code that went to the new address.
func (s *Web) emailCode(c *Call) error {
	var kept newEmail
	prefix := c.Route.Area.Prefix()
	if !c.Kept(cookieNewEmail, &kept) {
		return c.See(prefix + "/account/email")
	}
	return c.Show(account.EmailCodeView(account.EmailCode{Told: c.Told(), Prefix: prefix, Email: kept.Email}))
}

func (s *Web) emailCodeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	var kept newEmail
	prefix, f := c.Route.Area.Prefix(), c.Faults()
	if !c.Kept(cookieNewEmail, &kept) {
		return c.See(prefix + "/account/email")
	}
	if c.Value("again") != "" { // another code needs the proof again
		return c.See(prefix + "/account/email")
	}
	code := digits(c.Value("code"))
	if !f.Any() {
		f.Need("code", code, "field.code")
	}
	if !f.Any() {
		_, err := s.Accounts.ConfirmEmailChange(c.Ctx(), &authv1.ConfirmEmailChangeRequest{ChangeId: kept.Change, Code: code})
		if err == nil {
			return s.emailChanged(c)
		}
		if err := f.Take(err, "code"); err != nil {
			return err
		}
	}
	return c.Again(account.EmailCodeView(account.EmailCode{Prefix: prefix, Email: kept.Email, Problems: f.List, Errors: f.By}))
}

// emailChanged lets mail about visits follow. It does so by itself, from auth's
// feed; asking makes it so before the account's page is shown.
func (s *Web) emailChanged(c *Call) error {
	c.Drop(cookieNewEmail)
	if s.mailFollows(c, c.Who.Account.String()) {
		c.Tell(ui.OK, "new_email.done", "new_email.done_text")
	} else {
		c.Tell(ui.OK, "new_email.done", "new_email.mail_later")
	}
	return c.See(c.Route.Area.Prefix() + "/account")
}

// mailFollows makes the address that the caller signs in with the one for mail
// about visits.
func (s *Web) mailFollows(c *Call, accountID string) bool {
	_, err := s.Contacts.FollowSignInEmail(rpc.AsService(c.Ctx()), &enrollmentv1.FollowSignInEmailRequest{AccountId: accountID})
	if err != nil {
		s.Log.WarnContext(c.Ctx(), "mail does not follow an address yet", "error", err)
	}
	return err == nil
}

// mailHere sends mail about visits to the address that the caller signs in
// with.
func (s *Web) mailHere(c *Call) error {
	if s.mailFollows(c, c.Who.Account.String()) {
		c.Tell(ui.OK, "contact.mail_done", "")
	} else {
		c.Tell(ui.Warn, "contact.mail_failed", "")
	}
	return c.See("/account")
}

// phone asks for the caller's phone number.
func (s *Web) phone(c *Call) error {
	_, contacts, err := s.ownContacts(c)
	if err != nil {
		return err
	}
	return c.Show(account.PhoneView(account.Phone{Key: c.Key(), Phone: phoneText(contacts.GetPhone()), Own: contacts.GetPhoneOwn()}))
}

// ownContacts reads how the caller is reached. Who is nobody's patient has no
// such page.
func (s *Web) ownContacts(c *Call) (string, *enrollmentv1.ListContactsResponse, error) {
	patient, err := s.self(c.Ctx(), c.Who)
	if err != nil {
		return "", nil, err
	}
	if patient == nil {
		return "", nil, s.notFound(c)
	}
	res, err := s.Contacts.ListContacts(c.Ctx(), &enrollmentv1.ListContactsRequest{PatientId: patient.GetPatientId()})
	return patient.GetPatientId(), res, err
}

func (s *Web) phoneSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id, contacts, err := s.ownContacts(c)
	if err != nil {
		return err
	}
	f, typed := c.Faults(), c.Value("phone")
	if c.Value("plan") != "" {
		typed = ""
	} else {
		f.Need("phone", typed, "field.phone")
	}
	if !f.Any() {
		_, err := s.Contacts.SetPhone(c.Ctx(), &enrollmentv1.SetPhoneRequest{PatientId: id, Phone: typed, IdempotencyKey: c.Key()})
		if err := f.Take(err, "phone"); err != nil {
			return err
		}
	}
	if f.Any() {
		return c.Again(account.PhoneView(account.Phone{Key: newKey(), Phone: typed, Own: contacts.GetPhoneOwn(), Problems: f.List, Errors: f.By}))
	}
	c.Tell(ui.OK, "contact.saved", "")
	return c.See("/account")
}

// address asks for the caller's home address.
func (s *Web) address(c *Call) error {
	_, contacts, err := s.ownContacts(c)
	if err != nil {
		return err
	}
	a := contacts.GetAddress()
	return c.Show(account.AddressView(account.Address{
		Key: c.Key(), Line1: a.GetLine1(), Line2: a.GetLine2(), City: a.GetCity(), State: a.GetState(), ZIP: a.GetZip(),
		States: c.placeOptions(), Own: contacts.GetAddressOwn(),
	}))
}

// placeOptions lists the states and what else has a ZIP.
func (c *Call) placeOptions() []ui.Option {
	out := c.stateOptions()
	for _, code := range []string{"AS", "GU", "MP", "PR", "VI", "AA", "AE", "AP"} {
		out = append(out, ui.Option{Value: code, Label: code})
	}
	return out
}

func (s *Web) addressSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id, contacts, err := s.ownContacts(c)
	if err != nil {
		return err
	}
	f, typed := c.Faults(), &enrollmentv1.PostalAddress{}
	if c.Value("plan") == "" {
		typed = &enrollmentv1.PostalAddress{Line1: c.Value("line1"), Line2: c.Value("line2"), City: c.Value("city"), State: c.Value("home_state"), Zip: c.Value("zip")}
		f.Need("line1", typed.GetLine1(), "field.line1")
		f.Need("city", typed.GetCity(), "field.city")
		f.Need("home_state", typed.GetState(), "field.home_state")
		f.Need("zip", typed.GetZip(), "field.zip")
	}
	if !f.Any() {
		_, err := s.Contacts.SetAddress(c.Ctx(), &enrollmentv1.SetAddressRequest{PatientId: id, Address: typed, IdempotencyKey: c.Key()})
		if err := f.Take(err, "line1"); err != nil {
			return err
		}
	}
	if f.Any() {
		return c.Again(account.AddressView(account.Address{
			Key: newKey(), Line1: typed.GetLine1(), Line2: typed.GetLine2(), City: typed.GetCity(), State: typed.GetState(), ZIP: typed.GetZip(),
			States: c.placeOptions(), Own: contacts.GetAddressOwn(), Problems: f.List, Errors: f.By,
		}))
	}
	c.Tell(ui.OK, "contact.saved", "")
	return c.See("/account")
}
