package x12

import (
	"strconv"
	"strings"
)

// outside takes a segment that stands outside any transaction.
func (r *Reader) outside(seg *segment) error {
	switch seg.ID {
	case "ISA":
		return r.openInterchange(seg)
	case "TA1":
		r.find(seg.Position, "", "acknowledgment", "An acknowledgment (TA1) was skipped.")
		return nil
	case "GS":
		return r.openGroup(seg)
	case "ST":
		return r.openTransaction(seg)
	case "GE":
		return r.closeGroup(seg)
	case "IEA":
		return r.closeInterchange(seg)
	case "SE":
		return refuse(seg.Position, "", "broken_envelope", "A transaction ends (SE) that never began (ST). The file was refused whole.")
	}
	return refuse(seg.Position, "", "broken_envelope",
		"%s stands outside any transaction (ST to SE). The file was refused whole.", seg.ID)
}

func (r *Reader) openInterchange(seg *segment) error {
	if r.isa != nil {
		return refuse(seg.Position, "", "missing_trailer",
			"A new interchange begins before interchange %s has ended (IEA is missing). The file was refused whole.", r.isa.Control)
	}
	r.isa = &Interchange{
		Pos:             seg.Position,
		SenderQualifier: seg.get(5), Sender: seg.get(6),
		ReceiverQualifier: seg.get(7), Receiver: seg.get(8),
		Version: seg.get(12), Control: seg.get(13),
		Test: seg.get(15) == "T",
	}
	if r.isa.Test && !r.opt.AcceptTest {
		return refuse(seg.Position, "ISA15", "test_file",
			"The sender marked this file as a test (ISA15 is T). It was refused whole; allow test files to import it all the same.")
	}
	r.groupsInISA = 0
	r.emit(r.isa)
	return nil
}

func (r *Reader) openGroup(seg *segment) error {
	switch {
	case r.isa == nil:
		return refuse(seg.Position, "", "broken_envelope", "A group (GS) stands outside any interchange (ISA). The file was refused whole.")
	case r.gs != nil:
		return refuse(seg.Position, "", "missing_trailer",
			"A new group begins before group %s has ended (GE is missing). The file was refused whole.", r.gs.Control)
	case seg.get(1) != "BE":
		return refuse(seg.Position, "GS01", "wrong_kind",
			"This X12 file holds %s, not enrollment (834). It was refused whole. %s", otherGroup(seg.get(1)), askFor)
	}
	if err := r.checkVersion(seg, "GS08", seg.get(8)); err != nil {
		return err
	}
	r.gs = &Group{Pos: seg.Position, Sender: seg.get(2), Receiver: seg.get(3), Control: seg.get(6), Version: seg.get(8)}
	r.groupsInISA++
	r.transactionsInGS = 0
	r.emit(r.gs)
	return nil
}

// checkVersion lets 005010X220 and 005010X307 pass, in any of their errata.
func (r *Reader) checkVersion(seg *segment, element, version string) error {
	switch v := strings.ToUpper(version); {
	case v == "005010X220A1" || v == "005010X307":
		return nil
	case strings.HasPrefix(v, "005010X220") || isExchange(v) || v == "005010":
		r.find(seg.Position, element, "version", "Version "+clipVersion(version)+" was read as 005010X220A1.")
		return nil
	case strings.HasPrefix(v, "004010") || v == "00401":
		return refuse(seg.Position, element, "old_version",
			"This file is in version 4010 (%s), which 5010 replaced in 2012. It was refused whole. Ask the payer for version 5010 (005010X220A1).", clipVersion(version))
	}
	return refuse(seg.Position, element, "other_version",
		"This file is in a version that Bedside does not read (%s). It was refused whole. Ask the payer for 005010X220A1.", clipVersion(version))
}

func isExchange(version string) bool {
	return strings.HasPrefix(strings.ToUpper(version), "005010X307")
}

func clipVersion(v string) string {
	if v == "" {
		return "none given"
	}
	if len(v) > 12 {
		v = v[:12]
	}
	return strconv.QuoteToASCII(v)
}

