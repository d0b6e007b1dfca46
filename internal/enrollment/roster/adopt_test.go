package roster

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// waiting is a file of dependents whose subscribers are not there, and coming
// one of those subscribers.
func waiting(n int) (held, coming string) {
	var dependents, subscribers []string
	for i := 1; i <= n; i++ {
		no, family := fmt.Sprintf("H%d", i), fmt.Sprintf("Family%d", i)
		dependents = append(dependents, person("N*19", no, family, "Kit", "20150303", "1 Elm Street", "Erie*PA*16501"))
		subscribers = append(subscribers, person("Y*18", no, family, "Pat", "19790505", "1 Elm Street", "Erie*PA*16501"))
	}
	return rosterOf(1, dependents...), renumber(rosterOf(1, subscribers...), 2)
}

func (b *bundle) left(payer string) int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM enrollment.staged_members s JOIN enrollment.imports i USING (import_id)
		JOIN enrollment.payers p USING (payer_id) WHERE p.name = $1`, payer)
}

// However many records wait, all whose subscriber comes are taken up, a few a
// transaction, and whoever waits for somebody else stays.
func TestAllThatWaitAreTakenUp(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.adoptSize = 2
	b.payer("Juniper")
	b.payer("Another")
	held, coming := waiting(7)
	b.done("Another", held)
	b.done("Juniper", held)
	i := b.done("Juniper", renumber(rosterOf(1, person("Y*18", "H4", "Family4", "Pat", "19790505", "1 Elm Street", "Erie*PA*16501")), 3))
	if got := b.reasons(i); got != "warning:held_released" || b.left("Juniper") != 6 {
		t.Errorf("one of them: %s, %d left", got, b.left("Juniper"))
	}
	i = b.done("Juniper", coming)
	if got := b.reasons(i); !strings.HasPrefix(got, "warning:held_released") || strings.Contains(got, "held:") || b.left("Juniper") != 0 {
		t.Errorf("all of them: %s, %d left", got, b.left("Juniper"))
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members m JOIN enrollment.members s ON s.member_id = m.subscriber_member_id
		AND s.subscriber_no = m.subscriber_no AND s.family_name = m.family_name`); n != 7 {
		t.Errorf("%d dependents are with their families:\n%s", n, b.table("Juniper"))
	}
	if b.left("Another") != 7 {
		t.Errorf("%d of another payer's are left", b.left("Another"))
	}
}

// Whoever was left waiting though their subscriber is on file is found by the
// next import.
func TestWhoWaitsForSomebodyOnFileIsTakenUp(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	held, _ := waiting(1)
	b.done("Juniper", renumber(rosterOf(1, ann()), 5))
	b.done("Juniper", held)
	if _, err := b.pg.W.DB().Exec(t.Context(), `UPDATE enrollment.staged_members SET subscriber_no = 'A100' WHERE state = 'held'`); err != nil {
		t.Fatal(err)
	}
	b.done("Juniper", renumber(fixture(t, "latin-1"), 7))
	if n := b.count(`SELECT count(*) FROM enrollment.members WHERE given_name = 'Kit' AND subscriber_no = 'A100'`); n != 1 || b.left("Juniper") != 0 {
		t.Errorf("%d found, %d left", n, b.left("Juniper"))
	}
}

// A worker that dies while it takes up records loses none of them.
func TestKilledWhileTakingUp(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.adoptSize = 2
	held, coming := waiting(3)
	steps := b.stopAt(0)
	b.payer("Juniper")
	b.done("Juniper", held)
	*steps = 0
	b.done("Juniper", coming)
	for n, all := 1, *steps; n <= all; n++ {
		payer := fmt.Sprintf("Juniper %d", n)
		b.payer(payer)
		b.stopAt(0)
		b.done(payer, held)
		b.stopAt(n)
		if _, err := b.try(payer, coming); !errors.Is(err, errStopped) {
			t.Fatalf("step %d of %d: %v", n, all, err)
		}
		b.stopAt(0)
		b.killed()
		if i := b.load(payer, coming); i.GetStatus() == "refused" || i.GetRejected() != 0 {
			t.Errorf("step %d of %d: %v %s", n, all, i, b.reasons(i))
		}
		if got, want := b.table(payer), b.table("Juniper"); got != want {
			t.Errorf("after step %d of %d:\n%s\nwant:\n%s", n, all, got, want)
		}
	}
}
