package roster

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// segments writes X12 segments and counts them.
type segments struct {
	out   *bufio.Writer
	count int
}

func newSegments(w io.Writer) *segments {
	return &segments{out: bufio.NewWriterSize(w, 64<<10)}
}

// put writes one segment; empty elements at its end are left out. An error of
// the writer comes out of flush.
func (s *segments) put(elements ...string) {
	for len(elements) > 0 && elements[len(elements)-1] == "" {
		elements = elements[:len(elements)-1]
	}
	for i, e := range elements {
		if i > 0 {
			_ = s.out.WriteByte('*')
		}
		_, _ = s.out.WriteString(e)
	}
	_, _ = s.out.WriteString("~\n")
	s.count++
}

func (s *segments) flush() error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("writing the roster: %w", err)
	}
	return nil
}

func (s *segments) household(h *household) {
	for i := range h.people {
		s.member(h, &h.people[i])
	}
}

// member writes a loop 2000.
func (s *segments) member(h *household, p *person) {
	subscriber := "N"
	if p.relationship == self {
		subscriber = "Y"
	}
	s.put("INS", subscriber, p.relationship, "021", "28", "A", "", "", p.employment, p.student,
		"", "", "", "", "", "", "", p.birthOrder)
	if h.fault != noNumber {
		s.put("REF", "0F", h.number)
	}
	s.put("REF", "1L", h.group)
	s.put("DTP", "356", "D8", day(coverageStart()))
	s.put("NM1", "IL", "1", h.written(p.family), h.written(p.given), p.middle)
	s.contacts(p)
	s.put("N3", p.home.street, p.home.unit)
	s.put("N4", p.home.city, p.home.state, p.home.zip)
	born := day(p.born)
	if h.fault == badBirthDate {
		born = strconv.Itoa(p.born.Year()) + "0231"
	}
	s.put("DMG", "D8", born, p.gender, p.marital)
	if h.language != "" {
		s.put("LUI", "LE", h.language, "", "7")
	}
	for _, c := range h.coverages {
		s.put("HD", "021", "", c.line, c.plan, h.level)
		s.put("DTP", "348", "D8", day(c.starts))
		if !c.ends.IsZero() {
			s.put("DTP", "349", "D8", day(c.ends))
		}
	}
}

// contacts writes a PER, if there is anything to say.
func (s *segments) contacts(p *person) {
	elements := append(make([]string, 0, 9), "PER", "IP", "")
	if p.phone != "" {
		elements = append(elements, p.phoneKind, p.phone)
	}
	if p.email != "" {
		elements = append(elements, "EM", p.email)
	}
	if len(elements) > 3 {
		s.put(elements...)
	}
}

// written is a name as the employer's clerk wrote it.
func (h *household) written(name string) string {
	if !h.mixedCase {
		return name
	}
	b := []byte(name)
	for i := range b {
		if i > 0 && isUpper(name[i]) && isUpper(name[i-1]) {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
