package x12_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

func TestOtherKindsOfFile(t *testing.T) {
	t.Parallel()
	group := func(gs01, gs08 string) string {
		f := aFile(with(head, ada))
		f.gs01, f.gs08 = gs01, gs08
		return f.String()
	}
	whole := aFile(with(head, ada)).String()
	isa := whole[:106]
	for name, c := range map[string]struct{ text, reason, says string }{
		"empty":             {"", "empty", "empty"},
		"blank":             {" \r\n\n", "empty", "empty"},
		"only a mark":       {"\xEF\xBB\xBF", "empty", "empty"},
		"CSV":               {"member,last,first,birth\n1,Lark,Ada,1980-02-29\n", "wrong_kind", "table"},
		"tab separated":     {"member\tlast\tfirst\tbirth\n", "wrong_kind", "table"},
		"PDF":               {"%PDF-1.7\n%\xE2\xE3", "wrong_kind", "PDF"},
		"workbook":          {"PK\x03\x04\x14\x00", "wrong_kind", "office document"},
		"XML":               {"<?xml version=\"1.0\"?><members/>", "wrong_kind", "XML"},
		"JSON":              {"{\"members\": []}", "wrong_kind", "JSON"},
		"HL7":               {"MSH|^~\\&|A|B", "wrong_kind", "HL7"},
		"EDIFACT":           {"UNB+UNOA:1+A+B'", "wrong_kind", "EDIFACT"},
		"UTF-16":            {"\xff\xfeI\x00S\x00A\x00", "wrong_kind", "UTF-16"},
		"a letter":          {"Dear colleagues", "wrong_kind", "other text"},
		"noise":             {"\x07\x01\x99\x00\x03", "wrong_kind", "binary"},
		"no ISA":            {whole[106:], "wrong_kind", "ISA segment is missing"},
		"payments":          {group("HP", "005010X221A1"), "wrong_kind", "835"},
		"acknowledgments":   {group("FA", "005010X231A1"), "wrong_kind", "999"},
		"eligibility":       {group("HS", "005010X279A1"), "wrong_kind", "270"},
		"4010":              {group("BE", "004010X095A1"), "old_version", "5010"},
		"4010 mislabelled":  {group("BE", "004010X096A1"), "old_version", "5010"},
		"8010":              {group("BE", "008010X319"), "other_version", "005010X220A1"},
		"no version":        {group("BE", ""), "other_version", "none given"},
		"other transaction": {strings.Replace(whole, "ST*834", "ST*835", 1), "wrong_kind", "834"},
		"only TA1":          {isa + "TA1*000000042*270104*1200*A*000~TA1*000000043*270104*1200*A*000~IEA*0*000000042~", "wrong_kind", "TA1"},
		"short ISA":         {"ISA*00**00**ZZ*S*ZZ*R*270104*1200*^*00501*000000042*0*P*:~" + strings.Repeat("X", 106), "broken_isa", "106"},
		"letters separate":  {strings.ReplaceAll(isa, "*", "A"), "broken_isa", "separators"},
		"same separators":   {isa[:104] + "**" + whole[106:], "broken_isa", "separators"},
		"ISA cut":           {isa[:50], "truncated", "first segment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustRefuse(t, c.text, c.reason)
			if !strings.Contains(r.Message, c.says) {
				t.Errorf("says %q, want %q in it", r.Message, c.says)
			}
		})
	}
}

func TestBrokenEnvelopes(t *testing.T) {
	t.Parallel()
	f := aFile(with(head, ada), with(head, ada))
	whole := f.String()
	cut := func(id string) string {
		i := strings.Index(whole, "~"+id+"*") + 1
		j := strings.Index(whole[i:], "~") + i + 1
		return whole[:i] + whole[j:]
	}
	for name, c := range map[string]struct{ text, reason, element string }{
		"SE missing":          {cut("SE"), "missing_trailer", ""},
		"GE missing":          {cut("GE"), "missing_trailer", ""},
		"IEA missing":         {cut("IEA"), "truncated", ""},
		"GS missing":          {cut("GS"), "broken_envelope", ""},
		"ST missing":          {cut("ST"), "broken_envelope", ""},
		"IEA then ISA":        {cut("IEA") + whole, "missing_trailer", ""},
		"SE01":                {strings.Replace(whole, "SE*18*", "SE*19*", 1), "wrong_count", "SE01"},
		"SE01 no number":      {strings.Replace(whole, "SE*18*", "SE*x*", 1), "wrong_count", "SE01"},
		"GE01":                {strings.Replace(whole, "GE*2*", "GE*1*", 1), "wrong_count", "GE01"},
		"IEA01":               {strings.Replace(whole, "IEA*1*", "IEA*2*", 1), "wrong_count", "IEA01"},
		"SE02":                {strings.Replace(whole, "SE*18*0001", "SE*18*0009", 1), "broken_trailer", "SE02"},
		"GE02":                {strings.Replace(whole, "GE*2*9", "GE*2*8", 1), "broken_trailer", "GE02"},
		"IEA02":               {strings.Replace(whole, "IEA*1*000000042", "IEA*1*000000043", 1), "broken_trailer", "IEA02"},
		"more behind":         {whole + "and more", "trailing_data", ""},
		"segment without end": {strings.Replace(whole, "~DMG*D8", strings.Repeat("x", 40_000)+"DMG*D8", 1), "segment_too_long", ""},
		"test without leave":  {strings.Replace(whole, "*0*P*", "*0*T*", 1), "test_file", "ISA15"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustRefuse(t, c.text, c.reason)
			if r.Element != c.element {
				t.Errorf("element %q, want %q", r.Element, c.element)
			}
			if r.Pos.Segment == 0 || !strings.Contains(r.Error(), "at byte") {
				t.Errorf("no position: %v", r)
			}
		})
	}
}

