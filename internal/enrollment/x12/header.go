package x12

// header gathers what stands between ST and the first INS.
type header struct {
	t *Transaction
	// party is the one that N3, N4, PER, REF belong to.
	party *Party
}

// maxParties bounds each list of a header and of a member: a file without INS
// must not grow in memory.
const maxParties = 200

// add takes one segment; it returns a finding for what does not belong here.
func (h *header) add(seg *segment) *Finding {
	t := h.t
	switch seg.ID {
	case "BGN":
		t.Purpose, t.Reference, t.Action = seg.get(1), seg.get(2), seg.get(8)
		t.Created, _ = parseDay(seg.get(3))
	case "N1":
		h.n1(seg)
	case "REF":
		if h.party == nil && seg.get(1) == "38" {
			t.Policy = seg.get(2)
		} else if h.party != nil {
			h.party.Refs = push(h.party.Refs, Ref{Qualifier: seg.get(1), Value: seg.get(2)})
		}
	case "DTP":
		if d, ok := parseDTP(seg); ok && h.party == nil {
			t.Dates = push(t.Dates, d)
		}
	case "QTY":
		t.Totals = push(t.Totals, Quantity{Qualifier: seg.get(1), Value: seg.get(2)})
	case "N2", "N3", "N4", "PER":
		if h.party != nil {
			addressee(h.party, seg)
		}
	case "ACT", "AMT", "LX":
		// Broker and employer accounts: of no use to a portal.
	default:
		return &Finding{Pos: seg.Position, Reason: "unexpected_segment",
			Message: seg.ID + " does not belong before the first member (INS). It was left out."}
	}
	return nil
}

func (h *header) n1(seg *segment) {
	p := Party{Role: seg.get(1), Name: seg.get(2), IDQualifier: seg.get(3), ID: seg.get(4)}
	switch p.Role {
	case "P5":
		h.t.Sponsor = p
		h.party = &h.t.Sponsor
	case "IN":
		h.t.Payers = push(h.t.Payers, p)
		h.party = &h.t.Payers[len(h.t.Payers)-1]
	default:
		h.t.Brokers = push(h.t.Brokers, p)
		h.party = &h.t.Brokers[len(h.t.Brokers)-1]
	}
}

// push appends up to a bound; what is beyond it overwrites the last.
func push[T any](list []T, v T) []T {
	if len(list) >= maxParties {
		list[len(list)-1] = v
		return list
	}
	return append(list, v)
}

// addressee takes N3, N4 and PER for a party.
func addressee(p *Party, seg *segment) {
	switch seg.ID {
	case "N3":
		p.Address.Line1, p.Address.Line2 = seg.get(1), seg.get(2)
	case "N4":
		n4(&p.Address, seg)
	case "PER":
		p.Contacts = contacts(p.Contacts, seg)
	}
}

func n4(a *Address, seg *segment) {
	a.City, a.State, a.Zip, a.Country = seg.get(1), seg.get(2), seg.get(3), seg.get(4)
	if seg.get(5) == "CY" {
		a.County = seg.get(6)
	}
}

// contacts takes the three pairs of a PER.
func contacts(list []Contact, seg *segment) []Contact {
	for i := 3; i <= 7; i += 2 {
		if seg.get(i) != "" && seg.get(i+1) != "" {
			list = push(list, Contact{Kind: seg.get(i), Value: seg.get(i + 1)})
		}
	}
	return list
}
