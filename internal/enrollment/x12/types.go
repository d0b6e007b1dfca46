package x12

import "time"

// Event is one of *Interchange, *Group, *Transaction, *Member, *TransactionEnd
// and *Finding.
type Event interface{ event() }

func (*Interchange) event()    {}
func (*Group) event()          {}
func (*Transaction) event()    {}
func (*Member) event()         {}
func (*TransactionEnd) event() {}
func (*Finding) event()        {}

// Interchange is an ISA.
type Interchange struct {
	Pos                     Position
	SenderQualifier, Sender string
	ReceiverQualifier       string
	Receiver                string
	// Version is ISA12, such as "00501".
	Version string
	// Control is ISA13.
	Control string
	// Test is true for ISA15=T.
	Test bool
}

// Group is a GS.
type Group struct {
	Pos              Position
	Sender, Receiver string
	// Control is GS06.
	Control string
	// Version is GS08, such as "005010X220A1".
	Version string
}

// Transaction is what stands before the first member of a transaction set.
type Transaction struct {
	Pos Position
	// Number counts transactions in the file, from 1.
	Number int
	// Control is ST02.
	Control string
	// Version is ST03, or GS08 where that is missing.
	Version string
	// Purpose is BGN01: 00 original, 15 sent again, 22 information copy.
	Purpose string
	// Reference is BGN02.
	Reference string
	// Created is BGN03.
	Created time.Time
	// Action is BGN08: 2 changes, 4 a full file to compare with, RX replace.
	Action string
	// Policy is the master policy number, REF*38.
	Policy string
	Dates  []Date
	Totals []Quantity
	// Sponsor is N1*P5.
	Sponsor Party
	// Payers are N1*IN; more than one is unusual.
	Payers []Party
	// Brokers are N1*TV, N1*BO and, in exchange files, N1*41, N1*40, N1*62.
	Brokers []Party
}

// Exchange says whether this is the health insurance exchange form.
func (t *Transaction) Exchange() bool { return isExchange(t.Version) }

// Full says whether the file claims to hold everybody, so that absence would
// mean something.
func (t *Transaction) Full() bool { return t.Action == "4" || t.Action == "RX" }

// TransactionEnd is an SE.
type TransactionEnd struct {
	Pos     Position
	Members int
	// Hash is SHA-256 over the segments from ST to SE, whatever stands between
	// them.
	Hash [32]byte
}

// Party is somebody named by N1 or NM1 who is not the member.
type Party struct {
	// Role is N101 or NM101.
	Role string
	// Name is N102, or the last name or organization of NM103.
	Name, First, Middle, Prefix, Suffix string
	IDQualifier, ID                     string
	// Relation is NM110, for providers.
	Relation     string
	Contacts     []Contact
	Address      Address
	Demographics Demographics
	Refs         []Ref
	Dates        []Date
}

// Name is a person's name.
type Name struct {
	Last, First, Middle, Prefix, Suffix string
	// IDQualifier is NM108 and ID is NM109. A social security number is never
	// here: it is in Member.SSN.
	IDQualifier, ID string
}

// Contact is one number or address of a PER.
type Contact struct {
	// Kind is HP, TE, CP, WP, EM, ...
	Kind, Value string
}

// Address is N3 and N4.
type Address struct {
	Line1, Line2, City, State, Zip, Country, County string
}

// Demographics is a DMG.
type Demographics struct {
	Birth time.Time
	// Gender is F, M, U or "".
	Gender string
	// Marital is DMG04, Citizenship DMG06.
	Marital, Citizenship string
}

// Ref is a REF.
type Ref struct{ Qualifier, Value string }

// Date is a DTP.
type Date struct {
	Pos       Position
	Qualifier string
	// From is the day, To the end of a range or zero.
	From, To time.Time
}

// Quantity is a QTY or an AMT.
type Quantity struct{ Qualifier, Value string }

