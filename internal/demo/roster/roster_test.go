package roster_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/demo/roster"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// held is everything that a reader found in a file.
type held struct {
	isa      *x12.Interchange
	groups   []*x12.Group
	sets     []*x12.Transaction
	ends     []*x12.TransactionEnd
	findings []*x12.Finding
	members  []*x12.Member
}

func generate(t *testing.T, o roster.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := roster.Generate(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read reads a file to its end; a refusal fails the test.
func read(t *testing.T, in io.Reader) held {
	t.Helper()
	var h held
	r := x12.NewReader(in, x12.Options{})
	for {
		ev, err := r.Next()
		if errors.Is(err, io.EOF) {
			return h
		}
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		switch ev := ev.(type) {
		case *x12.Interchange:
			h.isa = ev
		case *x12.Group:
			h.groups = append(h.groups, ev)
		case *x12.Transaction:
			h.sets = append(h.sets, ev)
		case *x12.TransactionEnd:
			h.ends = append(h.ends, ev)
		case *x12.Finding:
			h.findings = append(h.findings, ev)
		case *x12.Member:
			h.members = append(h.members, ev)
		}
	}
}

// troubles says why members will be rejected: by the reader, or by whoever
// knows what a member needs.
func troubles(m *x12.Member) []string {
	var out []string
	for _, f := range m.Faults {
		out = append(out, f.Element)
	}
	if m.Ref("0F") == "" {
		out = append(out, "number")
	}
	for _, c := range m.Coverages {
		if d, ok := c.Date("348"); !ok || d.From.Year() > 2100 {
			return append(out, "start")
		}
	}
	return out
}

func adult(m *x12.Member) bool {
	return m.Demographics.Birth.IsZero() || !m.Demographics.Birth.After(time.Date(2008, 1, 1, 0, 0, 0, 0, time.UTC))
}

func email(m *x12.Member) string {
	for _, c := range m.Contacts {
		if c.Kind == "EM" {
			return c.Value
		}
	}
	return ""
}

func TestTheFileInTheRepositoryIsTheDefault(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile("../../../demo/roster.834")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, generate(t, roster.Options{})) {
		t.Error("demo/roster.834 is out of date; make it again: bedside demo roster --out demo/roster.834")
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	h := read(t, bytes.NewReader(generate(t, roster.Options{})))
	if len(h.members) != roster.DefaultMembers || len(h.findings) != 0 {
		t.Errorf("%d members, findings %v", len(h.members), h.findings)
	}
	if h.isa.Test || len(h.groups) != 2 || len(h.sets) != 3 {
		t.Errorf("test %v, %d groups, %d sets", h.isa.Test, len(h.groups), len(h.sets))
	}
	sponsors, numbers := map[string]bool{}, map[string]bool{}
	for i, s := range h.sets {
		sponsors[s.Sponsor.ID], numbers[s.Control] = true, true
		if s.Action != "2" || len(s.Payers) != 1 || s.Payers[0].Name != "LARKSPUR HEALTH PLAN" || s.Payers[0].ID != "999000333" {
			t.Errorf("set %s: action %q, payers %+v", s.Control, s.Action, s.Payers)
		}
		if n := h.ends[i].Members; n < 1 || n > 2500 {
			t.Errorf("set %s has %d members", s.Control, n)
		}
	}
	if len(sponsors) != 2 || len(numbers) != len(h.sets) {
		t.Errorf("sponsors %v, numbers %v", sponsors, numbers)
	}
}

func TestExactlyTheFaultyAreFaulty(t *testing.T) {
	t.Parallel()
	h := read(t, bytes.NewReader(generate(t, roster.Options{})))
	var at []int64
	var what []string
	for i, m := range h.members {
		wrong := troubles(m)
		if len(wrong) == 0 {
			continue
		}
		at, what = append(at, m.Number), append(what, strings.Join(wrong, "+"))
		if !m.Subscriber || (i+1 < len(h.members) && !h.members[i+1].Subscriber) {
			t.Errorf("member %d: somebody depends on a faulty record", m.Number)
		}
	}
	if got := strings.Join(what, " "); got != "DMG02 number start" {
		t.Errorf("troubles %q", got)
	}
	for i := range at {
		if want := int64(i+1)*roster.DefaultMembers/4 + 1; at[i] != want {
			t.Errorf("fault %d at member %d, want %d", i, at[i], want)
		}
	}
}

func TestFirstSubscriber(t *testing.T) {
	t.Parallel()
	for _, members := range []int{1, 40, 5000} {
		m := read(t, bytes.NewReader(generate(t, roster.Options{Members: members}))).members[0]
		if m.Name.First != "MARGARET" || m.Name.Last != "OKONKWO" || m.Ref("0F") != "LK1000001" || !m.Subscriber ||
			m.Demographics.Birth.Format(time.DateOnly) != "1958-03-14" || email(m) != "margaret.okonkwo@larkspur.test" ||
			m.Address.State != "PA" || m.Coverages[0].Line != "HMO" {
			t.Errorf("of %d: %+v", members, m)
		}
	}
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	subscribers, people := map[string]bool{}, map[string]bool{}
	var spouses, minors, grown, twins int
	var last *x12.Member
	for _, m := range read(t, bytes.NewReader(generate(t, roster.Options{}))).members {
		no := m.Ref("0F")
		key := no + m.Name.First + m.Demographics.Birth.Format(time.DateOnly)
		if people[key] {
			t.Errorf("member %d cannot be told from another", m.Number)
		}
		people[key] = true
		switch {
		case m.Subscriber && subscribers[no]:
			t.Errorf("member %d: number %q comes twice", m.Number, no)
		case m.Subscriber:
			subscribers[no] = true
			if !adult(m) {
				t.Errorf("member %d: a subscriber who is a minor", m.Number)
			}
		case !subscribers[no]:
			t.Errorf("member %d: no subscriber before the dependent", m.Number)
		case m.Relationship == "01":
			spouses++
		case !adult(m):
			minors++
		default:
			grown++
		}
		if m.BirthOrder == "2" {
			twins++
			if last.BirthOrder != "1" || !last.Demographics.Birth.Equal(m.Demographics.Birth) || last.Name.Last != m.Name.Last {
				t.Errorf("member %d: no twin of %+v", m.Number, last.Name)
			}
		}
		if age := 2026 - m.Demographics.Birth.Year(); m.Relationship == "19" && (age < 0 || age > 26) {
			t.Errorf("member %d: a child of %d", m.Number, age)
		}
		last = m
	}
	t.Logf("%d subscribers, %d spouses, %d minors, %d grown children, %d pairs of twins", len(subscribers), spouses, minors, grown, twins)
	if spouses < 500 || minors < 500 || grown < 100 || twins < 20 {
		t.Error("too few of some")
	}
}

func TestHowPeopleAreReached(t *testing.T) {
	t.Parallel()
	owners := map[string]string{}
	var adults, without, shared, dependents, upper int
	for _, m := range read(t, bytes.NewReader(generate(t, roster.Options{}))).members {
		mail := email(m)
		for _, c := range m.Contacts {
			if c.Kind != "EM" && (len(c.Value) != 10 || c.Value[3:8] != "55501") {
				t.Errorf("member %d: phone %q", m.Number, c.Value)
			}
		}
		switch {
		case !adult(m):
			if mail != "" {
				t.Errorf("member %d: a minor with an address", m.Number)
			}
			continue
		case mail == "":
			without++
		case !strings.HasSuffix(strings.ToLower(mail), ".test"):
			t.Errorf("member %d: address %q", m.Number, mail)
		case !m.Subscriber:
			dependents++
		}
		adults++
		if mail != "" && mail == strings.ToUpper(mail) {
			upper++
		}
		family, taken := owners[strings.ToLower(mail)]
		if mail != "" && taken {
			shared++
			if family != m.Ref("0F") || m.Relationship != "01" {
				t.Errorf("member %d: address %q is another family's", m.Number, mail)
			}
		}
		owners[strings.ToLower(mail)] = m.Ref("0F")
	}
	t.Logf("%d adults, %d without address, %d couples share one, %d dependents have one, %d in capitals", adults, without, shared, dependents, upper)
	if without*100 < adults*7 || without*100 > adults*13 || shared < 5 || shared > 100 || dependents < 300 || upper < 300 {
		t.Error("unlike what was meant")
	}
}

func TestPlacesPlansAndNames(t *testing.T) {
	t.Parallel()
	states, lines, languages := map[string]int{}, map[string]int{}, map[string]int{}
	var ended, future, mixed, apostrophe, hyphen, space int
	for _, m := range read(t, bytes.NewReader(generate(t, roster.Options{}))).members {
		states[m.Address.State]++
		for _, l := range m.Languages {
			languages[l.Code]++
		}
		for _, c := range m.Coverages {
			lines[c.Line]++
			if d, ok := c.Date("349"); ok && d.From.Year() == 2026 {
				ended++
			}
			if d, _ := c.Date("348"); d.From.Year() == 2027 {
				future++
			}
		}
		n := m.Name.Last
		count := func(sum *int, yes bool) {
			if yes {
				*sum++
			}
		}
		count(&mixed, n != strings.ToUpper(n) && n != strings.ToLower(n))
		count(&apostrophe, strings.Contains(n, "'"))
		count(&hyphen, strings.Contains(n, "-"))
		count(&space, strings.Contains(n, " "))
	}
	if len(states) != 51 {
		t.Errorf("%d states: %v", len(states), states)
	}
	for _, line := range []string{"HLT", "HMO", "PPO", "EPO", "DEN", "VIS"} {
		if lines[line] < 100 {
			t.Errorf("%d of %s", lines[line], line)
		}
	}
	for _, l := range []string{"ES", "VI", "ZH"} {
		if languages[l] < 20 {
			t.Errorf("%d speak %s", languages[l], l)
		}
	}
	for what, n := range map[string]int{"ended": ended, "future": future, "mixed": mixed, "apostrophe": apostrophe, "hyphen": hyphen, "space": space} {
		if n < 20 {
			t.Errorf("%d of %s", n, what)
		}
	}
}
