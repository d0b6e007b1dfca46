package identity

import (
	"strings"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
)

const ownMail = "mine@example.test"

// TestALimitedAccountTellsNothing: whoever the details fit, opening an account
// beside them answers alike and writes the same.
func TestALimitedAccountTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	b.with(member{number: "PM-3", given: "Nora", family: "Nomail", born: "1990-02-03"})
	twin := member{number: "PM-2", own: "PM-2-1", given: "Tom", family: "Twin", born: "1990-02-03", email: "tom@example.test"}
	twin.of = b.with(member{number: "PM-2", given: "Ted", family: "Twin", born: "1960-02-03"})
	b.with(twin)
	twin.own, twin.given, twin.email = "PM-2-2", "Tim", "tim@example.test"
	b.with(twin)
	for i, c := range []struct{ number, family, born, reason string }{
		{"PM-100 200", "Garcia", "1980-05-06", "limited"},
		{"PM-100 201", "Garcia", "1980-05-06", "no_match"},
		{"PM-3", "Nomail", "1990-02-03", "no_email"},
		{"PM-2", "Twin", "1990-02-03", "several"},
	} {
		a := b.typed(c.number, c.family, c.born)
		email := string(rune('a'+i)) + "@example.test"
		res := b.register(own(a.GetActivationId(), email))
		if res.GetReference() != a.GetReference() || len(res.GetPatientId()) != 36 || res.GetTicket() == "" {
			t.Errorf("%s: the answer is %v", c.reason, res)
		}
		k := b.getCase(a.GetReference())
		if k.GetReason() != c.reason || k.GetClaimant().GetPatientId() != res.GetPatientId() || !k.GetClaimant().GetLimited() {
			t.Errorf("%s: the case is %v", c.reason, k)
		}
		f, notes := b.me(email), b.notes(email, "")
		if len(f.GetCoverages()) != 0 || !f.GetActsFor()[0].GetLimited() || len(notes) != 1 || notes[0].GetReference() != a.GetReference() || notes[0].GetKind() != noteUnconfirmed {
			t.Errorf("%s: they see %v and %v", c.reason, f, notes)
		}
		b.wantCount(i+1, `SELECT count(*) FROM enrollment.activation_cases`)
		b.wantCount(i+1, `SELECT count(*) FROM enrollment.acts_for WHERE certainty = 'limited'`)
		b.wantCount(i+1, `SELECT count(*) FROM enrollment.activations WHERE state = 'to_staff'`)
		b.wantCount(i+1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.register'`)
		// The code that went to the roster's address opens nothing any more.
		_, err := b.people.ConfirmActivation(t.Context(), &enrollmentv1.ConfirmActivationRequest{ActivationId: a.GetActivationId(), Code: "12345678", Address: "192.0.2.1"})
		refused(t, err, errs.Invalid, "code_wrong")
	}
	for _, roster := range []string{"tom@example.test", "tim@example.test"} {
		if got := b.outbox.to(roster, ""); len(got) != 0 {
			t.Errorf("%s got %v", roster, got)
		}
	}
}

// TestALimitedAccountSeesNoRoster: also where its patient is linked already.
func TestALimitedAccountSeesNoRoster(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-1", "Garcia", "1980-05-06")
	res := b.register(own(a.GetActivationId(), ownMail))
	b.exec(`UPDATE enrollment.members SET patient_id = $1::text::uuid WHERE member_id = $2`, res.GetPatientId(), m.UUID)
	f := b.me(ownMail)
	if len(f.GetCoverages()) != 0 || f.GetPhone() != "" || f.GetHomeState() != "" {
		t.Errorf("a limited account sees %v", f)
	}
	b.exec(`UPDATE enrollment.coverages SET ends = '2026-01-31'`)
	if notes := b.notes(ownMail, ""); len(notes) != 1 || notes[0].GetKind() != noteUnconfirmed || notes[0].GetPayerName() != "" {
		t.Errorf("a limited account is told %v", notes)
	}
}

