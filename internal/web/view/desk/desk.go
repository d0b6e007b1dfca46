// Package desk is what staff see while somebody is on the phone.
package desk

import (
	"context"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// Search asks who is on the phone, and shows whom that fits.
type Search struct {
	Told             templ.Component
	Family           string
	Year, Month, Day string
	Number, Email    string
	Phone, ZIP       string
	Reference        string
	Problems         []ui.Problem
	Errors           map[string]string
	// Asked says that People is an answer.
	Asked, More bool
	People      []PersonLine
}

// PersonLine is one person whom the identifiers fit.
type PersonLine struct {
	Href, Name, Born, Payer, State string
	// Status says whether they are a patient with an account.
	Status           string
	Patient, Account bool
}

// DateValue is a date as it was typed.
type DateValue struct{ Year, Month, Day string }

// Patient is a patient's record.
type Patient struct {
	Told           templ.Component
	ID, Name, Lead string
	// MergedInto is the record that goes on for this one; empty for most.
	MergedInto       string
	Language         string
	Problems         []ui.Problem
	Errors           map[string]string
	Upcoming, Past   []VisitLine
	Plans            []Plan
	On               DateValue
	OnWords          string
	Contacts         []ContactLine
	Actors, Consents []ui.Row
	Guardians        []Guardian
	EndReasons       []ui.Option
	Way              Way
}

// Guardian is one whose right staff may end.
type Guardian struct {
	// Right is the right's id, Field the name of the reason's field.
	Right, Name, Key, Field, Reason string
}

// Member is the record of somebody on a roster who is no patient yet.
type Member struct {
	Told           templ.Component
	ID, Name, Lead string
	Rows           []ui.Row
	Plan           Plan
	Way            Way
}

// VisitLine is one visit of the list.
type VisitLine struct {
	Href, When, Zone, Doctor, Service, Reference, Status string
	// Due says that a consent in writing is missing.
	Due bool
}

// Plan is a roster's word on somebody.
type Plan struct {
	Payer, Number, Role string
	Lines               []CoverageLine
}

// CoverageLine is one coverage, in words.
type CoverageLine struct {
	Plan, Words, Icon string
	Kind              ui.Kind
}

// ContactLine is one way to reach somebody.
type ContactLine struct {
	Kind, Value, Source string
	Proven              bool
}

// Way is how somebody was invited, and how they tried to get in.
type Way struct {
	Invites  []Invite
	Sent     []InvitationLine
	Attempts []AttemptLine
}

// Invite sends an invitation, or says why none may go out.
type Invite struct {
	Action, Key, Payer, Email, WhyNot string
	// Again says that there was one before.
	Again bool
}

// InvitationLine is one invitation.
type InvitationLine struct {
	Email, When, More string
	Status            parts.Mark
}

// AttemptLine is one attempt to activate: why it failed, and what to do.
type AttemptLine struct{ When, Reference, Href, Why, Todo string }

// Need asks what the visit is for, and where the patient will be.
type Need struct {
	For, Base, Back  string
	Service, State   string
	Services, States []ui.Option
	// Zone is one of Zones; empty for the usual one of the state.
	Zone     string
	Zones    []ui.Option
	Problems []ui.Problem
	Errors   map[string]string
}

// About asks what the patient says about the visit.
type About struct {
	For, Action, Back      string
	Kept                   ui.KeptProps
	Problems               []ui.Problem
	Errors                 map[string]string
	Reason, Interpreter    string
	Captions               bool
	Phone, Payment         string
	Interpreters, Payments []ui.Option
}

// Check shows all answers, to be read back, and the consent.
type Check struct {
	For, Action, Back string
	Kept              ui.KeptProps
	Problems          []ui.Problem
	Errors            map[string]string
	Key, HoldID       string
	Rows              []ui.Row
	// Signed says when the patient agreed in writing; empty if they did not.
	Signed                       string
	ConsentTitle, ConsentVersion string
	ConsentLang                  string
	ConsentText                  []string
	// DueNote says how they hear that they must still sign.
	DueNote i18n.Key
}

// Expired says that a time is no longer kept.
type Expired struct{ Action, When, Who, Slot, Key string }

// Visit is one visit of a patient.
type Visit struct {
	Told             templ.Component
	For, Title, Back string
	Base             string
	Rows             []ui.Row
	Open, Due        bool
	MovedTo          string
}

// Cancel asks once more.
type Cancel struct {
	For, Base, Key string
	// Lead says who tells the patient.
	Lead i18n.Key
	Rows []ui.Row
}

// Move asks whether to move a visit.
type Move struct {
	For, Base, Slot, Key string
	Rows                 []ui.Row
}

func columns(ctx context.Context, keys ...i18n.Key) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i].Title = i18n.T(ctx, k)
	}
	return out
}

func peopleColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "desk.col_name", "desk.col_born", "desk.col_payer", "desk.col_state", "desk.col_account")
}

func peopleRows(list []PersonLine) []ui.TableRow {
	var out []ui.TableRow
	for _, p := range list {
		status := ui.Tag(ui.Plain, "circle-user", p.Status)
		switch {
		case p.Account:
			status = ui.Tag(ui.OK, "circle-check", p.Status)
		case p.Patient:
			status = ui.Tag(ui.Info, "user-round", p.Status)
		}
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: p.Name, Href: p.Href}, {Text: p.Born}, {Text: p.Payer}, {Text: p.State}, {Body: status},
		}})
	}
	return out
}

func visitColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "desk.col_when", "desk.col_doctor", "desk.col_visit", "desk.col_status")
}

func visitRows(ctx context.Context, list []VisitLine) []ui.TableRow {
	var out []ui.TableRow
	for _, v := range list {
		status := ui.Cell{Text: v.Status, Soft: v.Reference}
		if v.Due {
			status = ui.Cell{Body: ui.Tag(ui.Warn, "triangle-alert", i18n.T(ctx, "desk.due")), Soft: v.Reference}
		}
		out = append(out, ui.TableRow{Cells: []ui.Cell{{Text: v.When, Href: v.Href, Soft: v.Zone}, {Text: v.Doctor}, {Text: v.Service}, status}})
	}
	return out
}

func invitationColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "desk.col_when", "desk.col_mail", "desk.col_status")
}

func invitationRows(list []InvitationLine) []ui.TableRow {
	var out []ui.TableRow
	for _, i := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: i.When}, {Text: i.Email}, {Body: ui.Tag(i.Status.Kind, i.Status.Icon, i.Status.Text), Soft: i.More},
		}})
	}
	return out
}

func attemptColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "desk.col_reference", "desk.col_when", "desk.col_why")
}

func attemptRows(list []AttemptLine) []ui.TableRow {
	var out []ui.TableRow
	for _, a := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{{Text: a.Reference, Href: a.Href}, {Text: a.When}, {Text: a.Why, Soft: a.Todo}}})
	}
	return out
}
