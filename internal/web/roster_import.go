package web

import (
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

// inviteMost is how many invitations one press of the button sends.
const inviteMost = 200

// cookieInvited keeps what the last press of the button did, for one page.
const cookieInvited = "__Host-invited"

// invited is what sending invitations did.
type invited struct {
	Import       string `json:"i"`
	Queued, Left int32
}

// rosterImport shows one import: how far it is, or what came of it.
func (s *Web) rosterImport(c *Call) error {
	res, err := s.Roster.GetImport(c.Ctx(), &enrollmentv1.GetImportRequest{ImportId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	page := c.importPage(res.GetImport())
	page.Told = c.Told()
	var sent invited
	if c.Kept(cookieInvited, &sent) {
		c.Drop(cookieInvited)
		if sent.Import == res.GetImport().GetImportId() {
			page.Told = c.invitedBanner(sent)
		}
	}
	return c.Show(staff.Import(page))
}

func (c *Call) importPage(m *enrollmentv1.Import) staff.ImportPage {
	page := staff.ImportPage{
		Path: importPath(m.GetImportId()), File: m.GetFileName(), Payer: m.GetPayerName(),
		Status: c.importStatus(m), Live: working(m), Same: m.GetStatus() == "replayed",
	}
	if m.GetStartedAt() != nil {
		page.Started = c.T("staff.started", "time", c.moment(m.GetStartedAt()))
	}
	switch {
	case page.Live:
		page.Words = c.progressWords(m)
		page.Done, page.Total = progressOf(m)
		page.Stages = c.stages(m.GetStatus())
	case m.GetRefusal() != nil:
		line := c.finding(m.GetRefusal())
		page.Refusal, page.Alarm = &line, alarming(m)
	case m.GetStatus() == "done":
		page.Result = c.importResult(m)
		page.Invite = &staff.Invite{
			Key: c.Key(), Waiting: m.GetInvitable(), Sent: m.GetInvited(), Most: inviteMost, NextBatch: min(m.GetInvitable(), inviteMost),
		}
	}
	return page
}

func (c *Call) stages(status string) []staff.Stage {
	out := []staff.Stage{
		{Text: c.T("staff.stage.waiting")}, {Text: c.T("staff.stage.reading")},
		{Text: c.T("staff.stage.checking")}, {Text: c.T("staff.stage.applying")},
	}
	now := 0
	for i, at := range []string{"waiting", "reading", "checking", "applying"} {
		if at == status {
			now = i
		}
	}
	// The file is here as soon as anything can be seen of it.
	for i := range out {
		out[i].Past, out[i].Now = i < now || i == 0, i == now && i > 0
	}
	return out
}

// progressOf is how far the bar is; a total of 0 is not known.
func progressOf(m *enrollmentv1.Import) (done, total int64) {
	switch m.GetStatus() {
	case "reading":
		return m.GetBytesRead(), m.GetBytesTotal()
	case "applying":
		return m.GetMembersApplied(), m.GetMembersRead()
	}
	return 0, 0
}

func (c *Call) progressWords(m *enrollmentv1.Import) string {
	switch m.GetStatus() {
	case "reading":
		return c.T("staff.progress.reading", "done", megabytes(m.GetBytesRead()), "total", megabytes(m.GetBytesTotal()),
			"members", c.L.Number(m.GetMembersRead()))
	case "checking":
		return c.T("staff.progress.checking", "members", c.L.Number(m.GetMembersRead()))
	case "applying":
		return c.T("staff.progress.applying", "done", c.L.Number(m.GetMembersApplied()), "total", c.L.Number(m.GetMembersRead()))
	}
	return c.T("staff.progress.waiting")
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

func (c *Call) importResult(m *enrollmentv1.Import) *staff.Result {
	n := c.L.Number
	r := &staff.Result{
		Kind: ui.OK, Title: c.T("staff.done_title", "n", m.GetMembersRead(), "count", n(m.GetMembersRead())), Text: c.T("staff.done_text"),
		Tiles: []staff.Tile{
			{Figure: n(m.GetMembersAdded()), Words: c.T("staff.tile_added")},
			{Figure: n(m.GetMembersChanged()), Words: c.T("staff.tile_changed")},
			{Figure: n(m.GetMembersEnded()), Words: c.T("staff.tile_ended")},
			{Figure: n(m.GetMembersUnchanged()), Words: c.T("staff.tile_unchanged")},
		},
		Rows: []ui.Row{
			{Key: c.T("staff.row_coverages"), Value: c.counts(m.GetCoveragesAdded(), m.GetCoveragesChanged(), m.GetCoveragesEnded())},
			{Key: c.T("staff.row_rejected"), Value: n(m.GetRejected())},
			{Key: c.T("staff.row_warnings"), Value: n(m.GetWarnings())},
		},
		Rejects: m.GetRejected()+m.GetWarnings() > 0,
	}
	changed := m.GetMembersAdded() + m.GetMembersChanged() + m.GetMembersEnded() +
		m.GetCoveragesAdded() + m.GetCoveragesChanged() + m.GetCoveragesEnded()
	switch {
	case m.GetRejected() > 0:
		r.Kind, r.Text = ui.Warn, c.T("staff.done_left", "n", m.GetRejected(), "count", n(m.GetRejected()))
	case changed == 0:
		r.Text = c.T("staff.done_same")
	}
	if m.GetStartedAt() != nil && m.GetFinishedAt() != nil {
		took := m.GetFinishedAt().AsTime().Sub(m.GetStartedAt().AsTime()).Round(time.Second)
		r.Rows = append(r.Rows, ui.Row{Key: c.T("staff.row_took"), Value: c.T("staff.seconds", "n", max(int64(took/time.Second), 1))})
	}
	return r
}

// invite sends the next invitations of an import.
func (s *Web) invite(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	res, err := s.Roster.SendInvitations(c.Ctx(), &enrollmentv1.SendInvitationsRequest{ImportId: id, Limit: inviteMost, IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	if err := c.Keep(cookieInvited, invited{Import: id, Queued: res.GetQueued(), Left: res.GetLeft()}, time.Minute); err != nil {
		return errs.New(errs.Internal, "internal", "The answer could not be kept.").With(err)
	}
	return c.See(importPath(id))
}
