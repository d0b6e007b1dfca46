// Package account is signing in, activating, and what is one's own.
package account

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/visits"
)

// SignIn asks for an e-mail address.
type SignIn struct {
	Told        templ.Component
	Email, Next string
	Demo        bool
	Problems    []ui.Problem
	Errors      map[string]string
}

// Code asks for a mailed code.
type Code struct {
	Told templ.Component
	// Action is where the code goes, Back where another address is typed.
	Action, Back string
	// Email is where the code went; empty where we must not say.
	Email string
	// Reference is set for activations.
	Reference string
	// Kept says that a time is kept meanwhile.
	Kept bool
	// Again offers another mail.
	Again bool
	// Own is where one goes on with an address of one's own; empty for
	// nowhere.
	Own      string
	Problems []ui.Problem
	Errors   map[string]string
}

// Password asks for e-mail, password and perhaps a code.
type Password struct {
	Told                            templ.Component
	Area, Action, Back, Next, Email string
	TOTP                            bool
	// Demo is the role to try; empty for none.
	Demo     string
	Problems []ui.Problem
	Errors   map[string]string
}

// Activate asks for what is on the insurance card.
type Activate struct {
	Told                       templ.Component
	MemberID, FamilyName, Next string
	Year, Month, Day           string
	Problems                   []ui.Problem
	Errors                     map[string]string
}

// Invitation asks for the date of birth.
type Invitation struct {
	Name, Mail       string
	Year, Month, Day string
	Problems         []ui.Problem
	Errors           map[string]string
}

// Help says that a person will look.
type Help struct {
	Told             templ.Component
	Reference, Phone string
	// Own is where one goes on with an address of one's own; empty for
	// nowhere.
	Own string
	// Letter offers to send one.
	Letter bool
}

// AppointmentCard is one line of the list.
type AppointmentCard struct {
	Href                      string
	Month, Day, Weekday, Long string
	Time, When                string
	Doctor, Service, Patient  string
	// Status is empty while booked.
	Status string
	// Trouble says that something has come between; empty if nothing has.
	Trouble string
	Past    bool
}

// Appointments is the list.
type Appointments struct {
	Told           templ.Component
	Plans          []parts.PlanNote
	Upcoming, Past []AppointmentCard
}

// Appointment is one.
type Appointment struct {
	Told            templ.Component
	ID, Title, When string
	Rows            []ui.Row
	// Open is still to come.
	Open, Canceled bool
	// ConsentDue says that staff booked it on the word of whoever called.
	ConsentDue bool
	// Site is where to sign in on the day.
	Site string
	// MovedTo is the visit that took its place.
	MovedTo string
	// Troubles are what has come between the visit and its day.
	Troubles []visits.Trouble
}

// Cancel asks whether to cancel.
type Cancel struct {
	ID, Key string
	Rows    []ui.Row
}

// Device is one place where the account is signed in.
type Device struct {
	ID, Name, SignedIn, Seen string
	Current, Phone           bool
}

// Devices lists them.
type Devices struct {
	Told    templ.Component
	Prefix  string
	Devices []Device
}

func others(list []Device) bool {
	for _, d := range list {
		if !d.Current {
			return true
		}
	}
	return false
}
