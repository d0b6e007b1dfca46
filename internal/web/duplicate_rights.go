package web

import (
	"slices"
	"strings"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/persons"
)

const (
	// The fields about one guardian begin so, and end with the right's id.
	guardianMethod = "guardian_method_"
	guardianRecord = "guardian_record_"
	// unseen is the choice of who has seen no papers.
	unseen = "unseen"
)

// fillRights asks about guardians whose word is for one of a pair alone, or
// says whose right a merge has put aside.
func (c *Call) fillRights(page *persons.DuplicatePage, d *enrollmentv1.Duplicate) {
	page.Seen = append([]ui.Option{{Value: unseen, Label: c.T("dup.papers_unseen")}}, c.methods()...)
	page.Records = c.choices("dup.record.", "birth_certificate", "adoption_decree", "court_order", "other_record")
	for _, side := range []*enrollmentv1.DuplicateSide{d.GetFirst(), d.GetSecond()} {
		which := c.T("dup.first")
		if side == d.GetSecond() {
			which = c.T("dup.second")
		}
		for _, r := range side.GetRights() {
			name := personName(r.GetGivenName(), r.GetFamilyName())
			if page.Merged {
				page.PutAside = append(page.PutAside, c.T(i18n.Key("dup.aside_"+r.GetRelation()), "name", name, "patient", which))
				continue
			}
			method, record := guardianMethod+r.GetActsForId(), guardianRecord+r.GetActsForId()
			g := persons.GuardianPapers{
				Title: c.T("dup.guardian", "name", name), Text: c.T("dup.guardian_text", "name", name, "patient", which, "day", c.L.ISOShortDate(r.GetFrom())),
				Method: method, Record: record, Seen: c.Value(method), Document: c.Value(record),
			}
			if g.Seen == "" {
				g.Seen = unseen
			}
			page.Guardians = append(page.Guardians, g)
		}
	}
}

// guardianChecks reads of which guardians papers were seen.
func (c *Call) guardianChecks(f *Faults) []*enrollmentv1.GuardianCheck {
	var out []*enrollmentv1.GuardianCheck
	for field := range c.R.PostForm {
		id, ok := strings.CutPrefix(field, guardianMethod)
		if !ok {
			continue
		}
		method, record := c.Value(field), c.Value(guardianRecord+id)
		switch {
		case method == unseen && record == "" || method == "":
			continue
		case method == unseen:
			f.Add(field, "field.method")
			continue
		case record == "":
			f.Add(guardianRecord+id, "field.document")
			continue
		}
		out = append(out, &enrollmentv1.GuardianCheck{ActsForId: id, Method: method, Document: record})
	}
	slices.SortFunc(out, func(a, b *enrollmentv1.GuardianCheck) int { return strings.Compare(a.GetActsForId(), b.GetActsForId()) })
	return out
}
