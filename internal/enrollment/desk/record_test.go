package desk

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// try types details as somebody at home does, and is not let in.
func (b *bundle) try(number, family, born string) string {
	b.t.Helper()
	res, err := b.people.StartActivation(context.WithoutCancel(b.t.Context()), &enrollmentv1.StartActivationRequest{
		MemberId: number, FamilyName: family, BirthDate: born, Language: "en", Address: "192.0.2.1",
	})
	must(b.t, err)
	return res.GetReference()
}

func TestARecordSaysWhyAnAttemptFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := anna()
	id := b.with(a)
	wrong := b.try("pm 100200", "Smith", a.born)
	b.try("PM-999", "García", a.born) // somebody else's number
	right := b.try(a.number, "Garcia", a.born)
	res, err := b.s.GetMember(b.ctx(), &enrollmentv1.GetMemberRequest{MemberId: id.String()})
	must(t, err)
	got := map[string]string{}
	for _, at := range res.GetAttempts() {
		got[at.GetReference()] = at.GetState() + " " + at.GetReason()
	}
	if len(got) != 2 || got[wrong] != "to_staff no_match" || got[right] != "started " {
		t.Errorf("attempts: %v", got)
	}
	if m := res.GetMember(); m.GetNotInvitable() != "" || m.GetCoverages()[0].GetTo() != "2027-05-31" || m.GetNumber() != a.number || res.GetPatientId() != "" {
		t.Errorf("the record: %v", m)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'member.open' AND subject = 'member/` + id.String() + `'`); n != 1 {
		t.Errorf("%d openings are recorded", n)
	}
	for _, id := range []string{"", "none", ids.NewUUID().String()} {
		_, err := b.s.GetMember(b.ctx(), &enrollmentv1.GetMemberRequest{MemberId: id})
		refused(t, err, errs.NotFound, "member_unknown")
		_, err = b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: id})
		refused(t, err, errs.NotFound, "patient_unknown")
	}
}

func TestAPatientsRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := anna()
	member, mother, child := b.with(a), ids.New[ids.AccountID](), person{given: "Inés", family: "García", born: "2018-02-03", email: "x@example.test"}
	grown := b.patient(a, member, mother)
	small := b.patient(child, ids.MemberID{}, ids.AccountID{})
	b.acts(mother, small, "guardian", "2036-02-02")
	res, err := b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: small.String()})
	must(t, err)
	p := res.GetPatient()
	if len(p.GetActors()) != 1 || p.GetActors()[0].GetName() != "Anna García López" || p.GetActors()[0].GetUntil() != "2036-02-02" {
		t.Errorf("who acts for the child: %v", p.GetActors())
	}
	if len(p.GetContacts()) != 1 || !p.GetContacts()[0].GetProven() || len(p.GetMembers()) != 0 {
		t.Errorf("the child's record: %v", p)
	}
	res, err = b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: grown.String()})
	must(t, err)
	if p = res.GetPatient(); len(p.GetMembers()) != 1 || p.GetMembers()[0].GetNotInvitable() != "active" || p.GetActors()[0].GetRelation() != "self" {
		t.Errorf("the mother's record: %v", p)
	}
	// Who acts for a patient that was merged into this one acts for this one.
	b.exec(`INSERT INTO enrollment.patient_merges (merge_id, survivor_id, absorbed_id, merged_by) VALUES ($1, $2, $3, $1)`, ids.NewUUID(), grown.UUID, small.UUID)
	merged, err := b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: grown.String()})
	must(t, err)
	if len(merged.GetPatient().GetActors()) != 2 {
		t.Errorf("who acts for a merged patient: %v", merged.GetPatient().GetActors())
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'patient.open' AND patient_id IN ('` + small.String() + `', '` + grown.String() + `')`); n != 4 {
		t.Errorf("%d openings are recorded as reads of the patients", n)
	}
}

