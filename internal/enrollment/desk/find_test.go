package desk

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func TestOneIdentifierIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	for _, one := range []*enrollmentv1.FindPeopleRequest{
		{}, {FamilyName: "García"}, {BirthDate: "1980-05-06"}, {MemberNumber: "PM100200"}, {Email: "anna@example.test"}, {Phone: "402 555 0100"},
		{Zip: "68501"}, {ByAppointment: true, PatientId: ids.NewUUID().String()}, {FamilyName: "García", Email: "  "},
	} {
		_, err := b.s.FindPeople(b.ctx(), one)
		refused(t, err, errs.Precondition, "two_identifiers")
	}
	for field, bad := range map[string]*enrollmentv1.FindPeopleRequest{
		"family_name": {FamilyName: "G", Zip: "68501"}, "birth_date": {FamilyName: "García", BirthDate: "1980-02-31"},
		"member_number": {FamilyName: "García", MemberNumber: "–"}, "email": {FamilyName: "García", Email: "anna\x00@example.test"},
		"phone": {FamilyName: "García", Phone: "555 0100"}, "zip": {FamilyName: "García", Zip: "685"},
	} {
		_, err := b.s.FindPeople(b.ctx(), bad)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != field {
			t.Errorf("%s: %v %v", field, err, f)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'patient.search'`); n != 0 {
		t.Errorf("%d searches are recorded that were none", n)
	}
}

func TestAnyTwoIdentifiersFindMembersAndPatients(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := anna()
	b.with(a)
	twin := a
	twin.given, twin.number, twin.email, twin.phone, twin.zip = "Berta", "PM-300", "berta@example.test", "4025550199", "68502"
	active := b.with(twin)
	patient := b.patient(twin, active, ids.New[ids.AccountID]())
	alone := person{given: "Clara", family: "O’Brien-Núñez", born: "1975-01-02", email: "clara@example.test"}
	b.patient(alone, ids.MemberID{}, ids.AccountID{})

	for want, requests := range map[string][]*enrollmentv1.FindPeopleRequest{
		"Anna": {
			{FamilyName: "garcia", MemberNumber: "pm100-200"}, {BirthDate: a.born, Zip: "68501"}, {Email: "ANNA@example.test", FamilyName: "GARC"},
			{Phone: "(402) 555-0100", BirthDate: a.born}, {Zip: "685011234", Phone: "1 402 555 0100"}, {MemberNumber: "PM 100 200", Zip: "68501"},
		},
		"Berta": {
			{Email: "berta@example.test", BirthDate: a.born}, {ByAppointment: true, PatientId: patient.String(), FamilyName: "ga"},
			{MemberNumber: "pm300", FamilyName: "Garcia"}, {Zip: "68502", BirthDate: a.born},
		},
		"Anna Berta": {{FamilyName: "García", BirthDate: a.born}},
		"Clara":      {{FamilyName: "obrien", BirthDate: "1975-01-02"}, {Email: "clara@example.test", BirthDate: "1975-01-02"}},
		"": {
			{FamilyName: "García", BirthDate: "1980-05-07"}, {FamilyName: "Lopez", MemberNumber: "PM100200"}, {ByAppointment: true, FamilyName: "García"},
			{ByAppointment: true, PatientId: patient.String(), FamilyName: "Smith"}, {Email: "clara@example.test", Zip: "68501"},
		},
	} {
		for _, req := range requests {
			if got := b.names(req); got != want {
				t.Errorf("%v finds %q, want %q", req, got, want)
			}
		}
	}
	res, err := b.s.FindPeople(b.ctx(), &enrollmentv1.FindPeopleRequest{FamilyName: "García", BirthDate: a.born})
	must(t, err)
	if one, two := res.GetPeople()[0], res.GetPeople()[1]; one.GetPatientId() != "" || one.GetMemberId() == "" || one.GetHasAccount() ||
		two.GetPatientId() != patient.String() || !two.GetHasAccount() || two.GetPayerName() != "Prairie Mutual" {
		t.Errorf("got %v", res)
	}
}

func TestSearchesAreRecordedWithoutWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	member := b.with(anna())
	b.names(&enrollmentv1.FindPeopleRequest{FamilyName: "garcia", BirthDate: "1980-05-06", Zip: "68501"})
	clara := person{given: "Clara", family: "Tarn", born: "1975-01-02", email: "clara@example.test"}
	patient := b.patient(clara, ids.MemberID{}, ids.AccountID{})
	b.names(&enrollmentv1.FindPeopleRequest{Email: clara.email, BirthDate: clara.born})
	hash := func(kind, value string) string {
		return hex.EncodeToString(b.seal.Hash(purposeSearch, kind+"\n"+value))
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM audit.entries WHERE action = 'patient.search' AND detail->>'by' = 'family_name birth_date zip' AND detail->>'found' = '1'`: 1,
		`SELECT count(*) FROM audit.entries WHERE action = 'patient.search' AND account_id = '` + b.account.String() + `'`:                               2,
		`SELECT count(*) FROM audit.entries WHERE (detail->>'by') || (detail->>'found') || (detail->>'more') ~ '(?i)garcia|1980|68501'`:                  0,
		// Keyed hashes tell who has the key what was looked for.
		`SELECT count(*) FROM audit.entries WHERE detail->>'family_name_hash' = '` + hash("family_name", names.Fold("garcia")) + `' AND detail->>'birth_date_hash' = '` +
			hash("birth_date", "1980-05-06") + `' AND detail->>'zip_hash' = '` + hash("zip", "68501") + `' AND NOT detail ? 'email_hash'`: 1,
		`SELECT count(*) FROM audit.entries WHERE action = 'member.found' AND subject = 'member/` + member.String() + `'`: 1,
		`SELECT count(*) FROM audit.entries WHERE action = 'patient.found' AND patient_id = '` + patient.String() + `'`:   1,
	} {
		if n := b.count(sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
}

func TestTooManyResultsAskForOneMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 25 {
		p := anna()
		p.number, p.given, p.email = fmt.Sprintf("PM-%d", i), fmt.Sprintf("Person %02d", i), fmt.Sprintf("p%d@example.test", i)
		member := b.with(p)
		if i%5 == 0 { // some are patients too: one line each
			b.patient(p, member, ids.AccountID{})
		}
	}
	res, err := b.s.FindPeople(b.ctx(), &enrollmentv1.FindPeopleRequest{FamilyName: "Garcia", BirthDate: "1980-05-06"})
	must(t, err)
	if len(res.GetPeople()) != 20 || !res.GetMore() || res.GetPeople()[7].GetGivenName() != "Person 07" {
		t.Errorf("%d people, more: %v", len(res.GetPeople()), res.GetMore())
	}
	res, err = b.s.FindPeople(b.ctx(), &enrollmentv1.FindPeopleRequest{FamilyName: "Garcia", BirthDate: "1980-05-06", MemberNumber: "PM7"})
	must(t, err)
	if len(res.GetPeople()) != 1 || res.GetMore() {
		t.Errorf("one more gives %v", res)
	}
}

// Of two patients who are one human a search shows who goes on, whichever of
// them fits; the record of who goes on has what the other has. Undone, they are
// two again.
func TestOneHumanIsOneLine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := anna()
	byRoster := a
	byRoster.given, byRoster.number, byRoster.email, byRoster.phone, byRoster.zip = "ANNA MARIA", "PM-700", "am@example.test", "4025550177", "68503"
	survivor := b.patient(a, b.with(a), ids.AccountID{})
	member := b.with(byRoster)
	absorbed := b.patient(byRoster, member, ids.New[ids.AccountID]())
	merge := ids.NewUUID()
	b.exec(`INSERT INTO enrollment.patient_merges (merge_id, survivor_id, absorbed_id, merged_by) VALUES ($1, $2, $3, $1)`, merge, survivor.UUID, absorbed.UUID)
	either := []*enrollmentv1.FindPeopleRequest{
		{FamilyName: "García", BirthDate: a.born}, {FamilyName: "García", MemberNumber: a.number}, {FamilyName: "García", MemberNumber: "PM700"},
		{Email: "am@example.test", BirthDate: a.born}, {Zip: "68503", Phone: "402 555 0177"}, {ByAppointment: true, PatientId: absorbed.String(), FamilyName: "ga"},
	}
	for _, req := range either {
		res, err := b.s.FindPeople(b.ctx(), req)
		must(t, err)
		if len(res.GetPeople()) != 1 {
			t.Errorf("%v finds %v", req, res.GetPeople())
			continue
		}
		one := res.GetPeople()[0]
		if one.GetPatientId() != survivor.String() || one.GetGivenName() != "Anna" || !one.GetHasAccount() || one.GetPayerName() != "Prairie Mutual" {
			t.Errorf("%v finds %v", req, one)
		}
	}
	res, err := b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: survivor.String()})
	must(t, err)
	if p := res.GetPatient(); len(p.GetMembers()) != 2 || len(p.GetContacts()) != 2 || p.GetMergedInto() != "" {
		t.Errorf("the record of who goes on: %v", p)
	}
	for _, m := range res.GetPatient().GetMembers() {
		if m.GetNotInvitable() != "active" {
			t.Errorf("%s may be invited, though they have an account", m.GetGivenName())
		}
	}
	res, err = b.s.GetPatient(b.ctx(), &enrollmentv1.GetPatientRequest{PatientId: absorbed.String()})
	must(t, err)
	if p := res.GetPatient(); p.GetMergedInto() != survivor.String() || len(p.GetMembers()) != 1 {
		t.Errorf("the absorbed record: %v", p)
	}
	of, err := b.s.GetMember(b.ctx(), &enrollmentv1.GetMemberRequest{MemberId: member.String()})
	must(t, err)
	if of.GetPatientId() != survivor.String() {
		t.Errorf("the member leads to %s", of.GetPatientId())
	}
	b.exec(`UPDATE enrollment.patient_merges SET undone_at = clock.now(), undone_by = merge_id WHERE merge_id = $1`, merge)
	if got := b.names(either[0]); got != "Anna Anna Maria" {
		t.Errorf("undone, the search finds %q", got)
	}
}

// Nobody copies a roster by searching; a colleague goes on.
func TestSearchesAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	req := &enrollmentv1.FindPeopleRequest{FamilyName: "García", Zip: "68501"}
	for range searchesPerHour {
		if got := b.names(req); got != "Anna" {
			t.Fatalf("found %q", got)
		}
	}
	_, err := b.s.FindPeople(b.ctx(), req)
	refused(t, err, errs.Throttled, "too_many_searches")
	if wait := errs.RetryAfterOf(err); wait < time.Minute || wait > time.Hour {
		t.Errorf("the wait is %v", wait)
	}
	_, err = b.s.FindPeople(b.ctx(), &enrollmentv1.FindPeopleRequest{FamilyName: "García"})
	refused(t, err, errs.Precondition, "two_identifiers") // no search, and not counted as one
	if _, err := b.s.FindPeople(b.as(ids.New[ids.AccountID]()), req); err != nil {
		t.Errorf("a colleague: %v", err)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'patient.search_stopped' AND account_id = '` + b.account.String() + `'`); n != 1 {
		t.Errorf("%d refusals are recorded", n)
	}
}
