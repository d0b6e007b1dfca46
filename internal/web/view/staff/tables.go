package staff

import (
	"context"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

func columns(ctx context.Context, keys ...i18n.Key) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i].Title = i18n.T(ctx, k)
	}
	return out
}

func importColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "staff.col_file", "staff.col_status", "staff.col_members", "staff.col_left", "staff.col_when")
}

func importRows(list []ImportLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.File, Href: l.Href, Soft: l.Payer},
			{Body: ui.Tag(l.Status.Kind, l.Status.Icon, l.Status.Text)},
			{Text: l.Members}, {Text: l.Left}, {Text: l.When},
		}})
	}
	return out
}

func rejectColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "staff.col_what", "staff.col_where", "staff.col_who", "staff.col_kind")
}

func rejectRows(list []FindingLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Body: findingWords(l)},
			{Text: l.Where, Soft: l.Offset},
			{Text: l.Name, Soft: l.Subscriber},
			{Body: ui.Tag(l.Kind.Kind, l.Kind.Icon, l.Kind.Text)},
		}})
	}
	return out
}

func caseColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "staff.col_reference", "staff.col_reason", "staff.col_at")
}

func caseRows(list []CaseLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{{Text: l.Reference, Href: l.Href}, {Text: l.Reason, Soft: l.Todo}, {Text: l.When}}})
	}
	return out
}