// TestStaffCheckAndLink is the whole way: typed details that fit nobody, an
// account, papers, the right member.
func TestStaffCheckAndLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-100 20", "Garcia", "1980-05-06")
	ref := a.GetReference()
	if err := b.link(1, ref, 1, m); errs.ReasonOf(err) != "claimant_missing" {
		t.Fatalf("linking nobody: %v", err)
	}
	res := b.register(own(a.GetActivationId(), ownMail))
	k := b.getCase(ref)
	if got := k.GetTyped(); got.GetMaskedNumber() != "•••0020" || got.GetFamilyName() != "Garcia" || got.GetBirthDate() != "1980-05-06" {
		t.Errorf("typed was %v", got)
	}
	if len(k.GetCandidates()) != 1 {
		t.Fatalf("candidates %v", k.GetCandidates())
	}
	if c := k.GetCandidates()[0]; c.GetMemberId() != m.String() || c.GetNumberFits() || !c.GetNameFits() || !c.GetBirthDateFits() ||
		c.GetMaskedEmail() != "a•••@e•••.test" || c.GetMaskedNumber() != "••• 200" || c.GetCoveredFrom() != "2026-01-01" {
		t.Errorf("the candidate is %v", c)
	}
	refused(t, b.link(1, ref, k.GetVersion(), m), errs.Precondition, "check_missing")
	must(t, b.check(ref, "failed"))
	refused(t, b.link(1, ref, b.getCase(ref).GetVersion(), m), errs.Precondition, "check_missing")
	must(t, b.check(ref, "passed"))
	refused(t, b.link(1, ref, k.GetVersion(), m), errs.Conflict, "case_changed")
	k = b.getCase(ref)
	if !k.GetLinkable() || len(k.GetChecks()) != 2 || !k.GetChecks()[0].GetMine() || k.GetChecks()[0].GetOutcome() != "passed" {
		t.Errorf("the checks are %v", k.GetChecks())
	}
	must(t, b.link(1, ref, k.GetVersion(), m))
	refused(t, b.link(1, ref, k.GetVersion(), m), errs.Conflict, "case_closed")
	f := b.published(res.GetPatientId())
	if len(f.GetCoverages()) != 1 || f.GetActsFor()[0].GetLimited() || f.GetPhone() != "+14025550100" {
		t.Errorf("the facts are %v", f)
	}
	if notes := b.notes(ownMail, ""); len(notes) != 0 || len(b.me(ownMail).GetCoverages()) != 1 {
		t.Errorf("a full account is told %v", notes)
	}
	b.eventually("the claimant to be told", func() bool { return len(b.outbox.to(ownMail, "Your plan is confirmed")) == 1 })
	b.eventually("the roster's address to be told in its language", func() bool { return len(b.outbox.to("anna@example.test", "Se abrió su cuenta")) == 1 })
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients WHERE details_source = 'roster'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'case.link' AND patient_id IS NOT NULL`)
	b.wantCount(2, `SELECT count(*) FROM audit.entries WHERE action = 'case.check'`)
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'case.read'`); n < 4 {
		t.Errorf("%d reads were recorded", n)
	}
	if k = b.getCase(ref); k.GetOutcome() != outcomeLinked || k.GetCandidates()[0].GetPatient() != "claimant" {
		t.Errorf("the case is %v", k)
	}
}

// TestAdultDependentsMailStaysTheirs: linking one whose address is the
// subscriber's tells nobody but the claimant.
func TestAdultDependentsMailStaysTheirs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subscriber := anna()
	dependent := member{number: subscriber.number, own: "PM-7", given: "Luis", family: "Garcia", born: "1980-05-06", email: subscriber.email, of: b.with(subscriber)}
	subscriber.born = "1955-01-02"
	b.exec(`UPDATE enrollment.members SET birth_date = '1955-01-02'`)
	m := b.with(dependent)
	a := b.typed("PM-7", "Garcia", "1980-05-06")
	b.register(own(a.GetActivationId(), ownMail))
	must(t, b.check(a.GetReference(), "passed"))
	must(t, b.link(1, a.GetReference(), b.getCase(a.GetReference()).GetVersion(), m))
	b.eventually("the claimant to be told", func() bool { return len(b.outbox.to(ownMail, "confirmed")) == 1 })
	b.eventually("all mails to be done", func() bool {
		return b.count(`SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_activated_mail' AND state = 'completed'`) == 1
	})
	if got := b.outbox.to(subscriber.email, ""); len(got) != 0 {
		t.Errorf("the subscriber got %v", got)
	}
}

