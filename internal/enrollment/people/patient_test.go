package people

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/jackc/pgx/v5"
)

func TestOwnAndOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient, account := b.activate(anna())
	stranger := ids.New[ids.AccountID]()

	mine, err := b.client.Me(b.asPatient(account), &enrollmentv1.MeRequest{})
	must(t, err)
	if len(mine.GetPatients()) != 1 || mine.GetPatients()[0].GetPatientId() != patient.String() || len(mine.GetPatients()[0].GetCoverages()) != 1 {
		t.Errorf("me: %v", mine)
	}
	if b.audited("patient.read") != 1 {
		t.Errorf("%d reads recorded, want 1", b.audited("patient.read"))
	}
	theirs, err := b.client.Me(b.asPatient(stranger), &enrollmentv1.MeRequest{})
	must(t, err)
	if len(theirs.GetPatients()) != 0 {
		t.Errorf("a stranger sees %v", theirs)
	}
	_, err = b.client.SetLanguage(b.asPatient(stranger), &enrollmentv1.SetLanguageRequest{PatientId: patient.String(), Language: "es"})
	refused(t, err, errs.NotFound, "patient_unknown")
	_, err = b.client.RecordConsent(b.asPatient(stranger), consent(patient, "key-stranger"))
	refused(t, err, errs.NotFound, "patient_unknown")
	for name, call := range map[string]func(context.Context) error{
		"Me": func(ctx context.Context) error { _, err := b.client.Me(ctx, &enrollmentv1.MeRequest{}); return err },
		"SetLanguage": func(ctx context.Context) error {
			_, err := b.client.SetLanguage(ctx, &enrollmentv1.SetLanguageRequest{PatientId: patient.String(), Language: "es"})
			return err
		},
		"RecordConsent": func(ctx context.Context) error {
			_, err := b.client.RecordConsent(ctx, consent(patient, "key-nobody"))
			return err
		},
	} {
		if err := call(b.as(rpcv1.Role_ROLE_STAFF, account)); errs.CodeOf(err) != errs.Forbidden {
			t.Errorf("%s as staff: %v", name, err)
		}
		if err := call(t.Context()); errs.CodeOf(err) != errs.Unauthenticated {
			t.Errorf("%s as nobody: %v", name, err)
		}
	}
	_, err = b.client.ListActivationCases(b.asPatient(account), &enrollmentv1.ListActivationCasesRequest{})
	refused(t, err, errs.Forbidden, "not_allowed")
	_, err = b.client.Changes(b.asPatient(account), &feedv1.ChangesRequest{Topic: topicPatients})
	refused(t, err, errs.Forbidden, "not_allowed")
	if version, f := b.published(patient); version != 1 || len(f.GetConsents()) != 0 {
		t.Errorf("refused calls published version %d, %v", version, f)
	}
}

func TestSetLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient, account := b.activate(anna())
	_, err := b.client.SetLanguage(b.asPatient(account), &enrollmentv1.SetLanguageRequest{PatientId: patient.String(), Language: "es"})
	must(t, err)
	if version, f := b.published(patient); version != 2 || f.GetLanguage() != "es" {
		t.Errorf("version %d, language %q", version, f.GetLanguage())
	}
	_, err = b.client.SetLanguage(b.asPatient(account), &enrollmentv1.SetLanguageRequest{PatientId: patient.String(), Language: "fr"})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	_, err = b.client.SetLanguage(b.asPatient(account), &enrollmentv1.SetLanguageRequest{PatientId: "x", Language: "es"})
	refused(t, err, errs.Invalid, "id_malformed")
	if b.audited("patient.language") != 1 {
		t.Error("the change is not in the audit trail once")
	}
}

func consent(patient ids.PatientID, key string) *enrollmentv1.RecordConsentRequest {
	return &enrollmentv1.RecordConsentRequest{
		PatientId: patient.String(), Kind: "telehealth", Version: "2026-11", Language: "es", IdempotencyKey: key,
	}
}

