package x12

import (
	"bytes"
	"fmt"
	"strings"
)

// notX12 says, for the first bytes of a file that is no interchange, what it
// seems to be instead; nil for an interchange.
func notX12(head []byte) *Refusal {
	if bytes.HasPrefix(head, []byte("ISA")) {
		return nil
	}
	kind := func(reason, what string) *Refusal {
		return refuse(Position{}, "", reason, "%s, not an X12 834 roster. Nothing was read. %s", what, askFor)
	}
	if wide(head) {
		return refuse(Position{}, "", "wrong_kind", "This is text in UTF-16 (two bytes a letter), which X12 is never written in. "+
			"Nothing was read. Save the file as plain text (UTF-8) and import that, or ask the payer for it.")
	}
	for _, k := range [...]struct{ prefix, what string }{
		{"%PDF", "This is a PDF document"},
		{"PK\x03\x04", "This is a ZIP archive or an office document inside the file"},
		{"\x1f\x8b", "This is a compressed file inside the file"},
		{"\x89PNG", "This is a picture"},
		{"\xff\xd8\xff", "This is a picture"},
		{"\xd0\xcf\x11\xe0", "This is an office document"},
		{"UNA", "This is an EDIFACT file"},
		{"UNB", "This is an EDIFACT file"},
		{"MSH|", "This is an HL7 message"},
		{"<", "This is an XML or HTML file"},
		{"{", "This is a JSON file"},
		{"[", "This is a JSON file"},
		{"GS", "This begins in the middle of an interchange: the ISA segment is missing. It is"},
		{"ST", "This begins in the middle of an interchange: the ISA segment is missing. It is"},
	} {
		if bytes.HasPrefix(head, []byte(k.prefix)) {
			return kind("wrong_kind", k.what)
		}
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	for _, sep := range [...]string{",", ";", "\t", "|"} {
		if bytes.Count(line, []byte(sep)) >= 2 && printable(line) {
			return kind("wrong_kind", "This is a table (CSV or similar)")
		}
	}
	if !printable(head) {
		return kind("wrong_kind", "This is a binary file")
	}
	return kind("wrong_kind", "This is some other text")
}

// askFor says what to do about most wrong files.
const askFor = "Ask the payer for the enrollment file (834)."

// wide says whether text has two bytes a letter, with or without a mark that
// says so.
func wide(head []byte) bool {
	for _, mark := range [...]string{"\xff\xfe", "\xfe\xff", "I\x00S\x00A\x00", "\x00I\x00S\x00A"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// otherGroup names what a functional group holds that is no roster.
func otherGroup(gs01 string) string {
	switch strings.ToUpper(gs01) {
	case "HP":
		return "claim payments (835)"
	case "HC":
		return "claims (837)"
	case "HS":
		return "eligibility questions (270)"
	case "HB":
		return "eligibility answers (271)"
	case "HR", "HN":
		return "claim status (276/277)"
	case "HI":
		return "service reviews (278)"
	case "RA":
		return "premium payments (820)"
	case "FA":
		return "acknowledgments (997/999)"
	}
	return fmt.Sprintf("something else (GS01 %q)", clip(gs01))
}