func TestResendAnInvitation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.with(anna())
	resend := func() string {
		t.Helper()
		res, err := b.s.ResendInvitation(b.ctx(), &enrollmentv1.ResendInvitationRequest{MemberId: id.String(), IdempotencyKey: b.key()})
		must(t, err)
		return res.GetRefused()
	}
	sent := func() {
		b.exec(`UPDATE enrollment.invitations SET state = 'sent', sent_at = clock.now(), token_sealed = NULL WHERE state = 'queued'`)
	}
	key := b.key()
	for range 2 { // the form sent twice
		res, err := b.s.ResendInvitation(b.ctx(), &enrollmentv1.ResendInvitationRequest{MemberId: id.String(), IdempotencyKey: key})
		must(t, err)
		if res.GetRefused() != "" {
			t.Fatalf("refused: %s", res.GetRefused())
		}
	}
	if got := resend(); got != "queued" {
		t.Errorf("while one waits: %q", got)
	}
	sent()
	if got := resend(); got != "too_soon" {
		t.Errorf("on the same day: %q", got)
	}
	b.move(25 * time.Hour)
	if got := resend(); got != "" {
		t.Errorf("a day later: %q", got)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM enrollment.invitations WHERE state = 'queued' AND requested_by = '` + b.account.String() + `'`:  1,
		`SELECT count(*) FROM enrollment.invitations WHERE state = 'expired'`:                                                 1,
		`SELECT count(*) FROM audit.entries WHERE action = 'invitation.resend' AND account_id = '` + b.account.String() + `'`: 2,
		`SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_invitation_mail'`:                                 2,
	} {
		if n := b.count(sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	_, err := b.s.ResendInvitation(b.ctx(), &enrollmentv1.ResendInvitationRequest{MemberId: ids.NewUUID().String(), IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "member_unknown")
}

// An adult on their parent's plan, with the parent's address, is told nothing by
// way of the parent.
func TestWhyNoInvitationGoesOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := anna()
	subscriber := b.with(a)
	grown, small, silent, active := a, a, a, a
	grown.given, grown.born, grown.of = "Gabriel", "2001-03-04", subscriber
	small.given, small.born, small.of = "Inés", "2018-02-03", subscriber
	silent.given, silent.number, silent.email = "Sara", "PM-2", ""
	active.given, active.number, active.email = "Aída", "PM-3", "aida@example.test"
	account := b.with(active)
	b.patient(active, account, ids.New[ids.AccountID]())
	for why, id := range map[string]ids.MemberID{
		"shared_email": b.with(grown), "minor": b.with(small), "no_email": b.with(silent), "active": account, "": subscriber,
	} {
		res, err := b.s.ResendInvitation(b.ctx(), &enrollmentv1.ResendInvitationRequest{MemberId: id.String(), IdempotencyKey: b.key()})
		must(t, err)
		if res.GetRefused() != why {
			t.Errorf("got %q, want %q", res.GetRefused(), why)
		}
	}
}

func TestTwoStaffResendAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.with(anna())
	var wait sync.WaitGroup
	answers := make([]string, 4)
	for i := range answers {
		key := b.key()
		wait.Go(func() {
			res, err := b.s.ResendInvitation(b.as(ids.New[ids.AccountID]()), &enrollmentv1.ResendInvitationRequest{MemberId: id.String(), IdempotencyKey: key})
			if err != nil {
				t.Errorf("resending: %v", err)
			}
			answers[i] = res.GetRefused()
		})
	}
	wait.Wait()
	won := 0
	for _, a := range answers {
		if a == "" {
			won++
		}
	}
	if won != 1 || b.count(`SELECT count(*) FROM enrollment.invitations`) != 1 {
		t.Errorf("the answers: %q", answers)
	}
}

// A consent from before the 18th birthday was a guardian's, who said it or wrote
// it, and does not count from then on.
func TestGuardiansConsentIsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	young := anna()
	young.born = "2009-03-02"
	patient := b.patient(young, ids.MemberID{}, ids.AccountID{})
	for _, method := range []string{"written", "verbal"} {
		b.database.Exec(t, `INSERT INTO enrollment.consents (consent_id, patient_id, kind, version, language, document_hash, account_id, given_at, method)
			VALUES ($1, $2, 'telehealth', '2026-11', 'en', $3, $4, '2027-03-02T03:59:59Z', $5)`, ids.NewUUID(), patient.UUID, make([]byte, 32), ids.NewUUID(), method)
	}
	for at, counts := range map[string]bool{"2027-03-02T03:58:00Z": true, "2027-03-02T04:00:00Z": false} {
		when, err := time.Parse(time.RFC3339, at)
		must(t, err)
		b.move(time.Until(when))
		res, err := b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: patient.String()})
		must(t, err)
		all := res.GetPatient().GetConsents()
		if len(all) != 2 {
			t.Fatalf("at %s: %v", at, all)
		}
		for _, c := range all {
			if c.GetGivenBy() != "guardian" || c.GetCounts() != counts {
				t.Errorf("at %s: %v", at, c)
			}
		}
	}
}

func TestWhatWasOnlySaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient := b.patient(anna(), ids.MemberID{}, ids.AccountID{})
	words, err := b.people.ReadConsent(b.ctx(), &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: "es"})
	must(t, err)
	req := &enrollmentv1.RecordVerbalConsentRequest{
		PatientId: patient.String(), Kind: "telehealth", Version: words.GetVersion(), Language: "es", IdempotencyKey: b.key(),
	}
	first, err := b.s.RecordVerbalConsent(b.ctx(), req)
	must(t, err)
	again, err := b.s.RecordVerbalConsent(b.ctx(), req)
	must(t, err)
	if first.GetConsentId() != again.GetConsentId() {
		t.Error("the form sent twice made two consents")
	}
	res, err := b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: patient.String()})
	must(t, err)
	if c := res.GetPatient().GetConsents(); len(c) != 1 || c[0].GetMethod() != "verbal" || c[0].GetGivenBy() != "patient" || !c[0].GetCounts() {
		t.Errorf("consents: %v", c)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM enrollment.consents WHERE method = 'verbal' AND account_id = '` + b.account.String() + `'`:                                             1,
		`SELECT count(*) FROM audit.entries WHERE action = 'consent.record_verbal' AND patient_id = '` + patient.String() + `'`:                                      1,
		`SELECT count(*) FROM enrollment.feed WHERE topic = 'patients' AND key = '` + patient.String() + `' AND position('verbal' in encode(payload, 'escape')) > 0`: 1,
	} {
		if n := b.count(sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	req.Version, req.IdempotencyKey = "1999-01", b.key()
	_, err = b.s.RecordVerbalConsent(b.ctx(), req)
	refused(t, err, errs.Invalid, "invalid_fields")
	req.Version, req.PatientId = words.GetVersion(), ids.NewUUID().String()
	_, err = b.s.RecordVerbalConsent(b.ctx(), req)
	refused(t, err, errs.NotFound, "patient_unknown")

	// Of a child, only a guardian can agree.
	child := b.patient(person{given: "Inés", family: "García", born: "2018-02-03", email: "x@example.test"}, ids.MemberID{}, ids.AccountID{})
	req.PatientId = child.String()
	_, err = b.s.RecordVerbalConsent(b.ctx(), req)
	refused(t, err, errs.Precondition, "guardian_needed")
	b.acts(ids.New[ids.AccountID](), child, "guardian", "2036-02-02")
	_, err = b.s.RecordVerbalConsent(b.ctx(), req)
	must(t, err)
}
