package roster

import (
	"fmt"
	"strings"
	"testing"
)

// rosterOf is a file of our own payer with these records.
func rosterOf(n int, records ...string) string {
	body := "ST*834*0001*005010X220A1~\nBGN*00*11*20270104*1200****2~\nN1*P5*Orchard Works*FI*990000001~\nN1*IN*Juniper Mutual*FI*990000002~\n" +
		strings.Join(records, "")
	return "ISA*00*          *00*          *ZZ*FIXTURES       *ZZ*BEDSIDE        *270104*1200*^*00501*000000001*0*P*:~\n" +
		"GS*BE*FIXTURES*BEDSIDE*20270104*1200*1*X*005010X220A1~\n" + body +
		fmt.Sprintf("SE*%d*0001~\nGE*1*1~\nIEA*1*000000001~\n", strings.Count(body, "~")+1)
}

// person is one record: who, with which number, living where.
func person(ins, number, family, given, born, street, town string) string {
	return "INS*" + ins + "*021*28*A***FT~\nREF*0F*" + number + "~\nNM1*IL*1*" + family + "*" + given + "~\nN3*" + street + "~\nN4*" + town +
		"~\nDMG*D8*" + born + "*F~\nHD*021**HLT*GOLD*FAM~\nDTP*348*D8*20270101~\n"
}

func ann() string {
	return person("Y*18", "A100", "Smith", "Ann", "19800101", "1 Elm Street", "Erie*PA*16501")
}

// bob carries another number than Ann; his subscriber, if he has one, is not
// there yet.
func bob() string {
	return person("N*19", "B200", "Smith", "Bob", "20150303", "9 Birch Road", "Reno*NV*89501")
}

func carl() string {
	return person("Y*18", "B200", "Smith", "Carl", "19790505", "9 Birch Road", "Reno*NV*89501")
}

// A dependent with a number that no subscriber has yet is nobody's, whoever
// stands before them and is called alike: not even where both live in one
// house. The subscriber of that number brings them in.
func TestADependentWaitsForTheirOwnSubscriber(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for name, child := range map[string]string{
		"another town":   bob(),
		"the same house": strings.Replace(strings.Replace(bob(), "9 Birch Road", "1 Elm Street", 1), "Reno*NV*89501", "Erie*PA*16501", 1),
	} {
		b.payer(name)
		i := b.done(name, rosterOf(1, ann(), child))
		if got := b.reasons(i); got != "warning:subscribers_missing held:no_subscriber" {
			t.Errorf("%s: %s", name, got)
		}
		if got := b.table(name); strings.Contains(got, "Bob") {
			t.Errorf("%s: Bob is on somebody's plan:\n%s", name, got)
		}
		// A later file with the stranger alone changes nothing.
		b.done(name, renumber(rosterOf(1, ann()), 2))
		if got := b.table(name); strings.Contains(got, "Bob") {
			t.Errorf("%s: Bob is on somebody's plan after a second file:\n%s", name, got)
		}
		i = b.done(name, renumber(rosterOf(1, carl()), 3))
		if got := b.reasons(i); got != "warning:held_released" {
			t.Errorf("%s: %s", name, got)
		}
		if n := b.count(`SELECT count(*) FROM enrollment.members m JOIN enrollment.members s ON s.member_id = m.subscriber_member_id
			JOIN enrollment.payers p ON p.payer_id = m.payer_id AND p.name = $1
			WHERE m.given_name = 'Bob' AND s.given_name = 'Carl' AND m.subscriber_no = 'B200' AND m.own_no IS NULL`, name); n != 1 {
			t.Errorf("%s: Bob did not come to Carl:\n%s", name, b.table(name))
		}
	}
}

// A number that is another person's own says nothing of a family, where
// dependents carry the subscriber's.
func TestAnOwnNumberOnFileLeadsNobodyAstray(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	lars := strings.Replace(person("N*19", "A100", "Smith", "Lars", "20140404", "1 Elm Street", "Erie*PA*16501"), "*Lars~", "*Lars****ZZ*B200~", 1)
	b.done("Juniper", rosterOf(1, ann(), lars))
	if n := b.count(`SELECT count(*) FROM enrollment.members WHERE own_no = 'B200'`); n != 1 {
		t.Fatalf("%d with the number of their own", n)
	}
	for i, child := range []string{bob(), strings.Replace(bob(), "*Bob~", "*Bob****ZZ*X9~", 1)} {
		if got := b.reasons(b.done("Juniper", renumber(rosterOf(1, child), i+2))); got != "held:no_subscriber" {
			t.Errorf("child %d: %s\n%s", i, got, b.table("Juniper"))
		}
	}
}

// Of a payer that says so, numbers of dependents are their own: also in a
// change file of one family, and when they come again.
func TestDependentsWithNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper", func(p *Payer) { p.DependentNumbers = true })
	i := b.done("Juniper", rosterOf(1, ann(), bob()))
	if got := b.reasons(i); got != "warning:linked_by_order" || i.GetMembersAdded() != 2 {
		t.Errorf("one family: %s, %s", summary(i), got)
	}
	moved := strings.NewReplacer("9 Birch Road", "1 Elm Street", "Reno*NV*89501", "Erie*PA*16501").Replace(bob())
	i = b.done("Juniper", renumber(rosterOf(1, moved), 2))
	if i.GetMembersChanged() != 1 || i.GetRejected() != 0 {
		t.Errorf("alone: %s, %s", summary(i), b.reasons(i))
	}
	i = b.done("Juniper", renumber(rosterOf(1, ann(), moved), 3))
	if i.GetMembersUnchanged() != 2 {
		t.Errorf("again: %s, %s", summary(i), b.reasons(i))
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members WHERE own_no = 'B200' AND subscriber_no = 'A100'`); n != 1 {
		t.Errorf("Bob:\n%s", b.table("Juniper"))
	}
	p, err := b.PayerNamed(t.Context(), "Juniper")
	if err != nil || !p.DependentNumbers {
		t.Errorf("settings: %+v, %v", p, err)
	}
}
