package acting

import (
	"context"
	"testing"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// endAll ends every right of a guardian, by staff.
func (b *bundle) endAll(who placed, reason string) {
	b.t.Helper()
	for _, a := range b.list(who).GetActedFor() {
		_, err := b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{ActsForId: a.GetActsForId(), Reason: reason, IdempotencyKey: b.key()})
		must(b.t, err)
	}
}

// wantStaff checks that a request waits for staff.
func (b *bundle) wantStaff(what string, who placed, req *enrollmentv1.AddChildRequest) {
	b.t.Helper()
	res, err := b.addChild(who, req)
	must(b.t, err)
	if res.GetReference() == "" || res.GetPatientId() != "" {
		b.t.Errorf("%s: %v", what, res)
	}
	if mine := b.mine(who); len(mine) != 1 {
		b.t.Errorf("%s: acts for %v again", what, mine)
	}
}

// Staff end the right to a child without a plan: a plan does not bring it back,
// nor does a birth date that a roster has corrected since.
func TestAnEndedRightDoesNotComeBackByAPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.rosa()
	bare := mateoTyped()
	bare.MemberNo = ""
	child, err := b.addChild(rosa, bare)
	must(t, err)
	b.endAll(rosa, "false_statement")
	b.mateo()
	b.wantStaff("with the plan", rosa, mateoTyped())
	b.exec(`UPDATE enrollment.patients SET birth_date = '2014-09-04' WHERE patient_id = $1`, child.GetPatientId())
	bare.GivenName = "Mateo Luis"
	b.wantStaff("as it was typed before", rosa, bare)
	bare.BirthDate = "2014-09-04"
	b.wantStaff("as it is on file", rosa, bare)
}

// Two patients who are one child have one guardian's right to end.
func TestARightEndsForBothOfAMerge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	first, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	other := mateoTyped()
	other.GivenName, other.BirthDate, other.MemberNo = "Teo", "2014-09-30", ""
	second, err := b.addChild(rosa, other)
	must(t, err)
	b.exec(`INSERT INTO enrollment.patient_merges (merge_id, survivor_id, absorbed_id, merged_by) VALUES ($1, $2, $3, $4)`,
		ids.NewUUID(), first.GetPatientId(), second.GetPatientId(), ids.NewUUID())
	_, err = b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{
		ActsForId: b.list(rosa).GetActedFor()[0].GetActsForId(), Reason: "court_order", IdempotencyKey: b.key(),
	})
	must(t, err)
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("Rosa still acts for %v", mine)
	}
	b.wantCount(2, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.end' AND detail ->> 'reason' = 'court_order'`)
	b.wantStaff("the survivor", rosa, mateoTyped())
	b.wantStaff("the absorbed", rosa, other)
}

// A right that staff end at the very moment in which it is asked for again does
// not survive.
func TestEndedWhileAskedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	_, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	answered := make(chan *enrollmentv1.AddChildResponse, 1)
	req := mateoTyped()
	req.IdempotencyKey = b.key()
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `WITH gone AS (DELETE FROM enrollment.acts_for WHERE relation = 'guardian' RETURNING *)
			INSERT INTO enrollment.acts_for_ended (acts_for_id, account_id, patient_id, relation, from_date, ended_by)
			SELECT acts_for_id, account_id, patient_id, relation, from_date, gen_random_uuid() FROM gone`)
		if err != nil {
			return err
		}
		go func() {
			res, err := b.acting.AddChild(b.as(rosa), req)
			if err != nil {
				t.Errorf("asked meanwhile: %v", err)
			}
			answered <- res
		}()
		eventually(t, "the other to wait", func() bool {
			n := 0
			b.database.Query(t, `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`, &n)
			return n > 0
		})
		return nil
	})
	if res := <-answered; res.GetReference() == "" || res.GetPatientId() != "" {
		t.Errorf("answered %v", res)
	}
	if mine := b.mine(rosa); len(mine) != 1 {
		t.Errorf("Rosa acts for %v", mine)
	}
}
