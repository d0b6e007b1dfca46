package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

// rejects shows a page of what was left out of an import.
func (s *Web) rejects(c *Call) error {
	id := c.R.PathValue("id")
	one, err := s.Roster.GetImport(c.Ctx(), &enrollmentv1.GetImportRequest{ImportId: id})
	if err != nil {
		return err
	}
	after, err := strconv.ParseInt(c.Query("after"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	res, err := s.Roster.ListRejects(c.Ctx(), &enrollmentv1.ListRejectsRequest{ImportId: id, After: after})
	if err != nil {
		return err
	}
	page := staff.RejectsPage{Path: importPath(id), File: one.GetImport().GetFileName()}
	for _, f := range res.GetFindings() {
		page.Findings = append(page.Findings, c.finding(f))
	}
	if after > 0 {
		page.First = page.Path + "/rejects"
	}
	if res.GetNext() > 0 {
		page.Next = page.Path + "/rejects?after=" + strconv.FormatInt(res.GetNext(), 10)
	}
	return c.Show(staff.Rejects(page))
}

// finding puts what was wrong in a file into words.
func (c *Call) finding(f *enrollmentv1.Finding) staff.FindingLine {
	line := staff.FindingLine{
		Title: c.word(i18n.Key("finding."), f.GetReason(), c.T("finding.other")), Message: f.GetMessage(), Name: f.GetMemberName(),
		Where: c.T("staff.at_nowhere"),
		Kind:  parts.Mark{Kind: ui.Warn, Icon: "triangle-alert", Text: c.word(i18n.Key("staff.kind."), f.GetKind(), f.GetKind())},
	}
	switch f.GetKind() {
	case "reject", "refusal", "alarm":
		line.Kind.Kind, line.Kind.Icon = ui.Bad, "circle-alert"
	case "warning":
		line.Kind.Kind, line.Kind.Icon = ui.Info, "info"
	}
	if f.GetSegment() > 0 {
		n := c.L.Number(f.GetSegment())
		line.Where = c.T("staff.at_number", "number", n)
		if f.GetSegmentId() != "" {
			line.Where = c.T("staff.at_segment", "number", n, "id", f.GetSegmentId())
		}
		if f.GetElement() != "" {
			line.Where = c.T("staff.at_element", "number", n, "element", f.GetElement())
		}
		line.Offset = c.T("staff.at_byte", "offset", c.L.Number(f.GetOffset()))
	}
	if f.GetSubscriberId() != "" {
		line.Subscriber = c.T("staff.subscriber", "number", f.GetSubscriberId())
	}
	return line
}

// invitedBanner says what sending invitations did.
func (c *Call) invitedBanner(sent invited) templ.Component {
	kind, title, text := ui.OK, c.T("staff.invited", "n", sent.Queued, "count", c.L.Number(int64(sent.Queued))), c.T("staff.invited_all")
	if sent.Queued == 0 {
		kind, title = ui.Info, c.T("staff.invited_none")
	}
	if sent.Left > 0 {
		text = c.T("staff.invited_left", "n", sent.Left, "count", c.L.Number(int64(sent.Left)))
	}
	return ui.Banner(kind, title, text)
}

// pageWait is how long a browser may take for one page of the file.
const pageWait = time.Minute

// rejectsFile sends everything that was left out as a table for a spreadsheet,
// page by page, so that its length does not matter.
func (s *Web) rejectsFile(c *Call) error {
	ask := &enrollmentv1.ListRejectsRequest{ImportId: c.R.PathValue("id")}
	res, err := s.Roster.ListRejects(c.Ctx(), ask)
	if err != nil {
		return err
	}
	c.head()
	c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	c.w.Header().Set("Content-Disposition", `attachment; filename="rejects.csv"`)
	c.w.WriteHeader(http.StatusOK)
	c.answered = true
	out := csv.NewWriter(c.w)
	_ = out.Write([]string{"number", "effect", "reason", "message", "segment", "segment_id", "element", "byte", "member_id", "member_name"})
	for {
		c.allow(pageWait)
		for _, f := range res.GetFindings() {
			_ = out.Write(csvRow(f))
		}
		if out.Flush(); out.Error() != nil {
			return fmt.Errorf("sending the rejects: %w", out.Error())
		}
		if res.GetNext() == 0 {
			return nil
		}
		ask.After = res.GetNext()
		if res, err = s.Roster.ListRejects(c.Ctx(), ask); err != nil {
			s.cutShort(c.Ctx(), out, err)
			return nil
		}
	}
}

// cutShort says in the file itself that it is not whole.
func (s *Web) cutShort(ctx context.Context, out *csv.Writer, err error) {
	s.Log.ErrorContext(ctx, "sending the rejects", "error", err)
	_ = out.Write([]string{"", "INCOMPLETE", "incomplete", "The list could not be read to its end. Please download it again.", "", "", "", "", "", ""})
	out.Flush()
}

func csvRow(f *enrollmentv1.Finding) []string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	row := []string{
		n(f.GetNumber()), f.GetKind(), f.GetReason(), f.GetMessage(), n(f.GetSegment()), f.GetSegmentId(), f.GetElement(),
		n(f.GetOffset()), f.GetSubscriberId(), f.GetMemberName(),
	}
	for i := range row {
		row[i] = csvCell(row[i])
	}
	return row
}

// csvCell keeps a spreadsheet from taking words out of a payer's file for a
// formula.
func csvCell(s string) string {
	if first := strings.TrimLeft(s, " "); first != "" && strings.ContainsRune("=+-@\t\r\n|", rune(first[0])) {
		return "'" + s
	}
	return s
}
