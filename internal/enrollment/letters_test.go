package enrollment_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func stamp(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }

// unreachable is an adult with a postal address and no e-mail.
func unreachable() person {
	p := ines()
	p.email, p.phone = "", ""
	return p
}

var mailedCode = regexp.MustCompile(`(?m)^(\d{4} \d{4})$`)

// batch makes a batch and returns it with its letters.
func (b *bundle) batch(audience string) (string, []*enrollmentv1.Letter) {
	b.t.Helper()
	res, err := b.letters.MakeLetters(b.staff(1), &enrollmentv1.MakeLettersRequest{PayerId: b.payer.String(), Audience: audience, Most: 100, IdempotencyKey: key()})
	must(b.t, err)
	if res.GetBatchId() == "" {
		return "", nil
	}
	out, err := b.letters.PrintLetters(b.staff(1), &enrollmentv1.PrintLettersRequest{BatchId: res.GetBatchId()})
	must(b.t, err)
	return res.GetBatchId(), out.GetLetters()
}

func (b *bundle) open(code, born string) (string, error) {
	res, err := b.letters.OpenLetter(b.t.Context(), &enrollmentv1.OpenLetterRequest{Code: code, BirthDate: born, Language: "es", Address: "192.0.2.1"})
	return res.GetActivationId(), err
}

func (b *bundle) email(activation, email string) error {
	_, err := b.letters.NameEmail(b.t.Context(), &enrollmentv1.NameEmailRequest{ActivationId: activation, Email: email, Address: "192.0.2.1"})
	return err
}

func (b *bundle) confirm(activation, code string) (*enrollmentv1.ConfirmLetterResponse, error) {
	return b.letters.ConfirmLetter(b.t.Context(), &enrollmentv1.ConfirmLetterRequest{ActivationId: activation, Code: code, Address: "192.0.2.1"})
}

