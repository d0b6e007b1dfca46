package duplicates

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates/db"
	"github.com/bedside-health/bedside/internal/enrollment/identity"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// papers is a look at what names somebody as a child's parent or guardian.
type papers struct{ method, document string }

// guardianDocuments is what papers of a guardian may be; the schema holds the
// same.
func guardianDocuments() []string {
	return []string{"birth_certificate", "adoption_decree", "court_order", "other_record"}
}

func readPapers(checks []*enrollmentv1.GuardianCheck) (map[uuid.UUID]papers, error) {
	out := make(map[uuid.UUID]papers, len(checks))
	for _, k := range checks {
		id, err := uuid.Parse(k.GetActsForId())
		if err != nil {
			return nil, errs.InvalidFields(errs.Field{Name: "guardians", Reason: "malformed"})
		}
		if !slices.Contains(identity.Methods(), k.GetMethod()) {
			return nil, errs.InvalidFields(errs.Field{Name: "method", Reason: "unknown"})
		}
		if !slices.Contains(guardianDocuments(), k.GetDocument()) {
			return nil, errs.InvalidFields(errs.Field{Name: "document", Reason: "unknown"})
		}
		out[id] = papers{method: k.GetMethod(), document: k.GetDocument()}
	}
	return out, nil
}

// heldRight is a right that a merge puts aside.
type heldRight struct {
	id, account, patient uuid.UUID
	relation             string
}

// unkept are the patients of both sides whose account does not stay.
func unkept(stays, goes []uuid.UUID, keeps []db.SelvesOfRow) []uuid.UUID {
	return slices.DeleteFunc(slices.Concat(stays, goes), func(id uuid.UUID) bool {
		return slices.ContainsFunc(keeps, func(k db.SelvesOfRow) bool { return k.PatientID == id })
	})
}

// guard says which rights to act for others do not reach both: of guardians who
// vouched for one alone and whose papers nobody has seen, and of caregivers
// whom somebody unidentified invited. Papers seen now are kept.
func (s *Service) guard(ctx context.Context, tx pgx.Tx, actor audit.Actor, w wish, absorbed uuid.UUID, unkept []uuid.UUID) ([]heldRight, error) {
	unshown, err := s.unshown(ctx, tx, w.survivor, absorbed)
	if err != nil {
		return nil, err
	}
	var held []heldRight
	seen := 0
	for _, r := range unshown {
		p, ok := w.guardians[r.ActsForID]
		if !ok {
			held = append(held, heldRight{id: r.ActsForID, account: r.AccountID, patient: r.PatientID, relation: "guardian"})
			continue
		}
		seen++
		if err := s.keepPapers(ctx, tx, actor, r, p); err != nil {
			return nil, err
		}
	}
	if seen < len(w.guardians) { // a right of which papers were seen is not there any more
		return nil, errRightsChanged()
	}
	caregivers, err := s.q.UnshownCaregivers(ctx, tx, db.UnshownCaregiversParams{Patients: unkept, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading caregivers: %w", err)
	}
	for _, r := range caregivers {
		held = append(held, heldRight{id: r.ActsForID, account: r.AccountID, patient: r.PatientID, relation: "caregiver"})
	}
	return held, nil
}

// unshown reads the guardians of each of two who vouched for that one alone.
func (s *Service) unshown(ctx context.Context, from pg.DBTX, first, second uuid.UUID) ([]db.UnshownGuardiansRow, error) {
	rows, err := s.q.UnshownGuardians(ctx, from, db.UnshownGuardiansParams{First: first, Second: second, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading guardians: %w", err)
	}
	return rows, nil
}

func (s *Service) keepPapers(ctx context.Context, tx pgx.Tx, actor audit.Actor, r db.UnshownGuardiansRow, p papers) error {
	id := ids.NewUUID()
	err := s.q.InsertGuardianCheck(ctx, tx, db.InsertGuardianCheckParams{
		CheckID: id, ActsForID: r.ActsForID, AccountID: r.AccountID, PatientID: r.PatientID,
		Method: p.method, Document: p.document, CheckedBy: actor.Account.UUID,
	})
	if err != nil {
		return fmt.Errorf("inserting a look at a guardian's papers: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: r.PatientID}, Action: "guardian.check", Subject: rightSubject(r.ActsForID),
		Detail: map[string]string{"account": r.AccountID.String(), "method": p.method, "document": p.document},
	})
}

// putAside takes rights away until the merge is undone, and tells who had them.
func (s *Service) putAside(ctx context.Context, tx pgx.Tx, actor audit.Actor, merge uuid.UUID, held []heldRight) error {
	var rights []uuid.UUID
	for _, h := range held {
		rights = append(rights, h.id)
		err := audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: ids.PatientID{UUID: h.patient}, Action: h.relation + ".suspend", Subject: rightSubject(h.id),
			Detail: map[string]string{"account": h.account.String()},
		})
		if err != nil {
			return err
		}
		if err := s.d.TellHeld(ctx, tx, h.account, h.patient); err != nil {
			return fmt.Errorf("telling who had a right: %w", err)
		}
	}
	if len(rights) == 0 {
		return nil
	}
	if _, err := s.q.SuspendRights(ctx, tx, db.SuspendRightsParams{MergeID: merge, Rights: rights}); err != nil {
		return fmt.Errorf("putting rights aside: %w", err)
	}
	return nil
}

