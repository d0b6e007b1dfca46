package enrollment_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
)

// found looks for duplicates and lists the open pairs.
func (b *bundle) found() []*enrollmentv1.Duplicate {
	b.t.Helper()
	must(b.t, b.duplicates.Find(b.t.Context()))
	res, err := b.persons.ListDuplicates(b.staff(1), &enrollmentv1.ListDuplicatesRequest{State: "open"})
	must(b.t, err)
	return res.GetDuplicates()
}

// pair is the same human twice: two rosters, two addresses, two accounts.
func (b *bundle) pair() (one, two string, first, second ids.AccountID) {
	b.t.Helper()
	p := ines()
	one, first = b.activate(b.on(b.payer, p), "ines@example.test")
	p.given, p.email, p.phone, p.street = "INES", "iq@example.test", "", ""
	two, second = b.activate(b.on(b.other, p), "iq@example.test")
	return one, two, first, second
}

func TestWhoMayBeOneHuman(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(p *person)
		why    string
	}{
		"the same name and birth date":          {func(p *person) { p.given, p.email, p.phone = "INES", "x@example.test", "" }, "name"},
		"married, with the same phone":          {func(p *person) { p.family, p.email = "O'Hara", "x@example.test" }, "phone"},
		"called otherwise, at another home":     {func(p *person) { p.given, p.email, p.street = "Agnes", "x@example.test", "9 ELM ST" }, "phone"},
		"the same number":                       {func(p *person) { p.given, p.email, p.phone, p.ssn = "Agnes", "x@example.test", "", make([]byte, 32) }, "ssn"},
		"a twin at home with the family's":      {func(p *person) { p.given, p.email = "Irma", "x@example.test" }, ""},
		"a twin whose home is not known":        {func(p *person) { p.given, p.email, p.street = "Irma", "x@example.test", "" }, ""},
		"of the same name, but younger (Jr.)":   {func(p *person) { p.born, p.email = "2001-05-06", "x@example.test" }, ""},
		"of the same birth date and home alone": {func(p *person) { p.given, p.family, p.email, p.phone = "Bela", "Tarn", "x@example.test", "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			p := ines()
			p.ssn = make([]byte, 32)
			b.activate(b.on(b.payer, p), p.email)
			q := ines()
			tc.change(&q)
			b.activate(b.on(b.other, q), q.email)
			got := b.found()
			switch {
			case tc.why == "" && len(got) > 0:
				t.Errorf("a pair, for %v", got[0].GetWhy())
			case tc.why != "" && (len(got) != 1 || !slices.Contains(got[0].GetWhy(), tc.why)):
				t.Errorf("%d pairs: %v", len(got), got)
			}
			if len(b.found()) != len(got) {
				t.Error("looking again finds something else")
			}
		})
	}
}

