package x12_test

import (
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

func TestFaultsOfOneMember(t *testing.T) {
	t.Parallel()
	name := "NM1*IL*1*Lark*Bo"
	for title, c := range map[string]struct {
		member                   []string
		reason, element, segment string
		fatal                    bool
	}{
		"INS01":            {[]string{"INS*X*18*021", name}, "bad_code", "INS01", "INS", true},
		"INS02":            {[]string{"INS*N**021", name}, "bad_code", "INS02", "INS", true},
		"INS03":            {[]string{"INS*Y*18*999", name}, "bad_code", "INS03", "INS", true},
		"INS03 missing":    {[]string{"INS*Y*18", name}, "bad_code", "INS03", "INS", true},
		"Y but a child":    {[]string{"INS*Y*19*021", name}, "ins_contradiction", "INS02", "INS", false},
		"N but self":       {[]string{"INS*N*18*021", name}, "ins_contradiction", "INS02", "INS", false},
		"death":            {[]string{"INS*Y*18*021********D8*20271301", name}, "bad_date", "INS12", "INS", false},
		"no name":          {[]string{"INS*Y*18*021", "REF*0F*S1"}, "no_name", "NM1", "INS", true},
		"no family name":   {[]string{"INS*Y*18*021", "NM1*IL*1**Bo"}, "no_name", "NM103", "NM1", true},
		"two names":        {[]string{"INS*Y*18*021", name, "NM1*IL*1*Lark*Cy"}, "second_name", "NM101", "NM1", false},
		"birth date":       {[]string{"INS*Y*18*021", name, "DMG*D8*1980-02-29*F"}, "bad_date", "DMG02", "DMG", true},
		"gender":           {[]string{"INS*Y*18*021", name, "DMG*D8*19800229*Q"}, "bad_code", "DMG03", "DMG", false},
		"begin":            {[]string{"INS*Y*18*021", name, "HD*021**HLT", "DTP*348*D8*20270230"}, "bad_date", "DTP03", "DTP", true},
		"format":           {[]string{"INS*Y*18*021", name, "HD*021**HLT", "DTP*348*D6*270201"}, "bad_date", "DTP03", "DTP", true},
		"half a range":     {[]string{"INS*Y*18*021", name, "HD*021**HLT", "DTP*348*RD8*20270201"}, "bad_date", "DTP03", "DTP", true},
		"some other date":  {[]string{"INS*Y*18*021", "DTP*336*D8*20270230", name}, "bad_date", "DTP03", "DTP", false},
		"HD01":             {[]string{"INS*Y*18*021", name, "HD*777**HLT"}, "bad_code", "HD01", "HD", true},
		"HD03":             {[]string{"INS*Y*18*021", name, "HD*021"}, "bad_code", "HD03", "HD", true},
		"unknown segment":  {[]string{"INS*Y*18*021", name, "ZZZ*1"}, "unexpected_segment", "", "ZZZ", false},
		"REF after name":   {[]string{"INS*Y*18*021", name, "REF*0F*S1"}, "unusual_place", "", "REF", false},
		"IDC without plan": {[]string{"INS*Y*18*021", name, "IDC*X*D"}, "unexpected_segment", "", "IDC", false},
		"stray address":    {[]string{"INS*Y*18*021", "N3*1 Elm St", name}, "unexpected_segment", "", "N3", false},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, aFile(with(head, c.member, ada)).String())
			if len(got.members) != 2 || len(got.members[1].Faults) != 0 {
				t.Fatalf("the neighbor suffers: %d members, %+v", len(got.members), got.members[1].Faults)
			}
			if n := len(got.members[0].Faults); n != 1 {
				t.Fatalf("%d faults: %+v", n, got.members[0].Faults)
			}
			f := got.members[0].Faults[0]
			if f.Reason != c.reason || f.Element != c.element || f.Pos.ID != c.segment || f.Fatal != c.fatal || f.Message == "" {
				t.Errorf("fault %+v", f)
			}
			if f.Fatal != strings.HasSuffix(f.Message, "This record was rejected.") {
				t.Errorf("message %q does not say what was done", f.Message)
			}
		})
	}
}

