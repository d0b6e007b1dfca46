package roster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func onDay(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }

// naive is a plan's covered days as a set, which says nothing about spans.
type naive map[int]bool

const horizon = 60

// Whatever a payer sends, spans of one plan never overlap, none ends before it
// begins, and covered days after additions and ends are those that a set of
// days would hold.
func TestCoveragesAgainstASetOfDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		person := ids.NewUUID()
		m := &db.EnrollmentStagedMember{MemberID: &person}
		var have []*coverage
		want := naive{}
		for range rapid.IntRange(1, 12).Draw(t, "records") {
			from := rapid.IntRange(0, horizon-1).Draw(t, "from")
			to := rapid.IntRange(from, horizon-1).Draw(t, "to")
			starts, ends := onDay(from), onDay(to)
			c := &db.EnrollmentStagedCoverage{Line: "HLT", Plan: "A"}
			var e effect
			switch rapid.SampledFrom([]string{codeAdd, codeEnd, codeDelete}).Draw(t, "code") {
			case codeAdd:
				c.Code, c.Starts, c.Ends = codeAdd, &starts, &ends
				// A span that begins on the same day takes the new end.
				for _, h := range have {
					if !h.Voided && h.Starts.Equal(starts) && touching(have, starts, ends) == 1 {
						for d := from; d < horizon; d++ {
							if h.Ends == nil || !onDay(d).After(*h.Ends) {
								delete(want, d)
							}
						}
					}
				}
				for d := from; d <= to; d++ {
					want[d] = true
				}
			case codeEnd:
				c.Code, c.Ends = codeEnd, &ends
				for d := to + 1; d < horizon; d++ {
					delete(want, d)
				}
			case codeDelete:
				c.Code = codeDelete
				want = naive{}
			}
			have = applyCoverage(have, m, c, &e)
			check(t, have, want)
		}
	})
}

// touching counts the spans that share a day with a new one.
func touching(have []*coverage, starts, ends time.Time) int {
	n := 0
	for _, h := range have {
		if h.overlaps(span{starts, &ends}) {
			n++
		}
	}
	return n
}

func check(t *rapid.T, have []*coverage, want naive) {
	for i, a := range have {
		if a.Voided {
			continue
		}
		if a.Ends != nil && a.Ends.Before(a.Starts) {
			t.Fatalf("ends before it begins: %v", a)
		}
		for _, b := range have[i+1:] {
			if !b.Voided && b.overlaps(span{a.Starts, a.Ends}) {
				t.Fatalf("overlap: %v and %v", a.EnrollmentCoverage, b.EnrollmentCoverage)
			}
		}
	}
	for d := range horizon {
		day := onDay(d)
		covered := slices.ContainsFunc(have, func(h *coverage) bool { return h.overlaps(span{day, &day}) })
		if covered != want[d] {
			t.Fatalf("day %d: covered %v, want %v\n%s", d, covered, want[d], spans(have))
		}
	}
}

func spans(have []*coverage) string {
	out := ""
	for _, h := range have {
		out += fmt.Sprintf("%s to %v voided %v\n", h.Starts.Format(time.DateOnly), h.Ends, h.Voided)
	}
	return out
}

// Every code in any order keeps the invariants that the schema states.
func TestAnyRecordsKeepTheInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := &family{}
		for range rapid.IntRange(1, 25).Draw(t, "records") {
			r, hds := anyRecord(t)
			if m := f.findByName(r.GivenSearch); m != nil {
				r.MemberID = &m.MemberID
			}
			out := applyRecord(f, r, hds)
			if (out.refused == "") != (out.member != nil) {
				t.Fatalf("refused %q with member %v", out.refused, out.member)
			}
			keys := map[string]bool{}
			for _, m := range f.members {
				if m.Version < 1 || keys[m.PersonKey] || m.GivenName == "" || m.IsSubscriber != (m.SubscriberMemberID == nil) {
					t.Fatalf("member %+v", m.EnrollmentMember)
				}
				keys[m.PersonKey] = true
				for i, a := range m.coverages {
					for _, b := range m.coverages[i+1:] {
						if a.Line == b.Line && a.Plan == b.Plan && !a.Voided && b.overlaps(span{a.Starts, a.Ends}) {
							t.Fatalf("overlap after %s: %v %v", r.Code, a.EnrollmentCoverage, b.EnrollmentCoverage)
						}
					}
					if !a.Voided && a.Ends != nil && a.Ends.Before(a.Starts) || a.Version < 1 || a.MemberID != m.MemberID {
						t.Fatalf("coverage %+v", a.EnrollmentCoverage)
					}
				}
			}
		}
	})
}