func (r *Reader) openTransaction(seg *segment) error {
	if r.gs == nil {
		return refuse(seg.Position, "", "broken_envelope", "A transaction (ST) stands outside any group (GS). The file was refused whole.")
	}
	if seg.get(1) != "834" {
		return refuse(seg.Position, "ST01", "wrong_kind",
			"This transaction is no enrollment (834) but %q. The file was refused whole. %s", clip(seg.get(1)), askFor)
	}
	version := seg.get(3)
	if version == "" {
		version = r.gs.Version
	} else if err := r.checkVersion(seg, "ST03", version); err != nil {
		return err
	}
	r.transactions++
	r.transactionsInGS++
	r.segmentsInST, r.stretch = 1, 0
	r.membersInST = 0
	r.announced = false
	r.st = &Transaction{Pos: seg.Position, Number: r.transactions, Control: seg.get(2), Version: version}
	r.head = &header{t: r.st}
	r.hash.Reset()
	r.digest(seg)
	return nil
}

func (r *Reader) closeTransaction(seg *segment) error {
	r.digest(seg)
	r.flush()
	if err := r.count(seg, "SE01", "segments in this transaction", r.segmentsInST); err != nil {
		return err
	}
	if err := r.control(seg, "SE02", "ST02", r.st.Control); err != nil {
		return err
	}
	if r.membersInST == 0 {
		r.find(seg.Position, "", "no_members", "This transaction names no member.")
	}
	end := &TransactionEnd{Pos: seg.Position, Members: r.membersInST}
	r.hash.Sum(end.Hash[:0])
	r.emit(end)
	r.st, r.head = nil, nil
	return nil
}

func (r *Reader) closeGroup(seg *segment) error {
	if r.gs == nil {
		return refuse(seg.Position, "", "broken_envelope", "A group ends (GE) that never began (GS). The file was refused whole.")
	}
	if err := r.count(seg, "GE01", "transactions in this group", r.transactionsInGS); err != nil {
		return err
	}
	if err := r.control(seg, "GE02", "GS06", r.gs.Control); err != nil {
		return err
	}
	r.gs = nil
	return nil
}

func (r *Reader) closeInterchange(seg *segment) error {
	switch {
	case r.isa == nil:
		return refuse(seg.Position, "", "broken_envelope", "An interchange ends (IEA) that never began (ISA). The file was refused whole.")
	case r.gs != nil:
		return refuse(seg.Position, "", "missing_trailer",
			"The interchange ends before group %s has ended (GE is missing). The file was refused whole.", r.gs.Control)
	case r.groupsInISA == 0:
		return refuse(seg.Position, "", "wrong_kind",
			"This interchange holds no group: an acknowledgment (TA1) perhaps, not an 834 roster. It was refused whole.")
	}
	if err := r.count(seg, "IEA01", "groups in this interchange", r.groupsInISA); err != nil {
		return err
	}
	if err := r.control(seg, "IEA02", "ISA13", r.isa.Control); err != nil {
		return err
	}
	r.isa = nil
	r.interchanges++
	r.sc.open = false
	return nil
}

// count compares the first element of a trailer with what was counted.
func (r *Reader) count(seg *segment, element, what string, counted int64) error {
	said, err := strconv.ParseInt(seg.get(1), 10, 64)
	if err == nil && said == counted {
		return nil
	}
	claim := strconv.QuoteToASCII(clipNumber(seg.get(1)))
	if !r.opt.AcceptWrongCounts {
		return refuse(seg.Position, element, "wrong_count",
			"%s says %s %s; there are %d. The file was refused whole.", element, claim, what, counted)
	}
	r.find(seg.Position, element, "wrong_count",
		element+" says "+claim+" "+what+"; there are "+strconv.FormatInt(counted, 10)+". The file was read all the same, as set for this payer.")
	return nil
}

func clipNumber(v string) string {
	if len(v) > 10 {
		return v[:10]
	}
	return v
}

// control compares the control number of a trailer with its header's.
func (r *Reader) control(seg *segment, element, header, want string) error {
	got := seg.get(2)
	if got == want {
		return nil
	}
	a, errA := strconv.ParseUint(got, 10, 64)
	b, errB := strconv.ParseUint(want, 10, 64)
	if errA == nil && errB == nil && a == b {
		r.find(seg.Position, element, "control_number", element+" and "+header+" differ in leading zeros only; they were taken as the same.")
		return nil
	}
	return refuse(seg.Position, element, "broken_trailer",
		"%s does not repeat the control number of %s, so this trailer belongs to something else. The file was refused whole.", element, header)
}
