package x12

import "fmt"

const (
	// maxSegments bounds one member's record; real ones have 15 to 80.
	maxSegments = 5000
	// maxCoverages bounds the coverages of one record; real ones have 1 to 10.
	maxCoverages = 200
)

// place is the loop that the next segment belongs to.
type place int

const (
	inMember     place = iota // 2000
	inName                    // 2100A
	inIncorrect               // 2100B
	inParty                   // 2100C to 2100H
	inDisability              // 2200
	inCoverage                // 2300
	inProvider                // 2310
	inOther                   // 2320
	inOtherParty              // 2330
	inReporting               // 2710, 2750
)

// builder gathers one member, from its INS to the next.
type builder struct {
	m        *Member
	at       place
	party    *Party
	segments int
	named    bool
	full     bool
	// reporting is true between LS and LE.
	reporting bool
}

func newBuilder(number int64, seg *segment) *builder {
	b := &builder{m: &Member{Number: number, Pos: seg.Position}, segments: 1}
	m := b.m
	m.Subscriber = seg.get(1) == "Y"
	m.Relationship, m.Maintenance, m.MaintenanceReason = seg.get(2), seg.get(3), seg.get(4)
	m.BenefitStatus, m.Medicare, m.Cobra = seg.get(5), seg.get(6), seg.get(7)
	m.Employment, m.Student = seg.get(8), seg.get(9)
	m.Handicapped = seg.get(10) == "Y"
	m.Confidential = seg.get(13) == "R"
	m.BirthOrder = seg.get(17)
	if v := seg.get(12); v != "" {
		if d, ok := parseDate("", seg.get(11), v); ok {
			m.Died = d.From
		} else {
			b.warn(seg, "INS12", "bad_date", "The date of death (INS12) is no date. It was left out.")
		}
	}
	switch seg.get(1) {
	case "Y", "N":
	default:
		b.fatal(seg, "INS01", "bad_code", "INS01 says neither Y (subscriber) nor N (dependent).")
	}
	if len(m.Relationship) != 2 {
		b.fatal(seg, "INS02", "bad_code", "INS02, the relationship to the subscriber, is missing or is no code.")
	} else {
		b.checkRelationship(seg)
	}
	if !knownMaintenance(m.Maintenance) {
		b.fatal(seg, "INS03", "bad_code", fmt.Sprintf("INS03 holds no maintenance code (%q).", clip(m.Maintenance)))
	}
	return b
}

// checkRelationship mends what INS01 and INS02 say against each other.
func (b *builder) checkRelationship(seg *segment) {
	self := b.m.Relationship == "18"
	switch {
	case b.m.Subscriber && !self:
		b.m.Relationship = "18"
		b.warn(seg, "INS02", "ins_contradiction", "INS01 says subscriber, INS02 says otherwise. INS01 was believed.")
	case !b.m.Subscriber && self && seg.get(1) == "N":
		b.m.Relationship = "G8"
		b.warn(seg, "INS02", "ins_contradiction", "INS01 says dependent, INS02 says subscriber. INS01 was believed; the relationship is kept as other (G8).")
	}
}

func knownMaintenance(code string) bool {
	switch code {
	case "001", "002", "021", "024", "025", "026", "030", "032":
		return true
	}
	return false
}

func (b *builder) warn(seg *segment, element, reason, message string) {
	b.fault(seg, element, reason, message, false)
}

func (b *builder) fatal(seg *segment, element, reason, message string) {
	b.fault(seg, element, reason, message+" This record was rejected.", true)
}

func (b *builder) fault(seg *segment, element, reason, message string, fatal bool) {
	f := Fault{Finding: Finding{Pos: seg.Position, Element: element, Reason: reason, Message: message}, Fatal: fatal}
	if len(b.m.Faults) >= maxParties && !fatal {
		return
	}
	b.m.Faults = push(b.m.Faults, f)
}

// finish completes the record.
func (b *builder) finish() *Member {
	m := b.m
	if !b.named {
		seg := &segment{Position: m.Pos}
		b.fatal(seg, "NM1", "no_name", "This record names nobody (NM1*IL is missing).")
	}
	return m
}

// coverage is the loop 2300 that is being read.
func (b *builder) coverage() *Coverage { return &b.m.Coverages[len(b.m.Coverages)-1] }

