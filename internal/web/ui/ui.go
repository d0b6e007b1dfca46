// Package ui is "Bedside UI": the components that every page is made of. The
// gallery at /_ui shows them all. Words come translated from the caller, or
// from the locale in the context.
package ui

import (
	"context"
	"fmt"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
)

// Chrome is what surrounds a page: the same for all pages of one request.
type Chrome struct {
	// Area is whose pages these are, in words; empty for patients.
	Area string
	// Home is where the brand leads.
	Home string
	Nav  []NavItem
	// Below are the pages beside this one, where several share a line of Nav.
	Below []NavItem
	// SignOut is where the sign-out form goes; empty when signed out.
	SignOut string
	// Switch leads to other areas that the person may enter; From is this one.
	Switch []NavItem
	From   string
	// Path is where the language switch comes back to.
	Path string
	// AsOf is the time at which an office page was made, in words; others
	// change what it shows.
	AsOf string
	Demo bool
	// DemoInbox is the address of the page that shows mail, if there is one.
	DemoInbox string
	HelpPhone string
	RequestID string
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Text, Href string
	Current    bool
}

type chromeKey struct{}

// WithChrome puts the surroundings into the context of a page.
func WithChrome(ctx context.Context, c Chrome) context.Context {
	return context.WithValue(ctx, chromeKey{}, c)
}

// ChromeFrom is the surroundings of the page being written.
func ChromeFrom(ctx context.Context) Chrome {
	c, _ := ctx.Value(chromeKey{}).(Chrome)
	return c
}

// Width is how wide a page's column is.
type Width string

// The widths of a page: reading and forms, lists, boards.
const (
	Narrow Width = "narrow"
	Medium Width = "medium"
	Wide   Width = "wide"
)

// Page is one page's own part of the layout.
type Page struct {
	// Title goes into the browser's tab, before the product's name.
	Title string
	// Wrong puts "Error:" before the title.
	Wrong bool
	Width Width
	// Back is the address of the page before; empty for none.
	Back string
	// Private keeps the address of this page from other pages.
	Private bool
	// Office loads the styles of tables and figures; pages of those who work
	// here have them anyway.
	Office bool
}

// Kind is the meaning of a note or tag; never told by color alone.
type Kind string

// What a note or a tag means.
const (
	Plain Kind = ""
	Info  Kind = "info"
	OK    Kind = "ok"
	Warn  Kind = "warn"
	Bad   Kind = "bad"
)

// ButtonProps describes a button or a link that looks like one.
type ButtonProps struct {
	Text string
	Icon string
	// Kind: "" (primary), secondary, quiet, danger.
	Kind string
	// Size: "", small, big.
	Size string
	// Href makes it a link.
	Href string
	// Name and Value are sent with the form.
	Name, Value string
	// Attrs are further attributes.
	Attrs templ.Attributes
}

func (b ButtonProps) class() string { return join("btn", b.Kind, b.Size) }

// FieldProps describes one text field.
type FieldProps struct {
	Name, Label, Hint, Error, Value string
	// Type: text unless set; email, tel, password.
	Type string
	// Autocomplete is the HTML token, such as "email" or "one-time-code".
	Autocomplete string
	InputMode    string
	MaxLength    int
	// Width: "" (full), w-m, w-4, w-2, w-code.
	Width string
	// Optional says so beside the label; all other fields are required.
	Optional bool
	// Rows makes it a text area.
	Rows int
	// Attrs are further attributes of the input.
	Attrs templ.Attributes
}

// Option is one choice.
type Option struct {
	Value, Label, Hint string
	// Aside stands at the right, such as a price.
	Aside string
}

// ChoiceProps describes radios or a select.
type ChoiceProps struct {
	Name, Legend, Hint, Error, Value string
	Options                          []Option
	// Big makes the legend look like a heading.
	Big bool
	// Two puts choices in two columns where there is room.
	Two bool
	// Empty is the first, empty line of a select.
	Empty    string
	Optional bool
	Width    string
	// Form is the id of a form elsewhere on the page that a select belongs to.
	Form string
}

// DateProps describes a date of three fields; their names are Name_month,
// Name_day, Name_year.
type DateProps struct {
	Name, Legend, Hint, Error string
	Year, Month, Day          string
	// Birth asks browsers to fill in the birthday.
	Birth bool
}

// CheckProps describes a checkbox.
type CheckProps struct {
	Name, Value, Label, Hint, Error string
	Checked                         bool
}

// Problem is one thing wrong with a form.
type Problem struct {
	// Field is the id to go to.
	Field string
	Text  string
}

// Row is one line of a summary list.
type Row struct {
	Key   string
	Value string
	// Soft is a second, quieter line.
	Soft string
	// Body replaces Value.
	Body templ.Component
	// Change is where the answer can be changed; ChangeWhat is read out. Do
	// replaces the word for it.
	Change, ChangeWhat, Do string
}

// Column is one column of a table.
type Column struct {
	Title string
	// Num aligns right.
	Num bool
}

// Cell is one cell; Body replaces Text.
type Cell struct {
	Text, Soft, Href string
	// SoftLang is the language of Soft, where it is not that of the page.
	SoftLang string
	Body     templ.Component
}

// TableRow is one row; its first cell is its header.
type TableRow struct {
	Cells []Cell
	Now   bool
}

// TableProps describes a table, which folds into cards on phones.
type TableProps struct {
	Caption string
	Columns []Column
	Rows    []TableRow
}

// FormProps describes a form that is sent by POST.
type FormProps struct {
	Action string
	// Key is the idempotency key of a form that writes.
	Key string
	// Upload is for files.
	Upload bool
	// ID lets buttons outside of the form send it.
	ID    string
	Class string
}

func join(parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += " "
		}
		out += p
	}
	return out
}

func when(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}

// describedBy lists the ids of a field's hint and error.
func describedBy(name, hint, problem string) string {
	return join(when(hint != "", name+"-hint"), when(problem != "", name+"-error"))
}

// Tel is the address that dials a phone number.
func Tel(number string) string {
	digits := ""
	for _, r := range number {
		if r >= '0' && r <= '9' {
			digits += string(r)
		}
	}
	if len(digits) == 10 {
		digits = "1" + digits
	}
	if len(digits) > 9 {
		digits = "+" + digits
	}
	return "tel:" + digits
}

// Initials are the letters on a person's round picture.
func Initials(given, family string) string {
	out := ""
	for _, s := range []string{given, family} {
		for _, r := range s {
			out += string(r)
			break
		}
	}
	return out
}

func otherLang(ctx context.Context) (code, name string) {
	if i18n.From(ctx).Lang() == "es" {
		return "en", "English"
	}
	return "es", "Español"
}

func noteIcon(k Kind) string {
	switch k {
	case OK:
		return "circle-check"
	case Warn:
		return "triangle-alert"
	case Bad:
		return "circle-alert"
	}
	return "info"
}

func rows(n int) string { return fmt.Sprint(n) }