func TestWhatOptionsLetPass(t *testing.T) {
	t.Parallel()
	whole := aFile(with(head, ada)).String()
	got := readText(t, strings.Replace(whole, "*0*P*", "*0*T*", 1), x12.Options{AcceptTest: true})
	if got.refusal != nil || !got.interchanges[0].Test {
		t.Errorf("test file: %v", got.refusal)
	}
	for _, wrong := range []string{"SE*18*>SE*20*", "GE*1*>GE*7*", "IEA*1*>IEA*0*"} {
		from, to, _ := strings.Cut(wrong, ">")
		got := readText(t, strings.Replace(whole, from, to, 1), x12.Options{AcceptWrongCounts: true})
		if got.refusal != nil || len(got.findings) != 1 || got.findings[0].Reason != "wrong_count" {
			t.Errorf("%s: %v %+v", wrong, got.refusal, got.findings)
		}
	}
	padded := readText(t, strings.Replace(whole, "IEA*1*000000042", "IEA*1*42", 1), x12.Options{})
	if padded.refusal != nil || len(padded.findings) != 1 || padded.findings[0].Reason != "control_number" {
		t.Errorf("leading zeros: %v %+v", padded.refusal, padded.findings)
	}
}

// A file that was cut anywhere is refused, whatever it ended with.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*made){
		"plain":    func(*made) {},
		"newlines": func(f *made) { f.between = "\r\n" },
	} {
		f := aFile(with(head, ada), with(head, ada))
		change(&f)
		whole := strings.TrimRight(f.String(), "\r\n")
		for i := 1; i < len(whole); i++ {
			got := readText(t, whole[:i], x12.Options{AcceptWrongCounts: true})
			if got.refusal == nil {
				t.Fatalf("%s: cut at byte %d of %d was accepted", name, i, len(whole))
			}
		}
	}
}

// After a whole interchange, a second one that is cut refuses both.
func TestTruncatedSecondInterchange(t *testing.T) {
	t.Parallel()
	whole := aFile(with(head, ada)).String()
	segments := strings.SplitAfter(whole, "~")
	for i := 1; i < len(segments)-1; i++ {
		if r := readText(t, whole+strings.Join(segments[:i], ""), x12.Options{}).refusal; r == nil {
			t.Fatalf("cut after segment %d was accepted", i)
		}
	}
}

type brokenReader struct {
	io.Reader
	err error
}

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		return n, b.err
	}
	return n, err
}

func TestBrokenSource(t *testing.T) {
	t.Parallel()
	cause := errors.New("line dropped")
	whole := aFile(with(head, ada)).String()
	for _, n := range []int{0, 50, 200, len(whole) - 3} {
		got := readAll(t, brokenReader{strings.NewReader(whole[:n]), cause}, x12.Options{})
		if got.refusal == nil || got.refusal.Reason != "unreadable" || !errors.Is(got.refusal, cause) {
			t.Errorf("after %d bytes: %v", n, got.refusal)
		}
	}
}

// A sender who spells the version oddly in every transaction is warned about
// each, and read: what stands where it belongs is not out of place.
func TestManyWarningsAreNoGarbage(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("ISA*00*          *00*          *ZZ*SENDER         *ZZ*BEDSIDE        *260105*0900*^*00501*000000001*0*P*:~GS*BE*SENDER*BEDSIDE*20260105*0900*1*X*005010X220A1~")
	const sets = 10_100
	for i := range sets {
		fmt.Fprintf(&text, "ST*834*%04d*005010X220~BGN*00*B*20260105****4~SE*3*%04d~", i+1, i+1)
	}
	fmt.Fprintf(&text, "GE*%d*1~IEA*1*000000001~", sets)
	r := x12.NewReader(strings.NewReader(text.String()), x12.Options{})
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
	}
}
