package people

import (
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

func TestLinkMakesAPatient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	b.cover(m, "DEN", "2026-01-01", "2026-06-30")
	if n := b.invite(m); n != 1 {
		t.Fatalf("%d invitations, want 1", n)
	}
	if n := b.invite(m); n != 0 {
		t.Fatalf("asked twice, %d more invitations", n)
	}
	token := b.link("anna@example.test")
	eventually(t, "the token to be wiped", func() bool {
		return b.count(`SELECT count(*) FROM enrollment.invitations WHERE state = 'sent' AND token_sealed IS NULL`) == 1
	})
	opened, err := b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: token, Address: "192.0.2.1"})
	must(t, err)
	if opened.GetGivenName() != "Anna" || opened.GetMaskedEmail() != "a•••@e•••.test" || opened.GetLanguage() != "es" {
		t.Errorf("opening shows %v", opened)
	}
	_, err = b.accept(token, "1980-05-07")
	refused(t, err, errs.Invalid, "birth_date_wrong")
	_, err = b.accept(token, "1980-02-30")
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)

	res, err := b.accept(token, "1980-05-06")
	must(t, err)
	if res.GetTicket() == "" || res.GetReference() != "" {
		t.Fatalf("accepting answers %v", res)
	}
	patient, err := ids.Parse[ids.PatientID](res.GetPatientId())
	must(t, err)
	account := b.auth.account("anna@example.test")
	version, f := b.published(patient)
	if version != 1 {
		t.Errorf("version %d, want 1", version)
	}
	if f.GetGivenName() != "Anna" || f.GetFamilyName() != "García López" || f.GetBirthDate() != "1980-05-06" || f.GetLanguage() != "es" ||
		f.GetEmail() != "anna@example.test" || f.GetPhone() != "+14025550100" || f.GetHomeState() != "NE" {
		t.Errorf("facts %v", f)
	}
	if len(f.GetActsFor()) != 1 || f.GetActsFor()[0].GetAccountId() != account.String() || f.GetActsFor()[0].GetRelation() != "self" {
		t.Errorf("acts for %v", f.GetActsFor())
	}
	if len(f.GetCoverages()) != 2 || f.GetCoverages()[0].GetPayerName() != "Prairie Mutual" {
		t.Errorf("coverages %v", f.GetCoverages())
	}
	for _, c := range f.GetCoverages() {
		if want := map[string]string{"HLT": "", "DEN": "2026-06-30"}[c.GetLine()]; c.GetTo() != want || c.GetMemberId() != m.String() {
			t.Errorf("coverage %v", c)
		}
	}
	eventually(t, "the roster's address to be told", func() bool {
		mails := b.outbox.to("anna@example.test")
		return strings.Contains(mails[len(mails)-1].Subject, "Se abrió su cuenta")
	})
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations WHERE state = 'accepted'`)
	for action, n := range map[string]int{"invitation.queue": 1, "invitation.send": 1, "invitation.try": 1, "patient.activate": 1} {
		if got := b.audited(action); got != n {
			t.Errorf("%d audit entries %s, want %d", got, action, n)
		}
	}

	_, err = b.accept(token, "1980-05-06")
	refused(t, err, errs.Precondition, "already_active")
	_, err = b.accept(token, "1980-05-07") // without the birth date it tells nothing
	refused(t, err, errs.Invalid, "birth_date_wrong")
	if n := b.invite(m); n != 0 {
		t.Errorf("an active member was invited")
	}
}

func TestLinkRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	_, err := b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: "x", Address: "192.0.2.1"})
	refused(t, err, errs.NotFound, "invitation_unknown")
	_, err = b.accept("x", "1980-05-06")
	refused(t, err, errs.NotFound, "invitation_unknown")

	b.invite(m)
	token := b.link("anna@example.test")
	for range maxTries {
		_, err = b.accept(token, "1980-05-07")
		refused(t, err, errs.Invalid, "birth_date_wrong")
	}
	_, err = b.accept(token, "1980-05-06")
	refused(t, err, errs.Precondition, "invitation_spent")
	_, err = b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: token, Address: "192.0.2.1"})
	refused(t, err, errs.Precondition, "invitation_spent")
	b.wantCount(0, `SELECT count(*) FROM enrollment.patients`)
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	b.invite(m)
	first := b.link("anna@example.test")
	b.move(invitationLifetime - time.Hour)
	_, err := b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: first, Address: "192.0.2.1"})
	must(t, err)
	b.move(invitationLifetime + time.Hour)
	_, err = b.client.OpenInvitation(t.Context(), &enrollmentv1.OpenInvitationRequest{Token: first, Address: "192.0.2.1"})
	refused(t, err, errs.Precondition, "invitation_expired")
	_, err = b.accept(first, "1980-05-06")
	refused(t, err, errs.Precondition, "invitation_expired")
	if n := b.invite(m); n != 1 {
		t.Fatalf("%d new invitations after the old one ended, want 1", n)
	}
	eventually(t, "a new link", func() bool { return len(b.outbox.to("anna@example.test")) == 2 })
	second := b.link("anna@example.test")
	if second == first {
		t.Fatal("the new link is the old one")
	}
	res, err := b.accept(second, "1980-05-06")
	must(t, err)
	if res.GetTicket() == "" {
		t.Errorf("no ticket by the new link")
	}
}

func TestLinkOfAnAddressThatChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	b.invite(m)
	token := b.link("anna@example.test")
	b.exec(`UPDATE enrollment.members SET email = 'other@example.test' WHERE member_id = $1`, m.UUID)
	_, err := b.accept(token, "1980-05-06")
	refused(t, err, errs.Precondition, "invitation_expired")
}

func TestLinkToStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	b.invite(m)
	token := b.link("anna@example.test")
	// The payer corrects a birth date: a minor after all.
	b.exec(`UPDATE enrollment.members SET birth_date = '2015-05-06' WHERE member_id = $1`, m.UUID)
	first, err := b.accept(token, "2015-05-06")
	must(t, err)
	again, err := b.accept(token, "2015-05-06")
	must(t, err)
	if first.GetReference() == "" || first.GetTicket() != "" || first.GetReference() != again.GetReference() {
		t.Fatalf("a minor gets %v, then %v", first, again)
	}
	if got := b.reasons(); len(got) != 1 || got[first.GetReference()] != reasonMinor {
		t.Errorf("cases %v", got)
	}
	// Then somebody else turns out to have the address.
	b.exec(`UPDATE enrollment.members SET birth_date = '1980-05-06' WHERE member_id = $1`, m.UUID)
	other := anna()
	other.number, other.given = "PM-9", "Berta"
	b.with(other)
	res, err := b.accept(token, "1980-05-06")
	must(t, err)
	if res.GetTicket() != "" || b.reasons()[res.GetReference()] != reasonSharedEmail {
		t.Errorf("a shared address gets %v, cases %v", res, b.reasons())
	}
	b.wantCount(0, `SELECT count(*) FROM enrollment.patients`)
}

func TestWhoIsInvited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subscriber := b.with(anna())
	change := func(f func(*person)) ids.MemberID {
		p := person{number: "PM-100 200", family: "García", born: "1982-01-02", of: subscriber}
		f(&p)
		return b.with(p)
	}
	spouse := change(func(p *person) { p.given, p.email = "Carlos", "Anna@Example.test" }) // the subscriber's address
	adult := change(func(p *person) { p.given, p.email = "Dora", "dora@example.test" })
	minor := change(func(p *person) { p.given, p.email, p.born = "Eva", "eva@example.test", "2012-03-04" })
	none := change(func(p *person) { p.given = "Felix" })
	if n := b.invite(subscriber, spouse, adult, minor, none); n != 2 {
		t.Fatalf("%d invitations, want the subscriber's and one adult's", n)
	}
	b.link("anna@example.test")
	b.link("dora@example.test")
	b.wantCount(5, `SELECT count(*) FROM enrollment.members WHERE invited_at IS NOT NULL`)
	b.wantCount(2, `SELECT count(*) FROM enrollment.invitations`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.invitations WHERE lower(email) = 'anna@example.test' AND language <> 'es'`)
}

func TestInvitationsLeaveOneAfterTheOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.service.step = time.Hour
	var members []ids.MemberID
	for _, name := range []string{"Ada", "Ben", "Cleo"} {
		p := anna()
		p.number, p.given, p.email = "PM-"+name, name, strings.ToLower(name)+"@example.test"
		members = append(members, b.with(p))
	}
	b.invite(members[:2]...)
	b.invite(members[2])
	b.wantCount(3, `SELECT count(*) FROM (SELECT send_at - lag(send_at) OVER (ORDER BY send_at) AS gap FROM enrollment.invitations) g
		WHERE gap IS NULL OR gap >= interval '1 hour'`)
	b.wantCount(3, `SELECT count(DISTINCT scheduled_at) FROM enrollment.river_job WHERE kind = 'enrollment_invitation_mail'`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.river_job WHERE args::text ILIKE '%example.test%'`)
	eventually(t, "the first mail", func() bool { return len(b.outbox.to("ada@example.test")) == 1 })
	if len(b.outbox.to("ben@example.test")) != 0 {
		t.Error("the second mail left before its time")
	}
}

func TestMailsThatFail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	b.outbox.fail(1)
	b.invite(m)
	b.link("anna@example.test") // the queue tries again

	b.service.step = time.Hour
	b.exec(`UPDATE enrollment.invitation_pace SET next_at = to_timestamp(0)`) // Ben's turn comes at once
	p := anna()
	p.number, p.given, p.email = "PM-8", "Ben", "ben@example.test"
	q := anna()
	q.number, q.given, q.email = "PM-9", "Cleo", "cleo@example.test"
	b.invite(b.with(p), b.with(q))
	var id uuid.UUID // Cleo's waits an hour: here the last try fails
	b.database.Query(t, `SELECT invitation_id FROM enrollment.invitations WHERE email = 'cleo@example.test'`, &id)
	b.link("ben@example.test")
	b.exec(`UPDATE enrollment.invitation_pace SET next_at = to_timestamp(0)`)
	b.outbox.fail(1)
	job := &river.Job[invitationMail]{JobRow: &rivertype.JobRow{Attempt: 12, MaxAttempts: 12}, Args: invitationMail{Invitation: id, Actor: staff()}}
	if err := (&invitationMailer{s: b.service}).Work(t.Context(), job); err == nil {
		t.Error("the failure was hidden")
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations WHERE state = 'failed' AND token_sealed IS NULL`)
	if b.audited("invitation.fail") != 1 {
		t.Error("the failure is not in the audit trail")
	}
	must(t, (&invitationMailer{s: b.service}).Work(t.Context(), job)) // settled: nothing to do
	if n := len(b.outbox.to("cleo@example.test")); n != 0 {
		t.Errorf("%d mails after giving up", n)
	}
}
