package x12_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// made is a file in the making.
type made struct {
	elem, comp, rep, term, between  string
	isa12, gs01, gs08, isa15, isa11 string
	// sets are the segments between ST and SE, one list a transaction.
	sets [][]string
}

func aFile(sets ...[]string) made {
	return made{
		elem: "*", comp: ":", rep: "^", term: "~", isa12: "00501", gs01: "BE", gs08: "005010X220A1", isa15: "P", isa11: "^",
		sets: sets,
	}
}

var head = []string{"BGN*00*77*20270104*1200****2", "REF*38*POL1", "N1*P5*Orchard Works*FI*990000001", "N1*IN*Juniper Mutual*FI*990000002"}

var ada = []string{
	"INS*Y*18*021*20*A***FT", "REF*0F*S1", "REF*1L*G1", "DTP*356*D8*20270101",
	"NM1*IL*1*Lark*Ada*M***34*900123456", "PER*IP**CP*5550100*EM*ada@mail.test", "N3*1 Elm St*Apt 2", "N4*Salem*OR*973010001",
	"DMG*D8*19800229*F", "HD*021**HLT*GOLD*FAM", "DTP*348*D8*20270101", "REF*1L*G2",
}

func with(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func (f made) String() string {
	var b strings.Builder
	put := func(seg string) {
		b.WriteString(strings.NewReplacer("*", f.elem, ":", f.comp).Replace(seg) + f.term + f.between)
	}
	put(fmt.Sprintf("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *270104*1200*%s*%s*000000042*0*%s*%s",
		f.isa11, f.isa12, f.isa15, f.comp))
	put("GS*" + f.gs01 + "*S*R*20270104*1200*9*X*" + f.gs08)
	for i, set := range f.sets {
		control := fmt.Sprintf("%04d", i+1)
		put("ST*834*" + control + "*" + f.gs08)
		for _, seg := range set {
			put(seg)
		}
		put("SE*" + strconv.Itoa(len(set)+2) + "*" + control)
	}
	put("GE*" + strconv.Itoa(len(f.sets)) + "*9")
	put("IEA*1*000000042")
	return b.String()
}

// read is everything that a Reader gave.
type read struct {
	interchanges []*x12.Interchange
	groups       []*x12.Group
	transactions []*x12.Transaction
	members      []*x12.Member
	ends         []*x12.TransactionEnd
	findings     []*x12.Finding
	refusal      *x12.Refusal
}

func readAll(t testing.TB, in io.Reader, opt x12.Options) read {
	t.Helper()
	var got read
	r := x12.NewReader(in, opt)
	for {
		ev, err := r.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			if !errors.As(err, &got.refusal) {
				t.Fatalf("an error that is no refusal: %v", err)
			}
			return got
		}
		switch e := ev.(type) {
		case *x12.Interchange:
			got.interchanges = append(got.interchanges, e)
		case *x12.Group:
			got.groups = append(got.groups, e)
		case *x12.Transaction:
			got.transactions = append(got.transactions, e)
		case *x12.Member:
			got.members = append(got.members, e)
		case *x12.TransactionEnd:
			got.ends = append(got.ends, e)
		case *x12.Finding:
			got.findings = append(got.findings, e)
		}
	}
}

func readText(t testing.TB, text string, opt x12.Options) read {
	t.Helper()
	return readAll(t, strings.NewReader(text), opt)
}

func mustRead(t testing.TB, text string) read {
	t.Helper()
	got := readText(t, text, x12.Options{})
	if got.refusal != nil {
		t.Fatalf("refused: %v", got.refusal)
	}
	return got
}

func mustRefuse(t testing.TB, text, reason string) *x12.Refusal {
	t.Helper()
	got := readText(t, text, x12.Options{})
	if got.refusal == nil {
		t.Fatalf("not refused, want %s", reason)
	}
	if got.refusal.Reason != reason {
		t.Fatalf("refused for %q (%v), want %q", got.refusal.Reason, got.refusal, reason)
	}
	return got.refusal
}
