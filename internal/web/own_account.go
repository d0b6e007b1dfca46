package web

import (
	"strings"
	"time"
	"unicode/utf8"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

const (
	ownPath      = "/activate/own"
	registerPath = "/register"
	// nameLimit is how many characters a name may have.
	nameLimit = 100
)

// ownFlow is who opens an account with an address of their own, from page to
// page.
type ownFlow struct {
	Registration string `json:"i,omitempty"`
	Given        string `json:"g,omitempty"`
	Family       string `json:"f,omitempty"`
	Birth        string `json:"b,omitempty"`
	Language     string `json:"l,omitempty"`
}

// register asks who somebody is who has no plan, with the prices first.
func (s *Web) register(c *Call) error {
	next := localPath(c.Query("next"))
	if !c.Who.Anonymous() {
		return c.See(c.next(next))
	}
	return s.showRegister(c, account.Own{Next: next, Language: c.L.Lang(), Key: newKey()}, false)
}

func (s *Web) showRegister(c *Call, page account.Own, again bool) error {
	res, err := s.Scheduling.ListServices(c.Ctx(), &schedulingv1.ListServicesRequest{})
	if err != nil {
		return err
	}
	page.Action, page.Told = registerPath, c.Told()
	for _, v := range res.GetServices() {
		page.Prices = append(page.Prices, ui.Row{
			Key: c.serviceName(v), Value: c.T("register.price", "price", c.L.Money(v.GetPriceCents()), "time", c.T("format.minutes", "n", v.GetMinutes())),
		})
	}
	for _, code := range i18n.Languages() {
		page.Languages = append(page.Languages, ui.Option{Value: code, Label: upperFirst(c.T(i18n.Key("language." + code)))})
	}
	if again {
		return c.Again(account.RegisterView(page))
	}
	return c.Show(account.RegisterView(page))
}

func (s *Web) registerSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	page, started, err := s.startOwn(c, flow{Next: localPath(c.Value("next"))}, c.Value("language"))
	if err != nil {
		return err
	}
	if !started {
		return s.showRegister(c, page, true)
	}
	return c.See("/register/code")
}

// own asks for an address of one's own, where typed details are not certain
// or their mail does not come. The page is the same in both cases.
func (s *Web) own(c *Call) error {
	fl := c.flow()
	if fl.Activation == "" {
		return c.See("/activate")
	}
	page := account.Own{Action: ownPath, Back: "/activate/code", Reference: fl.Reference, Key: newKey(), SignedIn: !c.Who.Anonymous()}
	if o := fl.Own; o != nil {
		page.Given, page.Family = o.Given, o.Family
		if born, err := time.Parse(time.DateOnly, o.Birth); err == nil {
			page.Year, page.Month, page.Day = born.Format("2006"), born.Format("1"), born.Format("2")
		}
	}
	return c.Show(account.OwnView(page))
}

func (s *Web) ownSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl := c.flow()
	if fl.Activation == "" {
		return c.See("/activate")
	}
	if !c.Who.Anonymous() {
		return s.claimPlan(c, fl)
	}
	page, started, err := s.startOwn(c, fl, c.L.Lang())
	if err != nil {
		return err
	}
	if !started {
		page.Action, page.Back, page.Reference = ownPath, "/activate/code", fl.Reference
		return c.Again(account.OwnView(page))
	}
	return c.See("/activate/own/code")
}

// claimPlan asks that the account which is signed in gets the plan.
func (s *Web) claimPlan(c *Call, fl flow) error {
	f := c.Faults()
	_, err := s.Identity.ClaimPlan(c.Ctx(), &enrollmentv1.ClaimPlanRequest{ActivationId: fl.Activation})
	if err := f.Take(err, ""); err != nil {
		return err
	}
	if f.Any() {
		return c.Again(account.OwnView(account.Own{
			Action: ownPath, Back: "/activate/code", Reference: fl.Reference, SignedIn: true, Problems: f.List, Errors: f.By,
		}))
	}
	c.Drop(cookieFlow)
	return c.See(c.next(fl.Next))
}

// startOwn reads the form of a person and begins their registration, beside the
// flow's activation if it has one. What comes back is the form again, and
// whether a mail is on its way.
func (s *Web) startOwn(c *Call, fl flow, language string) (account.Own, bool, error) {
	f, born := c.Faults(), c.DateValue("birth_date")
	page := account.Own{
		Given: c.Value("given_name"), Family: c.Value("family_name"), Email: c.Value("email"), Next: fl.Next, Key: newKey(), Language: language,
		Year: born.Year, Month: born.Month, Day: born.Day,
	}
	f.name("given_name", page.Given)
	f.name("family_name", page.Family)
	birth := f.adultBirthDate(born, s.Clock.Now())
	f.Need("email", page.Email, "field.email")
	if !f.Any() {
		o := ownFlow{Given: page.Given, Family: page.Family, Birth: birth, Language: language}
		err := s.sendOwnCode(c, f, fl, o, page.Email, c.Key())
		if err != nil || !f.Any() {
			return page, err == nil, err
		}
	}
	page.Problems, page.Errors = f.List, f.By
	return page, false, nil
}

