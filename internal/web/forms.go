package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// Faults are what is wrong with a form: the list for its summary, and the words
// beside each field.
type Faults struct {
	List []ui.Problem
	By   map[string]string
	call *Call
}

// Faults begins the check of a form.
func (c *Call) Faults() *Faults { return &Faults{By: map[string]string{}, call: c} }

// Any says whether something is wrong.
func (f *Faults) Any() bool { return len(f.List) > 0 }

// Add puts a fault beside a field; the first of each field counts. An empty
// field puts it into the summary only.
func (f *Faults) Add(field string, key i18n.Key, args ...any) {
	if f.By[field] != "" {
		return
	}
	text := f.call.T(key, args...)
	f.List = append(f.List, ui.Problem{Field: field, Text: text})
	if field != "" {
		f.By[field] = text
	}
}

// Need adds a fault if the value is empty.
func (f *Faults) Need(field, value string, key i18n.Key) {
	if value == "" {
		f.Add(field, key)
	}
}

// Take turns a service's refusal into faults: refused fields by their names,
// any other refusal that the catalog has words for beside the given field. It
// gives back errors that are not about the form.
func (f *Faults) Take(err error, field string) error {
	if err == nil {
		return nil
	}
	for _, bad := range errs.FieldsOf(err) {
		key := i18n.Key("field." + bad.Name)
		if !f.call.L.Has(key) {
			key = "field.other"
		}
		f.Add(bad.Name, key)
	}
	if f.Any() {
		return nil
	}
	if errs.CodeOf(err) == errs.Throttled {
		f.call.throttled = err
	}
	switch reason := errs.ReasonOf(err); {
	case errs.CodeOf(err) == errs.Internal, errs.CodeOf(err) == errs.Unavailable && reason != "sign_in_busy",
		strings.HasPrefix(reason, "session_"), strings.HasPrefix(reason, "token_"), reason == "sign_in_needed":
		return err
	case f.call.L.Has(i18n.Key("error." + reason)):
		key, args := f.call.reasonKey(err)
		f.Add(field, key, args...)
		return nil
	}
	return err
}

// Date is a date typed in three fields.
type Date struct{ Year, Month, Day string }

// DateValue reads the three fields of a date.
func (c *Call) DateValue(name string) Date {
	return Date{Year: c.Value(name + "_year"), Month: c.Value(name + "_month"), Day: c.Value(name + "_day")}
}

// Empty says that nothing was typed.
func (d Date) Empty() bool { return d.Year == "" && d.Month == "" && d.Day == "" }

// ISO is the date as YYYY-MM-DD; false if it does not exist.
func (d Date) ISO() (string, bool) {
	y, errY := strconv.Atoi(d.Year)
	m, errM := strconv.Atoi(d.Month)
	day, errD := strconv.Atoi(d.Day)
	if errY != nil || errM != nil || errD != nil || y < 1850 || y > 2200 {
		return "", false
	}
	iso := fmt.Sprintf("%04d-%02d-%02d", y, m, day)
	if _, err := time.Parse(time.DateOnly, iso); err != nil {
		return "", false
	}
	return iso, true
}

// birthDate reads a date of birth, or adds what is wrong with it.
func (f *Faults) birthDate(d Date, now time.Time) string {
	iso, ok := d.ISO()
	switch {
	case d.Empty():
		f.Add("birth_date", "field.birth_date")
	case !ok:
		f.Add("birth_date", "field.date_wrong")
	case iso > now.Format(time.DateOnly):
		f.Add("birth_date", "field.date_future")
	}
	return iso
}

// digits keeps the digits of a code that was typed or pasted with spaces.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
