package identity

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
)

const newMail = "new.mailbox@example.test"

func (b *bundle) mailboxCase(patient string) (string, error) {
	res, err := b.client.OpenMailboxCase(b.asStaff(1), &enrollmentv1.OpenMailboxCaseRequest{PatientId: patient})
	return res.GetReference(), err
}

func (b *bundle) replace(nth int, reference string, version int64, email, key string) error {
	_, err := b.client.ReplaceEmail(b.asStaff(nth), &enrollmentv1.ReplaceEmailRequest{Reference: reference, Version: version, Email: email, IdempotencyKey: key})
	return err
}

// TestALostMailbox: nobody's address is replaced before somebody has seen who
// they are, within the hour; then one link leaves, and the case ends.
func TestALostMailbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient := b.register(bea()).GetPatientId()
	reference, err := b.mailboxCase(patient)
	must(t, err)
	again, err := b.mailboxCase(patient)
	must(t, err)
	if again != reference {
		t.Errorf("a second case %s beside %s", again, reference)
	}
	k := b.getCase(reference)
	if k.GetReason() != reasonMailbox || k.GetClaimant().GetPatientId() != patient || k.GetLinkable() {
		t.Fatalf("the case is %v", k)
	}
	refused(t, b.replace(1, reference, k.GetVersion(), newMail, ids.NewUUID().String()), errs.Precondition, "check_missing")
	must(t, b.check(reference, "failed"))
	refused(t, b.replace(1, reference, k.GetVersion()+1, newMail, ids.NewUUID().String()), errs.Precondition, "check_missing")
	must(t, b.check(reference, "passed"))
	refused(t, b.replace(1, reference, k.GetVersion(), newMail, ids.NewUUID().String()), errs.Conflict, "case_changed")
	version := b.getCase(reference).GetVersion()
	refused(t, b.replace(1, reference, version, "no address", ids.NewUUID().String()), errs.Invalid, errs.ReasonInvalidFields)

	b.owners.away = true
	key := ids.NewUUID().String()
	refused(t, b.replace(1, reference, version, "New.Mailbox@example.test", key), errs.Unavailable, "away")
	b.owners.away = false
	must(t, b.replace(1, reference, version, "New.Mailbox@example.test", key))
	if len(b.owners.asked) != 1 || b.owners.asked[0].GetNewEmail() != newMail || b.owners.asked[0].GetAccountId() != b.auth.account("bea+clinic@example.test").String() {
		t.Errorf("auth was asked %v", b.owners.asked)
	}
	if k := b.getCase(reference); k.GetOutcome() != outcomeAddress || k.GetClosedAt() == nil {
		t.Errorf("the case is %v", k)
	}
	refused(t, b.replace(2, reference, version, "other@example.test", ids.NewUUID().String()), errs.Conflict, "case_closed")
	if len(b.owners.asked) != 1 {
		t.Errorf("a closed case mailed again: %v", b.owners.asked)
	}
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'case.replace_address'`)
}

// TestWhoseMailboxIsNeverReplaced: a check of more than an hour ago, a case
// about something else, a patient without an account, nobody.
func TestWhoseMailboxIsNeverReplaced(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient := b.register(bea()).GetPatientId()
	reference, err := b.mailboxCase(patient)
	must(t, err)
	must(t, b.check(reference, "passed"))
	b.database.MoveClock(t, 61*time.Minute)
	refused(t, b.replace(1, reference, 2, newMail, ids.NewUUID().String()), errs.Precondition, "check_missing")
	b.database.MoveClock(t, 0)

	a := b.typed("PM-000", "Nobody", "1980-05-06")
	b.register(own(a.GetActivationId(), ownMail))
	must(t, b.check(a.GetReference(), "passed"))
	version := b.getCase(a.GetReference()).GetVersion()
	refused(t, b.replace(1, a.GetReference(), version, newMail, ids.NewUUID().String()), errs.Precondition, "not_about_mail")
	refused(t, b.replace(1, "AAAA-AAAA", 1, newMail, ids.NewUUID().String()), errs.NotFound, "case_unknown")

	for _, nobody := range []string{ids.NewUUID().String(), "", "not an id"} {
		if _, err := b.mailboxCase(nobody); errs.ReasonOf(err) != "account_missing" {
			t.Errorf("a case for %q: %v", nobody, err)
		}
	}
	if len(b.owners.asked) != 0 {
		t.Errorf("auth was asked %v", b.owners.asked)
	}
}

// TestAnOldCheckLinksNobody: whoever showed papers more than an hour ago, and whoever
// has only lost their mailbox.
func TestAnOldCheckLinksNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-000", "Nobody", "1980-05-06")
	patient := b.register(own(a.GetActivationId(), ownMail)).GetPatientId()
	mailbox, err := b.mailboxCase(patient)
	must(t, err)
	for _, reference := range []string{a.GetReference(), mailbox} {
		must(t, b.check(reference, "passed"))
	}
	b.database.MoveClock(t, 61*time.Minute)
	k := b.getCase(a.GetReference())
	if k.GetLinkable() {
		t.Errorf("after an hour: %v", k)
	}
	refused(t, b.link(1, a.GetReference(), k.GetVersion(), m), errs.Precondition, "check_missing")
	b.database.MoveClock(t, 0)
	refused(t, b.link(1, mailbox, b.getCase(mailbox).GetVersion(), m), errs.Precondition, "not_about_plan")
	b.wantCount(0, `SELECT count(*) FROM enrollment.members WHERE patient_id IS NOT NULL`)
	must(t, b.link(1, a.GetReference(), k.GetVersion(), m))
}

// TestAReplacementOverlapsNothing: what a colleague does meanwhile to the case
// as it was is refused; after a failed call it counts, and no link leaves.
func TestAReplacementOverlapsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reference, err := b.mailboxCase(b.register(bea()).GetPatientId())
	must(t, err)
	must(t, b.check(reference, "passed"))
	version, key := b.getCase(reference).GetVersion(), ids.NewUUID().String()
	var late error
	b.owners.away = true
	b.owners.during = func() {
		_, late = b.client.RecordIdentityCheck(b.asStaff(2), &enrollmentv1.RecordIdentityCheckRequest{
			Reference: reference, Version: version, Method: "video", Document: "passport", Outcome: "failed", IdempotencyKey: ids.NewUUID().String(),
		})
	}
	refused(t, b.replace(1, reference, version, newMail, key), errs.Unavailable, "away")
	refused(t, late, errs.Conflict, "case_changed")
	b.owners.away, b.owners.during = false, nil
	must(t, b.check(reference, "failed"))
	refused(t, b.replace(1, reference, version, newMail, key), errs.Conflict, "case_changed")
	refused(t, b.replace(1, reference, b.getCase(reference).GetVersion(), newMail, ids.NewUUID().String()), errs.Precondition, "check_missing")
	if len(b.owners.asked) != 0 {
		t.Errorf("a link left after a check that failed: %v", b.owners.asked)
	}
}

// TestARefusedReplacementLeavesTheCaseOpen: whoever works here is somebody
// else's to help, and staff go on with the case as it is now.
func TestARefusedReplacementLeavesTheCaseOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reference, err := b.mailboxCase(b.register(bea()).GetPatientId())
	must(t, err)
	must(t, b.check(reference, "passed"))
	b.owners.refuse = errs.New(errs.Precondition, "works_here", "Works here.")
	refused(t, b.replace(1, reference, b.getCase(reference).GetVersion(), newMail, ids.NewUUID().String()), errs.Precondition, "works_here")
	k := b.getCase(reference)
	if k.GetClosedAt() != nil {
		t.Errorf("the case is %v", k)
	}
	b.owners.refuse = nil
	key := ids.NewUUID().String()
	must(t, b.replace(1, reference, k.GetVersion(), newMail, key))
	must(t, b.replace(1, reference, k.GetVersion(), newMail, key))
	if len(b.owners.asked) != 1 {
		t.Errorf("a repeat asked again: %v", b.owners.asked)
	}
}

// TestNobodyDecidesAboutThemselves: staff who are the claimant ask a colleague.
func TestNobodyDecidesAboutThemselves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.typed("PM-000", "Nobody", "1980-05-06")
	patient := b.register(own(a.GetActivationId(), ownMail)).GetPatientId()
	mailbox, err := b.mailboxCase(patient)
	must(t, err)
	themselves := rpc.WithToken(t.Context(), rpcv1.Role_ROLE_STAFF.String()+":"+b.auth.account(ownMail).String())
	for _, reference := range []string{a.GetReference(), mailbox} {
		_, err := b.client.RecordIdentityCheck(themselves, &enrollmentv1.RecordIdentityCheckRequest{
			Reference: reference, Version: b.getCase(reference).GetVersion(), Method: "video", Document: "passport", Outcome: "passed", IdempotencyKey: ids.NewUUID().String(),
		})
		refused(t, err, errs.Precondition, "own_request")
		must(t, b.check(reference, "passed"))
	}
	_, err = b.client.LinkCase(themselves, &enrollmentv1.LinkCaseRequest{
		Reference: a.GetReference(), Version: b.getCase(a.GetReference()).GetVersion(), MemberId: m.String(), IdempotencyKey: ids.NewUUID().String(),
	})
	refused(t, err, errs.Precondition, "own_request")
	_, err = b.client.ReplaceEmail(themselves, &enrollmentv1.ReplaceEmailRequest{
		Reference: mailbox, Version: b.getCase(mailbox).GetVersion(), Email: newMail, IdempotencyKey: ids.NewUUID().String(),
	})
	refused(t, err, errs.Precondition, "own_request")
	if len(b.owners.asked) != 0 {
		t.Errorf("auth was asked %v", b.owners.asked)
	}
}
