package x12_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestReadsWhatAMemberSays(t *testing.T) {
	t.Parallel()
	got := mustRead(t, aFile(with(head, ada)).String())
	if len(got.members) != 1 || len(got.findings) != 0 {
		t.Fatalf("%d members, %d findings", len(got.members), len(got.findings))
	}
	tr := got.transactions[0]
	if tr.Purpose != "00" || tr.Reference != "77" || tr.Action != "2" || tr.Policy != "POL1" || !tr.Created.Equal(day(2027, 1, 4)) {
		t.Errorf("transaction %+v", tr)
	}
	if tr.Sponsor.ID != "990000001" || len(tr.Payers) != 1 || tr.Payers[0].ID != "990000002" || tr.Payers[0].Name != "Juniper Mutual" {
		t.Errorf("parties %+v %+v", tr.Sponsor, tr.Payers)
	}
	m := got.members[0]
	if !m.Subscriber || m.Relationship != "18" || m.Maintenance != "021" || m.Ref("0F") != "S1" || m.Ref("1L") != "G1" {
		t.Errorf("member %+v", m)
	}
	if m.Name.Last != "Lark" || m.Name.First != "Ada" || m.Name.Middle != "M" || m.Name.ID != "" || m.SSN.Digits() != "900123456" {
		t.Errorf("name %+v", m.Name)
	}
	if m.Address.Line1 != "1 Elm St" || m.Address.Line2 != "Apt 2" || m.Address.State != "OR" || m.Address.Zip != "973010001" {
		t.Errorf("address %+v", m.Address)
	}
	if len(m.Contacts) != 2 || m.Contacts[1] != (x12.Contact{Kind: "EM", Value: "ada@mail.test"}) {
		t.Errorf("contacts %+v", m.Contacts)
	}
	if !m.Demographics.Birth.Equal(day(1980, 2, 29)) || m.Demographics.Gender != "F" {
		t.Errorf("demographics %+v", m.Demographics)
	}
	if d, ok := m.Date("356"); !ok || !d.From.Equal(day(2027, 1, 1)) {
		t.Errorf("date 356 %+v", d)
	}
	c := m.Coverages[0]
	if c.Maintenance != "021" || c.Line != "HLT" || c.Plan != "GOLD" || c.Level != "FAM" || c.Ref("1L") != "G2" {
		t.Errorf("coverage %+v", c)
	}
	if d, ok := c.Date("348"); !ok || !d.From.Equal(day(2027, 1, 1)) {
		t.Errorf("date 348 %+v", d)
	}
	if got.ends[0].Members != 1 {
		t.Errorf("end %+v", got.ends[0])
	}
}