// exclusionViolation is what acts_for says to a second account of a person, or
// a second person of an account.
const exclusionViolation = "23P01"

// restore gives rights back, and tells who acts for others again. An account
// that has become somebody else's in between is an answer, not an error of the
// server.
func (s *Service) restore(ctx context.Context, tx pgx.Tx, actor audit.Actor, merge uuid.UUID) error {
	held, err := s.q.PutAside(ctx, tx, merge)
	if err != nil {
		return fmt.Errorf("reading rights that were put aside: %w", err)
	}
	_, err = s.q.RestoreRights(ctx, tx, merge)
	if coded, ok := errors.AsType[*pgconn.PgError](err); ok && coded.Code == exclusionViolation {
		return errAccountInUse()
	}
	if err != nil {
		return fmt.Errorf("giving rights back: %w", err)
	}
	for _, h := range held {
		err := audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: ids.PatientID{UUID: h.PatientID}, Action: h.Relation + ".restore", Subject: rightSubject(h.ActsForID),
			Detail: map[string]string{"account": h.AccountID.String()},
		})
		if err != nil {
			return err
		}
		if err := s.d.TellBack(ctx, tx, h.AccountID, h.PatientID); err != nil {
			return fmt.Errorf("telling who has a right again: %w", err)
		}
	}
	return nil
}

// fillRights says which rights do not reach both of an open pair, or which a
// merge has put aside.
func (s *Service) fillRights(ctx context.Context, from pg.DBTX, c db.CandidateRow, d *enrollmentv1.Duplicate) error {
	if c.State == "open" {
		rows, err := s.unshown(ctx, from, c.FirstID, c.SecondID)
		if err != nil {
			return err
		}
		for _, r := range rows {
			to := sideOf(d, r.OfFirst)
			to.Rights = append(to.GetRights(), right(r.ActsForID, "guardian", r.GivenName, r.FamilyName, r.FromDate))
		}
	}
	if c.MergeID == nil {
		return nil
	}
	rows, err := s.q.PutAside(ctx, from, *c.MergeID)
	if err != nil {
		return fmt.Errorf("reading rights that were put aside: %w", err)
	}
	for _, r := range rows {
		to := sideOf(d, r.PatientID == c.FirstID)
		to.Rights = append(to.GetRights(), right(r.ActsForID, r.Relation, r.GivenName, r.FamilyName, r.FromDate))
	}
	return nil
}

func sideOf(d *enrollmentv1.Duplicate, first bool) *enrollmentv1.DuplicateSide {
	if first {
		return d.GetFirst()
	}
	return d.GetSecond()
}

func right(id uuid.UUID, relation, given, family string, since time.Time) *enrollmentv1.DuplicateRight {
	return &enrollmentv1.DuplicateRight{
		ActsForId: id.String(), Relation: relation, GivenName: names.Proper(given), FamilyName: names.Proper(family), From: since.Format(time.DateOnly),
	}
}

func rightSubject(id uuid.UUID) string { return "acts_for/" + id.String() }