func TestConsents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient, account := b.activate(anna())
	ctx := b.asPatient(account)
	first, err := b.client.RecordConsent(ctx, consent(patient, "key-one-1"))
	must(t, err)
	again, err := b.client.RecordConsent(ctx, consent(patient, "key-one-1"))
	must(t, err)
	if first.GetConsentId() == "" || first.GetConsentId() != again.GetConsentId() {
		t.Errorf("repeated: %v, then %v", first, again)
	}
	other := consent(patient, "key-one-1")
	other.Language = "en"
	_, err = b.client.RecordConsent(ctx, other)
	refused(t, err, errs.Conflict, once.ReasonReused)
	for _, change := range []func(*enrollmentv1.RecordConsentRequest){
		func(r *enrollmentv1.RecordConsentRequest) { r.Version = "2025-01" },
		func(r *enrollmentv1.RecordConsentRequest) { r.Kind = "organ_donation" },
		func(r *enrollmentv1.RecordConsentRequest) { r.Language = "fr" },
		func(r *enrollmentv1.RecordConsentRequest) { r.IdempotencyKey = "" },
	} {
		req := consent(patient, "key-two-2")
		change(req)
		_, err = b.client.RecordConsent(ctx, req)
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	}
	version, f := b.published(patient)
	if version != 2 || len(f.GetConsents()) != 1 {
		t.Fatalf("version %d, consents %v", version, f.GetConsents())
	}
	if c := f.GetConsents()[0]; c.GetConsentId() != first.GetConsentId() || c.GetKind() != "telehealth" || c.GetVersion() != "2026-11" ||
		c.GetLanguage() != "es" || c.GetGivenAt().AsTime().IsZero() {
		t.Errorf("published %v", c)
	}
	// Given again at the next visit: a row of its own. Either may be what
	// somebody is booking with at this moment.
	next, err := b.client.RecordConsent(ctx, consent(patient, "key-next-3"))
	must(t, err)
	_, f = b.published(patient)
	if c := f.GetConsents(); len(c) != 2 || c[0].GetConsentId() != next.GetConsentId() || c[1].GetConsentId() != first.GetConsentId() {
		t.Errorf("published %v, want %s, then %s", c, next.GetConsentId(), first.GetConsentId())
	}
	// Of those given long ago only the newest is in the facts.
	b.move(2 * time.Hour)
	last, err := b.client.RecordConsent(ctx, consent(patient, "key-last-4"))
	must(t, err)
	_, f = b.published(patient)
	if c := f.GetConsents(); len(c) != 1 || c[0].GetConsentId() != last.GetConsentId() {
		t.Errorf("published %v, want %s", c, last.GetConsentId())
	}
	b.wantCount(3, `SELECT count(*) FROM enrollment.consents WHERE octet_length(document_hash) = 32`)
	if b.audited("consent.record") != 3 {
		t.Errorf("%d audit entries", b.audited("consent.record"))
	}
}

func TestReadConsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, lang := range languages() {
		d, err := b.client.ReadConsent(t.Context(), &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: lang})
		must(t, err)
		body, err := documentFiles.ReadFile("documents/telehealth.2026-11." + lang + ".txt")
		must(t, err)
		if hash := sha256.Sum256(body); !bytes.Equal(d.GetDocumentHash(), hash[:]) {
			t.Errorf("%s: the hash is of another text", lang)
		}
		if d.GetVersion() != "2026-11" || d.GetTitle() == "" || len(d.GetParagraphs()) < 5 || !strings.Contains(string(body), d.GetParagraphs()[2]) {
			t.Errorf("%s: %v", lang, d)
		}
	}
	_, err := b.client.ReadConsent(t.Context(), &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: "en", Version: "2020-01"})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
}

func TestDocumentsAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"telehealth.2026-11.fr.txt": "Title\n\nText",
		"telehealth.en.txt":         "Title\n\nText",
		"telehealth.2026-11.en.txt": "Title",
	} {
		if _, err := parseDocument(name, body); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestRosterChangesReachThePatient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	bystander := b.with(person{number: "PM-5", given: "Zoe", family: "Again", born: "1990-02-03"})
	patient, _ := b.activate(anna())
	changed := func(sql string, args ...any) (int64, *enrollmentv1.PatientFacts) {
		b.tx(func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				return err
			}
			return b.service.OnMembersChanged(ctx, tx, []ids.MemberID{m, bystander})
		})
		b.service.Ring()
		return b.published(patient)
	}
	version, f := changed(`UPDATE enrollment.coverages SET ends = '2026-12-31' WHERE member_id = $1`, m.UUID)
	if version != 2 || f.GetCoverages()[0].GetTo() != "2026-12-31" {
		t.Errorf("version %d, coverages %v", version, f.GetCoverages())
	}
	version, f = changed(`UPDATE enrollment.members SET family_name = 'Pérez', phone = '', email = 'new@example.test', state = 'KS' WHERE member_id = $1`, m.UUID)
	if version != 3 || f.GetFamilyName() != "Pérez" || f.GetPhone() != "" || f.GetHomeState() != "KS" {
		t.Errorf("version %d, facts %v", version, f)
	}
	if f.GetEmail() != "anna@example.test" {
		t.Errorf("mail goes to %s: a roster's change redirected what the patient proved", f.GetEmail())
	}
	// Another person under the same number does not rename the patient.
	version, f = changed(`UPDATE enrollment.members SET given_name = 'Otto', birth_date = '1955-01-02' WHERE member_id = $1`, m.UUID)
	if version != 4 || f.GetGivenName() != "Anna" || f.GetBirthDate() != "1980-05-06" {
		t.Errorf("version %d, facts %v", version, f)
	}
	changed(`UPDATE enrollment.members SET phone = '+14025550101' WHERE member_id = $1`, m.UUID)
	reasons := b.reasons()
	if len(reasons) != 1 {
		t.Fatalf("cases %v, want one", reasons)
	}
	for _, reason := range reasons {
		if reason != reasonDetailsDiffer {
			t.Errorf("the case says %s", reason)
		}
	}
	b.wantCount(5, `SELECT count(*) FROM enrollment.feed`)
}

