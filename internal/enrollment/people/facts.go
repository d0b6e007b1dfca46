package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/feed"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Publish appends what is known of the patients to the feed, whole, and of
// those who are the same human. It holds each patient's row from before it
// reads until the commit, so that of two changes at once the second one's
// snapshot holds both.
func (s *Service) Publish(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error {
	persons, err := s.hold(ctx, tx, patients)
	if err != nil {
		return err
	}
	if err := s.q.QueueDuplicateCheck(ctx, tx, persons.all); err != nil {
		return fmt.Errorf("asking for a look at duplicates: %w", err)
	}
	all, err := s.factsOf(ctx, tx, persons)
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

// factsByID says into whose facts a row about a patient goes: its own, and
// those of patients who are the same human.
type factsByID map[uuid.UUID][]*enrollmentv1.PatientFacts

// facts reads what other services may know of the patients, in id order.
func (s *Service) facts(ctx context.Context, from pg.DBTX, patients []uuid.UUID) ([]*enrollmentv1.PatientFacts, error) {
	merges, err := s.q.MergesAmong(ctx, from, patients)
	if err != nil {
		return nil, fmt.Errorf("reading merges: %w", err)
	}
	all, err := s.factsOf(ctx, from, newPersons(patients, merges))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f *enrollmentv1.PatientFacts) bool {
		return !slices.ContainsFunc(patients, func(id uuid.UUID) bool { return id.String() == f.GetPatientId() })
	}), nil
}

// factsOf reads whole persons, with one statement for each sort of fact.
func (s *Service) factsOf(ctx context.Context, from pg.DBTX, p persons) ([]*enrollmentv1.PatientFacts, error) {
	rows, err := s.q.FactsOf(ctx, from, p.all)
	if err != nil {
		return nil, fmt.Errorf("reading patients: %w", err)
	}
	all := make([]*enrollmentv1.PatientFacts, len(rows))
	own := make(factsByID, len(rows))
	for i, r := range rows {
		all[i] = &enrollmentv1.PatientFacts{
			PatientId: r.PatientID.String(), GivenName: names.Proper(r.GivenName), FamilyName: names.Proper(r.FamilyName),
			BirthDate: r.BirthDate.Format(time.DateOnly), Language: r.Language, TimeZone: r.TimeZone,
		}
		own[r.PatientID] = all[i : i+1]
		p.mark(all[i], r.PatientID)
	}
	// Whoever acts for one patient of a person acts for all of them; what the
	// absorbed have, the survivor has.
	for _, err := range []error{
		s.fillActsFor(ctx, from, p.all, p.shared(own)), s.fillContacts(ctx, from, p.all, p.inherited(own), p.shared(own)),
		s.fillCoverages(ctx, from, p.all, p.inherited(own)), s.fillConsents(ctx, from, p.all, own),
	} {
		if err != nil {
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
		right := &enrollmentv1.ActsFor{
			AccountId: r.AccountID.String(), Relation: r.Relation,
			From: r.FromDate.Format(time.DateOnly), Until: DateOrEmpty(r.UntilDate), Limited: r.Limited,
		}
		for _, f := range by[r.PatientID] {
			if !slices.ContainsFunc(f.GetActsFor(), func(a *enrollmentv1.ActsFor) bool { return proto.Equal(a, right) }) {
				f.ActsFor = append(f.GetActsFor(), right)
			}
		}
	}
	return nil
}

// fillContacts takes the best of each kind, which comes first; a patient's own
// before those of others who are the same human. Mail goes to the person, so
// all of them share the address that is left.
func (s *Service) fillContacts(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by, shared factsByID) error {
	rows, err := s.q.ContactsOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading contact points: %w", err)
	}
	for _, own := range []bool{true, false} {
		for _, r := range rows {
			to := by[r.PatientID]
			if r.Kind == "email" {
				to = shared[r.PatientID]
			}
			for _, f := range to {
				if own == (f.GetPatientId() == r.PatientID.String()) {
					putContact(f, r)
				}
			}
		}
	}
	return nil
}

func putContact(f *enrollmentv1.PatientFacts, r db.ContactsOfRow) {
	switch {
	case r.Kind == "email" && f.GetEmail() == "":
		f.Email = r.Value
	case r.Kind == "phone" && f.GetPhone() == "":
		f.Phone = r.Value
	case r.Kind == "address" && f.GetHomeState() == "":
		f.HomeState = r.State
	}
}

func (s *Service) fillCoverages(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.CoveragesOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading coverages: %w", err)
	}
	for _, r := range rows {
		for _, f := range by[*r.PatientID] {
			f.Coverages = append(f.GetCoverages(), coverage(r))
		}
	}
	return nil
}

func coverage(r db.CoveragesOfRow) *enrollmentv1.Coverage {
	return &enrollmentv1.Coverage{
		CoverageId: r.CoverageID.String(), PayerName: r.PayerName, Plan: r.Plan, Line: r.Line,
		From: r.Starts.Format(time.DateOnly), To: DateOrEmpty(r.Ends), MemberId: r.MemberID.String(),
	}
}

func (s *Service) fillConsents(ctx context.Context, from pg.DBTX, patients []uuid.UUID, by factsByID) error {
	rows, err := s.q.ConsentsOf(ctx, from, patients)
	if err != nil {
		return fmt.Errorf("reading consents: %w", err)
	}
	for _, r := range rows {
		for _, f := range by[r.PatientID] {
			f.Consents = append(f.GetConsents(), &enrollmentv1.Consent{
				ConsentId: r.ConsentID.String(), Kind: r.Kind, Version: r.Version, Language: r.Language,
				GivenAt: timestamppb.New(r.GivenAt), Method: r.Method, GivenBy: r.GivenBy,
			})
		}
	}
	return nil
}
