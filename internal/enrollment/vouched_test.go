package enrollment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// vouched is a child whom Rosa added by hand, and one of the same name and birth
// date who is on a roster.
type vouched struct {
	pair, own, byHand, rostered string
	rosa                        ids.AccountID
}

const rosasMail = "rosa@example.test"

func (b *bundle) vouched() vouched {
	b.t.Helper()
	var v vouched
	v.own, v.rosa = b.activate(b.on(b.payer, person{number: "PM-1", given: "Rosa", family: "Delgado", born: "1980-01-02", email: rosasMail}), rosasMail)
	res, err := b.guardians.AddChild(b.as(rpcv1.Role_ROLE_PATIENT, v.rosa), &enrollmentv1.AddChildRequest{
		GivenName: "Leo", FamilyName: "Delgado", BirthDate: "2018-03-04", AttestationVersion: "2026-11", AttestationLanguage: "en", IdempotencyKey: key(),
	})
	must(b.t, err)
	v.byHand = res.GetPatientId()
	member := b.on(b.other, person{number: "JP-1", given: "LEO", family: "DELGADO", born: "2018-03-04", street: "7 GABLE ROW"})
	tx, err := b.db.W.Pool().Begin(b.t.Context())
	must(b.t, err)
	patient, err := b.people.PatientOfMember(b.t.Context(), tx, member.UUID, "en")
	must(b.t, err)
	must(b.t, b.people.Publish(b.t.Context(), tx, []uuid.UUID{patient.UUID}))
	must(b.t, tx.Commit(b.t.Context()))
	v.rostered = patient.String()
	all := b.found()
	if len(all) != 1 {
		b.t.Fatalf("%d pairs", len(all))
	}
	v.pair = all[0].GetDuplicateId()
	return v
}

// rights lists whose right does not reach both, or was put aside.
func (b *bundle) rights(pair, patient string) []*enrollmentv1.DuplicateRight {
	b.t.Helper()
	res, err := b.persons.GetDuplicate(b.staff(1), &enrollmentv1.GetDuplicateRequest{DuplicateId: pair})
	must(b.t, err)
	for _, side := range []*enrollmentv1.DuplicateSide{res.GetDuplicate().GetFirst(), res.GetDuplicate().GetSecond()} {
		if side.GetPatientId() == patient {
			return side.GetRights()
		}
		if len(side.GetRights()) > 0 {
			b.t.Errorf("the other patient has %v", side.GetRights())
		}
	}
	return nil
}

// coveragesSeen counts the coverages of the children whom Rosa acts for.
func (b *bundle) coveragesSeen(v vouched) int {
	b.t.Helper()
	res, err := b.patients.Me(b.as(rpcv1.Role_ROLE_PATIENT, v.rosa), &enrollmentv1.MeRequest{})
	must(b.t, err)
	n := 0
	for _, p := range res.GetPatients() {
		if p.GetPatientId() != v.own {
			n += len(p.GetCoverages())
		}
	}
	return n
}

func (b *bundle) mayWrite(account ids.AccountID, patient string) error {
	_, err := b.patients.SetLanguage(b.as(rpcv1.Role_ROLE_PATIENT, account), &enrollmentv1.SetLanguageRequest{PatientId: patient, Language: "en"})
	return err
}

// Whoever vouched for a child alone does not get the child of a roster by a
// merge. Their right is put aside, they are told, and undoing brings it back.
func TestAWordAloneDoesNotReachARoster(t *testing.T) {
	t.Parallel()
	for name, survivor := range map[string]func(vouched) string{
		"the roster's child goes on": func(v vouched) string { return v.rostered },
		"the added child goes on":    func(v vouched) string { return v.byHand },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			v := b.vouched()
			if got := b.rights(v.pair, v.byHand); len(got) != 1 || got[0].GetGivenName() != "Rosa" || got[0].GetRelation() != "guardian" {
				t.Fatalf("the page is told of %v", got)
			}
			must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: v.pair, SurvivorId: survivor(v)}))
			if got := b.me(v.rosa); !slices.Equal(got, []string{v.own}) {
				t.Errorf("Rosa acts for %v", got)
			}
			for _, child := range []string{v.byHand, v.rostered} {
				refused(t, b.mayWrite(v.rosa, child), errs.NotFound, "patient_unknown")
				if acts := b.published(child).GetActsFor(); len(acts) != 0 {
					t.Errorf("published: %v act for the child", acts)
				}
			}
			if got := b.rights(v.pair, v.byHand); len(got) != 1 {
				t.Errorf("put aside: %v", got)
			}
			b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.suspend'`)
			eventually(t, "Rosa to be told", func() bool { return b.told(rosasMail, "We need to see papers") })

			_, err := b.persons.UndoMerge(b.staff(2), &enrollmentv1.UndoMergeRequest{DuplicateId: v.pair, IdempotencyKey: key()})
			must(t, err)
			must(t, b.mayWrite(v.rosa, v.byHand))
			refused(t, b.mayWrite(v.rosa, v.rostered), errs.NotFound, "patient_unknown")
			if n := b.coveragesSeen(v); n != 0 {
				t.Errorf("after undoing Rosa sees %d coverages", n)
			}
			b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.restore'`)
			eventually(t, "Rosa to be told again", func() bool { return b.told(rosasMail, "You act for Leo again") })
		})
	}
}

