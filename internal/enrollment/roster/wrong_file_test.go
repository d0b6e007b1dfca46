package roster

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// envelope is a file that is right up to its first member.
const envelope = "ISA*00*          *00*          *ZZ*FIXTURES       *ZZ*BEDSIDE        *270104*1200*^*00501*000000077*0*P*:~" +
	"GS*BE*FIXTURES*BEDSIDE*20270104*1200*1*X*005010X220A1~ST*834*0001*005010X220A1~BGN*00*11*20270104*1200****2~N1*IN*Juniper Mutual*FI*990000002~"

// endlessly is a file that is made while it is read: a head, and then one piece
// again and again.
type endlessly struct {
	head, piece string
	size        int64
	// seen is the furthest byte that was read.
	seen atomic.Int64
}

func (e *endlessly) ReadAt(p []byte, off int64) (int, error) {
	if off >= e.size {
		return 0, io.EOF
	}
	n := int64(0)
	for most := min(int64(len(p)), e.size-off); n < most; {
		at := off + n
		if h := int64(len(e.head)); at < h {
			n += int64(copy(p[n:most], e.head[at:]))
		} else {
			n += int64(copy(p[n:most], e.piece[(at-h)%int64(len(e.piece)):]))
		}
	}
	if end := off + n; end > e.seen.Load() {
		e.seen.Store(end)
	}
	return int(n), nil
}

