package acting

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

func TestGuardianOfTheSameFamily(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, mateo := b.rosa(), b.mateo()
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Fatalf("the subscriber acts for %v without a word", mine)
	}
	req := mateoTyped()
	req.IdempotencyKey = "the-very-form"
	res, err := b.acting.AddChild(b.as(rosa), req)
	must(t, err)
	if res.GetPatientId() == "" || res.GetReference() != "" {
		t.Fatalf("answered %v", res)
	}
	again, err := b.acting.AddChild(b.as(rosa), req)
	must(t, err)
	if !proto.Equal(res, again) {
		t.Errorf("the form twice: %v, then %v", res, again)
	}
	req.GivenName = "Another"
	_, err = b.acting.AddChild(b.as(rosa), req)
	refused(t, err, errs.Conflict, once.ReasonReused)
	// Anew, in another window: the same child, one right.
	anew, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	if anew.GetPatientId() != res.GetPatientId() {
		t.Errorf("asked anew: %v", anew)
	}
	if mine := b.mine(rosa); !slices.Equal(mine, []string{"Rosa", "Mateo"}) {
		t.Errorf("Rosa acts for %v", mine)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.acts_for WHERE relation = 'guardian' AND until_date = '2032-09-02'`)
	b.wantCount(2, `SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'approved' AND why = '' AND attestation_version = '2026-11'
		AND attestation_language = 'es' AND octet_length(attestation_hash) = 32 AND decided_by IS NULL AND member_id = '`+mateo.member.String()+`'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.begin'`)
	facts := b.published(res.GetPatientId())
	if len(facts.GetActsFor()) != 1 || facts.GetActsFor()[0].GetUntil() != "2032-09-02" || facts.GetEmail() != "" || len(facts.GetCoverages()) != 1 {
		t.Errorf("published %v", facts)
	}
	list := b.list(rosa)
	if len(list.GetActedFor()) != 1 || list.GetActedFor()[0].GetRelation() != "guardian" || list.GetActedFor()[0].GetUntil() != "2032-09-02" || !list.GetMayAdd() {
		t.Errorf("the list: %v", list)
	}
	m := b.mailed("rosa@example.test", "act for Mateo")
	if strings.Contains(m.Text, "Delgado") || strings.Contains(m.Text, "2014") {
		t.Errorf("the mail tells too much:\n%s", m.Text)
	}
	// The child consents through the guardian, and nobody else.
	consent := &enrollmentv1.RecordConsentRequest{PatientId: res.GetPatientId(), Kind: "telehealth", Version: "2026-11", Language: "en", IdempotencyKey: b.key()}
	_, err = b.client.RecordConsent(b.as(rosa), consent)
	must(t, err)
	_, err = b.client.RecordConsent(b.as(b.stranger()), consent)
	refused(t, err, errs.NotFound, "patient_unknown")
	b.wantCount(1, `SELECT count(*) FROM enrollment.consents WHERE account_id = '`+rosa.account.String()+`' AND patient_id = '`+res.GetPatientId()+`'`)
}

// Both parents at the same moment: one child, two rights.
func TestParentsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	luis := b.person(human{given: "LUIS", family: "DELGADO", born: "1979-02-01", number: "PM-100", mailbox: "luis@example.test"})
	var asking sync.WaitGroup
	children := make([]string, 2)
	for i, parent := range []placed{rosa, luis} {
		req := mateoTyped()
		req.IdempotencyKey = b.key()
		asking.Go(func() {
			res, err := b.acting.AddChild(b.as(parent), req)
			if err != nil {
				t.Errorf("one of two at once: %v", err)
			}
			children[i] = res.GetPatientId()
		})
	}
	asking.Wait()
	if children[0] == "" || children[0] != children[1] {
		t.Errorf("two at once act for %v", children)
	}
	b.wantCount(2, `SELECT count(*) FROM enrollment.acts_for WHERE relation = 'guardian'`)
}

func TestAskingIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.rosa()
	req := mateoTyped()
	for range childrenPerNumber {
		_, err := b.addChild(rosa, req)
		must(t, err)
	}
	_, err := b.addChild(rosa, req)
	refused(t, err, errs.Throttled, "too_many_tries")
}

