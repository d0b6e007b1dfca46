package i18n

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestCatalogsAreComplete(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	base := Entries("en")
	if len(base) < 100 {
		t.Fatalf("only %d English texts", len(base))
	}
	for _, lang := range Languages() {
		other := Entries(lang)
		for key, e := range base {
			o, ok := other[key]
			if !ok {
				t.Errorf("%s: %s (%s) is missing", lang, key, e.File)
				continue
			}
			if (e.One == "") != (o.One == "") {
				t.Errorf("%s: %s has a plural form in one language only", lang, key)
			}
			if a, b := marks(e.Other), marks(o.Other); !slices.Equal(a, b) {
				t.Errorf("%s: %s holds %v, English holds %v", lang, key, b, a)
			}
			if strings.TrimPrefix(e.File, "en/") != strings.TrimPrefix(o.File, lang+"/") {
				t.Errorf("%s: %s stands in %s, in English in %s", lang, key, o.File, e.File)
			}
		}
		for key := range other {
			if _, ok := base[key]; !ok {
				t.Errorf("%s: %s is not there in English", lang, key)
			}
		}
	}
}

// marks lists the placeholders and link names of a text.
func marks(text string) []string {
	found := regexp.MustCompile(`\{[a-z_0-9]+\}|\]\([a-z_0-9]+\)`).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestWordsThatNeedAReviewSayWhoReviewed(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		for key, e := range Entries(lang) {
			for _, prefix := range []string{"clinical.", "emergency.", "consent."} {
				if !strings.HasPrefix(string(key), prefix) {
					continue
				}
				if _, err := time.Parse(time.DateOnly, e.On); e.By == "" || err != nil {
					t.Errorf("%s: %s has no reviewer or date", lang, key)
				}
			}
		}
	}
}

func TestReadRefusesBrokenCatalogs(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no text": "a.b: {one: x}", "a list": "a.b: [x]", "not YAML": "a: b: c",
	} {
		fs := fstest.MapFS{"en/a.yaml": {Data: []byte(body)}}
		if _, err := read(fs, "en"); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	twice := fstest.MapFS{"en/a.yaml": {Data: []byte("a.b: x")}, "en/b.yaml": {Data: []byte("a.b: y")}}
	if _, err := read(twice, "en"); err == nil {
		t.Error("a key that stands twice was read")
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	en, es := In("en"), In("es")
	for _, c := range []struct{ got, want string }{
		{en.T("times.free", "n", 1), "1 free"},
		{en.T("form.problem", "n", 1), "One answer needs another look"},
		{es.T("form.problem", "n", 3), "Revise 3 respuestas"},
		{en.T("no.such_key"), "⟦no.such_key⟧"},
		{In("xx").Lang(), "en"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	got := spans("a * **b {x}** [c](y) 2*3 [d", []any{"x", "**1**", "y", "/p"})
	want := []Span{
		{Text: "a *"}, {Text: " "}, {Text: "b **1**", Bold: true}, {Text: " "}, {Text: "c", Href: "/p"},
		{Text: " 2*"}, {Text: "3 ["}, {Text: "d"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 25, 9, 30, 0, 0, ny)
	en, es := In("en"), In("es")
	for _, c := range []struct{ got, want string }{
		{en.Day(at), "Wednesday, November 25"}, {es.Day(at), "miércoles 25 de noviembre"},
		{en.ShortDay(at), "Wed, Nov 25"}, {es.ShortDay(at), "mié 25 nov"},
		{en.Time(at), "9:30 am"}, {es.Time(at), "9:30 a. m."},
		{en.Time(at.Add(-9*time.Hour - 30*time.Minute)), "12:00 am"}, {en.Time(at.Add(3 * time.Hour)), "12:30 pm"},
		{en.DayTime(at), "Wednesday, November 25 at 9:30 am EST"},
		{en.ISODate("2026-02-03"), "February 3, 2026"}, {es.ISODate("2026-02-03"), "3 de febrero de 2026"},
		{en.ISODate("nonsense"), ""}, {en.ISOShortDate("2026-02-03"), "Feb 3, 2026"},
		{en.Zone("America/New_York", at), "Eastern time (EST)"}, {es.Zone("America/Phoenix", at), "hora de Arizona (MST)"},
		{en.ZoneName("America/Indiana/Knox"), "Central time"}, {en.ZoneName("America/Puerto_Rico"), "Puerto Rico time"},
		{en.Money(5900), "$59"}, {en.Money(123450), "$1,234.50"}, {en.Number(-1234567), "-1,234,567"}, {en.Number(12), "12"},
		{en.List([]string{"a", "b", "c"}), "a, b, and c"}, {es.List([]string{"español", "inglés"}), "español e inglés"},
		{es.List([]string{"inglés", "español"}), "inglés y español"}, {en.List(nil), ""},
	} {
		if got := strings.ReplaceAll(c.got, "\u00a0", " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAmbiguous(t *testing.T) {
	t.Parallel()
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	// Clocks go back at 2:00 on this day: 1:30 happens twice.
	first := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC).In(ny)
	for _, c := range []struct {
		at   time.Time
		want bool
	}{
		{first, true}, {first.Add(time.Hour), true}, {first.Add(-time.Hour), false}, {first.Add(2 * time.Hour), false},
		{time.Date(2027, 3, 14, 7, 30, 0, 0, time.UTC).In(ny), false},
	} {
		if got := Ambiguous(c.at); got != c.want {
			t.Errorf("%s: %v", c.at, got)
		}
	}
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es", "en;q=0.5,es;q=0.7": "es",
		"fr-FR,fr;q=0.9": "en", "fr,es;q=0.1": "es", "es;q=broken": "en", "ES-us": "es",
	} {
		if got := Negotiate(header); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
}
