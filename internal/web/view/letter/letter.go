// Package letter is a letter with a code: printed for the envelope, and the
// pages on which its reader opens an account.
package letter

import (
	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/ui"
)

// Sheets are letters to print, one a page.
type Sheets struct {
	Payer, Back string
	Count       int
	Letters     []Sheet
}

// Sheet is one letter, in the language of its reader.
type Sheet struct {
	Lang string
	// To are the lines of the address, the name first.
	To                       []string
	Name, Payer, Code        string
	Site, Phone, Date, Until string
}

// OpenPage asks for the code of a letter and the date of birth.
type OpenPage struct {
	Told                   templ.Component
	Code, Year, Month, Day string
	Problems               []ui.Problem
	By                     map[string]string
}

// EmailPage asks for an address of one's own.
type EmailPage struct {
	Email    string
	Problems []ui.Problem
	By       map[string]string
}

// CodePage asks for the code that was mailed there.
type CodePage struct {
	Email    string
	Problems []ui.Problem
	By       map[string]string
}