func TestByLetter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.on(b.payer, unreachable())
	id, all := b.batch("everybody")
	if len(all) != 1 {
		t.Fatalf("%d letters", len(all))
	}
	l := all[0]
	if !regexp.MustCompile(`^[2-9A-HJKMNP-TV-Z]{4}(-[2-9A-HJKMNP-TV-Z]{4}){2}$`).MatchString(l.GetCode()) || l.GetLanguage() != "es" {
		t.Errorf("the letter is %v", l)
	}
	if strings.Join(l.GetAddress(), "|") != "7 GABLE ROW|LINCOLN, NE 68502" {
		t.Errorf("it goes to %q", l.GetAddress())
	}
	_, err := b.open(l.GetCode(), "1980-05-07")
	refused(t, err, errs.Invalid, "letter_wrong")
	_, err = b.open("K7QM-2D9F-4R8T", "1980-05-06")
	refused(t, err, errs.Invalid, "letter_wrong")
	// Typed in small letters, with other dashes.
	activation, err := b.open(strings.ToLower(strings.ReplaceAll(l.GetCode(), "-", " – ")), "1980-05-06")
	must(t, err)
	_, err = b.confirm(activation, "12345678") // no address yet
	refused(t, err, errs.Precondition, "letter_activation_over")
	refused(t, b.email(activation, "not an address"), errs.Invalid, errs.ReasonInvalidFields)
	must(t, b.email(activation, "ines.own@example.test"))
	code := b.mailed("ines.own@example.test", mailedCode)
	_, err = b.confirm(activation, "00000000")
	refused(t, err, errs.Invalid, "code_wrong")
	first, err := b.confirm(activation, code)
	must(t, err)
	again, err := b.confirm(activation, code)
	must(t, err)
	if first.GetTicket() == "" || first.GetTicket() != again.GetTicket() || first.GetPatientId() != again.GetPatientId() {
		t.Errorf("first %v, then %v", first, again)
	}
	facts := b.published(first.GetPatientId())
	if facts.GetEmail() != "ines.own@example.test" || facts.GetHomeState() != "NE" || len(facts.GetActsFor()) != 1 {
		t.Errorf("the patient is %v", facts)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.contact_points WHERE kind = 'address' AND source = 'patient' AND verified_at IS NOT NULL`)
	_, err = b.open(l.GetCode(), "1980-05-06")
	refused(t, err, errs.Precondition, "already_active")
	_, err = b.letters.SettleLetters(b.staff(2), &enrollmentv1.SettleLettersRequest{BatchId: id, State: "mailed", IdempotencyKey: key()})
	must(t, err)
	b.wantCount(0, `SELECT count(*) FROM enrollment.letters WHERE code_sealed IS NOT NULL`)
	b.wantCount(1, `SELECT count(*) FROM audit.entries WHERE action = 'patient.activate'`)
}

// Five wrong birth dates, sixty days, another address, another letter: each ends
// a letter, and nothing says which.
func TestLettersThatAreOver(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil  func(b *bundle, m ids.MemberID, code string)
		reason string
	}{
		"tried too often": {func(b *bundle, _ ids.MemberID, code string) {
			for range 5 {
				_, err := b.open(code, "1990-01-01")
				refused(b.t, err, errs.Invalid, "letter_wrong")
			}
		}, "letter_wrong"},
		"expired": {func(b *bundle, _ ids.MemberID, _ string) { b.move(61 * 24 * time.Hour) }, "letter_over"},
		"moved house": {func(b *bundle, m ids.MemberID, _ string) {
			b.exec(`UPDATE enrollment.members SET address1 = '9 ELM ST' WHERE member_id = $1`, m.UUID)
		}, "letter_over"},
		"a minor after all": {func(b *bundle, m ids.MemberID, _ string) {
			b.exec(`UPDATE enrollment.members SET birth_date = '2015-05-06' WHERE member_id = $1`, m.UUID)
		}, "letter_wrong"},
		"thrown away": {func(b *bundle, _ ids.MemberID, _ string) {
			var id string
			b.database.Query(b.t, `SELECT batch_id::text FROM enrollment.letter_batches`, &id)
			_, err := b.letters.SettleLetters(b.staff(1), &enrollmentv1.SettleLettersRequest{BatchId: id, State: "discarded", IdempotencyKey: key()})
			must(b.t, err)
		}, "letter_over"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			m := b.on(b.payer, unreachable())
			_, all := b.batch("everybody")
			started, err := b.open(all[0].GetCode(), "1980-05-06")
			must(t, err)
			tc.spoil(b, m, all[0].GetCode())
			_, err = b.open(all[0].GetCode(), "1980-05-06")
			if errs.ReasonOf(err) != tc.reason {
				t.Errorf("opening says %v, want %s", err, tc.reason)
			}
			if tc.reason == "letter_over" {
				refused(t, b.email(started, "ines.own@example.test"), errs.Precondition, "letter_activation_over")
			}
		})
	}
}

// Who gets a letter: covered adults whom no mail reaches, once.
func TestWhoGetsALetter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.on(b.payer, unreachable())
	bounced := person{number: "PM-2", given: "Bela", family: "Tarn", born: "1970-02-03", email: "bela@example.test", street: "1 ELM ST"}
	b.on(b.payer, bounced)
	for i, change := range []func(p *person){
		func(p *person) { p.email = "fine@example.test" },
		func(p *person) { p.street = "" },
		func(p *person) { p.born = "2015-01-02" },
	} {
		p := person{number: "PM-1" + string(rune('0'+i)), given: "Cleo", family: "Tarn", born: "1970-02-03", street: "1 ELM ST"}
		change(&p)
		b.on(b.payer, p)
	}
	ended := b.on(b.payer, person{number: "PM-20", given: "Dora", family: "Tarn", born: "1970-02-03", street: "1 ELM ST"})
	b.exec(`UPDATE enrollment.coverages SET ends = '2026-01-31' WHERE member_id = $1`, ended.UUID)
	_, err := b.invitations.MarkUndeliverable(b.staff(1), &enrollmentv1.MarkUndeliverableRequest{Email: "bela@example.test", IdempotencyKey: key()})
	must(t, err)
	over, err := b.letters.LetterOverview(b.staff(1), &enrollmentv1.LetterOverviewRequest{})
	must(t, err)
	if p := over.GetPayers()[1]; p.GetPayerName() != "Prairie Mutual" || p.GetWaiting() != 2 {
		t.Errorf("the overview says %v", over.GetPayers())
	}
	id, all := b.batch("everybody")
	if len(all) != 2 {
		t.Fatalf("%d letters, want 2: %v", len(all), all)
	}
	if _, more := b.batch("everybody"); len(more) != 0 {
		t.Errorf("the same people get %d more letters", len(more))
	}
	// Only who made it prints it, for a day.
	_, err = b.letters.PrintLetters(b.staff(2), &enrollmentv1.PrintLettersRequest{BatchId: id})
	refused(t, err, errs.Precondition, "batch_not_printable")
	_, err = b.letters.PrintLetters(b.staff(1), &enrollmentv1.PrintLettersRequest{BatchId: id})
	must(t, err)
	b.move(25 * time.Hour)
	_, err = b.letters.PrintLetters(b.staff(1), &enrollmentv1.PrintLettersRequest{BatchId: id})
	refused(t, err, errs.Precondition, "batch_not_printable")
	b.wantCount(2, `SELECT count(*) FROM audit.entries WHERE action = 'letter.print'`)
	_, err = b.letters.SettleLetters(b.staff(2), &enrollmentv1.SettleLettersRequest{BatchId: id, State: "discarded", IdempotencyKey: key()})
	must(t, err)
	_, err = b.letters.SettleLetters(b.staff(2), &enrollmentv1.SettleLettersRequest{BatchId: id, State: "mailed", IdempotencyKey: key()})
	refused(t, err, errs.Conflict, "batch_settled")
	if _, anew := b.batch("everybody"); len(anew) != 2 {
		t.Errorf("after throwing them away, %d letters", len(anew))
	}
}

// Whoever asks for a letter gets the same answer, and at most one in 14 days.
func TestAskingForALetter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.on(b.payer, unreachable())
	ask := func(number, family string) {
		t.Helper()
		a, err := b.patients.StartActivation(t.Context(), &enrollmentv1.StartActivationRequest{
			MemberId: number, FamilyName: family, BirthDate: "1980-05-06", Language: "en", Address: "192.0.2.1",
		})
		must(t, err)
		res, err := b.letters.RequestLetter(t.Context(), &enrollmentv1.RequestLetterRequest{ActivationId: a.GetActivationId(), Address: "192.0.2.1"})
		if err != nil || res == nil {
			t.Fatalf("%s %s is told %v", number, family, err)
		}
	}
	ask("PM-1", "Quiroga")
	ask("PM-1", "Nobody")
	ask("PM-77", "Quiroga")
	_, err := b.letters.RequestLetter(t.Context(), &enrollmentv1.RequestLetterRequest{ActivationId: "no id", Address: "192.0.2.1"})
	must(t, err)
	b.wantCount(3, `SELECT count(*) FROM enrollment.letter_requests`)
	_, all := b.batch("requested")
	if len(all) != 1 {
		t.Fatalf("%d letters", len(all))
	}
	ask("PM-1", "Quiroga")
	if _, more := b.batch("requested"); len(more) != 0 {
		t.Errorf("%d more letters on the same day", len(more))
	}
	b.move(15 * 24 * time.Hour)
	_, later := b.batch("requested")
	if len(later) != 1 {
		t.Fatalf("%d letters two weeks later", len(later))
	}
	_, err = b.open(all[0].GetCode(), "1980-05-06")
	refused(t, err, errs.Precondition, "letter_over")
	_, err = b.open(later[0].GetCode(), "1980-05-06")
	must(t, err)
}

// An address that is somebody else's account leads to staff, not into it.
func TestLetterWithSomebodyElsesAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.activate(b.on(b.payer, person{number: "PM-9", given: "Bela", family: "Tarn", born: "1970-01-02", email: "bela@example.test"}), "bela@example.test")
	b.on(b.payer, unreachable())
	_, all := b.batch("everybody")
	activation, err := b.open(all[0].GetCode(), "1980-05-06")
	must(t, err)
	must(t, b.email(activation, "bela@example.test"))
	code := b.mailed("bela@example.test", mailedCode)
	res, err := b.confirm(activation, code)
	must(t, err)
	again, err := b.confirm(activation, code)
	must(t, err)
	if res.GetTicket() != "" || res.GetReference() == "" || again.GetReference() != res.GetReference() {
		t.Errorf("told %v, then %v", res, again)
	}
}
