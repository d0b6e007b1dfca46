package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// linkCase makes the claimant the member, with coverage and full rights, after
// a check of theirs that passed within the hour. The roster's address is told as after any
// activation, and so is the claimant.
func (s *Service) linkCase(ctx context.Context, actor audit.Actor, req *enrollmentv1.LinkCaseRequest) (*enrollmentv1.LinkCaseResponse, error) {
	member, err := uuid.Parse(req.GetMemberId())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "member_id", Reason: "required"}).With(err)
	}
	res, err := work(ctx, s, "LinkCase", req, &enrollmentv1.LinkCaseResponse{}, func(ctx context.Context, tx pgx.Tx, c db.LockCaseRow) error {
		if err := s.mayLink(ctx, tx, actor, c); err != nil {
			return err
		}
		patient := claimantOf(c)
		if err := s.link(ctx, tx, member, patient); err != nil {
			return err
		}
		if err := s.endCase(ctx, tx, actor, c, outcomeLinked, ""); err != nil {
			return err
		}
		claimant, err := s.q.ClaimantOf(ctx, tx, db.ClaimantOfParams{Patient: patient.UUID, Today: s.today()})
		if err != nil {
			return fmt.Errorf("reading the claimant: %w", err)
		}
		if err := s.people.TellRoster(ctx, tx, actor, member, patient, claimant.Language); err != nil {
			return err
		}
		err = audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: patient, Action: "case.link", Subject: caseSubject(c.CaseID), Detail: map[string]string{"member": member.String()},
		})
		if err != nil {
			return err
		}
		return s.people.Publish(ctx, tx, []uuid.UUID{patient.UUID})
	})
	if err != nil {
		return nil, err
	}
	s.people.Ring()
	return res, nil
}

// mayLink checks what must be true of a locked case: who claims the plan is
// known, is not the actor's concern, and showed papers within the hour.
func (s *Service) mayLink(ctx context.Context, tx pgx.Tx, actor audit.Actor, c db.LockCaseRow) error {
	switch {
	case c.Reason == reasonMailbox:
		return errNotAboutPlan()
	case c.PatientID == nil:
		return errClaimantMissing()
	}
	if err := s.notOwn(ctx, tx, actor, c); err != nil {
		return err
	}
	lately, err := s.q.CheckedLately(ctx, tx, db.CheckedLatelyParams{CaseID: c.CaseID, Patient: *c.PatientID})
	if err != nil {
		return fmt.Errorf("reading identity checks: %w", err)
	}
	if !lately {
		return errCheckMissing()
	}
	return nil
}

// link writes what linking changes: the member first, then the patient, as a
// roster's change locks them.
func (s *Service) link(ctx context.Context, tx pgx.Tx, member uuid.UUID, patient ids.PatientID) error {
	m, err := s.q.LockMember(ctx, tx, member)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errs.InvalidFields(errs.Field{Name: "member_id", Reason: "unknown"})
	case err != nil:
		return fmt.Errorf("locking the member: %w", err)
	case m.BirthDate.After(people.AdultIfBornBy(s.today())):
		return errMemberMinor()
	case m.PatientID != nil && *m.PatientID != patient.UUID:
		return errPossibleDuplicate()
	}
	if err := s.people.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return fmt.Errorf("locking the patient: %w", err)
	}
	if err := s.q.LinkMember(ctx, tx, db.LinkMemberParams{MemberID: member, PatientID: &patient.UUID}); err != nil {
		return fmt.Errorf("linking the member: %w", err)
	}
	err = s.q.TakeRosterDetails(ctx, tx, db.TakeRosterDetailsParams{
		PatientID: patient.UUID, GivenName: m.GivenName, FamilyName: m.FamilyName, BirthDate: m.BirthDate,
	})
	if err != nil {
		return fmt.Errorf("taking the roster's details: %w", err)
	}
	if err := s.q.MakeCertain(ctx, tx, patient.UUID); err != nil {
		return fmt.Errorf("giving full rights: %w", err)
	}
	if err := s.q.PutRosterContacts(ctx, tx, member); err != nil {
		return fmt.Errorf("keeping the roster's contact points: %w", err)
	}
	if err := s.q.CloseInvitations(ctx, tx, member); err != nil {
		return fmt.Errorf("closing invitations: %w", err)
	}
	return nil
}

// endCase closes a case and tells its claimant, without details.
func (s *Service) endCase(ctx context.Context, tx pgx.Tx, actor audit.Actor, c db.LockCaseRow, outcome, reason string) error {
	end := db.EndCaseParams{CaseID: c.CaseID, Account: &actor.Account.UUID, Outcome: &outcome}
	if reason != "" {
		end.CloseReason = &reason
	}
	if err := s.q.EndCase(ctx, tx, end); err != nil {
		return fmt.Errorf("ending a case: %w", err)
	}
	if c.PatientID == nil {
		return nil
	}
	return s.jobs.Insert(ctx, tx, caseMail{Case: c.CaseID, Patient: *c.PatientID, Reference: c.Reference, Linked: outcome == outcomeLinked, Actor: actor}, nil)
}
