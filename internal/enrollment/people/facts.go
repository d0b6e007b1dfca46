package people

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/feed"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Publish appends what is known of the patients to the feed, whole. It holds
// each patient's row from before it reads until the commit, so that of two
// changes at once the second one's snapshot holds both.
func (s *Service) Publish(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error {
	if err := s.q.LockPatients(ctx, tx, patients); err != nil {
		return fmt.Errorf("locking patients: %w", err)
	}
	all, err := s.facts(ctx, tx, patients)
	if err != nil {
		return err
	}
	for _, f := range all { // in key order, as the feed asks
		if _, err := feed.Append(ctx, tx, topicPatients, f.GetPatientId(), f); err != nil {
			return err
		}
	}
	return nil
}

type factsByID map[uuid.UUID]*enrollmentv1.PatientFacts

// filler adds one sort of fact to patients that it was given.
type filler func(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error

// facts reads what other services may know of the patients, in id order, with
// one statement for each sort of fact.
func (s *Service) facts(ctx context.Context, from pg.DBTX, patients []uuid.UUID) ([]*enrollmentv1.PatientFacts, error) {
	rows, err := s.q.FactsOf(ctx, from, patients)
	if err != nil {
		return nil, fmt.Errorf("reading patients: %w", err)
	}
	all := make([]*enrollmentv1.PatientFacts, len(rows))
	by := make(factsByID, len(rows))
	for i, r := range rows {
		all[i] = &enrollmentv1.PatientFacts{
			PatientId: r.PatientID.String(), GivenName: names.Proper(r.GivenName), FamilyName: names.Proper(r.FamilyName),
			BirthDate: r.BirthDate.Format(time.DateOnly), Language: r.Language, TimeZone: r.TimeZone,
		}
		by[r.PatientID] = all[i]
	}
	for _, fill := range []filler{s.fillActsFor, s.fillContacts, s.fillCoverages, s.fillConsents} {
		if err := fill(ctx, from, patients, by); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) fillActsFor(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.ActsForOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading who acts for patients: %w", err)
	}
	for _, r := range rows {
		f := by[r.PatientID]
		f.ActsFor = append(f.GetActsFor(), &enrollmentv1.ActsFor{
			AccountId: r.AccountID.String(), Relation: r.Relation,
			From: r.FromDate.Format(time.DateOnly), Until: dateOrEmpty(r.UntilDate), Limited: r.Limited,
		})
	}
	return nil
}

// fillContacts takes the best of each kind, which comes first.
func (s *Service) fillContacts(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.ContactsOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading contact points: %w", err)
	}
	for _, r := range rows {
		f := by[r.PatientID]
		switch {
		case r.Kind == "email" && f.GetEmail() == "":
			f.Email = r.Value
		case r.Kind == "phone" && f.GetPhone() == "":
			f.Phone = r.Value
		case r.Kind == "address" && f.GetHomeState() == "":
			f.HomeState = r.State
		}
	}
	return nil
}

func (s *Service) fillCoverages(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.CoveragesOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading coverages: %w", err)
	}
	for _, r := range rows {
		f := by[*r.PatientID]
		f.Coverages = append(f.GetCoverages(), coverage(r))
	}
	return nil
}

func coverage(r db.CoveragesOfRow) *enrollmentv1.Coverage {
	return &enrollmentv1.Coverage{
		CoverageId: r.CoverageID.String(), PayerName: r.PayerName, Plan: r.Plan, Line: r.Line,
		From: r.Starts.Format(time.DateOnly), To: dateOrEmpty(r.Ends), MemberId: r.MemberID.String(),
	}
}

func (s *Service) fillConsents(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.ConsentsOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading consents: %w", err)
	}
	for _, r := range rows {
		f := by[r.PatientID]
		f.Consents = append(f.GetConsents(), &enrollmentv1.Consent{
			ConsentId: r.ConsentID.String(), Kind: r.Kind, Version: r.Version, Language: r.Language,
			GivenAt: timestamppb.New(r.GivenAt), Method: r.Method,
		})
	}
	return nil
}
