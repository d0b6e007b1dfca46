package web

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// account shows what is one's own: how one signs in, and for patients how they
// are reached and what they agreed to.
func (s *Web) account(c *Call) error {
	var own *authv1.MyAccountResponse
	var patient *enrollmentv1.PatientFacts
	calls, ctx := errgroup.WithContext(c.Ctx())
	calls.Go(func() (err error) {
		own, err = s.Accounts.MyAccount(ctx, &authv1.MyAccountRequest{})
		return err
	})
	if c.Route.Area == AreaPatient {
		calls.Go(func() (err error) {
			patient, err = s.self(ctx, c.Who)
			return err
		})
	}
	if err := calls.Wait(); err != nil {
		return err
	}
	page := account.Account{Told: c.Told(), Prefix: c.Route.Area.Prefix(), SignIn: c.signInRows(own)}
	if patient == nil {
		return c.Show(account.AccountView(page))
	}
	contacts, err := s.Contacts.ListContacts(c.Ctx(), &enrollmentv1.ListContactsRequest{PatientId: patient.GetPatientId()})
	if err != nil {
		return err
	}
	page.Contact, page.Language, page.MailLang = c.contactRows(contacts), c.languageName(patient.GetLanguage()), patient.GetLanguage()
	page.MailElsewhere = !strings.EqualFold(contacts.GetEmail(), own.GetEmail())
	page.Consents = len(patient.GetConsents()) > 0
	return c.Show(account.AccountView(page))
}

// self is the patient that the caller is, or nil.
func (s *Web) self(ctx context.Context, who principal.Principal) (*enrollmentv1.PatientFacts, error) {
	me, err := s.People.Me(ctx, &enrollmentv1.MeRequest{})
	if err != nil {
		return nil, err
	}
	return ownPatient(me, who.Account.String()), nil
}

func (c *Call) languageName(lang string) string {
	if lang == "es" {
		return c.T("account.spanish")
	}
	return c.T("account.english")
}

// signInRows are the lines about signing in.
func (c *Call) signInRows(own *authv1.MyAccountResponse) []ui.Row {
	prefix := c.Route.Area.Prefix()
	rows := []ui.Row{{
		Key: c.T("account.email"), Body: account.Masked(mail.Mask(own.GetEmail()), own.GetEmail()),
		Change: prefix + "/account/email", ChangeWhat: c.T("account.change_email"),
	}}
	password := ui.Row{Key: c.T("account.password"), Value: c.T("account.no_password"), Change: prefix + "/account/password", ChangeWhat: c.T("account.change_password"), Do: c.T("account.set")}
	if own.GetPasswordSetAt() != nil {
		password.Do = ""
		password.Value = c.T("account.password_set", "day", c.L.Date(inOffice(own.GetPasswordSetAt().AsTime())))
	}
	rows = append(rows, password)
	if c.Route.Area != AreaPatient {
		left := c.T("account.no_codes")
		if n := int(own.GetRecoveryCodesLeft()); n > 0 {
			left = c.T("account.codes_left", "n", n)
		}
		rows = append(rows, ui.Row{
			Key: c.T("account.recovery"), Value: left, Soft: c.T("account.recovery_text"),
			Change: prefix + "/account/recovery", ChangeWhat: c.T("account.change_recovery"),
		})
	}
	return append(rows, ui.Row{
		Key: c.T("account.devices"), Value: c.T("account.devices_text"), Change: prefix + "/devices", ChangeWhat: c.T("account.change_devices"), Do: c.T("account.see"),
	})
}

func (c *Call) contactRows(r *enrollmentv1.ListContactsResponse) []ui.Row {
	source := func(value string, own bool) string {
		switch {
		case value == "":
			return ""
		case own:
			return c.T("account.from_you")
		}
		return c.T("account.from_plan")
	}
	orNone := func(value string) string {
		if value == "" {
			return c.T("account.none")
		}
		return value
	}
	add := func(value string) string {
		if value == "" {
			return c.T("account.add")
		}
		return ""
	}
	place := postal(r.GetAddress())
	return []ui.Row{
		{Key: c.T("account.mail"), Body: maskedOr(r.GetEmail(), c.T("account.none")), Soft: source(r.GetEmail(), r.GetEmailOwn())},
		{Key: c.T("account.phone"), Value: orNone(phoneText(r.GetPhone())), Soft: source(r.GetPhone(), r.GetPhoneOwn()),
			Change: "/account/phone", ChangeWhat: c.T("account.change_phone"), Do: add(r.GetPhone())},
		{Key: c.T("account.address"), Value: orNone(place), Soft: source(place, r.GetAddressOwn()),
			Change: "/account/address", ChangeWhat: c.T("account.change_address"), Do: add(place)},
	}
}

// maskedOr is an address that shows itself to who asks, or the words for none.
func maskedOr(email, none string) templ.Component {
	if email == "" {
		return account.Plain(none)
	}
	return account.Masked(mail.Mask(email), email)
}

// postal writes an address on its lines, not shouting as rosters do.
func postal(a *enrollmentv1.PostalAddress) string {
	var lines []string
	for _, l := range []string{a.GetLine1(), a.GetLine2()} {
		if l != "" {
			lines = append(lines, personName(l))
		}
	}
	last := strings.TrimSpace(a.GetState() + " " + a.GetZip())
	if a.GetCity() != "" {
		last = strings.TrimSuffix(personName(a.GetCity())+", "+last, ", ")
	}
	if last != "" {
		lines = append(lines, last)
	}
	return strings.Join(lines, "\n")
}

// consents lists what was agreed to for the caller.
func (s *Web) consents(c *Call) error {
	list, err := s.ownConsents(c)
	if err != nil {
		return err
	}
	page := account.Consents{}
	for _, g := range list {
		page.Lines = append(page.Lines, account.ConsentLine{
			Href: "/account/consents/" + g.GetConsentId(), Title: c.consentName(g.GetKind()), Given: c.givenOn(g),
		})
	}
	return c.Show(account.ConsentsView(page))
}

func (s *Web) ownConsents(c *Call) ([]*enrollmentv1.GivenConsent, error) {
	patient, err := s.self(c.Ctx(), c.Who)
	if err != nil || patient == nil {
		return nil, err
	}
	res, err := s.Contacts.ListConsents(c.Ctx(), &enrollmentv1.ListConsentsRequest{PatientId: patient.GetPatientId()})
	return res.GetConsents(), err
}

func (c *Call) consentName(kind string) string {
	return c.word(i18n.Key("consent_kind."), kind, kind)
}

// givenOn says when, in which version and language, and by whom.
func (c *Call) givenOn(g *enrollmentv1.GivenConsent) string {
	key := i18n.Key("consents.by_other")
	if g.GetByCaller() {
		key = "consents.by_you"
	}
	return c.T(key, "day", c.L.Date(inOffice(g.GetGivenAt().AsTime())), "version", g.GetVersion(), "language", c.languageName(g.GetLanguage()))
}

// consent shows the words that were agreed to.
func (s *Web) consent(c *Call) error {
	list, err := s.ownConsents(c)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.GetConsentId() != c.R.PathValue("id") {
			continue
		}
		words, err := s.People.ReadConsent(c.Ctx(), &enrollmentv1.ReadConsentRequest{Kind: g.GetKind(), Version: g.GetVersion(), Language: g.GetLanguage()})
		if err != nil {
			return err
		}
		return c.Show(account.ConsentWordsView(account.ConsentWords{
			Title: words.GetTitle(), Given: c.givenOn(g), Paragraphs: words.GetParagraphs(), Lang: g.GetLanguage(),
		}))
	}
	return s.notFound(c)
}
