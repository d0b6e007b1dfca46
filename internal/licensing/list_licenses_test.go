package licensing

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// day is a date so many days from today, as boards write it.
func day(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }

// onFile puts one license of each kind on file; its number names it.
func (b *bundle) onFile() {
	b.t.Helper()
	who := b.physician()
	for i, l := range []struct {
		number, state, basis, status string
		to, verified                 int
	}{
		{"FINE", "PA", "full", "active", 400, -10},
		{"SUSPENDED", "PA", "full", "suspended", 400, -10},
		{"REVOKED", "NJ", "full", "revoked", 400, -10},
		{"SAID EXPIRED", "PA", "full", "expired", -300, -10},
		{"RAN OUT", "NJ", "full", "active", -1, -10},
		{"LAST DAY", "PA", "full", "active", 0, -10},
		{"IN 30", "PA", "full", "active", 30, -10},
		{"IN 31", "PA", "full", "active", 31, -10},
		{"IN 90", "NJ", "full", "active", 90, -10},
		{"IN 91", "NJ", "full", "active", 91, -10},
		{"COMPACT", "MI", "imlc", "active", 400, -10},
		{"OLD LOOK", "PA", "full", "active", 400, -91},
		{"PENDING", "PA", "full", "pending", 20, -200},
	} {
		b.license(who, func(m *licensingv1.License) {
			m.Number, m.State, m.Basis, m.Status = l.number, l.state, l.basis, l.status
			m.Board, m.ValidFrom, m.ValidTo = fmt.Sprintf("Board %d", i), "2020-01-01", day(l.to)
			m.VerifiedAt = timestamppb.New(time.Now().AddDate(0, 0, l.verified))
		})
	}
}

func (b *bundle) toLookAt(concern, state string) (numbers []string, counts map[string]int32) {
	b.t.Helper()
	res, err := b.ListLicenses(b.ctx, &licensingv1.ListLicensesRequest{Concern: concern, State: state})
	must(b.t, err)
	for _, e := range res.GetEntries() {
		if e.GetFamilyName() != "Quispe" || !e.GetLicense().GetCurrent() || e.GetLicense().GetNote() != "" {
			b.t.Errorf("listed %v", e)
		}
		numbers = append(numbers, e.GetLicense().GetNumber())
	}
	return numbers, res.GetCounts()
}

func TestLicensesToLookAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.onFile()
	for concern, want := range map[string][]string{
		"suspended":   {"REVOKED", "SUSPENDED"},
		"expired":     {"RAN OUT", "SAID EXPIRED"},
		"unconfirmed": {"COMPACT"},
		"expiring_30": {"IN 30", "LAST DAY"},
		"expiring_60": {"IN 30", "IN 31", "LAST DAY"},
		"expiring_90": {"IN 30", "IN 31", "IN 90", "LAST DAY"},
		"unverified":  {"OLD LOOK"},
		"":            {"COMPACT", "IN 30", "IN 31", "IN 90", "LAST DAY", "OLD LOOK", "RAN OUT", "REVOKED", "SAID EXPIRED", "SUSPENDED"},
	} {
		got, counts := b.toLookAt(concern, "")
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q lists %v, want %v", concern, got, want)
		}
		if counts[concern] != int32(len(want)) {
			t.Errorf("%q counts %d, want %d", concern, counts[concern], len(want))
		}
	}
	got, counts := b.toLookAt("expiring_90", "NJ")
	if !slices.Equal(got, []string{"IN 90"}) || counts["suspended"] != 1 || counts["unconfirmed"] != 0 || counts[""] != 3 {
		t.Errorf("in New Jersey: %v, %v", got, counts)
	}
	if first, _ := b.toLookAt("", ""); first[0] != "SAID EXPIRED" {
		t.Errorf("what ended first is not first: %v", first)
	}
}

func TestACorrectedLicenseLeavesTheList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.physician()
	old := b.license(who, func(l *licensingv1.License) {
		l.Basis, l.State, l.VerifiedAt = "imlc", "MI", timestamppb.New(time.Now().AddDate(0, -6, 0))
	})
	if _, counts := b.toLookAt("", ""); counts["unconfirmed"] != 1 || counts["unverified"] != 1 || counts[""] != 1 {
		t.Fatalf("before: %v", counts)
	}
	l := newLicense(who)
	l.Basis, l.State = "imlc", "MI"
	_, err := b.CorrectLicense(b.ctx, &licensingv1.CorrectLicenseRequest{
		LicenseId: old, License: l, Confirm: true, Note: "listed by the board", IdempotencyKey: b.key(),
	})
	must(t, err)
	if got, counts := b.toLookAt("", ""); len(got) != 0 || counts[""] != 0 {
		t.Errorf("after: %v, %v", got, counts)
	}
}

func TestPagesOfLicensesToLookAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.physician()
	for i := range pageSize + 7 {
		b.license(who, func(l *licensingv1.License) {
			l.Number, l.Status, l.ValidTo = fmt.Sprint("N", i), "suspended", day(100+i%9)
		})
	}
	seen, after := map[string]bool{}, ""
	for page := range 3 {
		res, err := b.ListLicenses(b.ctx, &licensingv1.ListLicensesRequest{Concern: "suspended", After: after})
		must(t, err)
		for _, e := range res.GetEntries() {
			if seen[e.GetLicense().GetNumber()] {
				t.Errorf("%s stands on two pages", e.GetLicense().GetNumber())
			}
			seen[e.GetLicense().GetNumber()] = true
		}
		if after = res.GetNext(); after == "" {
			if page != 1 {
				t.Errorf("the list ends on page %d", page)
			}
			break
		}
	}
	if len(seen) != pageSize+7 {
		t.Errorf("%d licenses on all pages: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

func TestWhatCannotBeListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, q := range []*licensingv1.ListLicensesRequest{
		{Concern: "nonsense"}, {State: "ZZ"}, {State: "P\x00"}, {After: "not an id"},
	} {
		_, err := b.ListLicenses(b.ctx, q)
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	}
}
