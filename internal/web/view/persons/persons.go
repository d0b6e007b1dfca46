// Package persons holds the pages on which staff work on people: duplicates,
// waves of invitations, letters.
package persons

import (
	"context"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// DuplicatesPage lists pairs who may be one human.
type DuplicatesPage struct {
	Told    templ.Component
	Decided bool
	Lines   []DuplicateLine
	// First and Next lead to other pages; empty for none.
	First, Next string
}

// DuplicateLine is one pair of the list.
type DuplicateLine struct {
	Href, Names, Born, Why, When string
	Mark                         parts.Mark
}

// DuplicatePage shows both patients of a pair.
type DuplicatePage struct {
	Told             templ.Component
	Path, Title, Why string
	Mark             parts.Mark
	Open, Merged     bool
	// GoesOn is who goes on, while merged.
	GoesOn string
	Rows   []CompareLine
	// Choices are both; Accounts says that both have an account.
	Choices             []ui.Option
	Accounts            bool
	Survivor, AccountOf string
	// Check says that an account of theirs was never identified: if it stays,
	// somebody looks at papers.
	Check              bool
	Methods, Documents []ui.Option
	Method, Document   string
	// Guardians vouched for one of the two alone; PutAside lost their right to
	// the merge.
	Guardians     []GuardianPapers
	Seen, Records []ui.Option
	PutAside      []string
	Key           string
	Problems      []ui.Problem
	By            map[string]string
}

// GuardianPapers asks whether a guardian's papers were seen; Method and Record
// are the names of its fields, with what was chosen.
type GuardianPapers struct {
	Title, Text, Method, Record, Seen, Document string
}

// CompareLine is one thing about both.
type CompareLine struct {
	What, First, Second string
	Differs             bool
}

// InvitationsPage counts, payer by payer, and shows the waves.
type InvitationsPage struct {
	Told     templ.Component
	Payers   []PayerLine
	Options  []ui.Option
	Waves    []WaveCard
	Live     bool
	Form     WaveForm
	Key      string
	Problems []ui.Problem
	By       map[string]string
}

// PayerLine counts the members of one payer.
type PayerLine struct {
	Name, Invitable, Waiting, Sent, Accepted, Expired, Failed, WithoutEmail string
}

// WaveForm is what was typed about a new wave.
type WaveForm struct {
	Payer, Audience, Most, PerMinute, Year, Month, Day, Time string
}

// WaveCard is one wave.
type WaveCard struct {
	ID, Path, Payer, Audience, Pace, Starts, Words, Counts, Key string
	Mark                                                        parts.Mark
	// Queued of Most is the bar; a Most of 0 is everybody.
	Queued, Most int64
	Runs, Paused bool
}

// UndeliverablePage lists addresses that mail does not reach.
type UndeliverablePage struct {
	Told     templ.Component
	Lines    []AddressLine
	Email    string
	Key      string
	Problems []ui.Problem
	By       map[string]string
}

// AddressLine is one address.
type AddressLine struct {
	Address, Reason, When, Clear, Key string
	Who                               []string
}

// LettersPage counts who waits for a letter, and lists the batches.
type LettersPage struct {
	Told     templ.Component
	Options  []ui.Option
	Batches  []BatchCard
	Form     LetterForm
	Key      string
	Problems []ui.Problem
	By       map[string]string
}

// LetterForm is what was typed about a new batch.
type LetterForm struct{ Payer, Audience, Most string }

// BatchCard is one batch.
type BatchCard struct {
	Path, Payer, Made, Counts, Key string
	Mark                           parts.Mark
	Open, Printable                bool
}

func columns(ctx context.Context, keys ...i18n.Key) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i].Title = i18n.T(ctx, k)
	}
	return out
}

func pairRows(lines []DuplicateLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range lines {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Names, Href: l.Href, Soft: l.Born}, {Text: l.Why}, {Body: ui.Tag(l.Mark.Kind, l.Mark.Icon, l.Mark.Text)}, {Text: l.When},
		}})
	}
	return out
}

func compareRows(ctx context.Context, lines []CompareLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range lines {
		mark := ui.Tag(ui.Plain, "check", i18n.T(ctx, "dup.same"))
		if l.Differs {
			mark = ui.Tag(ui.Warn, "triangle-alert", i18n.T(ctx, "dup.differs"))
		}
		out = append(out, ui.TableRow{Cells: []ui.Cell{{Text: l.What}, {Body: several(l.First)}, {Body: several(l.Second)}, {Body: mark}}})
	}
	return out
}

func payerColumns(ctx context.Context) []ui.Column {
	out := columns(ctx, "wave.col_payer", "wave.col_invitable", "wave.col_waiting", "wave.col_sent", "wave.col_accepted",
		"wave.col_expired", "wave.col_failed", "wave.col_without")
	for i := 1; i < len(out); i++ {
		out[i].Num = true
	}
	return out
}

func payerRows(lines []PayerLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range lines {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Name}, {Text: l.Invitable}, {Text: l.Waiting}, {Text: l.Sent}, {Text: l.Accepted}, {Text: l.Expired}, {Text: l.Failed}, {Text: l.WithoutEmail},
		}})
	}
	return out
}

func addressRows(lines []AddressLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range lines {
		out = append(out, ui.TableRow{Cells: []ui.Cell{{Text: l.Address}, {Body: people(l.Who)}, {Text: l.Reason}, {Text: l.When}, {Body: clearing(l)}}})
	}
	return out
}