// A roster corrects a child's birth date: the guardian's right ends with the
// new one.
func TestCorrectedBirthDateMovesTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, mateo := b.rosa(), b.mateo()
	res, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	b.exec(`UPDATE enrollment.members SET birth_date = '2012-02-29' WHERE member_id = $1`, mateo.member)
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		return b.people.OnMembersChanged(ctx, tx, []ids.MemberID{{UUID: mateo.member}})
	})
	if acts := b.published(res.GetPatientId()).GetActsFor(); len(acts) != 1 || acts[0].GetUntil() != "2030-02-28" {
		t.Errorf("published %v", acts)
	}
}

// Both parents of one plan; the second is not told of the first.
func TestTwoGuardians(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	luis := b.person(human{given: "LUIS", family: "DELGADO", born: "1979-02-01", number: "PM-100", mailbox: "luis@example.test"})
	for _, parent := range []placed{rosa, luis} {
		res, err := b.addChild(parent, mateoTyped())
		must(t, err)
		if res.GetPatientId() == "" {
			t.Fatalf("answered %v", res)
		}
	}
	res, err := b.client.Me(b.as(luis), &enrollmentv1.MeRequest{})
	must(t, err)
	for _, p := range res.GetPatients() {
		for _, a := range p.GetActsFor() {
			if a.GetAccountId() != luis.account.String() {
				t.Errorf("Luis sees that %v acts", a)
			}
		}
	}
	if list := b.list(luis); len(list.GetCaregivers()) != 0 || len(list.GetActedFor()) != 1 {
		t.Errorf("Luis sees %v", list)
	}
	// The first learns that there is another, not who.
	if m := b.mailed("rosa@example.test", "Somebody else can now act for Mateo"); strings.Contains(m.Subject+m.Text, "Luis") || !strings.Contains(m.Text, "1-800-555-0199") {
		t.Errorf("the first is told:\n%s", m.Text)
	}
	for _, m := range b.outbox.to("luis@example.test") {
		if strings.Contains(m.Subject, "Somebody else") {
			t.Errorf("the second is told of themselves:\n%s", m.Text)
		}
	}
}

// Whoever was once on the family's plan is not of the family any more.
func TestAFormerMemberIsOfNoFamily(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"it ended":     `UPDATE enrollment.coverages SET ends = '2026-11-23' WHERE member_id = $1`,
		"it comes":     `UPDATE enrollment.coverages SET starts = '2026-12-01' WHERE member_id = $1`,
		"it was void":  `UPDATE enrollment.coverages SET voided = true WHERE member_id = $1`,
		"it is dental": `UPDATE enrollment.coverages SET line = 'DEN' WHERE member_id = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			rosa, _ := b.rosa(), b.mateo()
			b.exec(change, rosa.member)
			res, err := b.addChild(rosa, mateoTyped())
			must(t, err)
			if res.GetReference() == "" {
				t.Errorf("answered %v", res)
			}
			b.wantCount(1, `SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'requested' AND why = 'other_family'`)
		})
	}
}

// Staff who ask to act for a child do not approve it themselves.
func TestNobodyDecidesTheirOwnRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, mateo, ivor := b.rosa(), b.mateo(), b.stranger()
	asked, err := b.addChild(ivor, mateoTyped())
	must(t, err)
	themselves := rpc.WithToken(t.Context(), rpcv1.Role_ROLE_STAFF.String()+":"+ivor.account.String())
	_, err = b.acting.DecideGuardianRequest(themselves, &enrollmentv1.DecideGuardianRequestRequest{
		RequestId: b.requestID(asked.GetReference()), Approve: true, MemberId: mateo.member.String(), Note: "Papers seen.", IdempotencyKey: b.key(),
	})
	refused(t, err, errs.Precondition, "own_request")
	b.decide(asked.GetReference(), true, mateo.member.String())
}

// Staff end a guardian's right; it does not come back by itself.
func TestStaffEndAGuardian(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	child, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	right := b.list(rosa).GetActedFor()[0].GetActsForId()
	end := &enrollmentv1.EndGuardianRequest{ActsForId: right, Reason: "court_order", IdempotencyKey: b.key()}
	_, err = b.acting.EndGuardian(b.as(rosa), end)
	refused(t, err, errs.Forbidden, "not_allowed")
	_, err = b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{ActsForId: right, Reason: "mood", IdempotencyKey: b.key()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	for range 2 {
		res, err := b.acting.EndGuardian(b.asStaff(), end)
		must(t, err)
		if res.GetPatientId() != child.GetPatientId() || !res.GetToldByMail() {
			t.Errorf("answered %v", res)
		}
	}
	_, err = b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{ActsForId: right, Reason: "other", IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "right_unknown")
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("Rosa still acts for %v", mine)
	}
	b.mailed("rosa@example.test", "no longer act for Mateo")
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.end' AND detail ->> 'reason' = 'court_order'`)
	for name, change := range map[string]func(*enrollmentv1.AddChildRequest){
		"with the plan": func(*enrollmentv1.AddChildRequest) {}, "without it": func(r *enrollmentv1.AddChildRequest) { r.MemberNo = "" },
		"in capitals": func(r *enrollmentv1.AddChildRequest) { r.GivenName, r.MemberNo = "MATÉO", "" },
	} {
		req := mateoTyped()
		change(req)
		again, err := b.addChild(rosa, req)
		must(t, err)
		if again.GetReference() == "" || again.GetPatientId() != "" {
			t.Errorf("asked again %s: %v", name, again)
		}
	}
	b.wantCount(2, `SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'requested' AND why = 'ended'`)
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("Rosa acts for %v again", mine)
	}
	// Another child is another matter.
	other := mateoTyped()
	other.GivenName, other.BirthDate, other.MemberNo = "Nora", "2017-02-03", ""
	if res, err := b.addChild(rosa, other); err != nil || res.GetPatientId() == "" {
		t.Errorf("Nora: %v, %v", res, err)
	}
}

