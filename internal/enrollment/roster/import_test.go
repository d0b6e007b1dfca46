package roster

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
)

// fixture reads one of our own files.
func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "own", name+".834"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// renumber gives a file another interchange number, so that it is no replay.
func renumber(text string, n int) string {
	return strings.ReplaceAll(text, "000000001", fmt.Sprintf("%09d", n))
}

func TestTheSameFileTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "changes")
	b.done("Juniper", text)
	before := b.table("Juniper")
	versions := b.count(`SELECT count(*) FROM enrollment.member_versions`)
	for range 2 {
		i := b.load("Juniper", text)
		if i.GetStatus() != "replayed" || i.GetMembersApplied() != 0 {
			t.Errorf("second time: %v", i)
		}
	}
	// Wrapped otherwise it is the same content still.
	if i := b.load("Juniper", strings.ReplaceAll(text, "~\n", "~\r\n")); i.GetStatus() != "replayed" {
		t.Errorf("wrapped otherwise: %v", i)
	}
	if after := b.table("Juniper"); after != before {
		t.Errorf("after a replay:\n%s\nbefore:\n%s", after, before)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.member_versions`); n != versions {
		t.Errorf("%d versions, before %d", n, versions)
	}
	// Another payer's file of the same numbers is none of this one's business.
	b.payer("Linden")
	if i := b.load("Linden", text); i.GetStatus() != "done" {
		t.Errorf("another payer: %v", i)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.staged_members`); n != 0 {
		t.Errorf("%d records left in staging", n)
	}
}

// The same content under new numbers is taken in again, and finds everything as
// it is.
func TestTheSameContentAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "several-sets")
	first := b.done("Juniper", text)
	before := b.table("Juniper")
	again := b.done("Juniper", renumber(text, 2))
	if again.GetMembersUnchanged() != first.GetMembersAdded() || again.GetMembersChanged() != 0 || again.GetCoveragesAdded() != 0 {
		t.Errorf("again: %s", summary(again))
	}
	if after := b.table("Juniper"); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
}

func TestReusedNumbersAreAnAlarm(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "bom-crlf")
	b.done("Juniper", text)
	before := b.table("Juniper")
	i := b.load("Juniper", strings.ReplaceAll(text, "Tamsin", "Thomas"))
	if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != "control_number_reused" {
		t.Errorf("other content: %v", i)
	}
	if after := b.table("Juniper"); after != before {
		t.Errorf("after:\n%s", after)
	}
}

// A file that repeats one of its transactions, or one of an earlier file, has
// that one skipped and the rest taken in.
func TestHalfReplayed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "several-sets")
	// The second group moves to an interchange of its own.
	at := strings.Index(text, "GS*BE*FIXTURES*BEDSIDE*20270104*1200*2*")
	first := text[:at] + "IEA*1*000000001~\n"
	b.done("Juniper", first)
	if n := b.count(`SELECT count(*) FROM enrollment.members`); n != 4 {
		t.Fatalf("%d members of the first group", n)
	}
	i := b.done("Juniper", text)
	if i.GetMembersAdded() != 1 || !strings.Contains(b.reasons(i), "warning:transaction_replayed") {
		t.Errorf("%s %s", summary(i), b.reasons(i))
	}
}

