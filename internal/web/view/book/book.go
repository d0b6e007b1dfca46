// Package book is the six pages of booking a visit.
package book

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// Need is page 1: what the visit is for, and where the patient will be.
type Need struct {
	// NotKept says that the browser did not keep the choice.
	NotKept        bool
	Service, State string
	Services       []ui.Option
	States         []ui.Option
	Problems       []ui.Problem
	Errors         map[string]string
}

// Zone asks in which zone times are shown.
type Zone struct {
	Zone  string
	Zones []ui.Option
}

// Times is page 2: choose a time.
type Times struct {
	Told     templ.Component
	Problems []ui.Problem
	Error    string
	// Tag names the state of the calendars that the times come from.
	Tag string
	// Base is the page's own address.
	Base string
	// For says for whom staff choose; empty where people choose for themselves.
	For string
	// Moving says what a visit that is moved has now; empty while booking.
	Moving, Back            string
	Service, Minutes, State string
	Price, Zone, Key        string
	// Action keeps the day and the physician when no time was chosen.
	Action string
	// With is the physician chosen; Physicians are all, anybody first.
	With       string
	Physicians []ui.Option
	// Language and Specialty are chosen of the others; any first. There may be
	// one specialty only: then there is nothing to choose.
	Language, Specialty    string
	Languages, Specialties []ui.Option
	// Nothing and Nobody say that the choice has no time on these days, or in
	// all days; empty where nobody in particular was chosen. Wider leads on.
	Nothing, Nobody  string
	Wider, WiderHref string
	Soonest          []ui.SlotChoice
	Strip            ui.StripProps
	// Day is empty where nothing is free.
	Day string
	// Legend asks for a time of the day.
	Legend string
	Groups []ui.SlotGroup
	People []Physician
	// Full says that the day chosen has no time left, where others have.
	Full bool
	// NextDay is the next day with a free time, where the strip has none.
	NextDay, NextHref string
}

// Physician is who can be seen on a day.
type Physician struct {
	Initials, Name, About, Speaks, License string
}

// Lost says that a time is gone and offers the nearest.
type Lost struct {
	Why, Zone, Key string
	// Base is the page with all times, which also takes the choice.
	Base     string
	Answered bool
	// Stays says what a visit that could not be moved still has.
	Stays string
	// Mend is a way out other than another time.
	Mend, MendHref string
	Nearest        []ui.SlotChoice
}

// Move asks whether to move a visit.
type Move struct {
	ID, Key, Slot, Times string
	Rows                 []ui.Row
}

// Expired says that a time is no longer kept.
type Expired struct {
	When, Who, Slot, Key string
}

// SignIn is page 3.
type SignIn struct {
	Kept     ui.KeptProps
	Email    string
	Demo     bool
	Problems []ui.Problem
	Errors   map[string]string
}

// About is page 4: about the visit.
type About struct {
	Kept                           ui.KeptProps
	Problems                       []ui.Problem
	Errors                         map[string]string
	PatientID, Reason, Interpreter string
	Captions                       bool
	Phone, Payment                 string
	// For is whom the visit is for, where there are several.
	For          []ui.Row
	Interpreters []ui.Option
	Payments     []ui.Option
	// Plans says what there is to say about plans on the day of the visit.
	Plans []parts.PlanNote
}

// Check is page 5: check the answers and consent.
type Check struct {
	Kept              ui.KeptProps
	Problems          []ui.Problem
	Errors            map[string]string
	Key               string
	HoldID, PatientID string
	// Agree is what the box to check says; AboutTitle whom the answers are about.
	Agree, AboutTitle string
	Visit, About      []ui.Row
	ConsentTitle      string
	ConsentText       []string
	ConsentVersion    string
}

// Booked is page 6.
type Booked struct {
	ID, Reference, Email string
	Rows                 []ui.Row
	// MailIs says in which language we write, where the page has another.
	MailIs string
}

func withForm(k ui.KeptProps, id string) ui.KeptProps {
	k.Form = id
	return k
}
