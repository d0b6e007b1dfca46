package account

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// Own asks who somebody is who opens an account with an address of their own.
type Own struct {
	Told                    templ.Component
	Action, Back, Next, Key string
	Given, Family, Email    string
	Year, Month, Day        string
	// Reference is set beside an activation.
	Reference string
	// SignedIn has an account, which gets the plan.
	SignedIn bool
	// Prices, Language and Languages are asked without one.
	Prices    []ui.Row
	Language  string
	Languages []ui.Option
	Problems  []ui.Problem
	Errors    map[string]string
}

// OwnCode asks for the code that was mailed there.
type OwnCode struct {
	Told                templ.Component
	Action, Back, Email string
	Problems            []ui.Problem
	Errors              map[string]string
}

func (p Own) title() i18n.Key {
	if p.SignedIn {
		return "own.claim"
	}
	return "own.title"
}
