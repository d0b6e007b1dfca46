package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// myPlans says what there is to say about the plans of those whom an account
// acts for, on one day, and how many they are. A limited account learns that its plan is not
// confirmed, and nothing of what a roster says.
func (s *Service) myPlans(ctx context.Context, actor audit.Actor, on string) (*enrollmentv1.MyPlansResponse, error) {
	day := s.today()
	if on != "" {
		var err error
		if day, err = time.Parse(time.DateOnly, on); err != nil {
			return nil, errs.InvalidFields(errs.Field{Name: "on", Reason: "date"}).With(err)
		}
	}
	from := s.db.R.DB(ctx)
	rights, err := s.q.PlansOfAccount(ctx, from, db.PlansOfAccountParams{Account: actor.Account.UUID, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading whom the account acts for: %w", err)
	}
	var sure []uuid.UUID
	people := map[uuid.UUID]bool{}
	for _, r := range rights {
		people[r.Survivor] = true
		if !r.Limited {
			sure = append(sure, r.PatientID)
		}
	}
	coverages, err := s.q.HealthCoverages(ctx, from, db.HealthCoveragesParams{Patients: sure})
	if err != nil {
		return nil, fmt.Errorf("reading coverages: %w", err)
	}
	of := map[uuid.UUID][]db.HealthCoveragesRow{}
	for _, c := range coverages {
		of[*c.PatientID] = append(of[*c.PatientID], c)
	}
	var notes []*enrollmentv1.PlanNote
	var reads []audit.Entry
	for _, r := range rights {
		n := &enrollmentv1.PlanNote{PatientId: r.PatientID.String(), GivenName: names.Proper(r.GivenName), Reference: r.Reference, Self: r.IsSelf}
		ended, isEnded := endedBefore(of[r.PatientID], day)
		switch {
		case r.Reference != "" && slices.ContainsFunc(of[r.PatientID], func(c db.HealthCoveragesRow) bool { return paysOn(c, day) }):
			n.Kind = noteAsked
		case r.Limited || r.Reference != "":
			n.Kind = noteUnconfirmed
		case isEnded:
			n.Kind, n.PayerName, n.LastDay = noteEnded, ended.PayerName, ended.Ends.Format(time.DateOnly)
		default:
			continue
		}
		reads = append(reads, audit.Entry{Actor: actor, Patient: ids.PatientID{UUID: r.PatientID}, Action: "plan.read"})
		notes = append(notes, n)
	}
	if err := s.audit.Record(ctx, reads...); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	return &enrollmentv1.MyPlansResponse{Notes: notes, Patients: int32(len(people))}, nil //nolint:gosec // the patients of one account
}

// paysOn says whether a coverage pays on a day.
func paysOn(c db.HealthCoveragesRow, day time.Time) bool {
	return !c.Starts.After(day) && (c.Ends == nil || !c.Ends.Before(day))
}

// endedBefore is the coverage that ended last, if none pays on the day and one
// did before.
func endedBefore(all []db.HealthCoveragesRow, day time.Time) (db.HealthCoveragesRow, bool) {
	var last db.HealthCoveragesRow
	for _, c := range all {
		switch {
		case paysOn(c, day):
			return db.HealthCoveragesRow{}, false
		case c.Starts.After(day):
		case last.Ends == nil || c.Ends.After(*last.Ends):
			last = c
		}
	}
	return last, last.Ends != nil
}
