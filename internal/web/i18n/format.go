package i18n

import (
	"fmt"
	"strings"
	"time"
)

// The words of each language, split at commas: Sunday and January first.
const (
	enWeekdays      = "Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday"
	esWeekdays      = "domingo,lunes,martes,miércoles,jueves,viernes,sábado"
	esShortWeekdays = "dom,lun,mar,mié,jue,vie,sáb"
	enMonths        = "January,February,March,April,May,June,July,August,September,October,November,December"
	esMonths        = "enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre"
	esShortMonths   = "ene,feb,mar,abr,may,jun,jul,ago,sept,oct,nov,dic"
)

func nth(words string, i int) string {
	for ; i > 0; i-- {
		_, words, _ = strings.Cut(words, ",")
	}
	word, _, _ := strings.Cut(words, ",")
	return word
}

func (l Locale) spanish() bool { return l.cat.lang == "es" }

// Weekday is the day's name: "Wednesday", "miércoles".
func (l Locale) Weekday(t time.Time) string {
	if l.spanish() {
		return nth(esWeekdays, int(t.Weekday()))
	}
	return nth(enWeekdays, int(t.Weekday()))
}

// ShortWeekday is "Wed" or "mié".
func (l Locale) ShortWeekday(t time.Time) string {
	if l.spanish() {
		return nth(esShortWeekdays, int(t.Weekday()))
	}
	return nth(enWeekdays, int(t.Weekday()))[:3]
}

// Month is the month's name.
func (l Locale) Month(m time.Month) string {
	if l.spanish() {
		return nth(esMonths, int(m-1))
	}
	return nth(enMonths, int(m-1))
}

// ShortMonth is "Nov" or "nov".
func (l Locale) ShortMonth(m time.Month) string {
	if l.spanish() {
		return nth(esShortMonths, int(m-1))
	}
	return nth(enMonths, int(m-1))[:3]
}

// Day is "Wednesday, November 25" or "miércoles 25 de noviembre".
func (l Locale) Day(t time.Time) string {
	if l.spanish() {
		return fmt.Sprintf("%s %d de %s", l.Weekday(t), t.Day(), l.Month(t.Month()))
	}
	return fmt.Sprintf("%s, %s %d", l.Weekday(t), l.Month(t.Month()), t.Day())
}

// ShortDay is "Wed, Nov 25" or "mié 25 nov".
func (l Locale) ShortDay(t time.Time) string {
	if l.spanish() {
		return fmt.Sprintf("%s %d %s", l.ShortWeekday(t), t.Day(), l.ShortMonth(t.Month()))
	}
	return fmt.Sprintf("%s, %s %d", l.ShortWeekday(t), l.ShortMonth(t.Month()), t.Day())
}

// Date is "November 25, 2026" or "25 de noviembre de 2026".
func (l Locale) Date(t time.Time) string {
	if l.spanish() {
		return fmt.Sprintf("%d de %s de %d", t.Day(), l.Month(t.Month()), t.Year())
	}
	return fmt.Sprintf("%s %d, %d", l.Month(t.Month()), t.Day(), t.Year())
}

// ShortDate is "Nov 25, 2026" or "25 nov 2026"; it never breaks over lines.
func (l Locale) ShortDate(t time.Time) string {
	if l.spanish() {
		return fmt.Sprintf("%d\u00a0%s\u00a0%d", t.Day(), l.ShortMonth(t.Month()), t.Year())
	}
	return fmt.Sprintf("%s\u00a0%d,\u00a0%d", l.ShortMonth(t.Month()), t.Day(), t.Year())
}

// ISODate writes a YYYY-MM-DD date as Date does; an empty or broken one as "".
func (l Locale) ISODate(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return ""
	}
	return l.Date(t)
}

// ISOShortDate writes a YYYY-MM-DD date as ShortDate does.
func (l Locale) ISOShortDate(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return ""
	}
	return l.ShortDate(t)
}

// Time is the wall time in t's location: "9:30 am" or "9:30 a. m.".
func (l Locale) Time(t time.Time) string {
	h, half := t.Hour()%12, "am"
	if h == 0 {
		h = 12
	}
	if t.Hour() >= 12 {
		half = "pm"
	}
	if l.spanish() {
		half = strings.Replace(half, "m", ". m.", 1)
	}
	// Narrow no-break spaces keep the half of the day on the number's line.
	return fmt.Sprintf("%d:%02d\u00a0%s", h, t.Minute(), strings.ReplaceAll(half, " ", "\u00a0"))
}

// TimeZoned is Time with the zone's letters: "9:30 am EST".
func (l Locale) TimeZoned(t time.Time) string {
	name, _ := t.Zone()
	return l.Time(t) + "\u00a0" + name
}

// DayTime is "Wednesday, November 25 at 9:30 am EST".
func (l Locale) DayTime(t time.Time) string {
	return l.T("format.day_time", "day", l.Day(t), "time", l.TimeZoned(t))
}

// Ambiguous says whether the wall time of t happens twice that day, as when
// clocks go back; then the zone's letters must be shown.
func Ambiguous(t time.Time) bool {
	_, here := t.Zone()
	for _, d := range []time.Duration{-time.Hour, time.Hour} {
		other := t.Add(d)
		_, there := other.Zone()
		if here != there && t.Add(time.Duration(here-there)*time.Second).Equal(other) {
			return true
		}
	}
	return false
}

// Money writes US cents: "$59" or "$59.50", the same in both languages.
func (l Locale) Money(cents int32) string {
	if cents%100 == 0 {
		return "$" + l.Number(int64(cents/100))
	}
	return fmt.Sprintf("$%s.%02d", l.Number(int64(cents/100)), cents%100)
}

// Number groups thousands with commas, as both languages do in the US.
func (l Locale) Number(n int64) string {
	s := fmt.Sprint(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// List joins words: "English and Spanish", "A, B, and C".
func (l Locale) List(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	and, comma := " and ", ", and "
	if l.spanish() {
		and, comma = " y ", " y "
	}
	last := words[len(words)-1]
	if l.spanish() && strings.HasPrefix(strings.ToLower(last), "i") {
		// "y" becomes "e" before the same sound: "español e inglés".
		and, comma = " e ", " e "
	}
	if len(words) == 2 {
		return words[0] + and + last
	}
	return strings.Join(words[:len(words)-1], ", ") + comma + last
}

// Plain writes a number without grouping, for machines.
func (l Locale) Plain(n int64) string { return fmt.Sprint(n) }
