package rules_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/licensing/rules"
)

func load(t *testing.T) map[string]jurisdiction.Rules {
	t.Helper()
	files, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]jurisdiction.Rules{}
	for _, f := range files {
		out[f.Rules.State] = f.Rules
	}
	return out
}

func TestEveryStateHasACompleteFile(t *testing.T) {
	t.Parallel()
	all := load(t)
	if len(all) != 52 {
		t.Fatalf("got %d files, want 50 states, DC and the federal one", len(all))
	}
	for state, r := range all {
		want := jurisdiction.StateTopics()
		if state == jurisdiction.FederalState {
			want = jurisdiction.FederalTopics()
		} else if len(r.Zones) == 0 {
			t.Errorf("%s: no time zones", state)
		}
		for _, topic := range want {
			if len(r.Topics[topic]) == 0 {
				t.Errorf("%s: topic %s is missing", state, topic)
			}
			for _, e := range r.Topics[topic] {
				if e.Citation != "" && e.Source == "" {
					t.Errorf("%s: %s cites %q without a source", state, topic, e.Citation)
				}
				if e.Value == "unknown" && e.Evidence != jurisdiction.EvidenceUnknown {
					t.Errorf("%s: %s is unknown on evidence %q", state, topic, e.Evidence)
				}
			}
		}
	}
}

func TestUnreadLawIsNeverCalledAStatute(t *testing.T) {
	t.Parallel()
	for state, r := range load(t) {
		for topic, entries := range r.Topics {
			for _, e := range entries {
				for _, doubt := range []string{"not read", "not checked", "not seen", "not found", "not confirmed"} {
					if strings.Contains(e.Detail, doubt) && e.Evidence == jurisdiction.EvidenceStatute {
						t.Errorf("%s: %s says %q but claims a statute", state, topic, doubt)
					}
				}
			}
		}
	}
}

func TestFilesWithFaultsAreRefused(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("states/WY.yaml")
	if err != nil {
		t.Fatal(err)
	}
	federal, err := os.ReadFile("federal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, old, new, want string }{
		"wrong file name":  {"ZZ", "", "", `it says state "WY"`},
		"unknown key":      {"WY", "name: Wyoming", "nome: Wyoming", "field nome not found"},
		"unknown topic":    {"WY", "  pdmp_query:", "  pdmp:", "pdmp: no such topic"},
		"topic missing":    {"WY", "  pdmp_query:", "  pdmp:", "pdmp_query: missing"},
		"unknown value":    {"WY", "value: member", "value: maybe", `imlc_membership[0]: value "maybe"`},
		"unknown basis":    {"WY", "basis: secondary", "basis: hearsay", `basis "hearsay" is not known`},
		"no source":        {"WY", "      source: 'comphealth.com list of compact states'\n", "", "without a source"},
		"unreadable as_of": {"WY", "'2024-10-29'", "'fall 2024'", "as_of: want"},
		"unknown zone":     {"WY", "America/Denver", "America/Laramie", `"America/Laramie" is not known`},
		"bare citation":    {"WY", "basis: unknown", "basis: unknown\n      citation: 'W.S. 1-1'", "basis unknown with a citation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(string(good), c.old, c.new, 1)
			_, err := rules.LoadFS(fstest.MapFS{
				"states/" + c.file + ".yaml": {Data: []byte(broken)},
				"federal.yaml":               {Data: federal},
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want an error that says %q", err, c.want)
			}
		})
	}
}

// TestAgainstTheCorpus compares names, zones and what is known with the table
// that the files were first made from, where a developer has it.
func TestAgainstTheCorpus(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("BEDSIDE_CORPUS")
	if corpus == "" {
		return
	}
	f, err := os.Open(filepath.Join(corpus, "jurisdiction", "states.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all, head := load(t), rows[0]
	col := func(row []string, name string) string { return row[slices.Index(head, name)] }
	for _, row := range rows[1:] {
		r, ok := all[col(row, "state")]
		if !ok || r.Name != col(row, "name") {
			t.Errorf("%s: missing, or named %q", col(row, "state"), r.Name)
			continue
		}
		for zone := range strings.SplitSeq(col(row, "time_zones"), ";") {
			zone, _, _ = strings.Cut(zone, "(")
			if !slices.ContainsFunc(r.Zones, func(l *time.Location) bool { return l.String() == zone }) {
				t.Errorf("%s: zone %s is missing", r.State, zone)
			}
		}
		for topic, column := range map[jurisdiction.Topic]string{
			jurisdiction.TopicOutOfState: "oos_path", jurisdiction.TopicExceptions: "limited_exceptions",
			jurisdiction.TopicConsent: "telehealth_consent", jurisdiction.TopicControlled: "state_controlled_rx_note",
			jurisdiction.TopicPDMP: "pdmp_query_mandate",
		} {
			known := r.Topics[topic][0].Value != "unknown"
			if known != (col(row, column) != "unknown" && col(row, column) != "") {
				t.Errorf("%s: %s known=%v, the table says %q", r.State, topic, known, col(row, column))
			}
		}
		if got := r.Topics[jurisdiction.TopicOutOfState][0].Citation; got != "" && col(row, "oos_citation") == "" {
			t.Errorf("%s: cites %q, the table cites nothing", r.State, got)
		}
	}
}
