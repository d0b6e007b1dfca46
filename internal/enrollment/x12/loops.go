package x12

// nm1 opens the loop that NM101 names.
func (b *builder) nm1(seg *segment) {
	role := seg.get(1)
	switch {
	case b.at == inOther || b.at == inOtherParty:
		o := b.other()
		o.Parties = push(o.Parties, partyOf(seg))
		b.at, b.party = inOtherParty, &o.Parties[len(o.Parties)-1]
	case b.at == inProvider || b.at == inCoverage:
		// Some senders number no providers (LX is missing).
		c := b.coverage()
		c.Providers = push(c.Providers, partyOf(seg))
		b.at, b.party = inProvider, &c.Providers[len(c.Providers)-1]
	case role == "IL" || role == "74":
		b.nameOf(seg)
	case role == "70":
		inc := &Incorrect{Name: nameFrom(seg)}
		inc.SSN = takeSSN(&inc.Name)
		b.m.Incorrect = inc
		b.at, b.party = inIncorrect, nil
	default:
		b.memberParty(seg, role)
	}
}

func (b *builder) nameOf(seg *segment) {
	if b.named {
		b.warn(seg, "NM101", "second_name", "This record names its member twice. The first name was kept.")
		b.at, b.party = inParty, &Party{}
		return
	}
	b.named = true
	b.m.Name = nameFrom(seg)
	if ssn := takeSSN(&b.m.Name); ssn != "" {
		b.m.SSN = ssn
	}
	b.at, b.party = inName, nil
	if b.m.Name.Last == "" {
		b.fatal(seg, "NM103", "no_name", "The family name (NM103) is missing.")
	}
}

// memberParty opens one of the loops 2100C to 2100H.
func (b *builder) memberParty(seg *segment, role string) {
	p := partyOf(seg)
	b.at = inParty
	switch role {
	case "31":
		b.m.Mailing = &p
		b.party = b.m.Mailing
	case "36":
		b.m.Employers = push(b.m.Employers, p)
		b.party = &b.m.Employers[len(b.m.Employers)-1]
	case "M8":
		b.m.Schools = push(b.m.Schools, p)
		b.party = &b.m.Schools[len(b.m.Schools)-1]
	case "S3":
		b.m.Custodian = &p
		b.party = b.m.Custodian
	case "6Y", "9K", "E1", "EI", "EXS", "GB", "GD", "J6", "LR", "QD", "S1", "TZ", "X4":
		b.m.Responsible = push(b.m.Responsible, p)
		b.party = &b.m.Responsible[len(b.m.Responsible)-1]
	case "45":
		b.m.DropOff = &p
		b.party = b.m.DropOff
	default:
		b.m.Others = push(b.m.Others, p)
		b.party = &b.m.Others[len(b.m.Others)-1]
	}
}

func nameFrom(seg *segment) Name {
	return Name{
		Last: seg.get(3), First: seg.get(4), Middle: seg.get(5), Prefix: seg.get(6), Suffix: seg.get(7),
		IDQualifier: seg.get(8), ID: seg.get(9),
	}
}

// takeSSN moves a social security number out of a name. A number of nine
// digits under no qualifier is taken for one too: better hashed than shown.
func takeSSN(n *Name) SSN {
	ssn := SSN(n.ID)
	if n.IDQualifier == "34" || n.IDQualifier == "SY" || (n.IDQualifier == "" && ssn.Digits() != "") {
		n.ID = ""
		return ssn
	}
	return ""
}

func partyOf(seg *segment) Party {
	n := nameFrom(seg)
	takeSSN(&n)
	return Party{
		Role: seg.get(1), Name: n.Last, First: n.First, Middle: n.Middle, Prefix: n.Prefix, Suffix: n.Suffix,
		IDQualifier: n.IDQualifier, ID: n.ID, Relation: seg.get(10),
	}
}

