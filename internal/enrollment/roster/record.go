package roster

import (
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/bedside-health/bedside/internal/ids"
)

// Maintenance codes, INS03 and HD01.
const (
	codeChange     = "001"
	codeDelete     = "002"
	codeAdd        = "021"
	codeEnd        = "024"
	codeReinstate  = "025"
	codeCorrection = "026"
	codeAudit      = "030"
	codeNoEffect   = "032"
)

// Passes: subscribers are checked and applied before dependents, who need them.
const (
	passSubscribers int16 = 0
	passDependents  int16 = 1
)

// translator turns what a file says into our own terms, for one payer.
type translator struct {
	memberIDQualifier, ownIDQualifier string
	idSeparator                       string
	namesSwapped, endsExclusive       bool
	hashSSN                           func(digits string) []byte
	today                             time.Time
}

// record is one member's record, ready to be staged.
type record struct {
	member    db.StageMembersParams
	coverages []db.StageCoveragesParams
	findings  []finding
	rejected  bool
}

// translate takes a member of a file. What is wrong with the record becomes
// findings; a rejected one is not staged.
func (t *translator) translate(m *x12.Member) record {
	r := record{member: db.StageMembersParams{
		Seq: m.Number, Segment: m.Pos.Segment, ByteOffset: m.Pos.Offset, Code: m.Maintenance, Relationship: m.Relationship,
		BirthOrder: clip(m.BirthOrder, 9), GroupNo: clip(m.Ref("1L"), 50), NewID: ids.NewUUID(),
	}}
	if !m.Subscriber {
		r.member.Pass = passDependents
	}
	t.number(m, &r)
	t.person(m, &r)
	t.reached(m, &r)
	for _, f := range m.Faults {
		r.fault(f)
	}
	t.span(m, &r)
	for i := range m.Coverages {
		t.coverage(&m.Coverages[i], i, &r)
	}
	return r
}

// fault passes on what the reader said about this record.
func (r *record) fault(f x12.Fault) {
	kind := kindWarning
	if f.Fatal {
		kind = kindReject
	}
	r.add(kind, f.Finding)
}

func (r *record) add(kind string, f x12.Finding) {
	r.findings = append(r.findings, finding{
		Finding: f, kind: kind, subscriberNo: r.member.SubscriberNo, name: r.name(), again: kind == kindReject && r.rejected,
	})
	r.rejected = r.rejected || kind == kindReject
}

func (r *record) name() string {
	return strings.TrimSpace(r.member.GivenName + " " + r.member.FamilyName)
}

// at makes a finding about the record itself.
func (r *record) at(kind, element, reason, message string) {
	if kind == kindReject {
		message += " This record was rejected."
	}
	r.add(kind, x12.Finding{
		Pos:     x12.Position{Segment: r.member.Segment, ID: "INS", Offset: r.member.ByteOffset},
		Element: element, Reason: reason, Message: message,
	})
}

// number takes the subscriber's number and the person's own.
func (t *translator) number(m *x12.Member, r *record) {
	no := t.id(m.Ref("0F"))
	if no == "" && t.memberIDQualifier != "" {
		no = t.id(m.Ref(t.memberIDQualifier))
	}
	r.member.SubscriberNo = clip(no, 50)
	own := ""
	switch {
	case t.ownIDQualifier == "NM1" && m.Name.IDQualifier == "ZZ":
		own = m.Name.ID
	case t.ownIDQualifier != "" && t.ownIDQualifier != "NM1":
		own = t.id(m.Ref(t.ownIDQualifier))
	}
	if own != "" {
		own = clip(own, 80)
		r.member.OwnNo = &own
	}
}

// id cuts off what this payer packs behind an identifier.
func (t *translator) id(v string) string {
	if t.idSeparator != "" {
		v, _, _ = strings.Cut(v, t.idSeparator)
	}
	return strings.TrimSpace(v)
}

// name takes first and last names from where this payer writes them.
func (t *translator) name(n x12.Name) (first, last string) {
	if t.namesSwapped {
		return n.Last, n.First
	}
	return n.First, n.Last
}

