// Package visits is the pages about what comes between a booked visit and its
// day: for patients, and for staff.
package visits

import (
	"context"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// Trouble is a note on a visit's page, with the way out.
type Trouble struct{ Title, Text, Do, Href string }

// Payment asks how a visit is to be paid.
type Payment struct {
	ID, Path, Key string
	Version       int64
	// Why says what happened to the coverage; empty if nothing did.
	Why      string
	Rows     []ui.Row
	Options  []ui.Option
	Value    string
	Problems []ui.Problem
	Error    string
}

// AffectedPage lists visits that something has come between.
type AffectedPage struct {
	Eyebrow, Title, Lead string
	Open, Mended         []AffectedLine
}

// AffectedLine is one of them.
type AffectedLine struct {
	When, Patient, Born, Doctor, State, Reference string
	What, Told                                    string
	// Href is the visit at the desk, where it is moved or canceled.
	Href   string
	Status parts.Mark
	// Since is when it was settled.
	Since string
}

func affectedColumns(ctx context.Context) []ui.Column {
	var out []ui.Column
	for _, key := range []i18n.Key{"affected.col_when", "affected.col_patient", "affected.col_doctor", "affected.col_what", "affected.col_told", "affected.col_status"} {
		out = append(out, ui.Column{Title: i18n.T(ctx, key)})
	}
	return out
}

func affectedRows(ctx context.Context, list []AffectedLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.When, Soft: l.Reference, Href: l.Href},
			{Text: l.Patient, Soft: i18n.T(ctx, "affected.born", "day", l.Born)},
			{Text: l.Doctor, Soft: l.State},
			{Text: l.What}, {Text: l.Told},
			{Body: ui.Tag(l.Status.Kind, l.Status.Icon, l.Status.Text), Soft: l.Since},
		}})
	}
	return out
}
