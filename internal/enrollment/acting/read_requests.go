package acting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// listRequests lists what waits for staff, oldest first, and says how much does.
func (s *Service) listRequests(ctx context.Context, actor audit.Actor) (*enrollmentv1.ListGuardianRequestsResponse, error) {
	from := s.d.DB.R.DB(ctx)
	rows, err := s.q.OpenRequests(ctx, from, maxListed)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	waiting := int64(len(rows))
	if waiting == maxListed {
		if waiting, err = s.q.CountOpenRequests(ctx, from); err != nil {
			return nil, fmt.Errorf("counting requests: %w", err)
		}
	}
	res := &enrollmentv1.ListGuardianRequestsResponse{Waiting: waiting}
	for _, r := range rows {
		res.Requests = append(res.Requests, requestMessage(r))
		if err := s.read(ctx, actor, r.OwnPatientID, r.RequestID); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// getRequest reads one that waits, with the minors whom it may mean.
func (s *Service) getRequest(ctx context.Context, actor audit.Actor, rawID string) (*enrollmentv1.GetGuardianRequestResponse, error) {
	id, err := uuid.Parse(rawID)
	if err != nil {
		return nil, errRequestUnknown().With(fmt.Errorf("reading the request's id: %w", err))
	}
	from := s.d.DB.R.DB(ctx)
	r, err := s.q.OpenRequest(ctx, from, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errRequestUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	if err := s.read(ctx, actor, r.OwnPatientID, id); err != nil {
		return nil, err
	}
	rows, err := s.q.StaffCandidates(ctx, from, db.StaffCandidatesParams{
		OwnPatient: r.OwnPatientID, Today: s.today(), Number: r.MemberNo, FamilySearch: names.Fold(r.FamilyName), BirthDate: r.BirthDate, Most: maxCandidates,
	})
	if err != nil {
		return nil, fmt.Errorf("looking for children: %w", err)
	}
	res := &enrollmentv1.GetGuardianRequestResponse{Request: requestMessage(db.OpenRequestsRow(r))}
	for _, m := range rows {
		res.Candidates = append(res.Candidates, &enrollmentv1.GuardianCandidate{
			MemberId: m.MemberID.String(), GivenName: names.Proper(m.GivenName), FamilyName: names.Proper(m.FamilyName),
			BirthDate: m.BirthDate.Format(time.DateOnly), PayerName: m.PayerName, SubscriberNo: m.SubscriberNo,
			SameFamily: m.SameFamily, Guardians: m.Guardians,
		})
		if m.PatientID != nil {
			if err := s.read(ctx, actor, *m.PatientID, id); err != nil {
				return nil, err
			}
		}
	}
	return res, nil
}

func (s *Service) read(ctx context.Context, actor audit.Actor, patient, request uuid.UUID) error {
	err := s.d.Audit.Record(ctx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: patient}, Action: "guardian.read", Subject: requestSubject(request),
	})
	if err != nil {
		return fmt.Errorf("recording a read: %w", err)
	}
	return nil
}

func requestMessage(r db.OpenRequestsRow) *enrollmentv1.GuardianRequest {
	return &enrollmentv1.GuardianRequest{
		RequestId: r.RequestID.String(), Reference: r.Reference, At: timestamppb.New(r.AttestedAt),
		AskerGivenName: names.Proper(r.AskerGivenName), AskerFamilyName: names.Proper(r.AskerFamilyName), AskerBirthDate: r.AskerBirthDate.Format(time.DateOnly),
		GivenName: r.GivenName, FamilyName: r.FamilyName, BirthDate: r.BirthDate.Format(time.DateOnly), MemberNo: r.MemberNo, Why: r.Why,
	}
}
