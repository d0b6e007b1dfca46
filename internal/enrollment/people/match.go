package people

import (
	"slices"
	"strings"
	"unicode"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"golang.org/x/text/unicode/norm"
)

// foldNumber brings a member number to the form in which two spellings of one
// number are equal: ASCII letters (upper case) and digits alone. Leading zeros
// count. enrollment.fold_number() is the same in SQL.
func foldNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return -1
		}
	}, s)
}

// sameFamilyName says whether two spellings may be one family name: case,
// accents, punctuation, spaces and "Jr." do not count. Payers and people write
// compound names differently: "García López" is also "Garcia" and "Lopez", "De
// la Cruz" is also "Delacruz" and "Cruz". It never decides alone: the member
// number and the birth date must agree as well, and when two members fit, staff
// look.
func sameFamilyName(a, b string) bool {
	as, bs := nameParts(a), nameParts(b)
	if len(as) == 0 || len(bs) == 0 {
		return false
	}
	if strings.Join(as, "") == strings.Join(bs, "") {
		return true
	}
	x, y := surnames(as), surnames(bs)
	if len(x) > 1 && len(y) > 1 {
		return false
	}
	for _, s := range x {
		if slices.ContainsFunc(y, s.same) {
			return true
		}
	}
	return false
}

// surname is one name of a compound, with the particles that lead it.
type surname struct{ full, head string }

func (s surname) same(o surname) bool { return s.full == o.full || s.head == o.head }

// surnames splits a compound name: particles belong to the name after them.
func surnames(parts []string) []surname {
	var out []surname
	lead := ""
	for i, p := range parts {
		if particle(p) && i < len(parts)-1 {
			lead += p
			continue
		}
		out = append(out, surname{full: lead + p, head: p})
		lead = ""
	}
	return out
}

// nameParts splits a name at spaces and hyphens, folds each part, and drops
// what follows a name without being one.
func nameParts(s string) []string {
	var parts []string
	for field := range strings.FieldsFuncSeq(norm.NFKD.String(s), divides) {
		if p := names.Fold(field); p != "" {
			parts = append(parts, p)
		}
	}
	for len(parts) > 1 && suffix(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// divides marks what parts one name from the next. Apostrophes, periods and
// joiners stand inside a name.
func divides(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', '`', '´', '.', '\u200d', '\u200c', '\u00ad':
		return false
	default:
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}
}

func suffix(s string) bool {
	return slices.Contains([]string{"JR", "SR", "II", "III", "IV"}, s)
}

func particle(s string) bool {
	return slices.Contains([]string{
		"DA", "DAS", "DE", "DEL", "DELLA", "DEN", "DER", "DI", "DO", "DOS", "DU", "EL", "LA", "LAS", "LE", "LOS",
		"SAN", "SANTA", "ST", "VAN", "VON", "Y",
	}, s)
}