func (f *family) findByName(given string) *member {
	for _, m := range f.members {
		if m.GivenSearch == given {
			return m
		}
	}
	return nil
}

func anyRecord(t *rapid.T) (*db.EnrollmentStagedMember, []db.EnrollmentStagedCoverage) {
	day := func(label string) *time.Time {
		n := rapid.IntRange(-1, horizon).Draw(t, label)
		if n < 0 {
			return nil
		}
		d := onDay(n)
		return &d
	}
	code := rapid.SampledFrom([]string{codeAdd, codeChange, codeEnd, codeReinstate, codeAudit, codeDelete})
	birth := time.Date(1980, 1, rapid.IntRange(1, 2).Draw(t, "birth"), 0, 0, 0, 0, time.UTC)
	id := uuid.New()
	r := &db.EnrollmentStagedMember{
		Code: code.Draw(t, "INS03"), MemberID: &id, SubscriberNo: "S1", Relationship: "18", BirthDate: &birth,
		GivenName: "Ann", FamilyName: "Ash", Starts: day("356"), Ends: day("357"), Effective: day("303"),
	}
	r.GivenSearch, r.FamilySearch = "ANN", "ASH"
	var hds []db.EnrollmentStagedCoverage
	for n := range rapid.IntRange(0, 3).Draw(t, "HDs") {
		hds = append(hds, db.EnrollmentStagedCoverage{
			Number: int32(n), Code: code.Draw(t, "HD01"), Line: rapid.SampledFrom([]string{"HLT", "DEN"}).Draw(t, "line"),
			Plan: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "plan"), Starts: day("348"), Ends: day("349"),
		})
	}
	return r, hds
}

func TestTidy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a@b.test": "a@b.test", "A.B+c@Mail.TEST": "A.B+c@mail.test", "a@b": "", "@b.test": "", "a b@c.test": "", "": "", "a@b.test>": "", "x": "",
	} {
		if got := tidyEmail(in); got != want {
			t.Errorf("tidyEmail(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{"7172343334": "+17172343334", "1 (717) 234-3334": "+17172343334", "2343334": "", "": "", "27172343334": ""} {
		if got := tidyPhone(in); got != want {
			t.Errorf("tidyPhone(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{"171110000": "17111", "17111-1234": "17111-1234", "171111234": "17111-1234", "17011": "17011", "K1A 0B1": "K1A 0B1"} {
		if got := tidyZip(in); got != want {
			t.Errorf("tidyZip(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{"me": "ME", "ME": "ME", "Maine": "", "": "", "1A": ""} {
		if got := tidyState(in); got != want {
			t.Errorf("tidyState(%q) = %q", in, got)
		}
	}
	if got := tidyLanguage([]x12.Language{{Code: "ENG", Use: "6"}, {Code: "SPA", Use: "7"}}); got != "es" {
		t.Errorf("language %q", got)
	}
	if mail, phone := pickContact([]x12.Contact{{Kind: "WP", Value: "1"}, {Kind: "CP", Value: "2"}, {Kind: "HP", Value: "3"}, {Kind: "EM", Value: "m"}, {Kind: "P H", Value: "4"}}); mail != "m" || phone != "2" {
		t.Errorf("contact %q %q", mail, phone)
	}
}
