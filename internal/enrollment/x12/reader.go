package x12

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
)

// Options say what a Reader lets pass.
type Options struct {
	// AcceptTest lets an interchange pass that is marked as a test (ISA15=T).
	AcceptTest bool
	// AcceptWrongCounts makes a wrong count in a trailer a Finding instead of a
	// Refusal.
	AcceptWrongCounts bool
}

const (
	// maxOdd bounds the findings about a file outside of its members: whatever
	// has more is garbage with a header.
	maxOdd = 10_000
	// maxStretch bounds the segments from one INS to the next, even of a record
	// that is rejected for its length.
	maxStretch = 100_000
)

// Reader gives the events of an 834 file.
type Reader struct {
	sc    *scanner
	opt   Options
	queue []Event
	// sent is how many of queue have been handed out.
	sent int
	err  error

	isa *Interchange
	gs  *Group
	st  *Transaction
	// announced is true once the Transaction event has gone out.
	announced bool
	hash      hash.Hash

	groupsInISA, transactionsInGS, segmentsInST int64
	membersInST                                 int
	// odd counts findings; stretch the segments since the last INS or ST.
	odd, stretch int64
	transactions int
	members      int64
	interchanges int
	latinTold    bool

	head   *header
	member *builder
}

// NewReader reads from in, in steps of 32 KiB.
func NewReader(in io.Reader, opt Options) *Reader {
	return &Reader{sc: newScanner(in), opt: opt, hash: sha256.New()}
}

// Next returns the next event; io.EOF once every trailer was there; a
// *Refusal where the file must not be used. After an error it is over.
func (r *Reader) Next() (Event, error) {
	for r.sent == len(r.queue) {
		clear(r.queue)
		r.queue, r.sent = r.queue[:0], 0
		if r.err != nil {
			return nil, r.err
		}
		r.err = r.step()
	}
	r.sent++
	return r.queue[r.sent-1], nil
}

func (r *Reader) emit(ev Event) {
	if f, ok := ev.(*Finding); ok && (f.Reason == "unexpected_segment" || f.Reason == "acknowledgment") {
		r.odd++
	}
	r.queue = append(r.queue, ev)
}

func (r *Reader) find(pos Position, element, reason, message string) {
	r.emit(&Finding{Pos: pos, Element: element, Reason: reason, Message: message})
}

// step reads one segment.
func (r *Reader) step() error {
	seg, err := r.sc.next()
	if errors.Is(err, io.EOF) {
		return r.end()
	}
	if err != nil {
		return err
	}
	if r.sc.latin && !r.latinTold {
		r.latinTold = true
		r.find(seg.Position, "", "not_utf8", "The text is not UTF-8; it was read as Latin-1. Check names with accents.")
	}
	if r.odd > maxOdd {
		return refuse(seg.Position, "", "too_many_faults",
			"More than %d segments of this file do not belong where they stand. It is no roster that can be believed: it was refused whole. %s", maxOdd, askFor)
	}
	if r.st != nil {
		return r.inTransaction(seg)
	}
	return r.outside(seg)
}

// end is the end of the source: right only after an IEA.
func (r *Reader) end() error {
	pos := Position{Segment: r.sc.seg.Segment, ID: r.sc.seg.ID, Offset: r.sc.offset}
	var missing string
	switch {
	case r.interchanges == 0 && r.isa == nil:
		return refuse(Position{}, "", "empty", "The file is empty.")
	case r.st != nil:
		missing = "SE, GE and IEA"
	case r.gs != nil:
		missing = "GE and IEA"
	case r.isa != nil:
		missing = "IEA"
	default:
		return io.EOF
	}
	return refuse(pos, "", "truncated", "The file ends without its closing segments (%s): it was cut off. It was refused whole.", missing)
}

// inTransaction takes a segment between ST and SE.
func (r *Reader) inTransaction(seg *segment) error {
	r.segmentsInST++
	switch seg.ID {
	case "SE":
		return r.closeTransaction(seg)
	case "ISA", "GS", "ST", "GE", "IEA", "TA1":
		return refuse(seg.Position, "", "missing_trailer",
			"%s stands inside transaction %s, whose closing segment (SE) is missing. The file was refused whole.", seg.ID, r.st.Control)
	}
	r.digest(seg)
	if r.stretch++; r.stretch > maxStretch {
		return refuse(seg.Position, "", "too_many_faults",
			"More than %d segments follow one another without a new member (INS). It is no roster that can be believed: the file was refused whole. %s", maxStretch, askFor)
	}
	if seg.ID == "INS" {
		r.stretch = 0
		r.flush()
		r.members++
		r.membersInST++
		r.member = newBuilder(r.members, seg)
		return nil
	}
	if r.member != nil {
		r.member.add(seg)
		return nil
	}
	if f := r.head.add(seg); f != nil {
		r.emit(f)
	}
	return nil
}

// digest adds a segment to the hash of its transaction.
func (r *Reader) digest(seg *segment) {
	_, _ = r.hash.Write(seg.raw)
	_, _ = r.hash.Write([]byte{0x1E})
}

// flush sends out what has been gathered: the transaction's head before its
// first member, then one member.
func (r *Reader) flush() {
	if !r.announced {
		r.announced = true
		r.emit(r.st)
	}
	if r.member != nil {
		r.emit(r.member.finish())
		r.member = nil
	}
}
