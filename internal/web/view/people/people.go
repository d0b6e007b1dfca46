// Package people is the pages about whom somebody acts for, and who acts for
// them.
package people

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// Person is somebody who acts, or is acted for.
type Person struct {
	ID, Name, Initials, Soft string
	// Ends is a sentence where the right ends soon.
	Ends string
}

// Request is a child whom staff are checking.
type Request struct{ Name, Reference, When string }

// Invitation is one that can still be accepted.
type Invitation struct{ ID, Email, Until string }

// List is the page of both.
type List struct {
	Told        templ.Component
	MayAdd      bool
	ActedFor    []Person
	Requests    []Request
	Caregivers  []Person
	Invitations []Invitation
}

// End asks whether to end a right.
type End struct {
	ID, Key, Name string
	Lead          i18n.Key
	// Theirs is a right to act for the caller.
	Theirs bool
}

func (p End) title() i18n.Key {
	if p.Theirs {
		return "people.end_title"
	}
	return "people.stop_title"
}

func (p End) yes() i18n.Key {
	if p.Theirs {
		return "people.end_yes"
	}
	return "people.stop_yes"
}

// Child asks about a child.
type Child struct {
	Key                     string
	Given, Family, MemberNo string
	Year, Month, Day        string
	NoPlan                  bool
	Title, Version          string
	Text                    []string
	Problems                []ui.Problem
	Errors                  map[string]string
}

// Invite asks whom to invite.
type Invite struct {
	Key, Email string
	Problems   []ui.Problem
	Errors     map[string]string
}

// Accept asks whether to act for who invites.
type Accept struct {
	Told     templ.Component
	Name     string
	SignedIn bool
	Problems []ui.Problem
}