func TestEveryLoopOfTheGuide(t *testing.T) {
	t.Parallel()
	member := []string{
		"INS*N*19*001*25*A**CO*FT*F*Y*D8*20270301*R****2", "REF*0F*S1", "REF*17*C9", "DTP*303*D8*20270201",
		"NM1*74*1*Lark*Bea**DR*JR*ZZ*OWN7", "PER*IP**TE*5550101", "N3*2 Oak St", "N4*Bend*OR*97701**CY*Deschutes",
		"DMG*D8*20100503*F*I**1", "EC*01", "ICM*1*500*40", "AMT*P3*12.50", "HLH*T*70*150", "HI*BK:2500", "LUI*LD*SPA**7",
		"NM1*70*1*Larc*Bee****34*900111222", "DMG*D8*20100504*M",
		"NM1*31*1", "N3*PO Box 3", "N4*Bend*OR*97709",
		"NM1*36*2*Orchard Works*****24*990000001", "PER*EP**TE*5550102", "N3*9 Mill Rd", "N4*Bend*OR*97701",
		"NM1*M8*2*Pine School", "NM1*S3*1*Lark*Carl", "NM1*GD*1*Lark*Dora****34*900333444", "PER*RP**HP*5550103",
		"NM1*45*1*Lark*Ema", "N3*3 Fir St", "N4*Bend*OR*97701",
		"DSB*2******DX*585", "DTP*360*D8*20270101", "DTP*361*D8*20270601", "AD1*PX",
		"HD*024**DEN*BASIC*EMP", "DTP*349*D8*20270228", "AMT*D2*10", "REF*ZX*D1", "IDC*BASIC*D**RX",
		"LX*1", "NM1*P3*1*Moor*Finn****SV*77*25", "N3*4 Ash St", "N4*Bend*OR*97701", "PER*CN**TE*5550104", "PLA*2*1P*20270101**14",
		"COB*S*POL9*1", "REF*60*X1", "DTP*344*D8*20270101", "NM1*IN*2*Other Mutual*****FI*990000003", "N3*5 Yew St", "PER*CN**TE*5550105",
		"HD*021**HLT", "DTP*348*RD8*20270301-20271231",
		"LS*2700", "LX*1", "N1*75*AREA", "REF*17*NORTH", "DTP*007*D8*20270101", "LX*2", "N1*75*UNION", "REF*ZZ*7", "LE*2700",
	}
	got := mustRead(t, aFile(with(head, ada, member)).String())
	m := got.members[1]
	for _, f := range m.Faults {
		t.Errorf("fault %+v", f)
	}
	if m.Subscriber || m.BirthOrder != "2" || !m.Handicapped || !m.Confidential || m.Cobra != "CO" || m.Student != "F" || !m.Died.Equal(day(2027, 3, 1)) {
		t.Errorf("INS %+v", m)
	}
	if m.Name.IDQualifier != "ZZ" || m.Name.ID != "OWN7" || m.Name.Suffix != "JR" || m.Address.County != "Deschutes" || m.Demographics.Marital != "I" {
		t.Errorf("name %+v address %+v", m.Name, m.Address)
	}
	if m.Languages[0] != (x12.Language{Qualifier: "LD", Code: "SPA", Use: "7"}) || m.Health != "T" || m.Amounts[0].Value != "12.50" {
		t.Errorf("languages %+v health %q amounts %+v", m.Languages, m.Health, m.Amounts)
	}
	if m.Incorrect == nil || m.Incorrect.Name.First != "Bee" || m.Incorrect.SSN.Digits() != "900111222" || !m.Incorrect.Demographics.Birth.Equal(day(2010, 5, 4)) {
		t.Errorf("incorrect %+v", m.Incorrect)
	}
	if m.Mailing.Address.Zip != "97709" || m.Employers[0].Contacts[0].Value != "5550102" || m.Schools[0].Name != "Pine School" ||
		m.Custodian.First != "Carl" || m.Responsible[0].Role != "GD" || m.Responsible[0].ID != "" || m.DropOff.Address.Line1 != "3 Fir St" {
		t.Errorf("parties %+v", m)
	}
	if d := m.Disabilities[0]; d.Type != "2" || d.Diagnosis != "585" || len(d.Dates) != 2 {
		t.Errorf("disability %+v", d)
	}
	checkLoop2300(t, m)
}

func checkLoop2300(t *testing.T, m *x12.Member) {
	t.Helper()
	den := m.Coverages[0]
	if d, _ := den.Date("349"); den.Maintenance != "024" || !d.From.Equal(day(2027, 2, 28)) || den.Amounts[0].Value != "10" || den.IDCards[0].Type != "D" {
		t.Errorf("coverage %+v", den)
	}
	if p := den.Providers[0]; p.Name != "Moor" || p.ID != "77" || p.Relation != "25" || p.Address.Line1 != "4 Ash St" || p.Contacts[0].Value != "5550104" {
		t.Errorf("provider %+v", p)
	}
	if o := den.Others[0]; o.Order != "S" || o.Refs[0].Value != "X1" || len(o.Dates) != 1 || o.Parties[0].Contacts[0].Value != "5550105" {
		t.Errorf("other insurance %+v", o)
	}
	hlt := m.Coverages[1]
	if d, _ := hlt.Date("348"); !d.From.Equal(day(2027, 3, 1)) || !d.To.Equal(day(2027, 12, 31)) {
		t.Errorf("range %+v", d)
	}
	if len(m.Reporting) != 2 || m.Reporting[0].Refs[0].Value != "NORTH" || m.Reporting[1].Name != "UNION" || len(m.Reporting[0].Dates) != 1 {
		t.Errorf("reporting %+v", m.Reporting)
	}
}