func TestOddButReadable(t *testing.T) {
	t.Parallel()
	f := aFile(with(head, ada))
	f.gs08 = "005010X220"
	if got := mustRead(t, f.String()); len(got.findings) == 0 || got.findings[0].Reason != "version" {
		t.Errorf("without its erratum: %+v", got.findings)
	}
	latin := strings.Replace(aFile(with(head, ada)).String(), "Lark", "N\xfa\xf1ez", 1)
	got := mustRead(t, latin)
	if got.members[0].Name.Last != "Núñez" || len(got.findings) != 1 || got.findings[0].Reason != "not_utf8" {
		t.Errorf("Latin-1: %q %+v", got.members[0].Name.Last, got.findings)
	}
	utf := strings.Replace(aFile(with(head, ada)).String(), "Lark", "Núñez\x00\x7f", 1)
	if got := mustRead(t, utf); got.members[0].Name.Last != "Núñez" || len(got.findings) != 0 {
		t.Errorf("UTF-8: %q %+v", got.members[0].Name.Last, got.findings)
	}
	if got := mustRead(t, aFile(head).String()); len(got.findings) != 1 || got.findings[0].Reason != "no_members" || len(got.transactions) != 1 {
		t.Errorf("no members: %+v", got.findings)
	}
	stray := aFile(with(head, []string{"ZZZ*1"}, ada))
	if got := mustRead(t, stray.String()); len(got.findings) != 1 || got.findings[0].Reason != "unexpected_segment" {
		t.Errorf("stray in header: %+v", got.findings)
	}
}

func TestAnEndlessRecordIsBounded(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 30_000)
	for range 10_000 {
		many = append(many, "REF*ZZ*1", "NM1*36*2*Works", "HD*021**HLT")
	}
	m := mustRead(t, aFile(with(head, ada, many)).String()).members[0]
	if len(m.Coverages) > 200 || len(m.Employers) > 200 || len(m.Refs) > 200 {
		t.Errorf("%d coverages, %d employers, %d refs", len(m.Coverages), len(m.Employers), len(m.Refs))
	}
	fatal := 0
	for _, f := range m.Faults {
		if f.Fatal && f.Reason == "record_too_large" {
			fatal++
		}
	}
	if fatal != 1 {
		t.Errorf("%d fatal faults", fatal)
	}
}

// Exchange files carry employers with accounts in their head, and other roles
// beside the member.
func TestExchangeForm(t *testing.T) {
	t.Parallel()
	f := aFile([]string{
		"BGN*00*9*20270104*1200****2", "REF*38*573", "DTP*007*D8*20270201", "QTY*TO*2", "N1*41*EXCHANGE*46*1", "N1*IN*Juniper Mutual*FI*990000002",
		"N1*62*Orchard Works*24*990000001", "N3*PO Box 1", "N4*Salem*OR*97301", "PER*AJ*Desk*TE*5550100", "ACT*1", "REF*18*77", "DTP*AB4*UN*30", "AMT*JN*100",
		"INS*Y*18*021*20*A***FT", "REF*WH*W1", "REF*POL*P1", "NM1*IL*1*Lark*Ada", "HI*ZZ:1:D8:20270101:20", "NM1*2J*1*Lark*Ada", "NM1*P5*2*Orchard Works*****24*990000001",
		"HD*021**HLT**ESP", "DTP*348*D8*20270201", "LS*2700", "LX*1", "N1*AG*Agency*FI*2", "REF*0B*1*PA", "DTP*007*D8*20270101", "LE*2700",
	})
	f.gs08 = "005010X307"
	got := mustRead(t, f.String())
	if len(got.findings) != 0 || !got.transactions[0].Exchange() || len(got.transactions[0].Brokers) != 2 {
		t.Fatalf("findings %+v, transaction %+v", got.findings, got.transactions[0])
	}
	m := got.members[0]
	if len(m.Faults) != 0 || m.Ref("WH") != "W1" || len(m.Others) != 2 || m.Coverages[0].Level != "ESP" || m.Reporting[0].Refs[0].Value != "1" {
		t.Errorf("member %+v", m)
	}
	var _ x12.Event = m
}
