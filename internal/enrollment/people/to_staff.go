package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// toStaff opens a case for somebody who has proven what they could, and
// answers with its reference. A repeat finds the same case.
func (s *Service) toStaff(ctx context.Context, p proof, reason string) (activated, error) {
	reference := p.reference
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		if reference, err = s.openCase(ctx, tx, p, reason); err != nil {
			return err
		}
		if p.activation != nil {
			if err := s.q.SendActivationToStaff(ctx, tx, *p.activation); err != nil {
				return fmt.Errorf("handing the activation to staff: %w", err)
			}
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "activation.to_staff", Subject: p.id, Detail: map[string]string{"reason": reason}})
	})
	if err != nil {
		return activated{}, fmt.Errorf("opening a case: %w", err)
	}
	return activated{reference: reference}, nil
}

func (s *Service) openCase(ctx context.Context, tx pgx.Tx, p proof, reason string) (string, error) {
	var member *uuid.UUID
	if p.member != uuid.Nil {
		member = &p.member
	}
	for range 3 {
		reference := p.reference
		if reference == "" {
			reference = ids.Reference()
		}
		n, err := s.q.InsertCase(ctx, tx, db.InsertCaseParams{
			CaseID: ids.NewUUID(), Reference: reference, Reason: reason,
			ActivationID: p.activation, InvitationID: p.invitation, MemberID: member,
			Account: p.account, Today: s.today(),
		})
		if err != nil {
			return "", fmt.Errorf("inserting a case: %w", err)
		}
		if n == 1 || p.activation != nil { // an activation's case has its reference
			return reference, nil
		}
		was, err := s.q.CaseOfInvitation(ctx, tx, db.CaseOfInvitationParams{InvitationID: p.invitation, Reason: reason})
		if err == nil {
			return was, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return "", fmt.Errorf("reading the case: %w", err)
		}
	}
	return "", errors.New("three references in a row were taken")
}

// reportMember opens a case about a member by itself; opened is false where
// one is open already.
func (s *Service) reportMember(ctx context.Context, tx pgx.Tx, member uuid.UUID) (opened bool, err error) {
	n, err := s.q.InsertCase(ctx, tx, db.InsertCaseParams{
		CaseID: ids.NewUUID(), Reference: ids.Reference(), Reason: reasonDetailsDiffer, MemberID: &member, Today: s.today(),
	})
	if err != nil {
		return false, fmt.Errorf("inserting a case: %w", err)
	}
	return n == 1, nil
}
