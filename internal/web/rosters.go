package web

import (
	"time"

	"github.com/a-h/templ"
	"google.golang.org/protobuf/types/known/timestamppb"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

// officeZone is the zone in which staff and officers read times; its letters
// stand beside each.
const officeZone = "America/New_York"

// rosters lists the imports, with the form for the next one.
func (s *Web) rosters(c *Call) error {
	page, err := s.rostersPage(c, c.Faults())
	if err != nil {
		return err
	}
	page.Told = c.Told()
	return c.Show(staff.Rosters(page))
}

func (s *Web) rostersPage(c *Call, f *Faults) (staff.RostersPage, error) {
	payers, err := s.Roster.ListPayers(c.Ctx(), &enrollmentv1.ListPayersRequest{})
	if err != nil {
		return staff.RostersPage{}, err
	}
	imports, err := s.Roster.ListImports(c.Ctx(), &enrollmentv1.ListImportsRequest{})
	if err != nil {
		return staff.RostersPage{}, err
	}
	page := staff.RostersPage{Told: templ.NopComponent, Problems: f.List, By: f.By, Demo: s.Demo}
	for _, p := range payers.GetPayers() {
		page.Payers = append(page.Payers, ui.Option{Value: p.GetPayerId(), Label: c.T("staff.payer_members",
			"n", p.GetMembers(), "name", p.GetName(), "count", c.L.Number(p.GetMembers()))})
	}
	if len(page.Payers) == 1 {
		page.Payer = page.Payers[0].Value
	}
	for _, m := range imports.GetImports() {
		page.Busy = page.Busy || working(m)
		page.Imports = append(page.Imports, staff.ImportLine{
			Href: importPath(m.GetImportId()), File: m.GetFileName(), Payer: m.GetPayerName(), When: c.moment(m.GetStartedAt()),
			Members: c.importCounts(m), Left: c.leftOut(m), Status: c.importStatus(m),
		})
	}
	return page, nil
}

func importPath(id string) string { return "/staff/rosters/" + id }

// alarming says that a file was refused because it contradicts an earlier one.
func alarming(m *enrollmentv1.Import) bool { return m.GetRefusal().GetKind() == "alarm" }

// working says that an import is not over.
func working(m *enrollmentv1.Import) bool {
	switch m.GetStatus() {
	case "done", "refused", "replayed":
		return false
	}
	return true
}

func (c *Call) importStatus(m *enrollmentv1.Import) parts.Mark {
	mark := parts.Mark{Kind: ui.Info, Icon: "activity", Text: c.word(i18n.Key("staff.status."), m.GetStatus(), m.GetStatus())}
	switch m.GetStatus() {
	case "waiting":
		mark.Icon = "clock"
	case "done":
		mark.Kind, mark.Icon = ui.OK, "circle-check"
	case "refused":
		mark.Kind, mark.Icon = ui.Bad, "circle-alert"
		if alarming(m) {
			mark.Text = c.T("roster.alarm")
		}
	case "replayed":
		mark.Kind, mark.Icon = ui.Plain, "info"
	}
	return mark
}

func (c *Call) importCounts(m *enrollmentv1.Import) string {
	switch {
	case m.GetStatus() == "refused" || m.GetStatus() == "replayed",
		m.GetStatus() == "done" && m.GetMembersAdded()+m.GetMembersChanged()+m.GetMembersEnded() == 0:
		return c.T("staff.counts_same")
	case m.GetStatus() == "done":
		return c.counts(m.GetMembersAdded(), m.GetMembersChanged(), m.GetMembersEnded())
	}
	return c.progressWords(m)
}

func (c *Call) counts(added, changed, ended int64) string {
	return c.T("staff.counts", "added", c.L.Number(added), "changed", c.L.Number(changed), "ended", c.L.Number(ended))
}

func (c *Call) leftOut(m *enrollmentv1.Import) string {
	if m.GetRejected() == 0 || m.GetStatus() == "replayed" { // nothing was left out of what was in before
		return c.T("staff.left_none")
	}
	return c.T("staff.left_rejects", "n", m.GetRejected(), "count", c.L.Number(m.GetRejected()))
}

// moment writes an instant for staff and officers; "" for none.
func (c *Call) moment(at *timestamppb.Timestamp) string {
	if at == nil {
		return ""
	}
	t := inOffice(at.AsTime())
	return c.T("format.day_time", "day", c.L.ShortDate(t), "time", c.L.TimeZoned(t))
}

// inOffice moves an instant to the zone that staff and officers read.
func inOffice(t time.Time) time.Time {
	if loc, err := time.LoadLocation(officeZone); err == nil {
		return t.In(loc)
	}
	return t
}

// word is the text of a code of another service, or the fallback where the
// catalog does not know it.
func (c *Call) word(prefix i18n.Key, code, fallback string) string {
	if key := prefix + i18n.Key(code); c.L.Has(key) {
		return c.T(key)
	}
	return fallback
}
