package licensing

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/jurisdiction"
)

// What may be wrong with a field; keys of the catalog of translations.
const (
	faultMissing     = "missing"
	faultTooLong     = "too_long"
	faultMalformed   = "malformed"
	faultUnknown     = "unknown"
	faultCheckDigit  = "check_digit"
	faultNotADate    = "not_a_date"
	faultBeforeStart = "before_start"
	faultInFuture    = "in_future"
	faultTaken       = "taken"
)

// fields collects every fault of a request, so that a form shows them all.
type fields []errs.Field

func (f *fields) add(name, reason string) {
	if reason != "" {
		*f = append(*f, errs.Field{Name: name, Reason: reason})
	}
}

func (f fields) err() error {
	if len(f) == 0 {
		return nil
	}
	return errs.InvalidFields(f...)
}

// text trims a value, makes one space of many, and checks its length.
func (f *fields) text(name, value string, most int, required bool) string {
	value = strings.Join(strings.Fields(value), " ")
	switch {
	case value == "" && required:
		f.add(name, faultMissing)
	case utf8.RuneCountInString(value) > most:
		f.add(name, faultTooLong)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		f.add(name, faultMalformed)
	}
	return value
}

func (f *fields) date(name, value string) jurisdiction.Date {
	if value == "" {
		f.add(name, faultMissing)
		return 0
	}
	d, err := jurisdiction.ParseDate(value)
	if err != nil {
		f.add(name, faultNotADate)
	}
	return d
}

func midnight(d jurisdiction.Date) time.Time { return d.Start(time.UTC) }