func TestWhoIsNeverLinked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	child := b.with(member{number: "PM-1", given: "Mia", family: "Garcia", born: "2015-02-03"})
	active := b.with(anna())
	a := b.typed("PM-100 200", "Garcia", "1980-05-06")
	_, err := b.people.ConfirmActivation(t.Context(), &enrollmentv1.ConfirmActivationRequest{ActivationId: a.GetActivationId(), Code: b.code("anna@example.test"), Address: "192.0.2.1"})
	must(t, err)
	// Beside an activation that made somebody a patient nobody opens another.
	late := own(a.GetActivationId(), "late@example.test")
	_, err = b.confirm(b.start(late), b.code("late@example.test"))
	refused(t, err, errs.Precondition, "already_active")

	again := b.typed("PM-100 200", "Garcia", "1980-05-06")
	b.register(own(again.GetActivationId(), ownMail))
	must(t, b.check(again.GetReference(), "passed"))
	version := b.getCase(again.GetReference()).GetVersion()
	refused(t, b.link(1, again.GetReference(), version, active), errs.Precondition, "possible_duplicate")
	refused(t, b.link(1, again.GetReference(), version, child), errs.Precondition, "member_minor")
	refused(t, b.link(1, again.GetReference(), version, ids.New[ids.MemberID]()), errs.Invalid, errs.ReasonInvalidFields)
	refused(t, b.link(1, "AAAA-AAAA", version, active), errs.NotFound, "case_unknown")
	b.wantCount(1, `SELECT count(*) FROM enrollment.members WHERE patient_id IS NOT NULL`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.acts_for WHERE certainty = 'limited'`)
	// A new account beside the same activation needs a check of its own.
	b.register(own(again.GetActivationId(), "second@example.test"))
	if k := b.getCase(again.GetReference()); k.GetLinkable() || len(k.GetChecks()) != 1 {
		t.Errorf("a check of somebody else counts: %v", k)
	}
}

// TestStaffAtOnce: of two who do the same at one moment, one wins and the other
// is told; the same form twice is once.
func TestStaffAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-1", "Garcia", "1980-05-06")
	ref := a.GetReference()
	b.register(own(a.GetActivationId(), ownMail))
	must(t, b.check(ref, "passed"))
	version := b.getCase(ref).GetVersion()
	var wg sync.WaitGroup
	failed := make([]error, 6)
	for i := range failed {
		wg.Go(func() {
			if i%2 == 0 {
				failed[i] = b.link(1+i%2, ref, version, m)
				return
			}
			_, failed[i] = b.client.CloseCase(b.asStaff(2), &enrollmentv1.CloseCaseRequest{Reference: ref, Version: version, Reason: "withdrawn", IdempotencyKey: ids.NewUUID().String()})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range failed {
		if err == nil {
			won++
		} else if errs.CodeOf(err) != errs.Conflict || errs.ReasonOf(err) != "case_closed" {
			t.Errorf("who lost was told %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action IN ('case.link', 'case.close')`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_case_mail'`)
}

