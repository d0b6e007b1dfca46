package duplicates

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// wish is a merge that staff ask for.
type wish struct {
	candidate, survivor uuid.UUID
	// accountOf is whose account stays; the zero value where only one has one.
	accountOf uuid.UUID
	// method and document are the look at papers of whoever keeps an account
	// that nobody has identified; else empty.
	method, document string
	// guardians are the papers seen of guardians, by the right.
	guardians map[uuid.UUID]papers
}

// merge makes one person of a pair.
func (s *Service) merge(ctx context.Context, tx pgx.Tx, actor audit.Actor, w wish) error {
	c, err := s.lock(ctx, tx, w.candidate)
	if err != nil {
		return err
	}
	if c.State != "open" {
		return errDecided()
	}
	absorbed := c.FirstID
	switch w.survivor {
	case c.FirstID:
		absorbed = c.SecondID
	case c.SecondID:
	default:
		return errs.InvalidFields(errs.Field{Name: "survivor_id", Reason: "unknown"})
	}
	persons, err := s.hold(ctx, tx, c)
	if err != nil {
		return err
	}
	stays, goes, err := sides(persons, w.survivor, absorbed)
	if err != nil {
		return err
	}
	if err := s.notOwn(ctx, tx, actor, c); err != nil {
		return err
	}
	keeps, aside, err := s.accounts(ctx, tx, w, stays, goes)
	if err != nil {
		return err
	}
	if err := s.identify(ctx, tx, actor, w, keeps); err != nil {
		return err
	}
	held, err := s.guard(ctx, tx, actor, w, absorbed, unkept(stays, goes, keeps))
	if err != nil {
		return err
	}
	merge := ids.NewUUID()
	err = s.q.InsertMerge(ctx, tx, db.InsertMergeParams{MergeID: merge, SurvivorID: w.survivor, AbsorbedID: absorbed, MergedBy: actor.Account.UUID})
	if err != nil {
		return fmt.Errorf("inserting a merge: %w", err)
	}
	var suspended int32
	if len(aside) > 0 {
		suspended, err = s.q.SuspendSelf(ctx, tx, db.SuspendSelfParams{MergeID: merge, Patients: aside, Today: s.today()})
		if err != nil {
			return fmt.Errorf("putting a right aside: %w", err)
		}
	}
	if err := s.putAside(ctx, tx, actor, merge, held); err != nil {
		return err
	}
	err = s.q.DecideCandidate(ctx, tx, db.DecideCandidateParams{CandidateID: c.CandidateID, State: "merged", MergeID: &merge, DecidedBy: actor.Account.UUID})
	if err != nil {
		return fmt.Errorf("deciding a pair: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: w.survivor}, Action: "patient.merge", Subject: "merge/" + merge.String(),
		Detail: map[string]string{"absorbed": absorbed.String(), "rights_suspended": strconv.Itoa(int(suspended) + len(held))},
	})
	if err != nil {
		return err
	}
	return s.d.Publish(ctx, tx, []uuid.UUID{w.survivor})
}

// sides lists everybody on the side of the survivor, and the absorbed alone. It
// refuses whoever is absorbed already, or goes on for others.
func sides(persons []db.PersonsRow, survivor, absorbed uuid.UUID) (stays, goes []uuid.UUID, err error) {
	for _, p := range persons {
		switch {
		case p.PatientID == survivor && p.SurvivorID == survivor, p.PatientID != absorbed && p.SurvivorID == survivor:
			stays = append(stays, p.PatientID)
		case p.PatientID == absorbed && p.SurvivorID == absorbed:
			goes = append(goes, p.PatientID)
		default:
			return nil, nil, errChain()
		}
	}
	return stays, goes, nil
}

// accounts says which accounts stay, and of whom the right is put aside where
// both sides have one: one person has one account.
func (s *Service) accounts(
	ctx context.Context, tx pgx.Tx, w wish, stays, goes []uuid.UUID,
) (keeps []db.SelvesOfRow, aside []uuid.UUID, err error) {
	kept, err := s.q.SelvesOf(ctx, tx, db.SelvesOfParams{Patients: stays, Today: s.today()})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the account that may stay: %w", err)
	}
	other, err := s.q.SelvesOf(ctx, tx, db.SelvesOfParams{Patients: goes, Today: s.today()})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the account that may go: %w", err)
	}
	if len(kept) == 0 || len(other) == 0 {
		return slices.Concat(kept, other), nil, nil
	}
	switch w.accountOf {
	case w.survivor:
		return kept, goes, nil
	case goes[0]:
		return other, stays, nil
	default:
		return nil, nil, errs.InvalidFields(errs.Field{Name: "account_of", Reason: "required"})
	}
}

