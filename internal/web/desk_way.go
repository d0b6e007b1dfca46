package web

import (
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/desk"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// wayIn is how somebody was invited, how they tried to get in, and what to do.
func (c *Call) wayIn(members []*enrollmentv1.DeskMember, sent []*enrollmentv1.DeskInvitation, tried []*enrollmentv1.DeskAttempt) desk.Way {
	var way desk.Way
	for _, m := range members {
		one := desk.Invite{Action: "/staff/members/" + m.GetMemberId() + "/invitation", Key: newKey(), Payer: m.GetPayerName(), Email: m.GetEmail(), Again: len(sent) > 0}
		if why := m.GetNotInvitable(); why != "" {
			one.WhyNot = c.word(i18n.Key("desk.not."), why, c.T("desk.not.other"))
		}
		way.Invites = append(way.Invites, one)
	}
	for _, i := range sent {
		way.Sent = append(way.Sent, c.invitationLine(i))
	}
	for _, a := range tried {
		way.Attempts = append(way.Attempts, c.attemptLine(a))
	}
	return way
}

func (c *Call) invitationLine(i *enrollmentv1.DeskInvitation) desk.InvitationLine {
	line := desk.InvitationLine{Email: i.GetEmail(), When: c.moment(i.GetMadeAt())}
	if i.GetSentAt() != nil {
		line.When = c.moment(i.GetSentAt())
	}
	line.Status = parts.Mark{Kind: ui.Plain, Icon: "mail", Text: c.word(i18n.Key("desk.invitation."), i.GetState(), i.GetState())}
	switch i.GetState() {
	case "queued":
		line.Status.Icon = "clock"
	case "sent":
		line.Status.Kind, line.More = ui.Info, c.T("desk.good_until", "day", c.L.Date(inOffice(i.GetExpiresAt().AsTime())))
	case "accepted":
		line.Status.Kind, line.Status.Icon = ui.OK, "circle-check"
	case "failed":
		line.Status.Kind, line.Status.Icon, line.More = ui.Bad, "circle-alert", c.T("desk.invitation_failed")
	}
	return line
}

// attemptLine says why an attempt failed and what to do. A case that waits has
// a page of its own.
func (c *Call) attemptLine(a *enrollmentv1.DeskAttempt) desk.AttemptLine {
	line := desk.AttemptLine{When: c.moment(a.GetAt()), Reference: a.GetReference()}
	if a.GetOpen() {
		line.Href = "/staff/activations/" + a.GetReference()
	}
	switch {
	case a.GetReason() == "no_match":
		// Its number is this member's, or it would not be here.
		line.Why, line.Todo = c.T("desk.attempt_no_match"), c.T("desk.attempt_no_match_do")
	case a.GetReason() != "":
		line.Why, line.Todo = c.word(i18n.Key("case."), a.GetReason(), c.T("case.other")), c.word(i18n.Key("case_do."), a.GetReason(), c.T("case_do.other"))
	case a.GetState() == "confirmed":
		line.Why = c.T("desk.attempt_confirmed")
	case a.GetState() == "started":
		line.Why, line.Todo = c.T("desk.attempt_started"), c.T("desk.attempt_started_do")
	default:
		line.Why, line.Todo = c.T("desk.attempt_code"), c.T("desk.attempt_code_do")
	}
	if n := a.GetWrongCodes(); n > 0 {
		line.Why += " " + c.T("desk.attempt_tries", "n", n)
	}
	return line
}