// Who has proven no address is not written to, and staff hear that.
func TestStaffHearThatAGuardianIsNotTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	_, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	b.database.Exec(t, `UPDATE enrollment.contact_points SET verified_at = NULL WHERE kind = 'email'`)
	res, err := b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{
		ActsForId: b.list(rosa).GetActedFor()[0].GetActsForId(), Reason: "other", IdempotencyKey: b.key(),
	})
	must(t, err)
	if res.GetToldByMail() {
		t.Error("staff hear that a mail goes out, and there is nowhere to send it")
	}
}

func TestAddChildRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	for name, one := range map[string]struct {
		field  string
		change func(*enrollmentv1.AddChildRequest)
	}{
		"no attestation":        {"attestation_version", func(r *enrollmentv1.AddChildRequest) { r.AttestationVersion = "" }},
		"words that were never": {"attestation_version", func(r *enrollmentv1.AddChildRequest) { r.AttestationVersion = "2020-01" }},
		"a language without":    {"attestation_version", func(r *enrollmentv1.AddChildRequest) { r.AttestationLanguage = "fr" }},
		"an adult":              {"birth_date", func(r *enrollmentv1.AddChildRequest) { r.BirthDate = "2008-11-25" }},
		"no date":               {"birth_date", func(r *enrollmentv1.AddChildRequest) { r.BirthDate = "2014-02-30" }},
		"the future":            {"birth_date", func(r *enrollmentv1.AddChildRequest) { r.BirthDate = "2031-01-01" }},
		"no name":               {"given_name", func(r *enrollmentv1.AddChildRequest) { r.GivenName = "  " }},
		"a picture for a name":  {"given_name", func(r *enrollmentv1.AddChildRequest) { r.GivenName = "🧒" }},
		"a zero byte":           {"family_name", func(r *enrollmentv1.AddChildRequest) { r.FamilyName = "Del\x00gado" }},
		"a very long name":      {"family_name", func(r *enrollmentv1.AddChildRequest) { r.FamilyName = strings.Repeat("é", 101) }},
		"half a number":         {"member_no", func(r *enrollmentv1.AddChildRequest) { r.MemberNo = "-7" }},
	} {
		req := mateoTyped()
		one.change(req)
		_, err := b.addChild(rosa, req)
		if errs.CodeOf(err) != errs.Invalid || len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != one.field {
			t.Errorf("%s: %v %v", name, err, errs.FieldsOf(err))
		}
	}
	nobody := placed{account: ids.New[ids.AccountID]()}
	_, err := b.addChild(nobody, mateoTyped())
	refused(t, err, errs.Precondition, "own_patient_needed")
	young := placed{account: b.accountOf(b.insertSelf(human{given: "Teo", family: "Young", born: "2010-01-01", mailbox: "teo@example.test"}))}
	_, err = b.addChild(young, mateoTyped())
	refused(t, err, errs.Precondition, "adult_needed")
	_, err = b.acting.InviteCaregiver(b.as(young), &enrollmentv1.InviteCaregiverRequest{Email: "a@example.test", IdempotencyKey: b.key()})
	refused(t, err, errs.Precondition, "adult_needed")
	_, err = b.acting.AddChild(b.asStaff(), mateoTyped())
	refused(t, err, errs.Forbidden, "not_allowed")
	b.wantCount(0, `SELECT count(*) FROM enrollment.guardian_requests`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.acts_for WHERE relation = 'guardian'`)
}

// Whoever is not certain goes to staff, and is answered alike: a child that is
// on a roster of another family, one that is nowhere, and twins.
func TestUncertainChildrenGoToStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _, ivor := b.rosa(), b.mateo(), b.stranger()
	b.add(human{given: "LUCIA", family: "DELGADO", born: "2019-05-05", number: "PM-100"})
	b.add(human{given: "LEO", family: "DELGADO", born: "2019-05-05", number: "PM-100"})
	ask := func(who placed, change func(*enrollmentv1.AddChildRequest)) string {
		t.Helper()
		req := mateoTyped()
		if change != nil {
			change(req)
		}
		res, err := b.addChild(who, req)
		must(t, err)
		if res.GetPatientId() != "" || res.GetReference() == "" {
			t.Fatalf("answered %v", res)
		}
		return res.GetReference()
	}
	want := map[string]string{
		ask(ivor, nil): whyOtherFamily,
		ask(ivor, func(r *enrollmentv1.AddChildRequest) { r.MemberNo = "NO-SUCH-NUMBER" }):                     "",
		ask(ivor, func(r *enrollmentv1.AddChildRequest) { r.GivenName = "Nora" }):                              whyNameDiffers,
		ask(rosa, func(r *enrollmentv1.AddChildRequest) { r.GivenName, r.BirthDate = "Lucia", "2019-05-05" }):  whySeveral,
		ask(rosa, func(r *enrollmentv1.AddChildRequest) { r.GivenName, r.BirthDate = "Nobody", "2020-01-01" }): whyNoMatch,
		ask(rosa, func(r *enrollmentv1.AddChildRequest) { r.GivenName, r.BirthDate = "NOBODY", "2020-01-01" }): whyNoMatch,
	}
	if len(want) != 4 { // the same child asked for twice is one request
		t.Errorf("%d requests", len(want))
	}
	res, err := b.acting.ListGuardianRequests(b.asStaff(), &enrollmentv1.ListGuardianRequestsRequest{})
	must(t, err)
	if len(res.GetRequests()) != 4 {
		t.Fatalf("%d requests wait", len(res.GetRequests()))
	}
	if mine := b.mine(ivor); len(mine) != 1 {
		t.Errorf("Ivor acts for %v", mine)
	}
	if list := b.list(ivor); len(list.GetRequests()) != 2 {
		t.Errorf("Ivor waits for %v", list.GetRequests())
	}
	b.mailed("ivor@example.test", "A person checks this")
	_, err = b.acting.ListGuardianRequests(b.as(rosa), &enrollmentv1.ListGuardianRequestsRequest{})
	refused(t, err, errs.Forbidden, "not_allowed")
}

// A child who has a guardian of another family is not joined at once, also by
// somebody of the family.
func TestGuardianOfAnotherFamilyIsThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, mateo, ivor := b.rosa(), b.mateo(), b.stranger()
	asked, err := b.addChild(ivor, mateoTyped())
	must(t, err)
	b.decide(asked.GetReference(), true, mateo.member.String())
	res, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	if res.GetReference() == "" {
		t.Fatalf("answered %v", res)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'requested' AND why = 'other_guardian'`)
}

