package web

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/web/i18n"
)

// rosterFault says what a file that begins like this is instead of a roster,
// and what to do about it; "" for one that may be a roster. Packed files pass,
// for enrollment to look inside, but not the office documents that are packed
// the same way.
func rosterFault(name string, head []byte) i18n.Key {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		if bytes.Contains(head[:min(len(head), 4096)], []byte("[Content_Types].xml")) || strings.HasSuffix(strings.ToLower(name), ".xlsx") {
			return "roster.fault_office"
		}
		return ""
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	for _, k := range [...]struct {
		begins string
		fault  i18n.Key
	}{
		{"\x1f\x8b", ""},
		{"ISA", ""},
		{"%PDF", "roster.fault_pdf"},
		{"\xd0\xcf\x11\xe0", "roster.fault_office"},
		{"\x89PNG", "roster.fault_picture"},
		{"\xff\xd8\xff", "roster.fault_picture"},
		{"\xff\xfe", "roster.fault_wide"},
		{"\xfe\xff", "roster.fault_wide"},
		{"<", "roster.fault_data"},
		{"{", "roster.fault_data"},
		{"[", "roster.fault_data"},
		{"GS", "roster.fault_middle"},
		{"ST", "roster.fault_middle"},
	} {
		if bytes.HasPrefix(text, []byte(k.begins)) {
			return wholeISA(text, k.fault)
		}
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for _, sep := range [...]string{",", ";", "\t", "|"} {
		if bytes.Count(line, []byte(sep)) >= 2 && utf8.Valid(line) {
			return "roster.fault_table"
		}
	}
	return wholeISA(text, "staff.fault_kind")
}

// wholeISA finds an interchange whose letters take two bytes each.
func wholeISA(text []byte, fault i18n.Key) i18n.Key {
	if bytes.HasPrefix(text, []byte("I\x00S\x00A\x00")) || bytes.HasPrefix(text, []byte("\x00I\x00S\x00A")) {
		return "roster.fault_wide"
	}
	return fault
}
