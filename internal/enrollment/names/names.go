// Package names folds people's names so that they compare equal however they
// were typed: "O'Brien-Núñez" and "OBRIEN NUNEZ" are one name.
package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns a name in upper case without accents, punctuation and spaces.
func Fold(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range norm.NFKD.String(name) {
		switch {
		case r == 'ß':
			b.WriteString("SS")
		case r == 'ø' || r == 'Ø':
			b.WriteByte('O')
		case r == 'ł' || r == 'Ł':
			b.WriteByte('L')
		case r == 'æ' || r == 'Æ':
			b.WriteString("AE")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// Search returns the family name and the given name folded, with one space
// between: what members are searched by.
func Search(family, given string) string {
	return Fold(family) + " " + Fold(given)
}

// Proper returns a name to show. Many payers write names in capitals only;
// those become "Anne-Marie O'Hara". A name with any small letter is somebody's
// own spelling and stays.
func Proper(name string) string {
	if strings.ToUpper(name) != name {
		return name
	}
	begins := true
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			begins = !unicode.IsDigit(r)
			return r
		}
		if begins {
			begins = false
			return r
		}
		return unicode.ToLower(r)
	}, name)
}
