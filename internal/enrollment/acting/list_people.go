package acting

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// listPeople reads whom the actor acts for, and who acts for the patient that
// the actor is. Who else acts for others is told to nobody.
func (s *Service) listPeople(ctx context.Context, actor audit.Actor) (*enrollmentv1.ListPeopleResponse, error) {
	from, account := s.d.DB.R.DB(ctx), actor.Account.UUID
	res := &enrollmentv1.ListPeopleResponse{}
	acted, err := s.q.ActedFor(ctx, from, db.ActedForParams{Account: account, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading whom an account acts for: %w", err)
	}
	var reads []audit.Entry
	for _, r := range acted {
		res.ActedFor = append(res.ActedFor, &enrollmentv1.ActedFor{
			ActsForId: r.ActsForID.String(), PatientId: r.PatientID.String(), GivenName: names.Proper(r.GivenName), FamilyName: names.Proper(r.FamilyName),
			BirthDate: r.BirthDate.Format(time.DateOnly), Relation: r.Relation, Until: people.DateOrEmpty(r.UntilDate),
		})
		reads = append(reads, audit.Entry{Actor: actor, Patient: ids.PatientID{UUID: r.PatientID}, Action: "patient.read"})
	}
	if err := s.d.Audit.Record(ctx, reads...); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	requests, err := s.q.OpenRequestsOf(ctx, from, account)
	if err != nil {
		return nil, fmt.Errorf("reading the requests of an account: %w", err)
	}
	for _, r := range requests {
		res.Requests = append(res.Requests, &enrollmentv1.ChildRequest{Reference: r.Reference, GivenName: r.GivenName, At: timestamppb.New(r.AttestedAt)})
	}
	own, err := s.own(ctx, from, actor.Account)
	if errs.CodeOf(err) == errs.Precondition {
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	res.MayAdd = true
	return res, s.fillOwn(ctx, from, actor, own, res)
}

// fillOwn adds who acts, or is asked to act, for the actor's own patient.
func (s *Service) fillOwn(ctx context.Context, from pg.DBTX, actor audit.Actor, own db.OwnPatientRow, res *enrollmentv1.ListPeopleResponse) error {
	caregivers, err := s.q.CaregiversOf(ctx, from, db.CaregiversOfParams{Today: s.today(), Patient: own.PatientID})
	if err != nil {
		return fmt.Errorf("reading who acts for a patient: %w", err)
	}
	for _, r := range caregivers {
		res.Caregivers = append(res.Caregivers, &enrollmentv1.Caregiver{
			ActsForId: r.ActsForID.String(), GivenName: names.Proper(r.GivenName), FamilyName: names.Proper(r.FamilyName),
			From: r.FromDate.Format(time.DateOnly),
		})
	}
	invitations, err := s.q.OpenInvitationsOf(ctx, from, actor.Account.UUID)
	if err != nil {
		return fmt.Errorf("reading the invitations of an account: %w", err)
	}
	for _, r := range invitations {
		res.Invitations = append(res.Invitations, &enrollmentv1.CaregiverInvitation{
			InvitationId: r.InvitationID.String(), Email: r.Email, ExpiresAt: timestamppb.New(r.ExpiresAt),
		})
	}
	return nil
}