// person takes who it is, and what to match on.
func (t *translator) person(m *x12.Member, r *record) {
	p := &r.member
	first, last := t.name(m.Name)
	p.GivenName, p.MiddleName, p.FamilyName = clip(first, 100), clip(m.Name.Middle, 100), clip(last, 100)
	p.GivenSearch, p.FamilySearch = names.Fold(p.GivenName), names.Fold(p.FamilyName)
	p.Gender = m.Demographics.Gender
	p.BirthDate = orNil(m.Demographics.Birth)
	p.MatchGiven, p.MatchBirth = p.GivenSearch, p.BirthDate
	if inc := m.Incorrect; inc != nil {
		if was, _ := t.name(inc.Name); names.Fold(was) != "" {
			p.MatchGiven = names.Fold(was)
		}
		if !inc.Demographics.Birth.IsZero() {
			p.MatchBirth = orNil(inc.Demographics.Birth)
		}
	}
	p.Corrects = p.MatchGiven != p.GivenSearch || !sameEnd(p.MatchBirth, p.BirthDate)
	if d := m.SSN.Digits(); d != "" {
		p.SsnHash = t.hashSSN(d)
	}
	switch {
	case m.Subscriber && p.SubscriberNo == "":
		r.at(kindReject, "REF02", "no_member_id", "This record carries no member number (REF*0F, or the reference that is set for this payer).")
	case p.FamilySearch == "" || p.GivenSearch == "":
		if m.Name.Last != "" || m.Name.First != "" {
			r.at(kindReject, "NM104", "no_name", "The first name is missing: without it nobody can be told from their family.")
		}
	case p.BirthDate != nil && (p.BirthDate.After(t.today) || p.BirthDate.Year() < 1880):
		r.at(kindReject, "DMG02", "bad_date", "The birth date (DMG02) lies in the future or too far back.")
	}
}

func orNil(d time.Time) *time.Time {
	if d.IsZero() {
		return nil
	}
	return &d
}

// reached takes how somebody is reached.
func (t *translator) reached(m *x12.Member, r *record) {
	p := &r.member
	email, phone := pickContact(m.Contacts)
	p.Email, p.Phone = tidyEmail(email), tidyPhone(phone)
	if email != "" && p.Email == "" {
		r.at(kindWarning, "PER", "bad_email", "The e-mail address is none that can be mailed to. It was left out.")
	}
	if phone != "" && p.Phone == "" {
		r.at(kindWarning, "PER", "bad_phone", "The phone number is none of ten digits. It was left out.")
	}
	p.Language = tidyLanguage(m.Languages)
	p.Address1, p.Address2, p.City = clip(m.Address.Line1, 100), clip(m.Address.Line2, 100), clip(m.Address.City, 60)
	p.StateCode, p.Zip = tidyState(m.Address.State), tidyZip(m.Address.Zip)
}

// span takes the dates of the record itself: 356, 357 and 303.
func (t *translator) span(m *x12.Member, r *record) {
	p := &r.member
	p.Starts = t.day(m.Dates, "356", false, r)
	p.Ends = t.day(m.Dates, "357", true, r)
	p.Effective = t.day(m.Dates, "303", false, r)
}

// day takes one date. A day that cannot be meant rejects the record.
func (t *translator) day(all []x12.Date, qualifier string, end bool, r *record) *time.Time {
	for _, d := range all {
		if d.Qualifier != qualifier {
			continue
		}
		day := d.From
		if end && !d.To.IsZero() {
			day = d.To
		}
		if plausible(day, end) {
			if end && t.endsExclusive && !day.Equal(forever()) {
				day = day.AddDate(0, 0, -1)
			}
			return &day
		}
		r.add(kindReject, x12.Finding{
			Pos: d.Pos, Element: "DTP03", Reason: "bad_date",
			Message: "DTP*" + qualifier + " names a day that cannot be meant (before 1900 or beyond 2100). This record was rejected.",
		})
		return nil
	}
	return nil
}

// coverage takes one HD.
func (t *translator) coverage(c *x12.Coverage, number int, r *record) {
	p := db.StageCoveragesParams{
		Seq: r.member.Seq, Number: int32(number), Segment: c.Pos.Segment, ByteOffset: c.Pos.Offset, //nolint:gosec // bounded by the reader
		Code: c.Maintenance, Line: strings.ToUpper(c.Line), Plan: clip(c.Plan, 50), Level: clip(c.Level, 3), GroupNo: clip(c.Ref("1L"), 50),
	}
	p.Starts = t.day(c.Dates, "348", false, r)
	p.Ends = t.day(c.Dates, "349", true, r)
	if d, ok := c.Date("348"); ok && p.Ends == nil && !d.To.IsZero() {
		p.Ends = t.day([]x12.Date{{Pos: d.Pos, Qualifier: "348", From: d.To}}, "348", true, r)
	}
	if p.GroupNo == "" {
		p.GroupNo = r.member.GroupNo
	}
	if eff := t.day(c.Dates, "303", false, r); eff != nil && p.Starts == nil && p.Ends == nil {
		if p.Code == codeEnd {
			p.Ends = eff
		} else {
			p.Starts = eff
		}
	}
	r.coverages = append(r.coverages, p)
}