func TestClosingACase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.typed("PM-1", "Garcia", "1980-05-06")
	b.register(own(a.GetActivationId(), ownMail))
	req := &enrollmentv1.CloseCaseRequest{Reference: a.GetReference(), Version: b.getCase(a.GetReference()).GetVersion(), Reason: "because", IdempotencyKey: ids.NewUUID().String()}
	_, err := b.client.CloseCase(b.asStaff(1), req)
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	req.Reason = "not_a_member"
	for range 2 { // the same form twice
		_, err = b.client.CloseCase(b.asStaff(1), req)
		must(t, err)
	}
	b.eventually("the claimant to be told", func() bool { return len(b.outbox.to(ownMail, "About your")) == 1 })
	if m := b.outbox.to(ownMail, "About your")[0]; !strings.Contains(m.Text, a.GetReference()) {
		t.Errorf("the mail says %s", m.Text)
	}
	if notes := b.notes(ownMail, ""); len(notes) != 1 || notes[0].GetReference() != "" {
		t.Errorf("they are told %v", notes)
	}
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'case.close'`)
	_, err = b.client.RecordIdentityCheck(b.asStaff(1), &enrollmentv1.RecordIdentityCheckRequest{Reference: a.GetReference(), Version: 2, Method: "fax", Document: "passport", Outcome: "passed", IdempotencyKey: ids.NewUUID().String()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
}

// TestNobodyWorksOnTheirOwnCase: not as the claimant, not as the member in
// question, and not as who acts for one of them.
func TestNobodyWorksOnTheirOwnCase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-100 200", "Garcia", "1980-05-06")
	claimant := b.register(own(a.GetActivationId(), ownMail)).GetPatientId()
	ofMember := b.register(bea()).GetPatientId()
	b.exec(`UPDATE enrollment.members SET patient_id = $1::text::uuid WHERE member_id = $2`, ofMember, m.UUID)
	parent := ids.New[ids.AccountID]()
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3::text::uuid, 'caregiver', '2026-01-01')`,
		ids.NewUUID(), parent.UUID, claimant)
	version := b.getCase(a.GetReference()).GetVersion()
	for _, account := range []ids.AccountID{b.auth.account(ownMail), b.auth.account(beasMail), parent} {
		as := rpc.WithToken(t.Context(), rpcv1.Role_ROLE_STAFF.String()+":"+account.String())
		_, err := b.client.CloseCase(as, &enrollmentv1.CloseCaseRequest{Reference: a.GetReference(), Version: version, Reason: "not_a_member", IdempotencyKey: ids.NewUUID().String()})
		refused(t, err, errs.Precondition, "own_request")
		_, err = b.client.RecordIdentityCheck(as, &enrollmentv1.RecordIdentityCheckRequest{
			Reference: a.GetReference(), Version: version, Method: "video", Document: "passport", Outcome: "passed", IdempotencyKey: ids.NewUUID().String(),
		})
		refused(t, err, errs.Precondition, "own_request")
		_, err = b.client.LinkCase(as, &enrollmentv1.LinkCaseRequest{Reference: a.GetReference(), Version: version, MemberId: m.String(), IdempotencyKey: ids.NewUUID().String()})
		refused(t, err, errs.Precondition, "own_request")
	}
	b.wantCount(0, `SELECT count(*) FROM audit.entries WHERE action IN ('case.close', 'case.check', 'case.link')`)
	_, err := b.client.CloseCase(b.asStaff(2), &enrollmentv1.CloseCaseRequest{Reference: a.GetReference(), Version: version, Reason: "not_a_member", IdempotencyKey: ids.NewUUID().String()})
	must(t, err)
}

// TestWhoRegisteredFirstIsFoundByTheirCard: an account without a plan whose
// owner types their card later is the claimant of the case.
func TestWhoRegisteredFirstIsFoundByTheirCard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	first := bea()
	first.GivenName, first.FamilyName, first.BirthDate, first.Email = "Ana", "Garcia", "1980-05-06", "anna@example.test"
	patient := b.register(first).GetPatientId()
	a := b.typed("PM-100 200", "Garcia", "1980-05-06")
	b.eventually("the activation's code", func() bool { return len(b.outbox.to("anna@example.test", "code")) == 2 })
	res, err := b.people.ConfirmActivation(t.Context(), &enrollmentv1.ConfirmActivationRequest{ActivationId: a.GetActivationId(), Code: b.code("anna@example.test"), Address: "192.0.2.1"})
	must(t, err)
	if res.GetReference() != a.GetReference() || b.getCase(a.GetReference()).GetClaimant().GetPatientId() != patient {
		t.Fatalf("the answer is %v, the case %v", res, b.getCase(a.GetReference()))
	}
	if notes := b.notes("anna@example.test", ""); len(notes) != 1 || notes[0].GetReference() != a.GetReference() {
		t.Errorf("they are told %v", notes)
	}
	must(t, b.check(a.GetReference(), "passed"))
	must(t, b.link(1, a.GetReference(), b.getCase(a.GetReference()).GetVersion(), m))
	if f := b.published(patient); len(f.GetCoverages()) != 1 || f.GetGivenName() != "Anna" {
		t.Errorf("the facts are %v", f)
	}
}

