package web

import (
	"strconv"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

func casePath(reference string) string { return "/staff/activations/" + reference }

// identityCase shows why somebody could not be matched, and who may be meant.
func (s *Web) identityCase(c *Call) error { return s.showCase(c, c.Faults(), "") }

// caseFind looks for one more number. It is a POST: a number is about somebody.
func (s *Web) caseFind(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, number := c.Faults(), c.Value("member_number")
	f.Need("member_number", number, "idcase.number_needed")
	return s.showCase(c, f, number)
}

func (s *Web) showCase(c *Call, f *Faults, number string) error {
	res, err := s.Identity.GetCase(c.Ctx(), &enrollmentv1.GetCaseRequest{Reference: c.R.PathValue("reference"), MemberNumber: number})
	if err != nil {
		return err
	}
	k := res.GetCase()
	page := staff.CasePage{
		Told: c.Told(), Problems: f.List, Errors: f.By, Path: casePath(k.GetReference()), Reference: k.GetReference(),
		Reason: c.word(i18n.Key("case."), k.GetReason(), c.T("case.other")), Todo: c.word(i18n.Key("case_do."), k.GetReason(), c.T("case_do.other")),
		Opened: c.T("idcase.opened", "at", c.moment(k.GetAt())), Version: strconv.FormatInt(k.GetVersion(), 10), Key: newKey(),
		Open: k.GetClosedAt() == nil, Typed: c.typedRows(k.GetTyped()), Claimant: c.claimantRows(k.GetClaimant()),
		Linkable: k.GetLinkable(), Number: number, Minor: k.GetReason() == "minor",
		Mailbox: k.GetReason() == reasonMailbox, Email: c.Value("email"),
		Method: c.Value("method"), Document: c.Value("document"), Outcome: c.Value("outcome"), CloseReason: c.Value("close_reason"),
		Methods:   c.methods(),
		Documents: c.documents(),
		Outcomes:  c.choices(i18n.Key("idcase.outcome."), "passed", "failed"),
		Reasons:   c.choices(i18n.Key("idcase.close."), "not_a_member", "not_shown", "asked_twice", "withdrawn", "guardian"),
	}
	if !page.Open {
		page.Ended, page.Todo = c.caseEnded(k), ""
	}
	for _, one := range k.GetCandidates() {
		page.Candidates = append(page.Candidates, c.candidateCard(one))
	}
	for _, one := range k.GetChecks() {
		page.Checks = append(page.Checks, c.checkLine(one))
	}
	if f.Any() {
		return c.Again(staff.Case(page))
	}
	return c.Show(staff.Case(page))
}

// methods are how somebody's papers may be looked at, and documents which.
func (c *Call) methods() []ui.Option {
	return c.choices(i18n.Key("idcase.method."), "video", "in_person", "mail")
}

func (c *Call) documents() []ui.Option {
	return c.choices(i18n.Key("idcase.document."), "drivers_license", "state_id", "passport", "military_id", "tribal_id", "other_photo_id")
}

func (c *Call) choices(prefix i18n.Key, values ...string) []ui.Option {
	var out []ui.Option
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: c.T(prefix + i18n.Key(v))})
	}
	return out
}

func (c *Call) caseEnded(k *enrollmentv1.IdentityCase) string {
	at := c.moment(k.GetClosedAt())
	switch k.GetOutcome() {
	case "linked":
		return c.T("idcase.linked_at", "at", at)
	case "address":
		return c.T("mailbox.ended", "at", at)
	case "closed":
		return c.T("idcase.closed_at", "at", at, "reason", c.T(i18n.Key("idcase.close."+k.GetCloseReason())))
	}
	return c.T("idcase.ended_at", "at", at)
}

func (c *Call) typedRows(t *enrollmentv1.TypedDetails) []ui.Row {
	if t == nil {
		return nil
	}
	return []ui.Row{
		{Key: c.T("idcase.number"), Value: t.GetMaskedNumber()},
		{Key: c.T("activate.family_name"), Value: t.GetFamilyName()},
		{Key: c.T("activate.birth_date"), Value: c.L.ISODate(t.GetBirthDate())},
	}
}

func (c *Call) claimantRows(m *enrollmentv1.Claimant) []ui.Row {
	if m == nil {
		return nil
	}
	rights := c.T("idcase.rights_full")
	if m.GetLimited() {
		rights = c.T("idcase.rights_limited")
	}
	return []ui.Row{
		{Key: c.T("idcase.name"), Value: personName(m.GetGivenName(), m.GetFamilyName())},
		{Key: c.T("activate.birth_date"), Value: c.L.ISODate(m.GetBirthDate())},
		{Key: c.T("sign_in.email"), Value: m.GetMaskedEmail()},
		{Key: c.T("idcase.rights"), Value: rights},
	}
}