// Garbage of half a gigabyte is refused after a small part of it, in little
// memory, whatever it begins like. It runs alone, while no other test of the
// package uses the heap; how early is told by what was read, not by a clock.
func TestGarbageIsRefusedEarly(t *testing.T) {
	const size = 500 << 20
	member := "INS*Y*18*021*28*A***FT~REF*0F*G1~NM1*IL*1*Gale*Ada~DMG*D8*19800101*F~"
	b := newBundle(t)
	b.payer("Juniper")
	for _, c := range []struct {
		name, head, piece, reason string
		most                      int64
	}{
		{"noise", "\x07\x99", "\x00\xfe\x13\x88garbage", "wrong_kind", 1 << 20},
		{"a table", "number,last,first\n", "1,Gale,Ada\n", "wrong_kind", 1 << 20},
		{"no separators", "ISA", "garbage ", "broken_isa", 1 << 20},
		{"one endless segment", envelope, "garbage ", "segment_too_long", 1 << 20},
		{"segments that are none", envelope, "ZZ*garbage~", "too_many_faults", 1 << 20},
		{"acknowledgments", envelope[:106], "TA1*000000042*270104*1200*A*000~", "too_many_faults", 2 << 20},
		{"an endless head", envelope, "REF*ZZ*garbage~", "too_many_faults", 4 << 20},
		{"an endless member", envelope + member, "REF*ZZ*garbage~", "too_many_faults", 4 << 20},
		{"members that are none", envelope, "INS*Q*18*021~", "nothing_usable", 1 << 20},
		{"members without names", envelope, "INS*Y*18*021~REF*0F*G1~", "nothing_usable", 1 << 20},
	} {
		file := &endlessly{head: c.head, piece: c.piece, size: size}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		i, err := b.Import(t.Context(), File{Payer: "Juniper", Name: c.name, Content: file, Size: size, Actor: operator()})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		runtime.ReadMemStats(&after)
		if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != c.reason || !strings.Contains(i.GetRefusal().GetMessage(), "refused whole") &&
			!strings.Contains(i.GetRefusal().GetMessage(), "Nothing was read") && c.reason != "broken_isa" && c.reason != "segment_too_long" {
			t.Errorf("%s: %s, %v", c.name, i.GetStatus(), i.GetRefusal())
		}
		if seen := file.seen.Load(); seen > c.most {
			t.Errorf("%s: %d bytes were read", c.name, seen)
		}
		if grew := int64(after.HeapAlloc) - int64(before.HeapAlloc); grew > 128<<20 {
			t.Errorf("%s: %d bytes of memory", c.name, grew)
		}
	}
	if n := b.count(`SELECT count(*) FROM enrollment.staged_members`) + b.count(`SELECT count(*) FROM enrollment.members`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.findings`); n != 10 {
		t.Errorf("%d findings are left", n)
	}
}

// bomb is a small archive that grows to 80 MB.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("roster.834")
	if err != nil {
		t.Fatal(err)
	}
	piece := []byte(strings.Repeat("INS*Y*18*021*28*A***FT~REF*0F*G1~NM1*IL*1*Gale*Ada~DMG*D8*19800101*F~"+strings.Repeat(strings.Repeat("REF*ZZ*0~", 400), 10), 100))
	if _, err := f.Write([]byte(envelope)); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 80<<20; n += len(piece) {
		if _, err := f.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Each wrong file gets an answer that says what it looks like and what to do.
func TestWrongFilesAreToldApart(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	b.payer("Harbor Pine", func(p *Payer) { p.Identifiers = []string{"999000444"} })
	whole := fixture(t, "bom-crlf")
	group := func(gs01, version, set string) string {
		text := strings.Replace(envelope, "GS*BE*", "GS*"+gs01+"*", 1)
		return strings.ReplaceAll(strings.Replace(text, "ST*834", "ST*"+set, 1), "005010X220A1", version)
	}
	wide := func(text string) string {
		var out strings.Builder
		for i := range len(text) {
			out.WriteByte(text[i])
			out.WriteByte(0)
		}
		return out.String()
	}
	for _, c := range []struct {
		name, payer, text, reason string
		says                      []string
	}{
		{"CSV", "Juniper", "number,last,first\n1,Gale,Ada\n", "wrong_kind", []string{"table (CSV", "Ask the payer"}},
		{"PDF", "Juniper", "%PDF-1.7\n", "wrong_kind", []string{"PDF document", "Ask the payer"}},
		{"835", "Juniper", group("HP", "005010X221A1", "835"), "wrong_kind", []string{"claim payments (835)", "Ask the payer"}},
		{"270", "Juniper", group("HS", "005010X279A1", "270"), "wrong_kind", []string{"eligibility questions (270)", "Ask the payer"}},
		{"835 in a roster's envelope", "Juniper", group("BE", "005010X220A1", "835"), "wrong_kind", []string{`"835"`, "Ask the payer"}},
		{"two files in a zip", "Juniper", packZip(t, map[string]string{"a.834": whole, "b.834": whole}), "broken_archive", []string{"more than one file", "one at a time"}},
		{"bomb", "Juniper", string(bomb(t)), "broken_archive", []string{"grows more than 200 times"}},
		{"cut gzip", "Juniper", packGzip(t, whole)[:200], "broken_archive", []string{"cut off", "send it again"}},
		{"cut gzip head", "Juniper", packGzip(t, whole)[:6], "broken_archive", []string{"gzip", "send it again"}},
		{"cut zip", "Juniper", packZip(t, map[string]string{"a.834": whole})[:200], "broken_archive", []string{"zip", "send it again"}},
		{"UTF-16 with a mark", "Juniper", "\xff\xfe" + wide(whole), "wrong_kind", []string{"UTF-16", "plain text (UTF-8)"}},
		{"UTF-16 without", "Juniper", wide(envelope), "wrong_kind", []string{"UTF-16", "plain text (UTF-8)"}},
		{"UTF-16, the other way", "Juniper", "\x00" + wide(envelope), "wrong_kind", []string{"UTF-16", "plain text (UTF-8)"}},
		{"empty", "Juniper", "", "empty", []string{"empty"}},
		{"another payer's", "Harbor Pine", whole, "wrong_payer", []string{"does not name Harbor Pine", `it names "Juniper Mutual"`, "Choose the payer"}},
		{"nobody's", "Harbor Pine", strings.ReplaceAll(whole, "N1*IN*", "N1*BO*"), "wrong_payer", []string{"it names no insurer"}},
	} {
		i := b.load(c.payer, c.text)
		if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != c.reason {
			t.Errorf("%s: %s, %v", c.name, i.GetStatus(), i.GetRefusal())
		}
		for _, says := range c.says {
			if !strings.Contains(i.GetRefusal().GetMessage(), says) {
				t.Errorf("%s: it lacks %q: %s", c.name, says, i.GetRefusal().GetMessage())
			}
		}
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members`) + b.count(`SELECT count(*) FROM enrollment.staged_members`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// A reused control number is told from a repeat and from any other refusal.
func TestAlarmsAreCounted(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	text := fixture(t, "bom-crlf")
	b.done("Juniper", text)
	if i := b.load("Juniper", text); i.GetStatus() != "replayed" {
		t.Fatalf("the same again: %v", i)
	}
	b.load("Juniper", "number,last,first\n")
	if err := b.Sweep(t.Context()); err != nil || b.Alarms() != 0 {
		t.Fatalf("%v alarms before there was one, %v", b.Alarms(), err)
	}
	i := b.load("Juniper", strings.ReplaceAll(text, "Tamsin", "Thomas"))
	if i.GetStatus() != "refused" || i.GetRefusal().GetReason() != controlReused || i.GetRefusal().GetKind() != kindAlarm {
		t.Fatalf("other content: %s, %v", i.GetStatus(), i.GetRefusal())
	}
	if got := b.findings(i); len(got) != 1 || got[0].GetKind() != kindAlarm {
		t.Errorf("findings: %v", got)
	}
	var n int
	b.at.Query(t, fmt.Sprintf(`SELECT count(*) FROM audit.entries WHERE action = 'roster.alarm' AND subject = 'import/%s'`, i.GetImportId()), &n)
	if n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
	if err := b.Sweep(t.Context()); err != nil || b.Alarms() != 1 {
		t.Errorf("%v alarms, %v", b.Alarms(), err)
	}
}

// A payer's settings bend what its files say.
func TestSettingsOfPayers(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	text := strings.NewReplacer("\nREF*0F*C2~", "\nREF*0F*C2;packed;more~", "NM1*IL*1*York*Ben~", "NM1*IL*1*Ben*York~").Replace(fixture(t, "changes"))
	b.payer("Plain")
	b.payer("Bent", func(p *Payer) { p.NamesSwapped, p.EndsExclusive, p.IDSeparator = true, true, ";" })
	b.done("Plain", text)
	b.done("Bent", text)
	if got := b.table("Plain"); !strings.Contains(got, "C2;packed;more subscriber 18 York Ben ") || !strings.Contains(got, "to 2027-03-31") {
		t.Errorf("as it stands:\n%s", got)
	}
	if got := b.table("Bent"); !strings.Contains(got, "C2 subscriber 18 Ben York ") || !strings.Contains(got, "to 2027-03-30") || strings.Contains(got, "to 2027-03-31") {
		t.Errorf("with settings:\n%s", got)
	}
	p, err := b.PayerNamed(t.Context(), "bent")
	if err != nil || !p.NamesSwapped || !p.EndsExclusive || p.IDSeparator != ";" || p.OwnIDQualifier != "NM1" {
		t.Errorf("settings: %+v, %v", p, err)
	}
	all, err := b.Payers(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "Bent" {
		t.Errorf("all settings: %+v, %v", all, err)
	}
	for _, p := range []Payer{
		{Name: "Wrong", Identifiers: []string{"1"}, MemberIDQualifier: "four"}, {Name: "Wrong", Identifiers: []string{"1"}, OwnIDQualifier: "x"},
		{Name: "Wrong", Identifiers: []string{"1"}, IDSeparator: "::"}, {Name: "Wrong", Identifiers: []string{"1"}, IDSeparator: "A"},
	} {
		if _, err := b.PutPayer(t.Context(), operator(), p); err == nil {
			t.Errorf("taken: %+v", p)
		}
	}
}