func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, first, second := b.pair()
	before := []*enrollmentv1.PatientFacts{b.published(one), b.published(two)}
	all := b.found()
	if len(all) != 1 {
		t.Fatalf("%d pairs", len(all))
	}
	id := all[0].GetDuplicateId()
	full, err := b.persons.GetDuplicate(b.staff(1), &enrollmentv1.GetDuplicateRequest{DuplicateId: id})
	must(t, err)
	if d := full.GetDuplicate(); !d.GetFirst().GetHasAccount() || !d.GetSecond().GetHasAccount() || len(d.GetFirst().GetCoverages()) != 1 {
		t.Errorf("the pair is shown as %v", d)
	}
	ask := &enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: one, IdempotencyKey: key()}
	_, err = b.persons.MergeDuplicate(b.staff(1), ask)
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields) // whose account stays?
	ask.AccountOf = two
	_, err = b.persons.MergeDuplicate(b.staff(1), ask)
	must(t, err)
	_, err = b.persons.MergeDuplicate(b.staff(1), ask) // a repeat
	must(t, err)
	_, err = b.persons.MergeDuplicate(b.staff(2), &enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: two, AccountOf: two, IdempotencyKey: key()})
	refused(t, err, errs.Conflict, "duplicate_decided")
	b.merged(one, two, first, second)

	_, err = b.persons.UndoMerge(b.staff(2), &enrollmentv1.UndoMergeRequest{DuplicateId: id, IdempotencyKey: key()})
	must(t, err)
	for i, patient := range []string{one, two} {
		if after := b.published(patient); !proto.Equal(before[i], after) {
			t.Errorf("after undoing:\n%v\nbefore:\n%v", after, before[i])
		}
	}
	if got := b.me(first); len(got) != 1 || got[0] != one {
		t.Errorf("the first account acts for %v", got)
	}
	if got := b.me(second); len(got) != 1 || got[0] != two {
		t.Errorf("the second account acts for %v", got)
	}
	for _, action := range []string{"patient.merge", "patient.unmerge"} {
		b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = '`+action+`'`)
	}
	_, err = b.persons.UndoMerge(b.staff(1), &enrollmentv1.UndoMergeRequest{DuplicateId: id, IdempotencyKey: key()})
	refused(t, err, errs.Conflict, "duplicate_not_merged")
}

// merged is what must be true while one goes on for two, with two's account.
func (b *bundle) merged(one, two string, first, second ids.AccountID) {
	b.t.Helper()
	survivor, absorbed := b.published(one), b.published(two)
	if absorbed.GetMergedInto() != one || survivor.GetMergedInto() != "" || !slices.Equal(survivor.GetMergedFrom(), []string{two}) {
		b.t.Errorf("merged into %q, from %v", absorbed.GetMergedInto(), survivor.GetMergedFrom())
	}
	if len(survivor.GetCoverages()) != 2 || len(absorbed.GetCoverages()) != 1 {
		b.t.Errorf("the survivor has %v", survivor)
	}
	// Mail goes to the account that stays, never to the one that was put aside.
	if survivor.GetEmail() != "iq@example.test" || absorbed.GetEmail() != "iq@example.test" {
		b.t.Errorf("mail goes to %q and %q", survivor.GetEmail(), absorbed.GetEmail())
	}
	for _, f := range []*enrollmentv1.PatientFacts{survivor, absorbed} {
		if len(f.GetActsFor()) != 1 || f.GetActsFor()[0].GetAccountId() != second.String() {
			b.t.Errorf("who acts for %s: %v", f.GetPatientId(), f.GetActsFor())
		}
	}
	if got := b.me(second); !slices.Equal(got, []string{one}) {
		b.t.Errorf("the account that stays acts for %v", got)
	}
	if got := b.me(first); len(got) != 0 {
		b.t.Errorf("the account that was put aside acts for %v", got)
	}
	// What is one's own is found under both ids, and under none by the other.
	for _, patient := range []string{one, two} {
		req := &enrollmentv1.SetLanguageRequest{PatientId: patient, Language: "en"}
		_, err := b.patients.SetLanguage(b.as(rpcv1.Role_ROLE_PATIENT, second), req)
		must(b.t, err)
		_, err = b.patients.SetLanguage(b.as(rpcv1.Role_ROLE_PATIENT, first), req)
		refused(b.t, err, errs.NotFound, "patient_unknown")
	}
	if got := b.found(); len(got) != 0 {
		b.t.Errorf("a merged pair is still open: %v", got)
	}
}

// A member who becomes a patient through the one who was absorbed is the
// survivor; a roster's change of the absorbed one reaches the survivor.
func TestAbsorbedFollowsItsRoster(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, _, second := b.pair()
	id := b.found()[0].GetDuplicateId()
	_, err := b.persons.MergeDuplicate(b.staff(1), &enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: one, AccountOf: two, IdempotencyKey: key()})
	must(t, err)
	b.exec(`UPDATE enrollment.coverages SET ends = '2026-06-30' WHERE member_id = (SELECT member_id FROM enrollment.members WHERE payer_id = $1)`, b.other)
	tx, err := b.db.W.Pool().Begin(t.Context())
	must(t, err)
	patient, err := ids.Parse[ids.PatientID](two)
	must(t, err)
	must(t, b.people.Publish(t.Context(), tx, []uuid.UUID{patient.UUID}))
	must(t, tx.Commit(t.Context()))
	ended := 0
	for _, c := range b.published(one).GetCoverages() {
		if c.GetTo() == "2026-06-30" {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("the survivor's coverages: %v", b.published(one).GetCoverages())
	}
	if got := b.me(second); !slices.Equal(got, []string{one}) {
		t.Errorf("acts for %v", got)
	}
}

// A chain is refused; a survivor may absorb more.
func TestMergeChains(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, _, _ := b.pair()
	p := ines()
	p.number, p.email = "PM-3", "third@example.test"
	three, _ := b.activate(b.on(b.payer, person{
		number: p.number, given: "Ines", family: "QUIROGA", born: p.born, email: p.email,
	}), p.email)
	all := b.found()
	if len(all) != 3 {
		t.Fatalf("%d pairs of three patients", len(all))
	}
	pairOf := func(x, y string) string {
		for _, d := range all {
			if both := d.GetFirst().GetPatientId() + d.GetSecond().GetPatientId(); strings.Contains(both, x) && strings.Contains(both, y) {
				return d.GetDuplicateId()
			}
		}
		t.Fatal("no such pair")
		return ""
	}
	merge := func(pair, survivor, account string) error {
		_, err := b.persons.MergeDuplicate(b.staff(1), &enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: survivor, AccountOf: account, IdempotencyKey: key()})
		return err
	}
	must(t, merge(pairOf(one, two), one, one))
	refused(t, merge(pairOf(two, three), two, two), errs.Precondition, "merge_chain")
	refused(t, merge(pairOf(two, three), three, three), errs.Precondition, "merge_chain")
	refused(t, merge(pairOf(one, three), three, three), errs.Precondition, "merge_chain")
	must(t, merge(pairOf(one, three), one, three))
	for _, patient := range []string{one, two, three} {
		if acts := b.published(patient).GetActsFor(); len(acts) != 1 {
			t.Errorf("%d accounts act for %s", len(acts), patient)
		}
	}
	if got := b.published(one); len(got.GetCoverages()) != 3 || len(got.GetMergedFrom()) != 2 {
		t.Errorf("who goes on for two has %v", got)
	}
}

// Of two staff at once, one wins and one is told so.
func TestTwoStaffAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, _, _ := b.pair()
	id := b.found()[0].GetDuplicateId()
	var wg sync.WaitGroup
	errors := make([]error, 2)
	for i, survivor := range []string{one, two} {
		wg.Go(func() {
			_, errors[i] = b.persons.MergeDuplicate(b.staff(byte(i+1)), &enrollmentv1.MergeDuplicateRequest{
				DuplicateId: id, SurvivorId: survivor, AccountOf: survivor, IdempotencyKey: key(),
			})
		})
	}
	wg.Wait()
	if errors[0] != nil {
		errors[0], errors[1] = errors[1], errors[0]
	}
	must(t, errors[0])
	refused(t, errors[1], errs.Conflict, "duplicate_decided")
	b.wantCount(1, `SELECT count(*) FROM enrollment.patient_merges`)
}

func TestTwoPeopleStayTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, _, first, _ := b.pair()
	id := b.found()[0].GetDuplicateId()
	_, err := b.persons.DismissDuplicate(b.staff(1), &enrollmentv1.DismissDuplicateRequest{DuplicateId: id, IdempotencyKey: key()})
	must(t, err)
	// A change does not bring the question back.
	_, err = b.patients.SetLanguage(b.as(rpcv1.Role_ROLE_PATIENT, first), &enrollmentv1.SetLanguageRequest{PatientId: one, Language: "es"})
	must(t, err)
	if got := b.found(); len(got) != 0 {
		t.Errorf("asked again: %v", got)
	}
	res, err := b.persons.ListDuplicates(b.staff(1), &enrollmentv1.ListDuplicatesRequest{State: "decided"})
	must(t, err)
	if len(res.GetDuplicates()) != 1 || res.GetDuplicates()[0].GetState() != "not_duplicates" {
		t.Errorf("decided: %v", res.GetDuplicates())
	}
	_, err = b.persons.GetDuplicate(b.staff(1), &enrollmentv1.GetDuplicateRequest{DuplicateId: key()})
	refused(t, err, errs.NotFound, "duplicate_unknown")
	_, err = b.persons.ListDuplicates(b.as(rpcv1.Role_ROLE_PATIENT, first), &enrollmentv1.ListDuplicatesRequest{State: "open"})
	refused(t, err, errs.Forbidden, "not_allowed")
}

// An account that was put aside and became somebody else's is not taken back.
func TestUndoWhenTheAccountIsInUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, _, _, second := b.pair()
	id := b.found()[0].GetDuplicateId()
	_, err := b.persons.MergeDuplicate(b.staff(1), &enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: one, AccountOf: one, IdempotencyKey: key()})
	must(t, err)
	b.activate(b.on(b.payer, person{number: "PM-9", given: "Bela", family: "Tarn", born: "1970-01-02", email: "iq@example.test"}), "iq@example.test")
	_, err = b.persons.UndoMerge(b.staff(1), &enrollmentv1.UndoMergeRequest{DuplicateId: id, IdempotencyKey: key()})
	refused(t, err, errs.Precondition, "merge_account_in_use")
	if got := b.me(second); len(got) != 1 || got[0] == one {
		t.Errorf("the account acts for %v", got)
	}
}

// typedIn makes the second of a pair somebody who registered: they typed who
// they are, and nobody has looked.
func (b *bundle) typedIn() (pair, one, two string, second ids.AccountID) {
	b.t.Helper()
	one, two, _, second = b.pair()
	b.exec(`UPDATE enrollment.members SET patient_id = NULL WHERE patient_id = $1::text::uuid`, two)
	b.exec(`DELETE FROM enrollment.contact_points WHERE patient_id = $1::text::uuid AND source = 'roster'`, two)
	b.exec(`UPDATE enrollment.patients SET details_source = 'patient' WHERE patient_id = $1::text::uuid`, two)
	return b.found()[0].GetDuplicateId(), one, two, second
}

func (b *bundle) merge(req *enrollmentv1.MergeDuplicateRequest) error {
	b.t.Helper()
	req.IdempotencyKey = key()
	_, err := b.persons.MergeDuplicate(b.staff(1), req)
	return err
}

// Anybody can open an account with somebody's name and birth date: it gets what
// that somebody has only after a look at papers, which is kept.
func TestAnAccountOfNobodyKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pair, one, two, second := b.typedIn()
	full, err := b.persons.GetDuplicate(b.staff(1), &enrollmentv1.GetDuplicateRequest{DuplicateId: pair})
	must(t, err)
	for _, side := range []*enrollmentv1.DuplicateSide{full.GetDuplicate().GetFirst(), full.GetDuplicate().GetSecond()} {
		if side.GetUnidentified() != (side.GetPatientId() == two) || side.GetLimited() {
			t.Errorf("shown as %v", side)
		}
	}
	ask := func(change func(*enrollmentv1.MergeDuplicateRequest)) error {
		req := &enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: two}
		change(req)
		return b.merge(req)
	}
	refused(t, ask(func(*enrollmentv1.MergeDuplicateRequest) {}), errs.Precondition, "check_missing")
	refused(t, ask(func(r *enrollmentv1.MergeDuplicateRequest) { r.SurvivorId = two }), errs.Precondition, "check_missing")
	refused(t, ask(func(r *enrollmentv1.MergeDuplicateRequest) { r.Method = "video" }), errs.Invalid, errs.ReasonInvalidFields)
	seen := func(r *enrollmentv1.MergeDuplicateRequest) { r.Method, r.Document = "video", "passport" }
	b.exec(`UPDATE enrollment.acts_for SET certainty = 'limited' WHERE patient_id = $1::text::uuid`, two)
	refused(t, ask(seen), errs.Precondition, "account_limited")
	b.exec(`UPDATE enrollment.acts_for SET certainty = 'full' WHERE patient_id = $1::text::uuid`, two)
	b.wantCount(0, `SELECT count(*) FROM enrollment.patient_merges`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.identity_checks`)
	must(t, ask(seen))
	b.wantCount(1, `SELECT count(*) FROM enrollment.identity_checks WHERE case_id IS NULL AND method = 'video' AND document = 'passport'
		AND outcome = 'passed' AND patient_id = '`+two+`'`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.check'`)
	if got := b.me(second); !slices.Equal(got, []string{one}) {
		t.Errorf("the account that stays acts for %v", got)
	}
	// What was seen stays seen.
	_, err = b.persons.UndoMerge(b.staff(1), &enrollmentv1.UndoMergeRequest{DuplicateId: pair, IdempotencyKey: key()})
	must(t, err)
	must(t, ask(func(*enrollmentv1.MergeDuplicateRequest) {}))
}

