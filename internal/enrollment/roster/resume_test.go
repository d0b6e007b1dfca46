package roster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	rosters "github.com/bedside-health/bedside/internal/demo/roster"
)

// killed is what a process that dies leaves behind: nothing is given back, and
// the lease runs out by itself.
func (b *bundle) killed() {
	b.t.Helper()
	if _, err := b.pg.W.DB().Exec(b.t.Context(), `UPDATE enrollment.imports SET lease_owner = gen_random_uuid(), lease_until = clock.now() - interval '1 second'
		WHERE status IN ('reading', 'checking', 'applying')`); err != nil {
		b.t.Fatal(err)
	}
}

// stopAt makes the import die after its nth step, as a kill would: between two
// commits.
func (b *bundle) stopAt(n int) *int {
	steps := 0
	b.between = func(string) error {
		steps++
		if steps == n {
			return errStopped
		}
		return nil
	}
	return &steps
}

// Whatever step an import dies after, the roster that the next worker leaves is
// the one that it would have left itself, and nobody has ever seen a half
// record.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	text := fixture(t, "changes")
	whole := newBundle(t)
	whole.payer("Juniper")
	steps := whole.stopAt(0)
	whole.chunk = 2
	want := summary(whole.done("Juniper", text))
	table := whole.table("Juniper")
	for n := 1; n <= *steps; n++ {
		payer := fmt.Sprintf("Juniper %d", n)
		whole.payer(payer)
		whole.stopAt(n)
		i, err := whole.try(payer, text)
		if err == nil {
			t.Fatalf("step %d of %d: not stopped: %v", n, *steps, i)
		}
		if !errors.Is(err, errStopped) {
			t.Fatalf("step %d: %v", n, err)
		}
		whole.killed()
		whole.stopAt(0)
		if bad := whole.count(`SELECT count(*) FROM enrollment.members m WHERE NOT EXISTS (SELECT FROM enrollment.member_versions v WHERE v.member_id = m.member_id AND v.version = m.version)`); bad != 0 {
			t.Errorf("step %d: %d members without their version", n, bad)
		}
		// The same command again: it finishes what it finds, and then either
		// finds its file a replay, or imports it because it was never read.
		again := whole.load(payer, text)
		if s := again.GetStatus(); s != "replayed" && s != "done" {
			t.Errorf("step %d: %v", n, again)
		}
		if got := whole.table(payer); got != table {
			t.Errorf("step %d: got\n%s\nwant\n%s", n, got, table)
		}
		if again.GetStatus() == "done" && summary(again) != want {
			t.Errorf("step %d: %s, want %s", n, summary(again), want)
		}
	}
	if n := whole.count(`SELECT count(*) FROM enrollment.imports WHERE status = 'refused' AND refusal_reason <> 'interrupted'`); n != 0 {
		t.Errorf("%d imports were refused", n)
	}
	if n := whole.count(`SELECT count(*) FROM enrollment.staged_members`); n != 0 {
		t.Errorf("%d records left in staging", n)
	}
}

// The counts of an import that was killed are those of one that was not.
func TestCountsSurviveAKill(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.chunk = 100
	var text bytes.Buffer
	if err := rosters.Generate(&text, rosters.Options{Members: 2000}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"whole", "killed"} {
		b.payer(name, func(p *Payer) { p.Identifiers = append(p.Identifiers, "999000333") })
	}
	want := b.done("whole", text.String())
	applied := 0
	b.between = func(phase string) error {
		if phase == "applying" {
			if applied++; applied == 9 {
				return errStopped
			}
		}
		return nil
	}
	if _, err := b.try("killed", text.String()); !errors.Is(err, errStopped) {
		t.Fatalf("killed: %v", err)
	}
	// As many as the import says of itself; fewer than 900 where a slow machine made chunks smaller.
	n := b.count(`SELECT count(*) FROM enrollment.members m JOIN enrollment.payers USING (payer_id) WHERE name = 'killed'`)
	if says := b.count(`SELECT members_added FROM enrollment.imports JOIN enrollment.payers USING (payer_id) WHERE name = 'killed'`); n < 1 || n > 900 || n != says {
		t.Fatalf("%d members after nine chunks, the import says %d", n, says)
	}
	b.killed()
	b.between = func(string) error { return nil }
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.table("killed") != b.table("whole") {
		t.Error("the rosters differ")
	}
	all, err := b.q.ListImports(t.Context(), b.pg.W.DB())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if got := summary(toProto(i.EnrollmentImport, "")); i.EnrollmentImport.Status != "done" || got != summary(want) {
			t.Errorf("%s: %s, want %s", i.EnrollmentImport.Status, got, summary(want))
		}
	}
}

// A worker that was believed dead and comes back writes nothing.
func TestALostLeaseWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	stolen := false
	b.between = func(phase string) error {
		if phase == "applying" && !stolen {
			stolen = true
			b.killed()
			if err := b.Sweep(b.t.Context()); err != nil {
				return err
			}
		}
		return nil
	}
	b.chunk = 2
	_, err := b.try("Juniper", fixture(t, "changes"))
	if !errors.Is(err, errLost) {
		t.Fatalf("the one that lost it: %v", err)
	}
	other := newBundle(t)
	other.payer("Juniper")
	other.done("Juniper", fixture(t, "changes"))
	if b.table("Juniper") != other.table("Juniper") {
		t.Errorf("got\n%s\nwant\n%s", b.table("Juniper"), other.table("Juniper"))
	}
}

// A worker that is alive renews its lease, so nobody takes its import.
func TestTheLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.lease = 300 * time.Millisecond
	b.payer("Juniper")
	b.between = func(phase string) error {
		if phase != "checking" {
			return nil
		}
		first := b.count(`SELECT (extract(epoch FROM lease_until) * 1000)::bigint FROM enrollment.imports`)
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			if b.count(`SELECT (extract(epoch FROM lease_until) * 1000)::bigint FROM enrollment.imports`) > first {
				return nil
			}
		}
		return errors.New("the lease was not renewed")
	}
	if i := b.load("Juniper", fixture(t, "latin-1")); i.GetStatus() != "done" {
		t.Errorf("%v", i)
	}
}

// An import that fails again and again rests longer each time.
func TestAFailingImportRests(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	b.between = func(phase string) error {
		if phase == "checking" {
			return errStopped
		}
		return nil
	}
	if _, err := b.try("Juniper", fixture(t, "changes")); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.imports WHERE attempts = 1 AND lease_until > clock.now()`); n != 1 {
		t.Errorf("%d imports rest", n)
	}
	// Nobody else of this payer overtakes it.
	if _, err := b.try("Juniper", renumber(fixture(t, "latin-1"), 2)); err == nil || !strings.Contains(err.Error(), "import_running") {
		t.Errorf("overtaken: %v", err)
	}
	for attempt, rest := range map[int32]time.Duration{0: time.Second, 3: 8 * time.Second, 40: 5 * time.Minute} {
		if got := pause(attempt); got != rest {
			t.Errorf("pause(%d) = %s", attempt, got)
		}
	}
}
