package roster

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
)

// envCorpus names a folder with public samples; without it only our own
// fixtures are read.
const envCorpus = "BEDSIDE_CORPUS"

var update = flag.Bool("update", false, "write the golden tables anew")

// rosters that a file is imported on: nobody, and two companies whose numbers
// are those that samples use.
func priors() []string { return []string{"empty", "base-one", "base-two"} }

// sources lists the files to check: our own, and the public samples where they
// are.
func sources(t *testing.T) []string {
	t.Helper()
	own, err := filepath.Glob("testdata/own/*.834")
	if err != nil || len(own) == 0 {
		t.Fatalf("our own fixtures are missing: %v", err)
	}
	corpus := os.Getenv(envCorpus)
	if corpus == "" {
		return own
	}
	found, err := filepath.Glob(filepath.Join(corpus, "x12", "834", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s is set, but no sample is there: %v", envCorpus, err)
	}
	return append(own, found...)
}

var identifier = regexp.MustCompile(`N1.IN.[^*|~]*.(?:FI|XV|94|24).([0-9A-Z]+)`)

// A golden table is the facts that a file made, for a human to check: the
// roster before, the roster after, and what was said.
func TestGolden(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for _, file := range sources(t) {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, prior := range priors() {
				got.WriteString(goldenOn(t, b, name, prior, string(text)))
			}
			compare(t, filepath.Join("testdata", "golden", name+".txt"), got.String())
		})
	}
}

// goldenOn imports a file for a payer of its own, on one prior roster.
func goldenOn(t *testing.T, shared *bundle, name, prior, text string) string {
	t.Helper()
	b := shared.on(t)
	payer := name + " on " + prior
	b.payer(payer, func(p *Payer) {
		for _, m := range identifier.FindAllStringSubmatch(text, -1) {
			p.Identifiers = append(p.Identifiers, m[1])
		}
		p.AcceptWrongCounts = strings.HasPrefix(name, "counts-accepted")
		p.DependentNumbers = name == "family-by-order" || name == "exchange"
	})
	test := func(f *File) { f.Test = true }
	if prior != "empty" {
		base, err := os.ReadFile(filepath.Join("testdata", "base", prior+".834"))
		if err != nil {
			t.Fatal(err)
		}
		if i := b.load(payer, string(base), test); i.GetStatus() != "done" || i.GetRejected() > 0 {
			t.Fatalf("the base roster is not taken: %v %s", i, b.reasons(i))
		}
	}
	i := b.load(payer, text, test)
	return fmt.Sprintf("=== on %s: %s\n%s%s%s\n", prior, i.GetStatus(), summary(i), b.said(i), b.table(payer))
}

func summary(i *enrollmentv1.Import) string {
	return fmt.Sprintf("read %d: added %d, changed %d, ended %d, unchanged %d, rejected %d, warnings %d; coverages added %d, changed %d, ended %d\n",
		i.GetMembersRead(), i.GetMembersAdded(), i.GetMembersChanged(), i.GetMembersEnded(), i.GetMembersUnchanged(), i.GetRejected(), i.GetWarnings(),
		i.GetCoveragesAdded(), i.GetCoveragesChanged(), i.GetCoveragesEnded())
}

func (b *bundle) said(i *enrollmentv1.Import) string {
	var out strings.Builder
	for _, f := range b.findings(i) {
		fmt.Fprintf(&out, "%s %s at segment %d (%s %s, byte %d)", f.GetKind(), f.GetReason(), f.GetSegment(), f.GetSegmentId(), f.GetElement(), f.GetOffset())
		if who := strings.TrimSpace(f.GetSubscriberId() + " " + f.GetMemberName()); who != "" {
			out.WriteString(" about " + who)
		}
		out.WriteString(": " + f.GetMessage() + "\n")
	}
	return out.String()
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not as in %s.\ngot:\n%s\nwant:\n%s", golden, got, want)
	}
}
