package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/jackc/pgx/v5"
)

// SeedDemo makes the demo patient's account an adult subscriber of the named
// payer with health coverage today; again, it changes nothing. It is refused
// outside of a demo.
func (s *Service) SeedDemo(ctx context.Context, account ids.AccountID, email, payer string) (ids.PatientID, error) {
	if !s.demo {
		return ids.PatientID{}, errs.New(errs.Forbidden, "demo_off", "There is no demo here.")
	}
	var patient ids.PatientID
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		today := s.today()
		mine, err := s.q.SelfOfAccount(ctx, tx, db.SelfOfAccountParams{Account: account.UUID, Today: today})
		if err == nil {
			patient = ids.PatientID{UUID: mine}
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("reading whom the account is: %w", err)
		}
		member, err := s.q.DemoMember(ctx, tx, db.DemoMemberParams{Payer: payer, AdultIfBornBy: ofage.BornBy(today), Today: today})
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.Precondition, "demo_roster_missing", "The demo roster has no adult with coverage. Import it first.")
		}
		if err != nil {
			return fmt.Errorf("choosing a demo member: %w", err)
		}
		patient, err = s.finish(ctx, tx, proof{id: "demo", member: member, email: email, language: "en", quiet: true}, account)
		return err
	})
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("seeding the demo patient: %w", err)
	}
	s.Ring()
	return patient, nil
}
