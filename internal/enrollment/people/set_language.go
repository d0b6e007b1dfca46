package people

import (
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// setLanguage sets the language of a patient that the actor may act for.
func (s *Service) setLanguage(ctx context.Context, actor audit.Actor, patient ids.PatientID, language string) error {
	if !slices.Contains(languages(), language) {
		return errs.InvalidFields(errs.Field{Name: "language", Reason: "unknown"})
	}
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.lockOwn(ctx, tx, actor, patient); err != nil {
			return err
		}
		if err := s.q.SetLanguage(ctx, tx, db.SetLanguageParams{PatientID: patient.UUID, Language: language}); err != nil {
			return fmt.Errorf("setting a patient's language: %w", err)
		}
		err := audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "patient.language", Detail: map[string]string{"language": language}})
		if err != nil {
			return err
		}
		return s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
	})
	if err != nil {
		return err
	}
	s.Ring()
	return nil
}

// lockOwn locks a patient that the actor may act for today; any other is not
// found, and not locked. A right that ends while we wait counts no more.
func (s *Service) lockOwn(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID) error {
	if err := s.mayActFor(ctx, tx, actor, patient); err != nil {
		return err
	}
	if err := s.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return err
	}
	return s.mayActFor(ctx, tx, actor, patient)
}

func (s *Service) mayActFor(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID) error {
	may, err := s.q.MayActFor(ctx, tx, db.MayActForParams{Patient: patient.UUID, Account: actor.Account.UUID, Today: s.today()})
	if err != nil {
		return fmt.Errorf("reading whether an account acts for a patient: %w", err)
	}
	if !may {
		return errPatientUnknown()
	}
	return nil
}
