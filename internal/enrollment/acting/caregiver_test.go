package acting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func (b *bundle) invite(who placed, email string) string {
	b.t.Helper()
	res, err := b.acting.InviteCaregiver(b.as(who), &enrollmentv1.InviteCaregiverRequest{Email: email, Language: "en", IdempotencyKey: b.key()})
	must(b.t, err)
	return res.GetInvitationId()
}

func (b *bundle) accept(who placed, token string) error {
	_, err := b.acting.AcceptCaregiverInvitation(b.as(who), &enrollmentv1.AcceptCaregiverInvitationRequest{Token: token})
	return err
}

func TestCaregiver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, ivor := b.rosa(), b.stranger()
	b.invite(rosa, "Ivor@Example.test")
	token := b.link("ivor@example.test")
	m := b.outbox.to("ivor@example.test")[0]
	if strings.Contains(m.Text+m.Subject, "Delgado") || !strings.Contains(m.Subject, "Rosa") {
		t.Errorf("the invitation names the wrong things:\n%s\n%s", m.Subject, m.Text)
	}
	eventually(t, "the link is wiped", func() bool {
		n := 0
		b.database.Query(t, `SELECT count(*) FROM enrollment.caregiver_invitations WHERE state = 'sent' AND token_sealed IS NULL`, &n)
		return n == 1
	})
	open, err := b.acting.OpenCaregiverInvitation(t.Context(), &enrollmentv1.OpenCaregiverInvitationRequest{Token: token, Address: "192.0.2.1"})
	must(t, err)
	if open.GetGivenName() != "Rosa" {
		t.Errorf("opened: %v", open)
	}
	refused(t, b.accept(rosa, token), errs.Precondition, "caregiver_link_own")
	refused(t, b.accept(placed{account: ids.New[ids.AccountID]()}, token), errs.Precondition, "own_patient_needed")
	must(t, b.accept(ivor, token))
	must(t, b.accept(ivor, token)) // the form twice
	third := b.person(human{given: "UNA", family: "VOSS", born: "1990-01-01", number: "PM-700", mailbox: "una@example.test", subscriber: true})
	refused(t, b.accept(third, token), errs.Precondition, "caregiver_link_over")
	_, err = b.acting.OpenCaregiverInvitation(t.Context(), &enrollmentv1.OpenCaregiverInvitationRequest{Token: token})
	refused(t, err, errs.Precondition, "caregiver_link_over")
	refused(t, b.accept(third, "made-up"), errs.NotFound, "caregiver_link_unknown")
	if mine := b.mine(ivor); !slices.Equal(mine, []string{"Ivor", "Rosa"}) {
		t.Errorf("Ivor acts for %v", mine)
	}
	b.mailed("rosa@example.test", "Ivor can now act for you")
	b.mailed("ivor@example.test", "You can now act for Rosa")
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'caregiver.begin'`)
	for _, who := range []placed{ivor, rosa} {
		_, err = b.client.RecordConsent(b.as(who), &enrollmentv1.RecordConsentRequest{
			PatientId: rosa.patient.String(), Kind: "telehealth", Version: "2026-11", Language: "en", IdempotencyKey: b.key(),
		})
		must(t, err)
	}
	var givers []string
	for _, c := range b.published(rosa.patient.String()).GetConsents() {
		givers = append(givers, c.GetGivenBy())
	}
	if !slices.Equal(givers, []string{"patient", "caregiver"}) { // the newest first
		t.Errorf("consents were given by %v", givers)
	}
	if list := b.list(rosa); len(list.GetCaregivers()) != 1 || list.GetCaregivers()[0].GetFamilyName() != "Birdsall" || len(list.GetInvitations()) != 0 {
		t.Errorf("Rosa sees %v", list)
	}
	if list := b.list(ivor); len(list.GetActedFor()) != 1 || len(list.GetCaregivers()) != 0 {
		t.Errorf("Ivor sees %v", list)
	}
	// A caregiver does not learn of another.
	b.invite(rosa, "una@example.test")
	must(t, b.accept(third, b.link("una@example.test")))
	me, err := b.client.Me(b.as(ivor), &enrollmentv1.MeRequest{})
	must(t, err)
	if acts := me.GetPatients()[1].GetActsFor(); len(acts) != 1 || acts[0].GetAccountId() != ivor.account.String() {
		t.Errorf("Ivor sees that %v act for Rosa", acts)
	}
}

// Either side ends it; a stranger and another caregiver cannot.
func TestCaregiverEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, ivor := b.rosa(), b.stranger()
	una := b.person(human{given: "UNA", family: "VOSS", born: "1990-01-01", number: "PM-700", mailbox: "una@example.test", subscriber: true})
	for _, c := range []struct {
		who     placed
		mailbox string
	}{{ivor, "ivor@example.test"}, {una, "una@example.test"}} {
		b.invite(rosa, c.mailbox)
		must(t, b.accept(c.who, b.link(c.mailbox)))
	}
	right := b.list(ivor).GetActedFor()[0].GetActsForId()
	_, err := b.acting.EndActing(b.as(una), &enrollmentv1.EndActingRequest{ActsForId: right, IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "right_unknown")
	_, err = b.acting.EndActing(b.as(rosa), &enrollmentv1.EndActingRequest{ActsForId: right, IdempotencyKey: b.key()})
	must(t, err)
	b.mailed("ivor@example.test", "no longer act for Rosa")
	b.mailed("rosa@example.test", "Ivor no longer acts for you")
	_, err = b.acting.EndActing(b.as(una), &enrollmentv1.EndActingRequest{ActsForId: b.list(una).GetActedFor()[0].GetActsForId(), IdempotencyKey: b.key()})
	must(t, err)
	b.mailed("rosa@example.test", "Una no longer acts for you")
	for _, who := range []placed{ivor, una} {
		if mine := b.mine(who); len(mine) != 1 {
			t.Errorf("still acts for %v", mine)
		}
	}
	if facts := b.published(rosa.patient.String()); len(facts.GetActsFor()) != 1 || facts.GetEmail() != "rosa@example.test" {
		t.Errorf("published %v", facts)
	}
}

func TestCaregiverLinksEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, ivor := b.rosa(), b.stranger()
	_, err := b.acting.InviteCaregiver(b.as(rosa), &enrollmentv1.InviteCaregiverRequest{Email: "not an address", IdempotencyKey: b.key()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	_, err = b.acting.InviteCaregiver(b.as(rosa), &enrollmentv1.InviteCaregiverRequest{Email: "ROSA@example.test", IdempotencyKey: b.key()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)

	withdrawn := b.invite(rosa, "ivor@example.test")
	token := b.link("ivor@example.test")
	_, err = b.acting.WithdrawCaregiverInvitation(b.as(ivor), &enrollmentv1.WithdrawCaregiverInvitationRequest{InvitationId: withdrawn})
	refused(t, err, errs.NotFound, "caregiver_invitation_unknown")
	for range 2 {
		_, err = b.acting.WithdrawCaregiverInvitation(b.as(rosa), &enrollmentv1.WithdrawCaregiverInvitationRequest{InvitationId: withdrawn})
		must(t, err)
	}
	refused(t, b.accept(ivor, token), errs.Precondition, "caregiver_link_over")

	b.invite(rosa, "una@example.test")
	token = b.link("una@example.test")
	for i := range maxInvitations - 1 {
		b.invite(rosa, strings.Repeat("x", i+1)+"@example.test")
	}
	_, err = b.acting.InviteCaregiver(b.as(rosa), &enrollmentv1.InviteCaregiverRequest{Email: "more@example.test", IdempotencyKey: b.key()})
	refused(t, err, errs.Precondition, "too_many_invitations")
	b.moveTo(noon().Add(linkLifetime + time.Minute))
	refused(t, b.accept(ivor, token), errs.Precondition, "caregiver_link_over")
	if list := b.list(rosa); len(list.GetInvitations()) != 0 {
		t.Errorf("still open: %v", list.GetInvitations())
	}
	if n, err := b.service.q.EndInvitations(t.Context(), b.db.W.DB()); err != nil || n != maxInvitations {
		t.Errorf("put away %d, %v", n, err)
	}
}

// Whoever came to be a caregiver of a patient that was merged into another is
// seen, and ended, by the person.
func TestACaregiverOfWhoWasMerged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, ivor, once := b.rosa(), b.stranger(), b.insertSelf(human{given: "ROSA", family: "DELGADO", born: "1980-04-12", mailbox: "once@example.test"})
	b.exec(`DELETE FROM enrollment.acts_for WHERE patient_id = $1`, once.UUID)
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3, 'caregiver', '2026-01-01')`,
		ids.NewUUID(), ivor.account.UUID, once.UUID)
	if list := b.list(rosa); len(list.GetCaregivers()) != 0 {
		t.Errorf("before the merge: %v", list)
	}
	b.exec(`INSERT INTO enrollment.patient_merges (merge_id, survivor_id, absorbed_id, merged_by) VALUES ($1, $2, $3, $4)`,
		ids.NewUUID(), rosa.patient.UUID, once.UUID, ids.NewUUID())
	list := b.list(rosa)
	if len(list.GetCaregivers()) != 1 {
		t.Fatalf("after it: %v", list)
	}
	_, err := b.acting.EndActing(b.as(rosa), &enrollmentv1.EndActingRequest{ActsForId: list.GetCaregivers()[0].GetActsForId(), IdempotencyKey: b.key()})
	must(t, err)
	b.mailed("rosa@example.test", "Ivor no longer acts for you")
	if mine := b.mine(ivor); len(mine) != 1 {
		t.Errorf("still acts for %v", mine)
	}
}