// sendOwnCode begins a registration and remembers it.
func (s *Web) sendOwnCode(c *Call, f *Faults, fl flow, o ownFlow, email, key string) error {
	res, err := s.Identity.StartRegistration(c.Ctx(), &enrollmentv1.StartRegistrationRequest{
		GivenName: o.Given, FamilyName: o.Family, BirthDate: o.Birth, Email: email, Language: o.Language, Address: c.Address(),
		ActivationId: fl.Activation, IdempotencyKey: key,
	})
	if err := f.Take(err, "email"); err != nil || f.Any() {
		return err
	}
	o.Registration, fl.Email, fl.Own = res.GetRegistrationId(), email, &o
	return c.Keep(cookieFlow, fl, flowLife)
}

// name adds what is wrong with a name.
func (f *Faults) name(field, value string) {
	f.Need(field, value, i18n.Key("field."+field))
	if utf8.RuneCountInString(value) > nameLimit {
		f.Add(field, "own.name_long", "n", nameLimit)
	}
}

// adultBirthDate reads the date of birth of somebody who may have an account.
func (f *Faults) adultBirthDate(d Date, now time.Time) string {
	iso := f.birthDate(d, now)
	switch {
	case iso == "":
	case iso < now.AddDate(-120, 0, 0).Format(time.DateOnly):
		f.Add("birth_date", "own.too_old")
	case iso > ofage.BornBy(ofage.Day(now)).Format(time.DateOnly):
		f.Add("birth_date", "own.too_young")
	}
	return iso
}

func (s *Web) registerCode(c *Call) error     { return s.showOwnCode(c, registerPath) }
func (s *Web) registerCodeSent(c *Call) error { return s.ownCodeTyped(c, registerPath) }
func (s *Web) ownCode(c *Call) error          { return s.showOwnCode(c, ownPath) }
func (s *Web) ownCodeSent(c *Call) error      { return s.ownCodeTyped(c, ownPath) }

func ownCodePage(fl flow, path string) account.OwnCode {
	return account.OwnCode{Action: path + "/code", Back: path, Email: fl.Email}
}

// showOwnCode asks for the code that was mailed to the address typed.
func (s *Web) showOwnCode(c *Call, path string) error {
	fl := c.flow()
	if fl.Own == nil || fl.Own.Registration == "" {
		return c.See(path)
	}
	page := ownCodePage(fl, path)
	page.Told = c.Told()
	return c.Show(account.OwnCodeView(page))
}

func (s *Web) ownCodeTyped(c *Call, path string) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f := c.flow(), c.Faults()
	if fl.Own == nil || fl.Own.Registration == "" {
		return c.See(path)
	}
	if c.Value("again") != "" {
		if err := s.sendOwnCode(c, f, fl, *fl.Own, fl.Email, newKey()); err != nil {
			return err
		}
		if !f.Any() {
			c.Tell("ok", "code.sent_again", "")
			return c.See(path + "/code")
		}
	}
	code := digits(c.Value("code"))
	if !f.Any() {
		f.Need("code", code, "field.code")
	}
	if !f.Any() {
		res, err := s.Identity.ConfirmRegistration(c.Ctx(), &enrollmentv1.ConfirmRegistrationRequest{
			RegistrationId: fl.Own.Registration, Code: code, Address: c.Address(),
		})
		if err := f.Take(err, "code"); err != nil {
			return err
		}
		if !f.Any() {
			return s.ownOpened(c, fl, res.GetTicket())
		}
	}
	page := ownCodePage(fl, path)
	page.Problems, page.Errors = f.List, f.By
	return c.Again(account.OwnCodeView(page))
}

// ownOpened signs in to the new account.
func (s *Web) ownOpened(c *Call, fl flow, ticket string) error {
	res, err := s.Auth.SignInWithTicket(c.Ctx(), &authv1.SignInWithTicketRequest{Ticket: ticket, Client: c.Client()})
	if err != nil {
		return err
	}
	c.Tell("ok", "own.done", "own.done_text")
	next := fl.Next
	if strings.HasPrefix(next, registerPath) || strings.HasPrefix(next, "/activate") {
		next = ""
	}
	return s.enter(c, res.GetSession(), next)
}
