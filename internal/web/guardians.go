package web

import (
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

// withoutPlan is the choice to add a child who is on no roster.
const withoutPlan = "none"

// guardians lists who asks to act for a child, and waits for staff.
func (s *Web) guardians(c *Call) error {
	res, err := s.Acting.ListGuardianRequests(c.Ctx(), &enrollmentv1.ListGuardianRequestsRequest{})
	if err != nil {
		return err
	}
	page := staff.GuardiansPage{Told: c.Told()}
	for _, r := range res.GetRequests() {
		page.Requests = append(page.Requests, staff.GuardianLine{
			Href: "/staff/guardians/" + r.GetRequestId(), Reference: r.GetReference(), When: c.moment(r.GetAt()),
			Asker: personName(r.GetAskerGivenName(), r.GetAskerFamilyName()), Child: personName(r.GetGivenName(), r.GetFamilyName()),
			Why: c.word(i18n.Key("guardians.why_"), r.GetWhy(), r.GetWhy()),
		})
	}
	if hidden := int(res.GetWaiting()) - len(res.GetRequests()); hidden > 0 {
		page.Hidden = c.T("guardians.hidden", "n", hidden)
	}
	return c.Show(staff.Guardians(page))
}

// guardian shows one request, with the children whom it may mean.
func (s *Web) guardian(c *Call) error { return s.showGuardian(c, staff.GuardianPage{}, c.Faults()) }

func (s *Web) showGuardian(c *Call, page staff.GuardianPage, f *Faults) error {
	res, err := s.Acting.GetGuardianRequest(c.Ctx(), &enrollmentv1.GetGuardianRequestRequest{RequestId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	r := res.GetRequest()
	page.Action, page.Key, page.Reference = "/staff/guardians/"+r.GetRequestId(), c.Key(), r.GetReference()
	page.Problems, page.Errors = f.List, f.By
	page.Why = c.word(i18n.Key("guardians.why_"), r.GetWhy(), r.GetWhy())
	number := r.GetMemberNo()
	if number == "" {
		number = c.T("guardians.no_number")
	}
	page.Rows = []ui.Row{
		{Key: c.T("guardians.asker"), Value: personName(r.GetAskerGivenName(), r.GetAskerFamilyName()), Soft: c.T("guardians.born", "day", c.L.ISODate(r.GetAskerBirthDate()))},
		{Key: c.T("guardians.child"), Value: personName(r.GetGivenName(), r.GetFamilyName()), Soft: c.T("guardians.born", "day", c.L.ISODate(r.GetBirthDate()))},
		{Key: c.T("guardians.number"), Value: number},
		{Key: c.T("guardians.when"), Value: c.moment(r.GetAt()), Soft: c.T("guardians.attested")},
	}
	for _, m := range res.GetCandidates() {
		page.Candidates = append(page.Candidates, c.candidate(m))
	}
	page.Candidates = append(page.Candidates, ui.Option{Value: withoutPlan, Label: c.T("guardians.none"), Hint: c.T("guardians.none_hint")})
	if f.Any() {
		return c.Again(staff.Guardian(page))
	}
	return c.Show(staff.Guardian(page))
}

func (c *Call) candidate(m *enrollmentv1.GuardianCandidate) ui.Option {
	family := c.T("guardians.other_family")
	if m.GetSameFamily() {
		family = c.T("guardians.same_family")
	}
	return ui.Option{
		Value: m.GetMemberId(), Label: personName(m.GetGivenName(), m.GetFamilyName()),
		Hint: c.T("guardians.candidate", "day", c.L.ISODate(m.GetBirthDate()), "payer", m.GetPayerName(), "number", m.GetSubscriberNo(),
			"family", family, "guardians", c.T("guardians.count", "n", int(m.GetGuardians()))),
	}
}

// guardianSent decides the request.
func (s *Web) guardianSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, approve := c.Faults(), c.Value("decision") == "approve"
	page := staff.GuardianPage{Member: c.Value("member_id"), Note: c.Value("note")}
	if approve {
		f.Need("member_id", page.Member, "guardians.wrong_member")
	}
	f.Need("note", page.Note, "guardians.wrong_note")
	if f.Any() {
		return s.showGuardian(c, page, f)
	}
	req := &enrollmentv1.DecideGuardianRequestRequest{
		RequestId: c.R.PathValue("id"), Approve: approve, Note: page.Note, IdempotencyKey: c.Key(),
	}
	if approve && page.Member != withoutPlan {
		req.MemberId = page.Member
	}
	_, err := s.Acting.DecideGuardianRequest(c.Ctx(), req)
	if err := f.takeDecision(err); err != nil {
		return err
	}
	if f.Any() {
		return s.showGuardian(c, page, f)
	}
	if approve {
		c.Tell(ui.OK, "guardians.approved", "guardians.told")
	} else {
		c.Tell(ui.OK, "guardians.refused", "guardians.told")
	}
	return c.See("/staff/guardians")
}

// takeDecision turns a refusal into faults, in the words of this form.
func (f *Faults) takeDecision(err error) error {
	for _, bad := range errs.FieldsOf(err) {
		switch bad.Name {
		case "member_id":
			f.Add(bad.Name, "guardians.wrong_minor")
		case "note":
			f.Add(bad.Name, "guardians.wrong_note")
		}
	}
	if f.Any() {
		return nil
	}
	return f.Take(err, "")
}
