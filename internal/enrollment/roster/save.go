package roster

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

// saveMembers writes new members by COPY and changed ones in one batch.
func (c *chunk) saveMembers(ctx context.Context, tx pgx.Tx) error {
	var added []db.InsertMembersParams
	var changed []db.UpdateMembersParams
	for _, f := range c.families {
		for _, m := range f.members {
			switch {
			case m.isNew:
				added = append(added, db.InsertMembersParams{
					MemberID: m.MemberID, PayerID: c.w.payer.PayerID, SubscriberNo: m.SubscriberNo, OwnNo: m.OwnNo, PersonKey: m.PersonKey,
					IsSubscriber: m.IsSubscriber, SubscriberMemberID: m.SubscriberMemberID, Relationship: m.Relationship,
					GivenName: m.GivenName, MiddleName: m.MiddleName, FamilyName: m.FamilyName, GivenSearch: m.GivenSearch,
					FamilySearch: m.FamilySearch, NameSearch: m.NameSearch, BirthDate: m.BirthDate, Gender: m.Gender, Email: m.Email,
					Phone: m.Phone, Language: m.Language, Address1: m.Address1, Address2: m.Address2, City: m.City, State: m.State,
					Zip: m.Zip, GroupNo: m.GroupNo, SsnHash: m.SsnHash, Version: m.Version,
				})
			case m.dirty:
				changed = append(changed, db.UpdateMembersParams{
					MemberID: m.MemberID, OwnNo: m.OwnNo, PersonKey: m.PersonKey, Relationship: m.Relationship,
					GivenName: m.GivenName, MiddleName: m.MiddleName, FamilyName: m.FamilyName, GivenSearch: m.GivenSearch,
					FamilySearch: m.FamilySearch, NameSearch: m.NameSearch, BirthDate: m.BirthDate, Gender: m.Gender, Email: m.Email,
					Phone: m.Phone, Language: m.Language, Address1: m.Address1, Address2: m.Address2, City: m.City, State: m.State,
					Zip: m.Zip, GroupNo: m.GroupNo, SsnHash: m.SsnHash, Version: m.Version,
				})
			}
		}
	}
	if _, err := c.w.s.q.InsertMembers(ctx, tx, added); err != nil {
		return fmt.Errorf("adding members: %w", err)
	}
	if len(changed) == 0 {
		return nil
	}
	var failed error
	c.w.s.q.UpdateMembers(ctx, tx, changed).Exec(func(_ int, err error) { failed = first(failed, err) })
	if failed != nil {
		return fmt.Errorf("changing members: %w", failed)
	}
	return nil
}

// saveCoverages writes new coverages by COPY and changed ones in one batch.
func (c *chunk) saveCoverages(ctx context.Context, tx pgx.Tx) error {
	var added []db.InsertCoveragesParams
	var changed []db.UpdateCoveragesParams
	for _, f := range c.families {
		for _, m := range f.members {
			for _, h := range m.coverages {
				switch {
				case h.isNew:
					added = append(added, db.InsertCoveragesParams{
						CoverageID: h.CoverageID, MemberID: h.MemberID, Line: h.Line, Plan: h.Plan, Level: h.Level, GroupNo: h.GroupNo,
						Starts: h.Starts, Ends: h.Ends, Voided: h.Voided, Version: h.Version,
					})
				case h.dirty:
					changed = append(changed, db.UpdateCoveragesParams{
						CoverageID: h.CoverageID, Plan: h.Plan, Level: h.Level, GroupNo: h.GroupNo,
						Starts: h.Starts, Ends: h.Ends, Voided: h.Voided, Version: h.Version,
					})
				}
			}
		}
	}
	if len(changed) > 0 {
		var failed error
		c.w.s.q.UpdateCoverages(ctx, tx, changed).Exec(func(_ int, err error) { failed = first(failed, err) })
		if failed != nil {
			return fmt.Errorf("changing coverages: %w", failed)
		}
	}
	if _, err := c.w.s.q.InsertCoverages(ctx, tx, added); err != nil {
		return fmt.Errorf("adding coverages: %w", err)
	}
	return nil
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// finish empties staging and ends the import, of which so many records ended
// coverage.
func (w *worker) finish(ctx context.Context, ended int64) error {
	var left int64
	if ended > 0 {
		var err error
		if left, err = w.s.q.FamiliesLeftCovered(ctx, w.s.db.W.DB(), w.id); err != nil {
			return fmt.Errorf("looking for families left behind: %w", err)
		}
	}
	if err := w.clear(ctx, false); err != nil {
		return err
	}
	return w.end(ctx, func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
		var said []finding
		if left > 0 {
			said = append(said, finding{kind: kindWarning, Finding: x12.Finding{Reason: "dependents_still_covered",
				Message: fmt.Sprintf("Dependents who are still covered though this file ended every coverage of their subscriber: %d. Nothing was done about them.", left)}})
		}
		found, sum := rows(w.id, i.Findings, said)
		if _, err := w.s.q.InsertFindings(ctx, tx, found); err != nil {
			return fmt.Errorf("writing findings: %w", err)
		}
		err := w.s.q.FinishImport(ctx, tx, db.FinishImportParams{Status: "done", Warnings: sum.warnings, Findings: int64(len(found)), ImportID: w.id})
		if err != nil {
			return fmt.Errorf("ending an import: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: w.actor, Action: "roster.done", Subject: "import/" + w.id.String()})
	})
}