func TestTruncatedIsRefusedWhole(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "several-sets")
	segments := strings.SplitAfter(strings.TrimSpace(text), "~")
	for n := 0; n < len(segments)-1; n += 4 {
		i := b.load("Juniper", strings.Join(segments[:n], ""))
		want := "truncated"
		if n == 0 {
			want = "empty"
		}
		if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != want {
			t.Fatalf("cut after %d segments: %v", n, i)
		}
	}
	for _, table := range []string{"members", "coverages", "staged_members", "staged_coverages", "staged_transactions", "receipts"} {
		if n := b.count(`SELECT count(*) FROM enrollment.` + table); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
	if i := b.done("Juniper", text); i.GetMembersAdded() != 5 {
		t.Errorf("whole: %s", summary(i))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	b.payer("Other", func(p *Payer) { p.Identifiers = []string{"123"} })
	whole := fixture(t, "bom-crlf")
	for name, c := range map[string]struct{ payer, text, reason string }{
		"wrong payer":   {"Other", whole, "wrong_payer"},
		"no payer":      {"Juniper", strings.ReplaceAll(whole, "N1*IN*", "N1*BO*"), "wrong_payer"},
		"test file":     {"Juniper", strings.Replace(whole, "*0*P*", "*0*T*", 1), "test_file"},
		"old version":   {"Juniper", fixture(t, "version-4010"), "old_version"},
		"wrong counts":  {"Juniper", fixture(t, "counts-refused"), "wrong_count"},
		"a table":       {"Juniper", "a,b,c\n1,2,3\n", "wrong_kind"},
		"nothing":       {"Juniper", "", "empty"},
		"a broken gzip": {"Juniper", packGzip(t, whole)[:200], "broken_archive"},
		"a broken zip":  {"Juniper", packZip(t, map[string]string{"a.834": whole})[:200], "broken_archive"},
		"two in a zip":  {"Juniper", packZip(t, map[string]string{"a.834": whole, "b.834": whole}), "broken_archive"},
		"none in a zip": {"Juniper", packZip(t, map[string]string{"__MACOSX/a": "x"}), "broken_archive"},
	} {
		i := b.load(c.payer, c.text)
		if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != c.reason || i.GetRefusal().GetMessage() == "" {
			t.Errorf("%s: %v", name, i)
		}
		if got := b.findings(i); len(got) != 1 || got[0].GetKind() != "refusal" {
			t.Errorf("%s: findings %v", name, got)
		}
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members`) + b.count(`SELECT count(*) FROM enrollment.staged_members`); n != 0 {
		t.Errorf("%d rows", n)
	}
	_, err := b.try("Nobody", whole)
	if errs.ReasonOf(err) != "payer_unknown" || !strings.Contains(err.(*errs.Error).Message, "Juniper, Other") { //nolint:errorlint // it is returned bare
		t.Errorf("unknown payer: %v", err)
	}
}

func packGzip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func packZip(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPackedFiles(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	text := fixture(t, "bom-crlf")
	for name, packed := range map[string]string{
		"plain": text, "gzip": packGzip(t, text), "zip": packZip(t, map[string]string{"folder/r.834": text, "__MACOSX/r": "x", ".DS_Store": "x"}),
	} {
		b.payer(name)
		var last Progress
		i := b.load(name, packed, func(f *File) { f.Progress = func(p Progress) { last = p } })
		if i.GetStatus() != "done" || i.GetMembersAdded() != 3 || i.GetBytesRead() != int64(len(packed)) {
			t.Errorf("%s: %v", name, i)
		}
		if last.Phase != "applying" || last.Applied != 3 || last.Total != int64(len(packed)) {
			t.Errorf("%s: progress %+v", name, last)
		}
	}
	for _, name := range []string{"gzip", "zip"} {
		if b.table(name) != b.table("plain") {
			t.Errorf("%s: %s", name, b.table(name))
		}
	}
}

// A record whose subscriber comes in a later file waits for it.
func TestHeldUntilTheSubscriberComes(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	family := fixture(t, "dependents-first")
	i := strings.Index(family, "INS*Y")
	j := strings.Index(family, "SE*")
	tail := strings.Replace(family[j:], "SE*34*", "SE*20*", 1)
	first := family[:i] + tail
	held := b.load("Juniper", first)
	if held.GetStatus() != "done" || held.GetRejected() != 2 || b.reasons(held) != "held:no_subscriber held:no_subscriber" {
		t.Fatalf("held: %v %s", held, b.reasons(held))
	}
	// Somebody else's file does not release them.
	b.done("Juniper", renumber(fixture(t, "latin-1"), 7))
	if n := b.count(`SELECT count(*) FROM enrollment.staged_members WHERE state = 'held'`); n != 2 {
		t.Fatalf("%d held", n)
	}
	head := strings.Index(family, "INS*")
	rest := family[:head] + family[i:j] + strings.Replace(family[j:], "SE*34*", "SE*20*", 1)
	done := b.done("Juniper", renumber(rest, 8))
	if done.GetMembersAdded() != 3 || b.reasons(done) != "warning:held_released" {
		t.Errorf("released: %s %s", summary(done), b.reasons(done))
	}
	if n := b.count(`SELECT count(*) FROM enrollment.staged_members`) + b.count(`SELECT count(*) FROM enrollment.staged_coverages`); n != 0 {
		t.Errorf("%d rows left in staging", n)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members m JOIN enrollment.members s ON s.member_id = m.subscriber_member_id AND s.is_subscriber`); n != 2 {
		t.Errorf("%d dependents are linked", n)
	}
}

func TestWhoDidItIsOnRecord(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	i := b.done("Juniper", fixture(t, "bom-crlf"))
	for _, action := range []string{"payer.put", "roster.import", "roster.apply", "roster.done"} {
		var n int
		b.at.Query(t, fmt.Sprintf(`SELECT count(*) FROM audit.entries WHERE action = '%s' AND os_user = 'ines'`, action), &n)
		if want := map[string]int{"roster.apply": 2}[action]; n != max(want, 1) { // subscribers, dependents
			t.Errorf("%d entries of %s", n, action)
		}
	}
	if n := b.count(`SELECT count(*) FROM enrollment.member_versions WHERE import_id = $1 AND action = 'added' AND version = 1`, i.GetImportId()); n != 3 {
		t.Errorf("%d versions", n)
	}
	if _, err := b.try("Juniper", fixture(t, "latin-1"), func(f *File) { f.Actor.OSUser = "" }); err == nil {
		t.Error("imported by nobody")
	}
}

// A member who is a patient tells the people side; nobody else does.
func TestPatientsHearOfChanges(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "bom-crlf")
	b.done("Juniper", text)
	if len(b.changed) != 0 || b.rung != 0 {
		t.Fatalf("told of %d members without patients", len(b.changed))
	}
	b.at.Exec(t, `WITH p AS (INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES (gen_random_uuid(), 'Maren', 'Alder', '1984-03-12', 'es', 'roster') RETURNING patient_id)
		UPDATE enrollment.members SET patient_id = p.patient_id FROM p WHERE given_name = 'Maren'`)
	b.done("Juniper", renumber(text, 2))
	if len(b.changed) != 0 {
		t.Errorf("told of %d members though nothing changed", len(b.changed))
	}
	b.done("Juniper", renumber(strings.ReplaceAll(text, "Quince Lane", "Pear Lane"), 3))
	if len(b.changed) != 1 || b.rung != 1 {
		t.Errorf("told of %d members, rang %d times", len(b.changed), b.rung)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.member_versions WHERE version = 2 AND changed = '{address1}' AND before = '{"address1": "14 Quince Lane"}'`); n != 1 {
		t.Errorf("%d version rows say what was before", n)
	}
}

func TestTwoImportsOfOnePayer(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	b.payer("Linden")
	inside := make(chan struct{})
	leave := make(chan struct{})
	b.between = func(phase string) error {
		if phase == "checking" {
			select {
			case <-inside:
			default:
				close(inside)
				<-leave
			}
		}
		return nil
	}
	got := make(chan *enrollmentv1.Import, 1)
	fail := make(chan error, 1)
	go func() {
		i, err := b.try("Juniper", fixture(t, "bom-crlf"))
		got <- i
		fail <- err
	}()
	<-inside
	if _, err := b.try("Juniper", renumber(fixture(t, "latin-1"), 2)); errs.ReasonOf(err) != "import_running" {
		t.Errorf("a second import at the same time: %v", err)
	}
	if i := b.load("Linden", fixture(t, "bom-crlf")); i.GetStatus() != "done" {
		t.Errorf("another payer waits: %v", i)
	}
	close(leave)
	if err := <-fail; err != nil {
		t.Errorf("the first: %v", err)
	}
	if i := <-got; i.GetStatus() != "done" {
		t.Errorf("the first: %v", i)
	}
	if i := b.load("Juniper", renumber(fixture(t, "latin-1"), 2)); i.GetStatus() != "done" {
		t.Errorf("after it: %v", i)
	}
}

func TestCanceledCommand(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	ctx, cancel := context.WithCancel(t.Context())
	b.between = func(phase string) error {
		if phase == "applying" {
			cancel()
		}
		return nil
	}
	text := fixture(t, "changes")
	_, err := b.Import(ctx, File{Payer: "Juniper", Name: "x", Content: strings.NewReader(text), Size: int64(len(text)), Actor: operator()})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("canceled: %v", err)
	}
	b.between = func(string) error { return nil }
	// The next command finishes it before its own file.
	if i := b.load("Juniper", text); i.GetStatus() != "replayed" {
		t.Errorf("again: %v", i)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.imports WHERE status = 'done'`); n != 1 {
		t.Errorf("%d imports are done", n)
	}
}
