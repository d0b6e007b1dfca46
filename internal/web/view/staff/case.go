package staff

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// CasePage is one person who could not be matched with certainty.
type CasePage struct {
	Told     templ.Component
	Problems []ui.Problem
	Errors   map[string]string
	// Path is the page's own; the forms go below it.
	Path, Reference, Reason, Todo, Opened string
	// Version and Key go with every form.
	Version, Key string
	Open         bool
	// Ended says how and when it ended.
	Ended           string
	Typed, Claimant []ui.Row
	Candidates      []Candidate
	// Number is what was looked for last.
	Number string
	Checks []CheckLine
	// Linkable: a check of this claimant has passed within the hour.
	Linkable, Minor bool
	// Mailbox: it is about a new address, Email, and no plan.
	Mailbox                                bool
	Email                                  string
	Method, Document, Outcome, CloseReason string
	Methods, Documents, Outcomes, Reasons  []ui.Option
}

// checkKind steps back once the account can be linked: that comes next.
func (p CasePage) checkKind() string {
	if p.Linkable {
		return "secondary"
	}
	return ""
}

// Candidate is a member who may be meant.
type Candidate struct {
	ID, Name string
	Marks    []parts.Mark
	Rows     []ui.Row
	// Taken: somebody else is this member; Mine: the claimant is.
	Minor, Taken, Mine bool
}

// CheckLine is one look at somebody's papers.
type CheckLine struct {
	What, How, When, Who string
	Mark                 parts.Mark
}

// short is the end of a member's id: enough to tell forms of one page apart.
func (c Candidate) short() string { return c.ID[max(len(c.ID)-12, 0):] }