func (c *Call) candidateCard(m *enrollmentv1.Candidate) staff.Candidate {
	card := staff.Candidate{
		ID: m.GetMemberId(), Name: personName(m.GetGivenName(), m.GetFamilyName()), Minor: m.GetMinor(), Taken: m.GetPatient() == "other",
		Mine: m.GetPatient() == "claimant",
	}
	for _, fit := range []struct {
		fits     bool
		yes, not i18n.Key
	}{
		{m.GetNumberFits(), "idcase.number_fits", "idcase.number_differs"}, {m.GetNameFits(), "idcase.name_fits", "idcase.name_differs"},
		{m.GetBirthDateFits(), "idcase.birth_fits", "idcase.birth_differs"},
	} {
		mark := parts.Mark{Kind: ui.Warn, Icon: "x", Text: c.T(fit.not)}
		if fit.fits {
			mark = parts.Mark{Kind: ui.OK, Icon: "check", Text: c.T(fit.yes)}
		}
		card.Marks = append(card.Marks, mark)
	}
	covered := c.T("idcase.not_covered")
	if m.GetCoveredFrom() != "" {
		covered = c.T("idcase.covered_from", "from", c.L.ISOShortDate(m.GetCoveredFrom()))
	}
	if m.GetCoveredTo() != "" {
		covered = c.T("idcase.covered", "from", c.L.ISOShortDate(m.GetCoveredFrom()), "to", c.L.ISOShortDate(m.GetCoveredTo()))
	}
	email := ui.Row{Key: c.T("sign_in.email"), Value: orDash(m.GetMaskedEmail())}
	if m.GetSharedEmail() {
		email.Soft = c.T("idcase.shared")
	}
	card.Rows = []ui.Row{
		{Key: c.T("activate.birth_date"), Value: c.L.ISODate(m.GetBirthDate())},
		{Key: c.T("idcase.number"), Value: m.GetMaskedNumber(), Soft: m.GetPayerName()},
		{Key: c.T("idcase.coverage"), Value: orDash(m.GetPlan()), Soft: covered},
		email,
		{Key: c.T("idcase.phone"), Value: orDash(m.GetMaskedPhone())},
	}
	return card
}

func (c *Call) checkLine(k *enrollmentv1.IdentityCheck) staff.CheckLine {
	who := c.T("idcase.by_other")
	if k.GetMine() {
		who = c.T("idcase.by_you")
	}
	line := staff.CheckLine{
		What: c.T(i18n.Key("idcase.document." + k.GetDocument())), How: c.T(i18n.Key("idcase.method." + k.GetMethod())),
		When: c.moment(k.GetAt()), Who: who, Mark: parts.Mark{Kind: ui.Bad, Icon: "x", Text: c.T("idcase.outcome.failed")},
	}
	if k.GetOutcome() == "passed" {
		line.Mark = parts.Mark{Kind: ui.OK, Icon: "check", Text: c.T("idcase.outcome.passed")}
	}
	return line
}

// caseVersion is the version that the form's page showed.
func (c *Call) caseVersion() int64 {
	n, err := strconv.ParseInt(c.Value("version"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// caseDone goes back to the case after a change of it. Whoever came second is
// told, and sees how it is now; what is wrong with a form stands beside it.
func (s *Web) caseDone(c *Call, f *Faults, err error, done i18n.Key) error {
	reason := errs.ReasonOf(err)
	if reason == "case_changed" || reason == "case_closed" {
		c.Tell(ui.Warn, i18n.Key("error."+reason), "")
		return c.See(casePath(c.R.PathValue("reference")))
	}
	if err := f.Take(err, ""); err != nil {
		return err
	}
	if f.Any() {
		return s.showCase(c, f, "")
	}
	c.Tell(ui.OK, done, "")
	return c.See(casePath(c.R.PathValue("reference")))
}

// caseCheck records that papers were looked at.
func (s *Web) caseCheck(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	f.Need("method", c.Value("method"), "field.method")
	f.Need("document", c.Value("document"), "field.document")
	f.Need("outcome", c.Value("outcome"), "field.outcome")
	if f.Any() {
		return s.showCase(c, f, "")
	}
	_, err := s.Identity.RecordIdentityCheck(c.Ctx(), &enrollmentv1.RecordIdentityCheckRequest{
		Reference: c.R.PathValue("reference"), Version: c.caseVersion(), Method: c.Value("method"), Document: c.Value("document"),
		Outcome: c.Value("outcome"), IdempotencyKey: c.Key(),
	})
	return s.caseDone(c, f, err, "idcase.checked")
}

// caseLink makes the account the member's.
func (s *Web) caseLink(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Identity.LinkCase(c.Ctx(), &enrollmentv1.LinkCaseRequest{
		Reference: c.R.PathValue("reference"), Version: c.caseVersion(), MemberId: c.Value("member_id"), IdempotencyKey: c.Key(),
	})
	return s.caseDone(c, c.Faults(), err, "idcase.linked")
}

// caseClose ends the case without linking anybody.
func (s *Web) caseClose(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	f.Need("close_reason", c.Value("close_reason"), "field.close_reason")
	if f.Any() {
		return s.showCase(c, f, "")
	}
	_, err := s.Identity.CloseCase(c.Ctx(), &enrollmentv1.CloseCaseRequest{
		Reference: c.R.PathValue("reference"), Version: c.caseVersion(), Reason: c.Value("close_reason"), IdempotencyKey: c.Key(),
	})
	return s.caseDone(c, f, err, "idcase.closed")
}