// other is the loop 2320 that is being read.
func (b *builder) other() *OtherInsurance {
	c := b.coverage()
	return &c.Others[len(c.Others)-1]
}

// add takes one segment after the INS.
func (b *builder) add(seg *segment) {
	b.segments++
	if b.segments > maxSegments {
		if !b.full {
			b.full = true
			b.fatal(seg, "", "record_too_large", fmt.Sprintf("This record has more than %d segments.", maxSegments))
		}
		return
	}
	switch seg.ID {
	case "NM1":
		b.nm1(seg)
	case "REF":
		b.ref(seg)
	case "DTP":
		b.dtp(seg)
	case "HD":
		b.hd(seg)
	case "DMG":
		b.dmg(seg)
	case "PER", "N3", "N4":
		b.address(seg)
	case "LUI":
		b.m.Languages = push(b.m.Languages, Language{Qualifier: seg.get(1), Code: seg.get(2), Use: seg.get(4)})
	case "HLH":
		b.m.Health = seg.get(1)
	case "AMT":
		b.amt(seg)
	case "DSB":
		b.at, b.party = inDisability, nil
		b.m.Disabilities = push(b.m.Disabilities, Disability{Type: seg.get(1), DiagnosisQualifier: seg.get(7), Diagnosis: seg.get(8)})
	case "LX", "LS", "LE", "COB", "IDC", "N1":
		b.loops(seg)
	case "N2", "EC", "ICM", "HI", "PLA", "AD1", "QTY", "MSG":
		// Known, and of no use to a portal.
	default:
		b.warn(seg, "", "unexpected_segment", seg.ID+" does not belong to a member. It was left out.")
	}
}

// loops takes the segments that only open and close loops.
func (b *builder) loops(seg *segment) {
	inPlan := b.at >= inCoverage && b.at <= inOtherParty
	switch {
	case seg.ID == "LS":
		b.at, b.party, b.reporting = inReporting, nil, true
	case seg.ID == "LE":
		b.at, b.party, b.reporting = inMember, nil, false
	case seg.ID == "N1" && b.reporting:
		b.m.Reporting = push(b.m.Reporting, Reporting{Party{Role: seg.get(1), Name: seg.get(2), IDQualifier: seg.get(3), ID: seg.get(4)}})
		b.at, b.party = inReporting, &b.m.Reporting[len(b.m.Reporting)-1].Party
	case seg.ID == "LX" && b.reporting:
		b.party = nil
	case seg.ID == "LX" && inPlan:
		b.at, b.party = inProvider, nil
	case seg.ID == "COB" && inPlan:
		c := b.coverage()
		c.Others = push(c.Others, OtherInsurance{Order: seg.get(1), Policy: seg.get(2), Coordinated: seg.get(3)})
		b.at, b.party = inOther, nil
	case seg.ID == "IDC" && inPlan:
		c := b.coverage()
		c.IDCards = push(c.IDCards, IDCard{Plan: seg.get(1), Type: seg.get(2), Action: seg.get(4)})
	default:
		b.warn(seg, "", "unexpected_segment", seg.ID+" stands in an unusual place. It was left out.")
	}
}

// hd opens a loop 2300.
func (b *builder) hd(seg *segment) {
	if len(b.m.Coverages) >= maxCoverages {
		if !b.full {
			b.full = true
			b.fatal(seg, "HD", "record_too_large", fmt.Sprintf("This record has more than %d coverages.", maxCoverages))
		}
		return
	}
	b.at, b.party, b.reporting = inCoverage, nil, false
	b.m.Coverages = append(b.m.Coverages, Coverage{
		Pos: seg.Position, Maintenance: seg.get(1), Line: seg.get(3), Plan: seg.get(4), Level: seg.get(5),
	})
	if !knownMaintenance(seg.get(1)) {
		b.fatal(seg, "HD01", "bad_code", fmt.Sprintf("HD01 holds no maintenance code (%q).", clip(seg.get(1))))
	}
	if n := len(seg.get(3)); n < 2 || n > 3 {
		b.fatal(seg, "HD03", "bad_code", "HD03, the kind of coverage, is missing or is no code.")
	}
}
