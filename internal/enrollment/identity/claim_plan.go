package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// claimPlan makes the caller's own patient the claimant of an activation that
// could not be certain. Repeating it changes nothing that matters; it answers
// alike whether the details fit somebody or not.
func (s *Service) claimPlan(ctx context.Context, actor audit.Actor, activation uuid.UUID) (string, error) {
	var reference string
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		mine, err := s.q.SelfOfAccount(ctx, tx, db.SelfOfAccountParams{Account: actor.Account.UUID, Today: s.today()})
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.NotFound, "patient_unknown", "We cannot find that person among those you act for.")
		}
		if err != nil {
			return fmt.Errorf("reading whom the account is: %w", err)
		}
		patient := ids.PatientID{UUID: mine}
		if reference, err = s.claim(ctx, tx, activation, patient); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "case.claim", Subject: "activation/" + activation.String()})
	})
	if err != nil {
		return "", fmt.Errorf("claiming a plan: %w", err)
	}
	return reference, nil
}

// claim gives the activation's case its claimant, and makes a case of one that
// had only waited for its code. It writes the same either way.
func (s *Service) claim(ctx context.Context, tx pgx.Tx, activation uuid.UUID, patient ids.PatientID) (string, error) {
	if err := s.people.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return "", fmt.Errorf("locking the patient: %w", err)
	}
	a, err := s.q.LockActivation(ctx, tx, activation)
	if errors.Is(err, pgx.ErrNoRows) { // it made somebody a patient meanwhile
		return "", errAlreadyActive()
	}
	if err != nil {
		return "", fmt.Errorf("locking an activation: %w", err)
	}
	if err := s.q.EndActivation(ctx, tx, activation); err != nil {
		return "", fmt.Errorf("handing the activation to staff: %w", err)
	}
	n, err := s.q.ClaimCase(ctx, tx, db.ClaimCaseParams{
		CaseID: ids.NewUUID(), Reference: a.Reference, ActivationID: &activation, MemberID: a.MemberID, PatientID: &patient.UUID,
	})
	if err != nil {
		return "", fmt.Errorf("claiming a case: %w", err)
	}
	if n == 0 {
		return "", errAlreadyActive()
	}
	return a.Reference, nil
}
