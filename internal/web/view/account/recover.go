package account

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// Forgotten asks where a link to set a password goes.
type Forgotten struct {
	Told     templ.Component
	Email    string
	Problems []ui.Problem
	Errors   map[string]string
}

// NewPassword asks for a new password.
type NewPassword struct {
	Action, Back    string
	Title, Lead, Go i18n.Key
	// Email is whose, masked; empty where it goes without saying.
	Email    string
	Problems []ui.Problem
	Errors   map[string]string
}

// OwnPassword asks for one's own new password, and for proof of who asks.
type OwnPassword struct {
	Told   templ.Component
	Prefix string
	// Has says that there is a password, which the new one takes the place of.
	Has bool
	// TOTP, Old (the password there is) and Code (which was mailed) say what
	// the proof is. Without any of them a code is offered to Email, masked.
	TOTP, Old, Code bool
	Email           string
	Problems        []ui.Problem
	Errors          map[string]string
}

func (p OwnPassword) lead() i18n.Key {
	if p.Has {
		return "password.lead_again"
	}
	return "password.lead"
}

// NewAddress asks to press a button.
type NewAddress struct{ Email string }

// Authenticator shows what to set an app up with.
type Authenticator struct {
	Secret, URL string
	// Picture is the path of a QR code of Size squares.
	Picture, Size string
	Problems      []ui.Problem
	Errors        map[string]string
}

// Codes shows recovery codes.
type Codes struct {
	Told   templ.Component
	Prefix string
	Codes  []string
}

// Recovery asks for a code before it makes new ones.
type Recovery struct {
	Prefix   string
	Problems []ui.Problem
	Errors   map[string]string
}

// SignedOut lists what a browser is still signed in to.
type SignedOut struct{ Areas []ui.NavItem }

// KeptForm is a form that was sent too late.
type KeptForm struct {
	Told   templ.Component
	Path   string
	Fields []KeptField
}

// KeptField is one of its values.
type KeptField struct{ Name, Value string }

// Account is the page of one's own.
type Account struct {
	Told            templ.Component
	Prefix          string
	SignIn, Contact []ui.Row
	// Language is the one of mail, in words; empty for who is no patient.
	Language string
	// MailElsewhere says that mail about visits goes to another address.
	MailElsewhere bool
	Consents      bool
}

// Email asks for a new address.
type Email struct {
	Prefix, New string
	// TOTP, Password and Code (which was mailed) say what else is asked for, to
	// be sure who asks. Without any of them a code is offered to Old, masked.
	TOTP, Password, Code bool
	Old                  string
	Told                 templ.Component
	Problems             []ui.Problem
	Errors               map[string]string
}

// EmailCode asks for the code that went there.
type EmailCode struct {
	Told          templ.Component
	Prefix, Email string
	Problems      []ui.Problem
	Errors        map[string]string
}

// Phone asks for a number.
type Phone struct {
	Key, Phone string
	// Own says that the patient typed it, and can go back to the plan's.
	Own      bool
	Problems []ui.Problem
	Errors   map[string]string
}

// Address asks for an address.
type Address struct {
	Key, Line1, Line2, City, State, ZIP string
	States                              []ui.Option
	Own                                 bool
	Problems                            []ui.Problem
	Errors                              map[string]string
}

// Consents lists what was agreed to.
type Consents struct{ Lines []ConsentLine }

// ConsentLine is one of them.
type ConsentLine struct{ Href, Title, Given string }

// ConsentWords is the words that were agreed to.
type ConsentWords struct {
	Title, Given, Lang string
	Paragraphs         []string
}
