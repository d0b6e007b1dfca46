package people

import (
	"testing"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// An adult dependent is hidden from the subscriber, whose address the roster
// has for both: no page and no mail tells of her account, also when somebody
// types her details.
func TestAdultDependentIsHiddenFromTheSubscriber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subscriber := b.with(anna())
	_, account := b.activate(anna())
	lea := anna()
	lea.given, lea.born, lea.own, lea.of = "Lea", "2001-02-03", "PM-100-2", subscriber
	member := b.with(lea)
	typed := b.start(lea.number, lea.family, lea.born)
	if b.reasons()[typed.GetReference()] != reasonSharedEmail {
		t.Fatalf("her details led to %v", b.reasons())
	}
	// Staff finished it with her: she has an account and a mailbox of her own.
	patient := ids.New[ids.PatientID]()
	b.exec(`INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES ($1, 'Lea', 'García López', '2001-02-03', 'en', 'roster')`, patient.UUID)
	b.exec(`UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1`, member.UUID, patient.UUID)
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3, 'self', '2026-01-01')`,
		ids.NewUUID(), ids.NewUUID(), patient.UUID)
	b.exec(`INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at) VALUES ($1, $2, 'email', 'patient', 'lea@example.test', clock.now())`,
		ids.NewUUID(), patient.UUID)
	idle := func() bool {
		return b.count(`SELECT count(*) FROM enrollment.river_job WHERE state <> 'completed'`) == 0
	}
	eventually(t, "every mail has left", idle)
	before := len(b.outbox.to("anna@example.test"))
	again := b.start(lea.number, lea.family, lea.born)
	if b.reasons()[again.GetReference()] != reasonAlreadyActive {
		t.Fatalf("her details led to %v", b.reasons())
	}
	eventually(t, "every mail has left", idle)
	if mails := b.outbox.to("anna@example.test"); len(mails) != before {
		t.Errorf("the subscriber was told: %q", mails[len(mails)-1].Subject)
	}
	contact, err := b.service.q.MemberContact(t.Context(), b.db.W.DB(), member.UUID)
	must(t, err)
	if contact.Email != "" {
		t.Errorf("what is mailed about her goes to %s", contact.Email)
	}
	me, err := b.client.Me(b.asPatient(account), &enrollmentv1.MeRequest{})
	must(t, err)
	if len(me.GetPatients()) != 1 {
		t.Errorf("the subscriber acts for %v", me.GetPatients())
	}
}