// TestRosterChangeDuringActivation: whichever comes second publishes what both
// wrote.
func TestRosterChangeDuringActivation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.with(anna())
	a := b.start("PM-100 200", "García", "1980-05-06")
	code := b.code("anna@example.test")
	answer := make(chan string, 1)
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE enrollment.coverages SET ends = '2026-12-31' WHERE member_id = $1`, m.UUID); err != nil {
			return err
		}
		if err := b.service.OnMembersChanged(ctx, tx, []ids.MemberID{m}); err != nil {
			return err
		}
		go func() {
			res, err := b.confirm(a.GetActivationId(), code)
			if err != nil {
				t.Errorf("confirming: %v", err)
			}
			answer <- res.GetPatientId()
		}()
		eventually(t, "the activation to wait for the member", func() bool {
			return b.count(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`) > 0
		})
		return nil
	})
	patient, err := ids.Parse[ids.PatientID](<-answer)
	must(t, err)
	if _, f := b.published(patient); f.GetCoverages()[0].GetTo() != "2026-12-31" {
		t.Errorf("published %v", f.GetCoverages())
	}
}

func TestSeveralMembersOnePatient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient, account := b.activate(anna())
	second := ids.NewUUID()
	b.exec(`INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Harbor Health', '{HARBOR}')`, second)
	p := anna()
	p.number = "HH1"
	m := b.on(second, p)
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1`, m.UUID, patient.UUID); err != nil {
			return err
		}
		return b.service.OnMembersChanged(ctx, tx, []ids.MemberID{m})
	})
	res, err := b.client.Me(b.asPatient(account), &enrollmentv1.MeRequest{})
	must(t, err)
	payers := map[string]bool{}
	for _, c := range res.GetPatients()[0].GetCoverages() {
		payers[c.GetPayerName()] = true
	}
	if len(payers) != 2 {
		t.Errorf("coverages of %v", payers)
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.with(anna())
	patient, account := b.activate(anna())
	_, err := b.client.SetLanguage(b.asPatient(account), &enrollmentv1.SetLanguageRequest{PatientId: patient.String(), Language: "es"})
	must(t, err)
	res, err := b.client.Changes(rpc.AsService(t.Context()), &feedv1.ChangesRequest{Topic: topicPatients})
	must(t, err)
	if len(res.GetChanges()) != 2 || res.GetChanges()[1].GetVersion() != 2 || res.GetChanges()[1].GetKey() != patient.String() {
		t.Errorf("changes %v", res.GetChanges())
	}
}

func TestSeedDemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := ids.New[ids.AccountID]()
	_, err := b.service.SeedDemo(t.Context(), account, "demo.patient@example.test", "Prairie Mutual")
	refused(t, err, errs.Precondition, "demo_roster_missing")
	b.with(person{number: "PM-0", given: "Kid", family: "Young", born: "2015-02-03"})
	m := b.with(anna())
	first, err := b.service.SeedDemo(t.Context(), account, "demo.patient@example.test", "Prairie Mutual")
	must(t, err)
	again, err := b.service.SeedDemo(t.Context(), account, "demo.patient@example.test", "Prairie Mutual")
	must(t, err)
	if first != again {
		t.Errorf("seeded %s, then %s", first, again)
	}
	version, f := b.published(first)
	if version != 1 || f.GetGivenName() != "Anna" || f.GetEmail() != "demo.patient@example.test" || f.GetCoverages()[0].GetMemberId() != m.String() {
		t.Errorf("version %d, facts %v", version, f)
	}
	if b.count(`SELECT count(*) FROM enrollment.river_job`) != 0 {
		t.Error("the demo sent mail")
	}
	b.service.demo = false
	_, err = b.service.SeedDemo(t.Context(), account, "demo.patient@example.test", "Prairie Mutual")
	refused(t, err, errs.Forbidden, "demo_off")
}

func TestLettersInBothLanguages(t *testing.T) {
	t.Parallel()
	l := letters{baseURL: "https://bedside.test", helpPhone: "1-800-555-0199"}
	for _, lang := range languages() {
		for want, m := range map[string]mail.Message{
			"https://bedside.test/activate/TOKEN": l.invitation("a@b.test", lang, "Anna", "Prairie Mutual", "TOKEN", "1"),
			"\n\n1234 5678\n":                     l.code("a@b.test", lang, "12345678", "1"),
			"/sign-in":                            l.signIn("a@b.test", lang, "1"),
			"https://bedside.test/sign-in":        l.activated("a@b.test", lang, "1"),
		} {
			if m.To != "a@b.test" || m.Subject == "" || m.ID == "" || !strings.Contains(m.Text, want) ||
				!strings.Contains(m.Text, "1-800-555-0199 (TTY 711)") || strings.Contains(m.Text, "%!") {
				t.Errorf("%s: %q\n%s", lang, m.Subject, m.Text)
			}
		}
	}
}
