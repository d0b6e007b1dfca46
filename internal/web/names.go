package web

import (
	"strings"
	"unicode"
)

// personName writes a name as people do: rosters shout ("ROSA DELGADO"), and
// nobody wants to be greeted so. A name with a small letter is left alone.
func personName(parts ...string) string {
	name := strings.TrimSpace(strings.Join(parts, " "))
	if name != strings.ToUpper(name) {
		return name
	}
	begin := true
	return strings.Map(func(r rune) rune {
		if begin {
			begin = !unicode.IsLetter(r)
			return r
		}
		begin = !unicode.IsLetter(r)
		return unicode.ToLower(r)
	}, name)
}

// phoneText writes a US number as people do: "(215) 555-0142". Others are left
// alone.
func phoneText(number string) string {
	d := digits(number)
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	if len(d) != 10 {
		return number
	}
	return "(" + d[:3] + ")\u00a0" + d[3:6] + "-" + d[6:]
}
