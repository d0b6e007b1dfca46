package acting

import (
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/google/uuid"
)

// onPlanSubject is how the mail to a subscriber begins.
const onPlanSubject = "A parent or guardian was added"

// A subscriber who has no account hears, at the roster's address, that a child
// on the plan has a guardian, and nothing else.
func TestSubscriberIsTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subscriber := b.add(human{given: "ROSA", family: "DELGADO", born: "1980-04-12", number: "PM-100", mailbox: "Rosa@roster.test", subscriber: true})
	b.mateo()
	luis := b.person(human{given: "LUIS", family: "DELGADO", born: "1979-02-01", number: "PM-100", mailbox: "luis@example.test"})
	res, err := b.addChild(luis, mateoTyped())
	must(t, err)
	m := b.mailed("Rosa@roster.test", onPlanSubject)
	for _, word := range []string{"Mateo", "Luis", "Delgado", "2014"} {
		if strings.Contains(m.Subject+m.Text, word) {
			t.Errorf("the mail says %s:\n%s", word, m.Text)
		}
	}
	if !strings.Contains(m.Text, "1-800-555-0199") {
		t.Errorf("the mail does not say whom to call:\n%s", m.Text)
	}
	tell := func() []string {
		child, err := uuid.Parse(res.GetPatientId())
		must(t, err)
		all, err := b.service.q.SubscribersToTell(t.Context(), b.db.W.DB(), db.SubscribersToTellParams{Patient: child, Today: b.service.today()})
		must(t, err)
		var out []string
		for _, one := range all {
			out = append(out, one.Email)
		}
		return out
	}
	if got := tell(); len(got) != 1 {
		t.Fatalf("told: %v", got)
	}
	b.exec(`INSERT INTO enrollment.undeliverable_addresses (address_id, address, reason) VALUES ($1, 'rosa@roster.test', 'address')`, uuid.New())
	if got := tell(); len(got) != 0 {
		t.Errorf("an address that mail does not reach: %v", got)
	}
	b.exec(`DELETE FROM enrollment.undeliverable_addresses`)
	// Of an adult dependent the subscriber hears nothing, from the birthday on.
	b.moveTo(time.Date(2032, 9, 3, 3, 58, 0, 0, time.UTC))
	if got := tell(); len(got) != 1 {
		t.Errorf("two minutes before the birthday: %v", got)
	}
	b.moveTo(time.Date(2032, 9, 3, 4, 0, 0, 0, time.UTC))
	if got := tell(); len(got) != 0 {
		t.Errorf("on the birthday: %v", got)
	}
	b.moveTo(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	b.exec(`UPDATE enrollment.members SET email = '' WHERE member_id = $1`, subscriber.member)
	if got := tell(); len(got) != 0 {
		t.Errorf("without an address: %v", got)
	}
}

// Whose right has just begun is not told twice, by whatever address, nor is a
// guardian who is told as such.
func TestSubscriberWhoIsTheGuardianIsNotTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	b.exec(`UPDATE enrollment.members SET email = 'Rosa@elsewhere.test' WHERE member_id = $1`, rosa.member)
	_, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	luis := b.person(human{given: "LUIS", family: "DELGADO", born: "1979-02-01", number: "PM-100", mailbox: "luis@example.test"})
	_, err = b.addChild(luis, mateoTyped())
	must(t, err)
	b.mailed("rosa@example.test", "Somebody else can now act for Mateo")
	eventually(t, "every job is done", func() bool {
		n := 0
		b.database.Query(t, `SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_guardian_roster_notice' AND state = 'completed'`, &n)
		return n == 2
	})
	for _, address := range []string{"rosa@example.test", "Rosa@elsewhere.test", "luis@example.test"} {
		for _, m := range b.outbox.to(address) {
			if strings.HasPrefix(m.Subject, onPlanSubject) {
				t.Errorf("%s is told of a child on the plan", address)
			}
		}
	}
}