func (b *bundle) told(address, subject string) bool {
	for _, m := range b.outbox.to(address) {
		if strings.Contains(m.Subject, subject) {
			return true
		}
	}
	return false
}

// With papers seen they get both; undoing takes the roster's child back, and
// what was seen stays seen.
func TestPapersReachARoster(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.vouched()
	ask := func(checks ...*enrollmentv1.GuardianCheck) error {
		return b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: v.pair, SurvivorId: v.rostered, Guardians: checks})
	}
	right := b.rights(v.pair, v.byHand)[0].GetActsForId()
	refused(t, ask(&enrollmentv1.GuardianCheck{ActsForId: right, Method: "video", Document: "passport"}), errs.Invalid, errs.ReasonInvalidFields)
	refused(t, ask(&enrollmentv1.GuardianCheck{ActsForId: right, Method: "guess", Document: "court_order"}), errs.Invalid, errs.ReasonInvalidFields)
	refused(t, ask(&enrollmentv1.GuardianCheck{ActsForId: key(), Method: "video", Document: "court_order"}), errs.Conflict, "rights_changed")
	b.wantCount(0, `SELECT count(*) FROM enrollment.guardian_checks`)
	must(t, ask(&enrollmentv1.GuardianCheck{ActsForId: right, Method: "video", Document: "birth_certificate"}))
	if got := b.me(v.rosa); !slices.Equal(got, []string{v.own, v.rostered}) || b.coveragesSeen(v) != 1 {
		t.Errorf("Rosa acts for %v, and sees %d coverages", got, b.coveragesSeen(v))
	}
	must(t, b.mayWrite(v.rosa, v.rostered))
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'guardian.check' AND detail ->> 'document' = 'birth_certificate'`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.suspended_rights`)

	_, err := b.persons.UndoMerge(b.staff(2), &enrollmentv1.UndoMergeRequest{DuplicateId: v.pair, IdempotencyKey: key()})
	must(t, err)
	refused(t, b.mayWrite(v.rosa, v.rostered), errs.NotFound, "patient_unknown")
	if got := b.me(v.rosa); !slices.Equal(got, []string{v.own, v.byHand}) || b.coveragesSeen(v) != 0 {
		t.Errorf("after undoing Rosa acts for %v", got)
	}
	if got := b.rights(v.pair, v.byHand); len(got) != 0 {
		t.Errorf("papers are asked for again: %v", got)
	}
	must(t, ask())
	if n := b.coveragesSeen(v); n != 1 {
		t.Errorf("merged again, Rosa sees %d coverages", n)
	}
}

// Whom a roster's family or a decision of staff made a guardian keeps the right.
func TestAGuardianWhoWasCheckedStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.vouched()
	b.exec(`UPDATE enrollment.guardian_requests SET why = 'no_match', decided_by = $1, note_sealed = '\x00'`, ids.NewUUID())
	if got := b.rights(v.pair, v.byHand); len(got) != 0 {
		t.Errorf("papers are asked for: %v", got)
	}
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: v.pair, SurvivorId: v.rostered}))
	must(t, b.mayWrite(v.rosa, v.rostered))
}

// A caregiver whom an account invited that nobody has identified, and that goes,
// does not get the person who stays.
func TestACaregiverOfNobodyKnownGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pair, one, two, _ := b.typedIn()
	caregiver := ids.New[ids.AccountID]()
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3::text::uuid, 'caregiver', '2026-01-01')`,
		ids.NewUUID(), caregiver.UUID, two)
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: one}))
	refused(t, b.mayWrite(caregiver, one), errs.NotFound, "patient_unknown")
	_, err := b.persons.UndoMerge(b.staff(1), &enrollmentv1.UndoMergeRequest{DuplicateId: pair, IdempotencyKey: key()})
	must(t, err)
	must(t, b.mayWrite(caregiver, two))
	// With the account that is identified now, the caregiver stays.
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: two, Method: "video", Document: "passport"}))
	must(t, b.mayWrite(caregiver, one))
}