// Language is an LUI: Code in the list that Qualifier names (LD, LE), Use 5
// reading, 6 writing, 7 speaking, 8 native.
type Language struct{ Qualifier, Code, Use string }

// Disability is a loop 2200.
type Disability struct {
	Type, DiagnosisQualifier, Diagnosis string
	Dates                               []Date
}

// Reporting is a loop 2710/2750.
type Reporting struct {
	Party
}

// Coverage is a loop 2300.
type Coverage struct {
	Pos Position
	// Maintenance is HD01; it may differ from the member's.
	Maintenance string
	// Line is HD03, Plan HD04, Level HD05.
	Line, Plan, Level string
	Dates             []Date
	Refs              []Ref
	Amounts           []Quantity
	IDCards           []IDCard
	// Providers are the loops 2310.
	Providers []Party
	// Others are the loops 2320: other insurance.
	Others []OtherInsurance
}

// IDCard is an IDC.
type IDCard struct{ Plan, Type, Action string }

// OtherInsurance is a COB with what follows it.
type OtherInsurance struct {
	// Order is COB01 (P, S, T, U), Policy COB02, Coordinated COB03.
	Order, Policy, Coordinated string
	Refs                       []Ref
	Dates                      []Date
	Parties                    []Party
}

// Member is a loop 2000: one record about one person.
type Member struct {
	Pos Position
	// Number counts members in the file, from 1.
	Number int64
	// Subscriber is INS01; it wins over the relationship where they disagree.
	Subscriber bool
	// Relationship is INS02, Maintenance INS03, MaintenanceReason INS04.
	Relationship, Maintenance, MaintenanceReason string
	// BenefitStatus is INS05, Employment INS08, Student INS09.
	BenefitStatus, Medicare, Cobra, Employment, Student string
	Handicapped                                         bool
	Died                                                time.Time
	// Confidential is INS13=R: access to the information is restricted.
	Confidential bool
	// BirthOrder is INS17, for twins.
	BirthOrder string

	Refs  []Ref
	Dates []Date
	Name  Name
	// SSN is NM109 under qualifier 34, or a REF*SY.
	SSN          SSN
	Contacts     []Contact
	Address      Address
	Demographics Demographics
	Languages    []Language
	Amounts      []Quantity
	// Tobacco and the like: HLH01.
	Health string

	// Incorrect is what the sender had wrong before, NM1*70.
	Incorrect *Incorrect
	// Mailing, Employers, Schools, Custodian, Responsible, DropOff are the
	// loops 2100C to 2100H; Others any other NM1 in that place.
	Mailing     *Party
	Employers   []Party
	Schools     []Party
	Custodian   *Party
	Responsible []Party
	DropOff     *Party
	Others      []Party

	Disabilities []Disability
	Coverages    []Coverage
	Reporting    []Reporting

	Faults []Fault
}

// Incorrect is a loop 2100B.
type Incorrect struct {
	Name         Name
	SSN          SSN
	Demographics Demographics
}

// Ref returns the value of the first REF with a qualifier.
func (m *Member) Ref(qualifier string) string { return findRef(m.Refs, qualifier) }

// Date returns the member's first date with a qualifier.
func (m *Member) Date(qualifier string) (Date, bool) { return findDate(m.Dates, qualifier) }

// Ref returns the value of the first REF with a qualifier.
func (c *Coverage) Ref(qualifier string) string { return findRef(c.Refs, qualifier) }

// Date returns the coverage's first date with a qualifier.
func (c *Coverage) Date(qualifier string) (Date, bool) { return findDate(c.Dates, qualifier) }

func findRef(refs []Ref, qualifier string) string {
	for _, r := range refs {
		if r.Qualifier == qualifier {
			return r.Value
		}
	}
	return ""
}

func findDate(dates []Date, qualifier string) (Date, bool) {
	for _, d := range dates {
		if d.Qualifier == qualifier {
			return d, true
		}
	}
	return Date{}, false
}
