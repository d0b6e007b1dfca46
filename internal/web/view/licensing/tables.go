package licensing

import (
	"context"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

func columns(ctx context.Context, keys ...i18n.Key) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		if k != "" {
			out[i].Title = i18n.T(ctx, k)
		}
	}
	return out
}

func tabButton(t Tab) ui.ButtonProps {
	b := ui.ButtonProps{Text: t.Text, Href: t.Href, Kind: "quiet", Size: "small"}
	if t.Current {
		b.Kind, b.Attrs = "", templ.Attributes{"aria-current": "page"}
	}
	return b
}

func tag(m parts.Mark) templ.Component { return ui.Tag(m.Kind, m.Icon, m.Text) }

// dash stands where a cell has nothing to say.
func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func physicianColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_physician", "lic.col_npi", "lic.col_licenses", "lic.col_look")
}

func physicianRows(list []PhysicianLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Name, Href: l.Href, Soft: l.Specialty}, {Text: l.NPI}, {Text: l.Count, Soft: l.States}, {Body: parts.Marks(l.Marks)},
		}})
	}
	return out
}

func licenseColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_state", "lic.col_number", "lic.col_status", "lic.col_valid", "lic.col_verified", "")
}

func licenseRows(ctx context.Context, list []LicenseLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.State, Soft: l.Basis}, {Text: l.Number, Soft: l.Board}, {Body: tag(l.Mark)},
			{Text: l.To, Soft: l.From}, {Text: l.Verified, Soft: l.Source}, {Body: correctLink(l)},
		}})
	}
	return out
}

func historyColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_recorded", "lic.col_state", "lic.col_status", "lic.col_valid", "lic.col_note")
}

func historyRows(list []LicenseLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Recorded, Soft: l.Replaced}, {Text: l.State, Soft: l.Number}, {Body: tag(l.Mark), Soft: l.Basis},
			{Text: l.To, Soft: l.From}, {Text: l.Note, Soft: l.Source},
		}})
	}
	return out
}

func listedColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_physician", "lic.col_state", "lic.col_status", "lic.col_valid", "lic.col_verified", "")
}

func listedRows(list []ListedLicense) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Name, Href: l.Href}, {Text: l.State, Soft: l.Number + " · " + l.Basis}, {Body: tag(l.Mark)},
			{Text: l.To, Soft: l.From}, {Text: l.Verified, Soft: l.Source}, {Body: correctLink(l.LicenseLine)},
		}})
	}
	return out
}

func stateColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_state", "lic.col_compact", "lic.col_known", "lic.col_unverified", "lic.col_unknown")
}

func stateRows(list []StateLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Name, Href: l.Href}, {Text: dash(l.Compact)}, {Text: l.Known}, {Text: l.Unverified}, {Text: l.Unknown},
		}})
	}
	return out
}

func answerColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "try.col_question", "try.col_answer", "try.col_why", "lic.col_citation")
}

func answerRows(list []AnswerLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Question}, {Body: tag(l.Answer)}, {Text: l.Why}, {Text: dash(l.Citation), Soft: l.Basis},
		}})
	}
	return out
}

func ruleColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "lic.col_topic", "lic.col_rule", "lic.col_basis", "lic.col_citation", "lic.col_as_of")
}

func ruleRows(list []RuleLine) []ui.TableRow {
	var out []ui.TableRow
	for _, l := range list {
		out = append(out, ui.TableRow{Cells: []ui.Cell{
			{Text: l.Topic, Soft: l.Effective}, {Body: ruleWords(l)}, {Body: tag(l.Basis)},
			{Text: dash(l.Citation), Soft: l.Source, SoftLang: "en"}, {Text: dash(l.AsOf)},
		}})
	}
	return out
}