// What a sender does to the same facts must not change them.
func TestFormsOfTheSameFile(t *testing.T) {
	t.Parallel()
	plain := aFile(with(head, ada), with(head, ada))
	want := describe(mustRead(t, plain.String()))
	forms := map[string]func(f *made) string{
		"byte order mark":      func(f *made) string { return "\xEF\xBB\xBF" + f.String() },
		"CRLF between":         func(f *made) string { f.between = "\r\n"; return f.String() },
		"indented":             func(f *made) string { f.between = "\n\t   "; return f.String() },
		"newline ends":         func(f *made) string { f.term = "\n"; return f.String() },
		"newline but the last": func(f *made) string { f.term = "\n"; return strings.TrimSuffix(f.String(), "\n") },
		"CR LF as terminator":  func(f *made) string { f.term, f.between = "\r", "\n"; return f.String() },
		"other separators":     func(f *made) string { f.elem, f.comp, f.term, f.isa11 = "|", "\\", "!", ">"; return f.String() },
		"control separators": func(f *made) string {
			f.elem, f.comp, f.term, f.isa11 = "\x1d", "\x1f", "\x1c", "\x1e"
			return f.String()
		},
		"ISA11 of 4010":      func(f *made) string { f.isa11 = "U"; return f.String() },
		"padding after":      func(f *made) string { return f.String() + "\r\n\x1a\x00\x00" },
		"blank lines before": func(f *made) string { return "\r\n\r\n" + f.String() },
		"padded elements":    func(f *made) string { return strings.ReplaceAll(f.String(), "*Ada*", "*Ada   *") },
		"empty segments":     func(f *made) string { return strings.ReplaceAll(f.String(), "~DMG", "~~\n~DMG") },
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := plain
			if got := describe(mustRead(t, form(&f))); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		t.Parallel()
		if got := describe(readAll(t, iotest.OneByteReader(strings.NewReader(plain.String())), x12.Options{})); got != want {
			t.Errorf("got\n%s", got)
		}
	})
}

// describe writes what matters about what was read, without positions.
func describe(r read) string {
	var b bytes.Buffer
	for _, m := range r.members {
		birth := m.Demographics.Birth.Format(time.DateOnly)
		fmt.Fprintf(&b, "%d %v %s|%s|%s|%s|%s|%s|%v|%d faults\n", m.Number, m.Subscriber, m.Ref("0F"), m.Name.Last, m.Name.First, birth,
			m.Address.Zip, m.SSN.Digits(), m.Contacts, len(m.Faults))
		for _, c := range m.Coverages {
			d, _ := c.Date("348")
			fmt.Fprintf(&b, "  %s %s %s %s\n", c.Maintenance, c.Line, c.Plan, d.From.Format(time.DateOnly))
		}
	}
	fmt.Fprintf(&b, "%d transactions, %d ends, refusal %v\n", len(r.transactions), len(r.ends), r.refusal)
	return b.String()
}

func TestPositions(t *testing.T) {
	t.Parallel()
	f := aFile(with(head, ada))
	f.between = "\r\n"
	text := "\xEF\xBB\xBF" + f.String()
	text = strings.Replace(text, "DMG*D8*19800229*F", "DMG*D8*19800230*F", 1)
	m := mustRead(t, text).members[0]
	if len(m.Faults) != 1 {
		t.Fatalf("%d faults", len(m.Faults))
	}
	at := m.Faults[0]
	if int(at.Pos.Offset) != strings.Index(text, "DMG") || at.Pos.Segment != 16 || at.Pos.ID != "DMG" || at.Element != "DMG02" || !at.Fatal || at.Reason != "bad_date" {
		t.Errorf("fault %+v, want at byte %d", at, strings.Index(text, "DMG"))
	}
}

func TestSeveralInterchanges(t *testing.T) {
	t.Parallel()
	a, b := aFile(with(head, ada), with(head, ada)), aFile(with(head, ada))
	b.elem, b.term, b.comp = "|", "\n", "<"
	got := mustRead(t, a.String()+"\r\n"+b.String())
	if len(got.interchanges) != 2 || len(got.groups) != 2 || len(got.transactions) != 3 || len(got.members) != 3 {
		t.Errorf("%d %d %d %d", len(got.interchanges), len(got.groups), len(got.transactions), len(got.members))
	}
	if got.transactions[2].Number != 3 || got.members[2].Number != 3 {
		t.Errorf("numbers start again: %+v", got.transactions[2])
	}
}

func TestHashIsOfTheTransaction(t *testing.T) {
	t.Parallel()
	one := mustRead(t, aFile(with(head, ada)).String()).ends[0].Hash
	f := aFile(with(head, ada))
	f.between = "\r\n"
	if mustRead(t, f.String()).ends[0].Hash != one {
		t.Error("line ends change the hash")
	}
	changed := strings.Replace(aFile(with(head, ada)).String(), "GOLD", "GOLE", 1)
	if mustRead(t, changed).ends[0].Hash == one {
		t.Error("another plan has the same hash")
	}
}

func TestSecretStaysSecret(t *testing.T) {
	t.Parallel()
	m := mustRead(t, aFile(with(head, ada, []string{"INS*N*19*021", "REF*0F*S1", "REF*SY*900777888", "NM1*IL*1*Lark*Bo*****900777888"})).String())
	for _, one := range m.members {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := fmt.Sprintf(verb, *one)
			if strings.Contains(text, "900123456") || strings.Contains(text, "900777888") {
				t.Errorf("%s prints the number", verb)
			}
		}
		if one.SSN.Digits() == "" {
			t.Error("the number is lost")
		}
	}
}
