package people

import (
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// OnMembersChanged brings the patients of changed members up to date and
// publishes them. Call it at the end of the transaction that changed members
// or coverages, and Ring after its commit.
//
// It locks the members first, in id order, then the patients: activation does
// the same, so that of a roster's change and an activation at the same moment
// the later one sees the other.
func (s *Service) OnMembersChanged(ctx context.Context, tx pgx.Tx, members []ids.MemberID) error {
	if len(members) == 0 {
		return nil
	}
	rows, err := s.q.LockMembers(ctx, tx, bareIDs(members))
	if err != nil {
		return fmt.Errorf("locking changed members: %w", err)
	}
	var linked, patients []uuid.UUID
	for _, r := range rows {
		if r.PatientID != nil {
			linked = append(linked, r.MemberID)
			patients = append(patients, *r.PatientID)
		}
	}
	if len(linked) == 0 {
		return nil
	}
	slices.SortFunc(patients, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	patients = slices.Compact(patients)
	if err := s.Hold(ctx, tx, patients); err != nil {
		return err
	}
	if err := s.q.FollowRoster(ctx, tx, linked); err != nil {
		return fmt.Errorf("following the roster: %w", err)
	}
	if err := s.q.FollowMajority(ctx, tx, patients); err != nil {
		return fmt.Errorf("following corrected birth dates: %w", err)
	}
	if err := s.reportDiffering(ctx, tx, linked); err != nil {
		return err
	}
	if err := s.q.DropRosterContacts(ctx, tx, linked); err != nil {
		return fmt.Errorf("dropping old contact points: %w", err)
	}
	if err := s.q.PutRosterContacts(ctx, tx, linked); err != nil {
		return fmt.Errorf("keeping new contact points: %w", err)
	}
	return s.Publish(ctx, tx, patients)
}

// reportDiffering opens a case for members who no longer look like the patient
// that they are linked to: perhaps the payer gave the number to another person.
func (s *Service) reportDiffering(ctx context.Context, tx pgx.Tx, members []uuid.UUID) error {
	differing, err := s.q.DifferingMembers(ctx, tx, members)
	if err != nil {
		return fmt.Errorf("comparing members with patients: %w", err)
	}
	for _, m := range differing {
		opened, err := s.reportMember(ctx, tx, m)
		if err != nil {
			return err
		}
		if !opened {
			continue
		}
		err = audit.Append(ctx, tx, audit.Entry{
			Actor: self(), Action: "activation.to_staff", Subject: "member/" + m.String(),
			Detail: map[string]string{"reason": reasonDetailsDiffer},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