func (b *bundle) requestID(reference string) string {
	b.t.Helper()
	res, err := b.acting.ListGuardianRequests(b.asStaff(), &enrollmentv1.ListGuardianRequestsRequest{})
	must(b.t, err)
	for _, r := range res.GetRequests() {
		if r.GetReference() == reference {
			return r.GetRequestId()
		}
	}
	b.t.Fatalf("request %s does not wait", reference)
	return ""
}

func (b *bundle) decide(reference string, approve bool, member string) {
	b.t.Helper()
	_, err := b.acting.DecideGuardianRequest(b.asStaff(), &enrollmentv1.DecideGuardianRequestRequest{
		RequestId: b.requestID(reference), Approve: approve, MemberId: member, Note: "Birth certificate seen.", IdempotencyKey: b.key(),
	})
	must(b.t, err)
}

func TestStaffDecides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, mateo, ivor := b.rosa(), b.mateo(), b.stranger()
	asked, err := b.addChild(ivor, mateoTyped())
	must(t, err)
	id := b.requestID(asked.GetReference())
	got, err := b.acting.GetGuardianRequest(b.asStaff(), &enrollmentv1.GetGuardianRequestRequest{RequestId: id})
	must(t, err)
	if c := got.GetCandidates(); len(c) != 1 || c[0].GetMemberId() != mateo.member.String() || c[0].GetSameFamily() || got.GetRequest().GetAskerGivenName() != "Ivor" {
		t.Fatalf("staff sees %v", got)
	}
	decision := func() *enrollmentv1.DecideGuardianRequestRequest {
		return &enrollmentv1.DecideGuardianRequestRequest{RequestId: id, Approve: true, MemberId: mateo.member.String(), Note: "Papers seen.", IdempotencyKey: b.key()}
	}
	for name, change := range map[string]func(*enrollmentv1.DecideGuardianRequestRequest){
		"no note":       func(r *enrollmentv1.DecideGuardianRequestRequest) { r.Note = " " },
		"an adult":      func(r *enrollmentv1.DecideGuardianRequestRequest) { r.MemberId = rosa.member.String() },
		"nobody at all": func(r *enrollmentv1.DecideGuardianRequestRequest) { r.MemberId = "x" },
	} {
		req := decision()
		change(req)
		if _, err := b.acting.DecideGuardianRequest(b.asStaff(), req); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = b.acting.DecideGuardianRequest(b.as(ivor), decision())
	refused(t, err, errs.Forbidden, "not_allowed")
	unknown := decision()
	unknown.RequestId = ids.NewUUID().String()
	_, err = b.acting.DecideGuardianRequest(b.asStaff(), unknown)
	refused(t, err, errs.NotFound, "guardian_request_unknown")
	req := decision()
	for range 2 {
		_, err = b.acting.DecideGuardianRequest(b.asStaff(), req)
		must(t, err)
	}
	_, err = b.acting.DecideGuardianRequest(b.asStaff(), decision())
	refused(t, err, errs.NotFound, "guardian_request_unknown")
	if mine := b.mine(ivor); !slices.Equal(mine, []string{"Ivor", "Mateo"}) {
		t.Errorf("Ivor acts for %v", mine)
	}
	b.mailed("ivor@example.test", "act for Mateo")
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.approve'`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.guardian_requests WHERE position('Papers' in encode(note_sealed, 'escape')) > 0`)

	other := mateoTyped()
	other.GivenName, other.MemberNo = "Nora", "XX-1"
	asked, err = b.addChild(ivor, other)
	must(t, err)
	b.decide(asked.GetReference(), false, "")
	b.mailed("ivor@example.test", "could not confirm")
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.refuse'`)
	asked, err = b.addChild(ivor, other)
	must(t, err)
	b.decide(asked.GetReference(), true, "")
	if mine := b.mine(ivor); len(mine) != 3 {
		t.Errorf("Ivor acts for %v", mine)
	}
}

func TestChildWithoutPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.rosa()
	req := mateoTyped()
	req.MemberNo = ""
	res, err := b.addChild(rosa, req)
	must(t, err)
	again, err := b.addChild(rosa, req)
	must(t, err)
	if res.GetPatientId() == "" || again.GetPatientId() != res.GetPatientId() {
		t.Errorf("%v, then %v", res, again)
	}
	facts := b.published(res.GetPatientId())
	if facts.GetGivenName() != "Mateo" || len(facts.GetCoverages()) != 0 || len(facts.GetActsFor()) != 1 {
		t.Errorf("published %v", facts)
	}
}

// Twins without a plan are two children; whether a name means one of them or the
// other is for staff.
func TestTwinsWithoutPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.rosa()
	add := func(given string) *enrollmentv1.AddChildResponse {
		t.Helper()
		req := mateoTyped()
		req.GivenName, req.MemberNo = given, ""
		res, err := b.addChild(rosa, req)
		must(t, err)
		return res
	}
	ann, beth := add("Mary Ann"), add("Mary Beth")
	if ann.GetPatientId() == "" || beth.GetPatientId() != "" || beth.GetReference() == "" {
		t.Fatalf("Ann %v, Beth %v", ann, beth)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'requested' AND why = 'name_differs' AND given_name = 'Mary Beth'`)
	if again := add("MARY-ANN"); again.GetPatientId() != ann.GetPatientId() {
		t.Errorf("Ann again: %v", again)
	}
	if leo := add("Leo"); leo.GetPatientId() == "" || leo.GetPatientId() == ann.GetPatientId() {
		t.Errorf("Leo: %v", leo)
	}
	b.decide(beth.GetReference(), true, "")
	if again := add("Mary Beth"); again.GetPatientId() == "" || again.GetPatientId() == ann.GetPatientId() {
		t.Errorf("Beth again: %v", again)
	}
}

// On the birthday the right is gone, without anything having run.
func TestGuardianEndsAtEighteen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.rosa()
	b.add(human{given: "NOA", family: "DELGADO", born: "2008-12-03", number: "PM-100", mailbox: "rosa@example.test"})
	req := mateoTyped()
	req.GivenName, req.BirthDate = "Noa", "2008-12-03"
	res, err := b.addChild(rosa, req)
	must(t, err)
	consent := &enrollmentv1.RecordConsentRequest{PatientId: res.GetPatientId(), Kind: "telehealth", Version: "2026-11", Language: "en", IdempotencyKey: b.key()}
	_, err = b.client.RecordConsent(b.as(rosa), consent)
	must(t, err)
	birthday := time.Date(2026, 12, 3, 4, 0, 0, 0, time.UTC) // as package ofage has it
	b.moveTo(birthday.Add(-time.Minute))
	if mine := b.mine(rosa); len(mine) != 2 {
		t.Fatalf("the day before, Rosa acts for %v", mine)
	}
	b.moveTo(birthday)
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("on the birthday, Rosa acts for %v", mine)
	}
	if list := b.list(rosa); len(list.GetActedFor()) != 0 {
		t.Errorf("on the birthday, the list has %v", list.GetActedFor())
	}
	consent.IdempotencyKey = b.key()
	_, err = b.client.RecordConsent(b.as(rosa), consent)
	refused(t, err, errs.NotFound, "patient_unknown")
	if given := b.published(res.GetPatientId()).GetConsents(); len(given) != 1 || given[0].GetGivenBy() != "guardian" {
		t.Errorf("published %v", given)
	}
	_, err = b.addChild(rosa, req)
	if errs.CodeOf(err) != errs.Invalid {
		t.Errorf("an adult was added: %v", err)
	}
	if facts := b.published(res.GetPatientId()); facts.GetEmail() != "" {
		t.Errorf("the adult's mail would go to %s, the guardian's address", facts.GetEmail())
	}
	// Nor does an invitation or a code go there.
	b.wantCount(1, `SELECT count(*) FROM enrollment.members m WHERE m.given_name = 'NOA' AND enrollment.email_shared(m.member_id)`)
}

// The guardian ends their own right, at once; others cannot.
func TestGuardianEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _, ivor := b.rosa(), b.mateo(), b.stranger()
	res, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	right := b.list(rosa).GetActedFor()[0].GetActsForId()
	for _, id := range []string{right, ids.NewUUID().String(), "x"} {
		_, err = b.acting.EndActing(b.as(ivor), &enrollmentv1.EndActingRequest{ActsForId: id, IdempotencyKey: b.key()})
		refused(t, err, errs.NotFound, "right_unknown")
	}
	end := &enrollmentv1.EndActingRequest{ActsForId: right, IdempotencyKey: b.key()}
	for range 2 {
		_, err = b.acting.EndActing(b.as(rosa), end)
		must(t, err)
	}
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("Rosa still acts for %v", mine)
	}
	if facts := b.published(res.GetPatientId()); len(facts.GetActsFor()) != 0 {
		t.Errorf("published %v", facts.GetActsFor())
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.acts_for_ended WHERE relation = 'guardian'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.end'`)
	b.mailed("rosa@example.test", "no longer act for Mateo")
	again, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	if again.GetPatientId() != res.GetPatientId() {
		t.Errorf("added again as %v", again)
	}
}