// An account of nobody known is refused also where it is the only one; the other
// account may stay without a look.
func TestTheAccountThatIsKnownStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pair, one, two, _ := b.typedIn()
	b.exec(`DELETE FROM enrollment.acts_for WHERE patient_id = $1::text::uuid`, one)
	refused(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one}), errs.Precondition, "check_missing")
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3::text::uuid, 'self', '2026-01-01')`,
		ids.NewUUID(), ids.NewUUID(), one)
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: two, AccountOf: one}))
	b.wantCount(0, `SELECT count(*) FROM enrollment.identity_checks`)
}

// A phone that somebody only typed makes no pair.
func TestATypedPhoneMakesNoPair(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := ines()
	b.activate(b.on(b.payer, p), p.email)
	p.family, p.email, p.phone = "O'Hara", "x@example.test", ""
	two, _ := b.activate(b.on(b.other, p), p.email)
	b.exec(`INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value) VALUES ($1, $2::text::uuid, 'phone', 'patient', '+14025550100')`, ids.NewUUID(), two)
	if got := b.found(); len(got) != 0 {
		t.Errorf("a pair, for %v", got[0].GetWhy())
	}
}

// Staff who are one of the two, or act or acted for one, decide nothing about
// the pair, before or after; a colleague does.
func TestNobodyDecidesAboutThemselves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, first, second := b.pair()
	id := b.found()[0].GetDuplicateId()
	caregiver, before := ids.New[ids.AccountID](), ids.New[ids.AccountID]()
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3::text::uuid, 'caregiver', '2026-01-01')`,
		ids.NewUUID(), caregiver.UUID, one)
	b.exec(`INSERT INTO enrollment.acts_for_ended (acts_for_id, account_id, patient_id, relation, from_date, ended_by) VALUES ($1, $2, $3::text::uuid, 'caregiver', '2026-01-01', $2)`,
		ids.NewUUID(), before.UUID, two)
	concerned := []ids.AccountID{first, second, caregiver, before}
	for _, own := range concerned {
		as := b.as(rpcv1.Role_ROLE_STAFF, own)
		_, err := b.persons.MergeDuplicate(as, &enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: one, AccountOf: two, IdempotencyKey: key()})
		refused(t, err, errs.Precondition, "own_request")
		_, err = b.persons.DismissDuplicate(as, &enrollmentv1.DismissDuplicateRequest{DuplicateId: id, IdempotencyKey: key()})
		refused(t, err, errs.Precondition, "own_request")
	}
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: id, SurvivorId: one, AccountOf: two}))
	for _, own := range concerned { // first is put aside, and would come back
		_, err := b.persons.UndoMerge(b.as(rpcv1.Role_ROLE_STAFF, own), &enrollmentv1.UndoMergeRequest{DuplicateId: id, IdempotencyKey: key()})
		refused(t, err, errs.Precondition, "own_request")
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.patient_merges WHERE undone_at IS NULL`)
	_, err := b.persons.UndoMerge(b.staff(2), &enrollmentv1.UndoMergeRequest{DuplicateId: id, IdempotencyKey: key()})
	must(t, err)
}