// TestWhoHasAnAccountClaimsAPlan: they keep their rights, and staff get the
// case; nobody claims what made somebody a patient.
func TestWhoHasAnAccountClaimsAPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient := b.register(bea()).GetPatientId()
	claim := func(email, activation string) (string, error) {
		res, err := b.client.ClaimPlan(b.asPatient(email), &enrollmentv1.ClaimPlanRequest{ActivationId: activation})
		return res.GetReference(), err
	}
	for i, card := range []string{"PM-100 200", "PM-1"} { // one that fits, one that does not
		a := b.typed(card, "Garcia", "1980-05-06")
		for range 2 {
			if ref, err := claim(beasMail, a.GetActivationId()); err != nil || ref != a.GetReference() {
				t.Fatalf("%s: claiming answers %q, %v", card, ref, err)
			}
		}
		if k := b.getCase(a.GetReference()); k.GetClaimant().GetPatientId() != patient || k.GetClaimant().GetLimited() {
			t.Errorf("%s: the case is %v", card, k)
		}
		b.wantCount(i+1, `SELECT count(*) FROM enrollment.activation_cases`)
	}
	b.wantCount(0, `SELECT count(*) FROM enrollment.acts_for WHERE certainty = 'limited'`)
	b.wantCount(4, `SELECT count(*) FROM audit.entries WHERE action = 'case.claim' AND patient_id IS NOT NULL`)
	_, err := claim(beasMail, ids.NewUUID().String())
	refused(t, err, errs.Precondition, "already_active")
	b.auth.mu.Lock()
	b.auth.accounts["stranger@example.test"] = ids.New[ids.AccountID]()
	b.auth.mu.Unlock()
	_, err = claim("stranger@example.test", b.typed("PM-1", "Garcia", "1980-05-06").GetActivationId())
	refused(t, err, errs.NotFound, "patient_unknown")
}

// TestEndedCoverageIsSaidToFullAccounts judges on the day that counts.
func TestEndedCoverageIsSaidToFullAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-100 200", "Garcia", "1980-05-06")
	_, err := b.people.ConfirmActivation(t.Context(), &enrollmentv1.ConfirmActivationRequest{ActivationId: a.GetActivationId(), Code: b.code("anna@example.test"), Address: "192.0.2.1"})
	must(t, err)
	b.exec(`UPDATE enrollment.coverages SET ends = '2026-05-31'`)
	for on, want := range map[string]string{"2026-01-01": "", "2026-05-31": "", "2026-06-01": "2026-05-31", "2025-12-31": ""} {
		notes := b.notes("anna@example.test", on)
		if want == "" && len(notes) != 0 || want != "" && (len(notes) != 1 || notes[0].GetLastDay() != want || notes[0].GetPayerName() != "Prairie Mutual") {
			t.Errorf("on %s they are told %v", on, notes)
		}
	}
	b.cover(m, "2026-07-01", "")
	another := b.typed("PM-9", "Garcia", "1980-05-06")
	_, err = b.client.ClaimPlan(b.asPatient("anna@example.test"), &enrollmentv1.ClaimPlanRequest{ActivationId: another.GetActivationId()})
	must(t, err)
	for on, want := range map[string]string{"2026-07-01": noteAsked, "2026-06-15": noteUnconfirmed} {
		if notes := b.notes("anna@example.test", on); len(notes) != 1 || notes[0].GetKind() != want || notes[0].GetReference() != another.GetReference() {
			t.Errorf("on %s, with a case open, they are told %v", on, notes)
		}
	}
	b.exec(`UPDATE enrollment.activation_cases SET closed_at = now()`)
	if notes := b.notes("anna@example.test", "2026-07-01"); len(notes) != 0 {
		t.Errorf("with a new plan they are told %v", notes)
	}
	if notes := b.notes("anna@example.test", "2026-06-15"); len(notes) != 1 {
		t.Errorf("between two plans they are told %v", notes)
	}
	_, err = b.client.MyPlans(b.asPatient("anna@example.test"), &enrollmentv1.MyPlansRequest{On: "tomorrow"})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
}