// ref puts a REF where its loop is.
func (b *builder) ref(seg *segment) {
	r := Ref{Qualifier: seg.get(1), Value: seg.get(2)}
	switch {
	case r.Qualifier == "SY":
		if b.at == inMember || b.at == inName {
			b.m.SSN = SSN(r.Value)
		}
	case b.at == inCoverage || b.at == inProvider:
		c := b.coverage()
		c.Refs = push(c.Refs, r)
	case b.at == inOther || b.at == inOtherParty:
		o := b.other()
		o.Refs = push(o.Refs, r)
	case b.at == inReporting:
		if b.party != nil {
			b.party.Refs = push(b.party.Refs, r)
		}
	default:
		if b.at != inMember {
			b.misplaced(seg)
		}
		b.m.Refs = push(b.m.Refs, r)
	}
}

func (b *builder) misplaced(seg *segment) {
	b.warn(seg, "", "unusual_place", seg.ID+" stands after the name instead of before it. It was taken as the member's.")
}

// dtp puts a DTP where its loop is.
func (b *builder) dtp(seg *segment) {
	d, ok := parseDTP(seg)
	if !ok {
		b.badDate(seg)
		return
	}
	switch b.at {
	case inCoverage, inProvider:
		c := b.coverage()
		c.Dates = push(c.Dates, d)
	case inOther, inOtherParty:
		o := b.other()
		o.Dates = push(o.Dates, d)
	case inDisability:
		x := &b.m.Disabilities[len(b.m.Disabilities)-1]
		x.Dates = push(x.Dates, d)
	case inReporting:
		if b.party != nil {
			b.party.Dates = push(b.party.Dates, d)
		}
	default:
		if b.at != inMember {
			b.misplaced(seg)
		}
		b.m.Dates = push(b.m.Dates, d)
	}
}

// badDate reports a DTP that holds no date. Where it would begin or end
// coverage the record cannot be applied.
func (b *builder) badDate(seg *segment) {
	decides := b.at <= inParty || b.at == inCoverage
	switch seg.get(1) {
	case "303", "348", "349", "356", "357":
		if decides {
			b.fatal(seg, "DTP03", "bad_date", "DTP*"+seg.get(1)+" holds no date.")
			return
		}
	}
	b.warn(seg, "DTP03", "bad_date", "DTP*"+clip(seg.get(1))+" holds no date. It was left out.")
}

// dmg takes birth date and gender.
func (b *builder) dmg(seg *segment) {
	var d *Demographics
	switch {
	case b.at == inName:
		d = &b.m.Demographics
	case b.at == inIncorrect:
		d = &b.m.Incorrect.Demographics
	case b.party != nil:
		d = &b.party.Demographics
	default:
		b.warn(seg, "", "unexpected_segment", "DMG stands in an unusual place. It was left out.")
		return
	}
	d.Marital, d.Citizenship = seg.get(4), seg.get(6)
	switch g := seg.get(3); g {
	case "F", "M", "U", "":
		d.Gender = g
	default:
		b.warn(seg, "DMG03", "bad_code", "DMG03 holds no gender that is known. It was left out.")
	}
	if seg.get(2) == "" {
		return
	}
	birth, ok := parseDay(seg.get(2))
	switch {
	case ok:
		d.Birth = birth
	case b.at == inName:
		b.fatal(seg, "DMG02", "bad_date", "The birth date (DMG02) is no date.")
	default:
		b.warn(seg, "DMG02", "bad_date", "A birth date (DMG02) is no date. It was left out.")
	}
}

// address takes PER, N3 and N4.
func (b *builder) address(seg *segment) {
	switch {
	case b.at == inName && seg.ID == "PER":
		b.m.Contacts = contacts(b.m.Contacts, seg)
	case b.at == inName && seg.ID == "N3":
		b.m.Address.Line1, b.m.Address.Line2 = seg.get(1), seg.get(2)
	case b.at == inName && seg.ID == "N4":
		n4(&b.m.Address, seg)
	case b.party != nil:
		addressee(b.party, seg)
	default:
		b.warn(seg, "", "unexpected_segment", seg.ID+" stands in an unusual place. It was left out.")
	}
}

func (b *builder) amt(seg *segment) {
	q := Quantity{Qualifier: seg.get(1), Value: seg.get(2)}
	if b.at >= inCoverage && b.at <= inOtherParty {
		c := b.coverage()
		c.Amounts = push(c.Amounts, q)
		return
	}
	b.m.Amounts = push(b.m.Amounts, q)
}
