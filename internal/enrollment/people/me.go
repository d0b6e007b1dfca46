package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// me reads the patients that an account may act for today, the person itself
// first. Who else acts for them is not told.
func (s *Service) me(ctx context.Context, actor audit.Actor) ([]*enrollmentv1.PatientFacts, error) {
	from := s.db.R.DB(ctx)
	patients, err := s.q.PatientsOfAccount(ctx, from, db.PatientsOfAccountParams{Account: actor.Account.UUID, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading whom the account acts for: %w", err)
	}
	if len(patients) == 0 {
		return nil, nil
	}
	all, err := s.facts(ctx, from, patients)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *enrollmentv1.PatientFacts) int { return rank(patients, a) - rank(patients, b) })
	for _, f := range all {
		f.ActsFor = slices.DeleteFunc(f.GetActsFor(), func(a *enrollmentv1.ActsFor) bool {
			return a.GetAccountId() != actor.Account.String()
		})
		s.limit(f)
	}
	var reads []audit.Entry
	for _, p := range patients {
		reads = append(reads, audit.Entry{Actor: actor, Patient: ids.PatientID{UUID: p}, Action: "patient.read"})
	}
	if err := s.audit.Record(ctx, reads...); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	return all, nil
}

// limit takes out what a limited account may not see: what a roster says of
// the person that its owner may not be.
func (s *Service) limit(f *enrollmentv1.PatientFacts) {
	today := s.today().Format(time.DateOnly)
	for _, a := range f.GetActsFor() {
		if a.GetLimited() && a.GetFrom() <= today && (a.GetUntil() == "" || today <= a.GetUntil()) {
			f.Coverages, f.Phone, f.HomeState = nil, "", ""
		}
	}
}

func rank(order []uuid.UUID, f *enrollmentv1.PatientFacts) int {
	return slices.IndexFunc(order, func(id uuid.UUID) bool { return id.String() == f.GetPatientId() })
}
