package acting

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func TestJudge(t *testing.T) {
	t.Parallel()
	mateo := func(change func(*candidate)) candidate {
		c := candidate{member: ids.NewUUID(), givenName: "MATEO", familyName: "DELGADO", birthDate: date("2014-09-03"), sameFamily: true}
		if change != nil {
			change(&c)
		}
		return c
	}
	rosa := mateo(func(c *candidate) { c.givenName, c.birthDate = "ROSA", date("1980-04-12") })
	typed := child{givenName: "Mateo", familyName: "Delgado", birthDate: date("2014-09-03"), number: "PM100"}
	for name, one := range map[string]struct {
		candidates []candidate
		why        string
	}{
		"the one child of the family": {[]candidate{rosa, mateo(nil)}, ""},
		"further first names":         {[]candidate{mateo(func(c *candidate) { c.givenName = "Mateo Luis" })}, whyNameDiffers},
		"a middle name":               {[]candidate{mateo(func(c *candidate) { c.middleName = "LUIS" })}, ""},
		"a name in two parts":         {[]candidate{mateo(func(c *candidate) { c.givenName = "MA-TEO" })}, ""},
		"nobody":                      {nil, whyNoMatch},
		"another birth date":          {[]candidate{rosa, mateo(func(c *candidate) { c.birthDate = date("2014-09-04") })}, whyNoMatch},
		"another family name":         {[]candidate{mateo(func(c *candidate) { c.familyName = "BIRDSALL" })}, whyNoMatch},
		"twins":                       {[]candidate{mateo(nil), mateo(func(c *candidate) { c.givenName = "LUCIA" })}, whySeveral},
		"another first name":          {[]candidate{mateo(func(c *candidate) { c.givenName = "LUCIA" })}, whyNameDiffers},
		"another family":              {[]candidate{mateo(func(c *candidate) { c.sameFamily = false })}, whyOtherFamily},
		"ended by staff":              {[]candidate{mateo(func(c *candidate) { c.ended = true })}, whyEnded},
		"a guardian of another":       {[]candidate{mateo(func(c *candidate) { c.otherGuardian = true })}, whyOtherGuardian},
		"an account of their own":     {[]candidate{mateo(func(c *candidate) { c.hasAccount = true })}, whyHasAccount},
		"too many to be certain":      {append(make([]candidate, maxCandidates), mateo(nil)), whySeveral},
	} {
		found, why := judge(one.candidates, typed)
		if why != one.why || (found == nil) != (one.why != "") {
			t.Errorf("%s: %q, %v; want %q", name, why, found, one.why)
		}
	}
}

// A whole given name is compared, however it is written; twins often share a
// part of theirs.
func TestTwinsWithOneNameInCommon(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		typed, given, middle string
		fits                 bool
	}{
		{"Mary Ann", "MARY BETH", "", false}, {"Mary Ann", "MARY", "BETH", false}, {"Mary", "MARY BETH", "", false}, {"Mary Ann", "MARY", "", false},
		{"Mary Ann", "MARY-ANN", "", true}, {"mary ann", "Mary", "Ann", true}, {"Mary", "MARY", "BETH", true}, {"José", "JOSE", "", true},
	} {
		c := candidate{member: ids.NewUUID(), givenName: one.given, middleName: one.middle, familyName: "DELGADO", birthDate: date("2014-09-03"), sameFamily: true}
		found, why := judge([]candidate{c}, child{givenName: one.typed, familyName: "Delgado", birthDate: date("2014-09-03"), number: "PM100"})
		if (found != nil) != one.fits || !one.fits && why != whyNameDiffers {
			t.Errorf("%q for %q %q: %v, %q", one.typed, one.given, one.middle, found, why)
		}
	}
	for _, one := range []struct {
		given, family, born string
		want                likeness
	}{
		{"MARY-ANN", "Delgádo", "2014-09-03", same}, {"Maryann", "Delgado", "2014-09-03", same}, {"Mary Beth", "Delgado", "2014-09-03", uncertain}, {"Mary", "Delgado", "2014-09-03", uncertain},
		{"Mary-Beth", "Delgado", "2014-09-03", uncertain}, {"Mary Ann", "Birdsall", "2014-09-03", uncertain},
		{"Leo", "Delgado", "2014-09-03", different}, {"Mary Ann", "Delgado", "2014-09-04", different},
	} {
		c := child{givenName: " Mary Ann", familyName: "Delgado", birthDate: date("2014-09-03")}
		if got := alike(c, one.given, one.family, date(one.born)); got != one.want {
			t.Errorf("%v: %v, want %v", one, got, one.want)
		}
	}
}

// The database and Go agree on the last day as a minor, for every birthday of
// nine years: the day after is the first on which the person is an adult.
func TestMinority(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT d::date, enrollment.minor_until(d::date) FROM generate_series('2004-01-01'::date, '2012-12-31'::date, '1 day') d`)
		if err != nil {
			return err
		}
		var born, until time.Time
		n := 0
		_, err = pgx.ForEachRow(rows, []any{&born, &until}, func() error {
			n++
			if next := until.AddDate(0, 0, 1); born.After(people.AdultIfBornBy(next)) || !born.After(people.AdultIfBornBy(until)) {
				t.Errorf("born %s, a minor until %s", born.Format(time.DateOnly), until.Format(time.DateOnly))
			}
			return nil
		})
		if n < 3000 {
			t.Errorf("%d birthdays", n)
		}
		return err
	})
	for born, want := range map[string]string{"2008-02-29": "2026-02-28", "2008-03-01": "2026-02-28", "2014-03-01": "2032-02-29", "2009-01-01": "2026-12-31"} {
		var until time.Time
		must(t, b.db.W.DB().QueryRow(t.Context(), `SELECT enrollment.minor_until($1::text::date)`, born).Scan(&until))
		if got := until.Format(time.DateOnly); got != want {
			t.Errorf("born %s, a minor until %s, want %s", born, got, want)
		}
	}
}

// Every notice exists in both languages, and names nobody when the name is not
// known any more.
func TestNotices(t *testing.T) {
	t.Parallel()
	l := letters{baseURL: "https://bedside.test/", helpPhone: "1-800-555-0199"}
	for _, what := range []string{noticeAsked, noticeRefused, noticeBegun, noticeCaring, noticeAccepted, noticeEnded, noticeLeft} {
		en, es := l.notice(what, "a@example.test", "en", "Mateo", "K7QM-2D9F", "k"), l.notice(what, "a@example.test", "es", "Mateo", "K7QM-2D9F", "k")
		if en.Subject == es.Subject || en.Text == es.Text || en.ID != es.ID {
			t.Errorf("%s: %q and %q", what, en.Subject, es.Subject)
		}
		about := what != noticeAsked && what != noticeRefused
		if about != strings.Contains(en.Subject, "Mateo") || about != strings.Contains(es.Text, "Mateo") {
			t.Errorf("%s names the wrong things: %q, %q", what, en.Subject, es.Text)
		}
		if nameless := l.notice(what, "a@example.test", "en", "", "K7QM-2D9F", "k"); strings.Contains(nameless.Subject, "  ") {
			t.Errorf("%s without a name: %q", what, nameless.Subject)
		}
	}
}

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := New(Deps{}); err == nil || !strings.Contains(err.Error(), "Publish") {
		t.Fatalf("a service of nothing was made: %v", err)
	}
}
