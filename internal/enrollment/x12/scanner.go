package x12

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// isaLength is fixed by the standard: it is how separators are found.
	isaLength = 106
	// maxSegment bounds one segment. The longest that a guide allows is under
	// 3,000 bytes; more means that the terminator is missing.
	maxSegment = 32 << 10
)

// segment is one segment, cut into trimmed elements. It is valid until the
// next call of scanner.next.
type segment struct {
	Position
	// el[0] is the id, el[1] the first element.
	el []string
	// raw is the segment as it stands in the file, without its terminator.
	raw []byte
}

// get returns element i, or "" where the segment is shorter.
func (s *segment) get(i int) string {
	if i < len(s.el) {
		return s.el[i]
	}
	return ""
}

// scanner cuts bytes into segments. The separators come from each ISA.
type scanner struct {
	in     *bufio.Reader
	offset int64
	seg    segment

	element, component, repetition, terminator byte
	// open is true between an ISA and its IEA, while separators hold.
	open bool
	// latin is set once a segment was not UTF-8.
	latin bool
}

func newScanner(in io.Reader) *scanner {
	return &scanner{in: bufio.NewReaderSize(in, maxSegment)}
}

// next returns the next segment, io.EOF at the end, or a *Refusal.
func (s *scanner) next() (*segment, error) {
	if err := s.skipBlank(); err != nil {
		return nil, err
	}
	s.seg.Segment++
	s.seg.Offset = s.offset
	s.seg.ID = ""
	if !s.open {
		return s.nextISA()
	}
	raw, err := s.in.ReadSlice(s.terminator)
	s.offset += int64(len(raw))
	switch {
	case err == nil:
		raw = raw[:len(raw)-1]
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, refuse(s.seg.Position, "", "segment_too_long",
			"This segment is longer than %d bytes, so its end is probably missing. The file was refused.", maxSegment)
	case errors.Is(err, io.EOF) && (s.terminator == '\n' || s.terminator == '\r'):
		// A last line without a line end is whole.
	case errors.Is(err, io.EOF):
		return nil, refuse(s.seg.Position, "", "truncated",
			"The file ends in the middle of a segment. It was refused whole.")
	default:
		return nil, s.broken(err)
	}
	s.split(raw)
	return &s.seg, nil
}

// skipBlank moves to the first byte of the next segment.
func (s *scanner) skipBlank() error {
	for {
		b, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return s.broken(err)
		}
		if !s.blank(b) {
			return s.in.UnreadByte()
		}
		s.offset++
	}
}

// blank says whether a byte may stand between segments. Between interchanges
// transfer programs leave NUL padding and the old end-of-file mark.
func (s *scanner) blank(b byte) bool {
	switch b {
	case ' ', '\t', '\r', '\n':
		return true
	case 0, 0x1A:
		return !s.open
	}
	return s.open && b == s.terminator
}

func (s *scanner) broken(err error) error {
	r := refuse(s.seg.Position, "", "unreadable", "The file could not be read to its end. It was refused whole.")
	r.Cause = err
	return r
}

// split cuts raw into elements. They share one string, so a segment costs one
// allocation.
func (s *scanner) split(raw []byte) {
	s.seg.raw = raw
	text := s.text(raw)
	s.seg.el = s.seg.el[:0]
	sep := s.element
	for {
		i := strings.IndexByte(text, sep)
		if i < 0 {
			break
		}
		s.seg.el = append(s.seg.el, trim(text[:i]))
		text = text[i+1:]
	}
	s.seg.el = append(s.seg.el, trim(text))
	s.seg.ID = clip(s.seg.el[0])
}

// trim cuts padding; most elements have none.
func trim(v string) string {
	if v == "" || (v[0] > ' ' && v[len(v)-1] > ' ') {
		return v
	}
	return strings.TrimSpace(v)
}

// clip keeps a name that is no segment name from filling an error message.
func clip(id string) string {
	if len(id) <= 3 {
		return id
	}
	return strings.ToValidUTF8(id[:3], "") + "…"
}

// text returns raw as UTF-8 without control characters. Bytes that are not
// UTF-8 are taken as Latin-1, which is what older senders write.
func (s *scanner) text(raw []byte) string {
	plain := true
	for _, b := range raw {
		if b >= utf8.RuneSelf || b < ' ' {
			plain = false
			break
		}
	}
	if plain {
		return string(raw)
	}
	clean := func(r rune) rune {
		if (r < ' ' || (r >= 0x7F && r < 0xA0)) && r != rune(s.element) && r != rune(s.component) && r != rune(s.repetition) {
			return -1
		}
		return r
	}
	if utf8.Valid(raw) {
		return strings.Map(clean, string(raw))
	}
	s.latin = true
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return strings.Map(clean, string(runes))
}

// nextISA reads an interchange header, which is 106 bytes whatever follows.
func (s *scanner) nextISA() (*segment, error) {
	head, err := s.in.Peek(isaLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, s.broken(err)
	}
	if s.seg.Segment == 1 {
		if n := byteOrderMark(head); n > 0 {
			if _, err := s.in.Discard(n); err != nil {
				return nil, s.broken(err)
			}
			s.offset += int64(n)
			s.seg.Segment--
			return s.next()
		}
		if r := notX12(head); r != nil {
			return nil, r
		}
	}
	if !bytes.HasPrefix(head, []byte("ISA")) {
		return nil, refuse(s.seg.Position, "", "trailing_data",
			"Something that is no interchange follows the end of the last one (IEA). The file was refused.")
	}
	s.seg.ID = "ISA"
	if len(head) < isaLength {
		return nil, refuse(s.seg.Position, "", "truncated", "The file ends within its first segment (ISA). It was refused whole.")
	}
	if r := s.separators(head); r != nil {
		return nil, r
	}
	s.split(head[:isaLength-1])
	if _, err := s.in.Discard(isaLength); err != nil {
		return nil, s.broken(err)
	}
	s.offset += isaLength
	s.open = true
	return &s.seg, nil
}

func byteOrderMark(head []byte) int {
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		return 3
	}
	return 0
}

// separators takes the four separators from an ISA, and checks that every
// element begins where the standard says.
func (s *scanner) separators(isa []byte) *Refusal {
	sep := isa[3]
	for _, at := range [...]int{6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103} {
		if isa[at] != sep {
			return refuse(s.seg.Position, "", "broken_isa",
				"The first segment (ISA) must be exactly %d characters; its elements are not where they belong (byte %d). The file was refused.", isaLength, s.offset+int64(at))
		}
	}
	s.element, s.repetition, s.component, s.terminator = sep, isa[82], isa[104], isa[105]
	if alphanumeric(s.repetition) || s.repetition == ' ' {
		// Version 4010 had a "U" here, and no repetitions.
		s.repetition = 0
	}
	marks := []byte{s.element, s.component, s.terminator}
	if s.repetition == 0 {
		// No element contains the element separator: it stands for "never".
		s.repetition = s.element
	} else {
		marks = append(marks, s.repetition)
	}
	for i, m := range marks {
		if alphanumeric(m) || m >= utf8.RuneSelf || m == ' ' || bytes.IndexByte(marks[:i], m) >= 0 {
			return refuse(s.seg.Position, "", "broken_isa",
				"The separators that the first segment (ISA) declares cannot be told apart from text. The file was refused.")
		}
	}
	return nil
}

func alphanumeric(b byte) bool {
	return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z')
}
