package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exits runs a command and returns its exit code and what it said.
func (p *portal) exits(args ...string) (int, string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), program, args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// A command says what a file looks like, what to do about it, and with its exit
// code how bad it is: a repeat is fine, other content under the same numbers is
// an alarm.
func TestRosterCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := commands(t)
	dir := t.TempDir()
	whole, err := os.ReadFile("testdata/one-member.834")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if code, said := p.exits("roster", "payer", "--name", "Larkspur Health Plan"); code != 2 || !strings.Contains(said, "--id") {
		t.Errorf("a payer without identifiers: %d %s", code, said)
	}
	p.run("roster", "payer", "--name", "Larkspur Health Plan", "--id", "555000111", "--accept-wrong-counts")
	p.run("roster", "payer", "--name", "larkspur health plan", "--ends-exclusive")
	p.run("roster", "payer", "--name", "Harbor Pine Health", "--id", "999000444")
	if said := p.run("roster", "payers"); !strings.Contains(said, "Larkspur Health Plan: --id 555000111 --member-id-ref WH --own-id NM1 --ends-exclusive --accept-wrong-counts") {
		t.Errorf("settings: %s", said)
	}
	p.run("roster", "payer", "--name", "Larkspur Health Plan", "--ends-exclusive=false")
	good := file("good.834", whole)
	for _, c := range []struct {
		payer, path string
		code        int
		says        []string
	}{
		{"Larkspur Health Plan", file("members.csv", []byte("id,last,first\n1,Gale,Ada\n")), 3, []string{"refused", "table (CSV", "Ask the payer"}},
		{"Larkspur Health Plan", file("members.pdf", []byte("%PDF-1.7\n")), 3, []string{"refused", "PDF document"}},
		{"Larkspur Health Plan", file("wide.834", append([]byte("\xff\xfe"), whole...)), 3, []string{"UTF-16", "UTF-8"}},
		{"Larkspur Health Plan", file("empty.834", nil), 3, []string{"The file is empty"}},
		{"Harbor Pine Health", good, 3, []string{"does not name Harbor Pine Health", "Choose the payer"}},
		{"Nobody", good, 1, []string{"no payer of that name", "Larkspur Health Plan"}},
		{"Larkspur Health Plan", good, 0, []string{": done"}},
		{"Larkspur Health Plan", good, 0, []string{"imported before"}},
		{"Larkspur Health Plan", file("other.834", bytes.Replace(whole, []byte("N3*"), []byte("N3*1 "), 1)), 4, []string{"ALARM", "with other content in an earlier file", "Ask the payer"}},
	} {
		code, said := p.exits("roster", "import", "--payer", c.payer, c.path)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s", filepath.Base(c.path), code, c.code, said)
		}
		for _, word := range c.says {
			if !strings.Contains(said, word) {
				t.Errorf("%s: it lacks %q:\n%s", filepath.Base(c.path), word, said)
			}
		}
	}
	if code, said := p.exits("roster", "import", "--payer", "Larkspur Health Plan", "--output", "json", filepath.Join(dir, "other.834")); code != 4 ||
		!strings.Contains(said, `"alarm":true`) || !strings.Contains(said, `"reason":"control_number_reused"`) {
		t.Errorf("as JSON: %d %s", code, said)
	}
}