// identify refuses to give everything of both to an account that nobody has
// identified: anybody can open one with somebody's name and birth date. A
// limited one has a case, which comes first; of another, the papers are looked
// at now, and that is kept.
func (s *Service) identify(ctx context.Context, tx pgx.Tx, actor audit.Actor, w wish, keeps []db.SelvesOfRow) error {
	for _, r := range keeps {
		switch {
		case r.Limited:
			return errLimited()
		case r.Identified:
			continue
		case w.method == "" && w.document == "":
			return errCheckMissing()
		}
		id := ids.NewUUID()
		err := s.q.InsertCheck(ctx, tx, db.InsertCheckParams{
			CheckID: id, PatientID: r.PatientID, Method: w.method, Document: w.document, AccountID: actor.Account.UUID,
		})
		if err != nil {
			return fmt.Errorf("inserting an identity check: %w", err)
		}
		err = audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: ids.PatientID{UUID: r.PatientID}, Action: "patient.check", Subject: "duplicate/" + w.candidate.String(),
			Detail: map[string]string{"check": id.String(), "method": w.method, "document": w.document, "outcome": "passed"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// undo brings back exactly what was before a merge.
func (s *Service) undo(ctx context.Context, tx pgx.Tx, actor audit.Actor, candidate uuid.UUID) error {
	c, err := s.lock(ctx, tx, candidate)
	if err != nil {
		return err
	}
	if c.State != "merged" || c.MergeID == nil {
		return errNotMerged()
	}
	persons, err := s.hold(ctx, tx, c)
	if err != nil {
		return err
	}
	if err := s.notOwn(ctx, tx, actor, c); err != nil {
		return err
	}
	if err := s.q.UndoMerge(ctx, tx, db.UndoMergeParams{MergeID: *c.MergeID, UndoneBy: &actor.Account.UUID}); err != nil {
		return fmt.Errorf("undoing a merge: %w", err)
	}
	if err := s.restore(ctx, tx, actor, *c.MergeID); err != nil {
		return err
	}
	if err := s.q.ReopenCandidate(ctx, tx, c.CandidateID); err != nil {
		return fmt.Errorf("opening a pair again: %w", err)
	}
	all := make([]uuid.UUID, len(persons))
	for i, p := range persons {
		all[i] = p.PatientID
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: c.FirstID}, Action: "patient.unmerge", Subject: "merge/" + c.MergeID.String(),
		Detail: map[string]string{"other": c.SecondID.String()},
	})
	if err != nil {
		return err
	}
	return s.d.Publish(ctx, tx, all)
}

// dismiss says that a pair is two people.
func (s *Service) dismiss(ctx context.Context, tx pgx.Tx, actor audit.Actor, candidate uuid.UUID) error {
	c, err := s.lock(ctx, tx, candidate)
	if err != nil {
		return err
	}
	if c.State != "open" {
		return errDecided()
	}
	if err := s.notOwn(ctx, tx, actor, c); err != nil {
		return err
	}
	err = s.q.DecideCandidate(ctx, tx, db.DecideCandidateParams{CandidateID: c.CandidateID, State: "not_duplicates", DecidedBy: actor.Account.UUID})
	if err != nil {
		return fmt.Errorf("deciding a pair: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: c.FirstID}, Action: "duplicate.dismiss", Subject: "duplicate/" + c.CandidateID.String(),
		Detail: map[string]string{"other": c.SecondID.String()},
	})
}

// hold locks both patients and everybody who is the same human as one of them.
func (s *Service) hold(ctx context.Context, tx pgx.Tx, c db.LockCandidateRow) ([]db.PersonsRow, error) {
	both := []uuid.UUID{c.FirstID, c.SecondID}
	if err := s.d.Hold(ctx, tx, both); err != nil {
		return nil, fmt.Errorf("locking both patients: %w", err)
	}
	persons, err := s.q.Persons(ctx, tx, both)
	if err != nil {
		return nil, fmt.Errorf("reading both patients: %w", err)
	}
	return persons, nil
}

// notOwn refuses staff who are one of a pair, or act or acted for one.
func (s *Service) notOwn(ctx context.Context, tx pgx.Tx, actor audit.Actor, c db.LockCandidateRow) error {
	own, err := s.q.Concerned(ctx, tx, db.ConcernedParams{Account: actor.Account.UUID, Patients: []uuid.UUID{c.FirstID, c.SecondID}})
	if err != nil {
		return fmt.Errorf("reading whether the actor is concerned: %w", err)
	}
	if own {
		return errOwn()
	}
	return nil
}

func (s *Service) lock(ctx context.Context, tx pgx.Tx, candidate uuid.UUID) (db.LockCandidateRow, error) {
	c, err := s.q.LockCandidate(ctx, tx, candidate)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errUnknown()
	}
	if err != nil {
		return c, fmt.Errorf("locking a pair: %w", err)
	}
	return c, nil
}
