package people

import (
	"testing"

	"github.com/bedside-health/bedside/internal/ids"
)

// TestTheRosterChangesBeforeTheCode: what the first step would not have done by
// now, the code does not do either. The answer is a case, with all that was
// typed.
func TestTheRosterChangesBeforeTheCode(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		change func(b *bundle, m ids.MemberID)
		reason string
	}{
		"another address": {func(b *bundle, m ids.MemberID) {
			b.exec(`UPDATE enrollment.members SET email = 'other@example.test' WHERE member_id = $1`, m.UUID)
		}, reasonDetailsDiffer},
		"no address": {func(b *bundle, m ids.MemberID) {
			b.exec(`UPDATE enrollment.members SET email = '' WHERE member_id = $1`, m.UUID)
		}, reasonNoEmail},
		"another birth date": {func(b *bundle, m ids.MemberID) {
			b.exec(`UPDATE enrollment.members SET birth_date = '1980-05-07' WHERE member_id = $1`, m.UUID)
		}, reasonNoMatch},
		"another family name": {func(b *bundle, m ids.MemberID) {
			b.exec(`UPDATE enrollment.members SET family_name = 'Birdsall' WHERE member_id = $1`, m.UUID)
		}, reasonNoMatch},
		"a twin": {func(b *bundle, m ids.MemberID) {
			twin := anna()
			twin.given, twin.email, twin.own, twin.of = "Berta", "", "T-2", m
			b.with(twin)
		}, reasonSeveral},
		"an address that others have": {func(b *bundle, _ ids.MemberID) {
			other := anna()
			other.number, other.given, other.born = "PM-8", "Berta", "1979-01-01"
			b.with(other)
		}, reasonSharedEmail},
		"the number of somebody else": {func(b *bundle, m ids.MemberID) {
			b.exec(`UPDATE enrollment.members SET subscriber_no = 'PM-9' WHERE member_id = $1`, m.UUID)
			b.with(anna())
			b.exec(`UPDATE enrollment.members SET email = '' WHERE member_id = $1`, m.UUID)
		}, reasonDetailsDiffer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			m := b.with(anna())
			// The member is reported already, by themselves.
			b.exec(`INSERT INTO enrollment.activation_cases (case_id, reference, reason, member_id) VALUES (gen_random_uuid(), 'AAAA-BBBB', 'details_differ', $1)`, m.UUID)
			a := b.start("PM-100 200", "García", "1980-05-06")
			code := b.code("anna@example.test")
			one.change(b, m)
			for range 2 {
				res, err := b.confirm(a.GetActivationId(), code)
				must(t, err)
				if res.GetTicket() != "" || res.GetPatientId() != "" || res.GetReference() != a.GetReference() {
					t.Errorf("answered %v", res)
				}
			}
			if got := b.reasons()[a.GetReference()]; got != one.reason {
				t.Errorf("the case is %q, want %q", got, one.reason)
			}
			b.wantCount(0, `SELECT count(*) FROM enrollment.patients`)
			b.wantCount(1, `SELECT count(*) FROM enrollment.activations a JOIN enrollment.activation_cases USING (activation_id)
				WHERE a.typed IS NOT NULL AND a.state = 'to_staff' AND a.proven_at IS NOT NULL`)
		})
	}
}

// TestWhatDoesNotMatterChanges: a roster may change what was not typed.
func TestWhatDoesNotMatterChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.start("PM-100 200", "García", "1980-05-06")
	code := b.code("anna@example.test")
	b.exec(`UPDATE enrollment.members SET email = 'ANNA@example.test', phone = '', given_name = 'Anne' WHERE member_id = $1`, m.UUID)
	res, err := b.confirm(a.GetActivationId(), code)
	must(t, err)
	if res.GetTicket() == "" || res.GetReference() != "" {
		t.Errorf("answered %v", res)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patients WHERE given_name = 'Anne'`)
}
