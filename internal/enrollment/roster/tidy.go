package roster

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// forever is how senders write "no end".
func forever() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// plausible says whether a day can begin or end coverage. The one date beyond
// 2100 that is allowed means "open", and only an end can be that.
func plausible(d time.Time, end bool) bool {
	if end && d.Equal(forever()) {
		return true
	}
	return d.Year() >= 1900 && d.Year() <= 2100
}

// tidyEmail returns an address as it is mailed to, or "" if it is none.
func tidyEmail(v string) string {
	v = strings.TrimSpace(v)
	at := strings.LastIndexByte(v, '@')
	if at < 1 || len(v) > 254 || !strings.Contains(v[at:], ".") || strings.ContainsAny(v, " ,;<>\"") {
		return ""
	}
	a, err := mail.ParseAddress(v)
	if err != nil || a.Address != v {
		return ""
	}
	return v[:at] + strings.ToLower(v[at:])
}

// tidyPhone returns a number of the United States in E.164, or "" if it is
// none.
func tidyPhone(v string) string {
	d := digits(v)
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	if len(d) != 10 {
		return ""
	}
	return "+1" + d
}

func digits(v string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, v)
}

// tidyZip writes ZIP and ZIP+4 with a hyphen, and drops a +4 of zeros.
func tidyZip(v string) string {
	d := digits(v)
	switch {
	case len(d) == 9 && strings.HasSuffix(d, "0000"), len(d) == 5:
		return d[:5]
	case len(d) == 9:
		return d[:5] + "-" + d[5:]
	}
	return clip(v, 15)
}

// tidyState returns a USPS code, or "" if it is none.
func tidyState(v string) string {
	v = strings.ToUpper(v)
	if len(v) != 2 || v[0] < 'A' || v[0] > 'Z' || v[1] < 'A' || v[1] > 'Z' {
		return ""
	}
	return v
}

// tidyLanguage returns the language that somebody speaks: en, es, or another
// code as it was sent. Spoken counts before native, then whatever is there.
func tidyLanguage(all []x12.Language) string {
	best, rank := "", -1
	for _, l := range all {
		r := 0
		switch l.Use {
		case "7":
			r = 2
		case "8":
			r = 1
		}
		if r > rank && len(l.Code) >= 2 && len(l.Code) <= 3 {
			best, rank = strings.ToLower(l.Code), r
		}
	}
	switch best {
	case "eng":
		return "en"
	case "spa":
		return "es"
	}
	return best
}

// pickContact returns an e-mail address and the phone that is most likely
// answered: cell, home, any, work.
func pickContact(all []x12.Contact) (email, phone string) {
	rank := 99
	for _, c := range all {
		switch order := strings.Index("CP HP TE WP", c.Kind); {
		case c.Kind == "EM" && email == "":
			email = c.Value
		case order >= 0 && order < rank && len(c.Kind) == 2:
			rank, phone = order, c.Value
		}
	}
	return email, phone
}

// clip cuts a text to what a column holds.
func clip(v string, n int) string {
	if utf8.RuneCountInString(v) <= n {
		return v
	}
	return string([]rune(v)[:n])
}
