package acting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// noteColumn is what a sealed note is bound to.
const noteColumn = "guardian_requests.note"

// decision is what staff says about a request.
type decision struct {
	request uuid.UUID
	approve bool
	// member is the child on a roster; nil for a child without a plan.
	member *uuid.UUID
	note   string
}

func readDecision(req *enrollmentv1.DecideGuardianRequestRequest) (decision, error) {
	d := decision{approve: req.GetApprove(), note: strings.TrimSpace(req.GetNote())}
	var err error
	if d.request, err = uuid.Parse(req.GetRequestId()); err != nil {
		return decision{}, errRequestUnknown().With(fmt.Errorf("reading the request's id: %w", err))
	}
	if n := utf8.RuneCountInString(d.note); n == 0 || n > maxNote {
		return decision{}, errs.InvalidFields(errs.Field{Name: "note", Reason: "length"})
	}
	if req.GetMemberId() != "" {
		member, err := uuid.Parse(req.GetMemberId())
		if err != nil {
			return decision{}, errs.InvalidFields(errs.Field{Name: "member_id", Reason: "unknown"})
		}
		d.member = &member
	}
	return d, nil
}

// decideRequest approves or refuses a request that waits.
func (s *Service) decideRequest(ctx context.Context, actor audit.Actor, req *enrollmentv1.DecideGuardianRequestRequest) (*enrollmentv1.DecideGuardianRequestResponse, error) {
	d, err := readDecision(req)
	if err != nil {
		return nil, err
	}
	var res *enrollmentv1.DecideGuardianRequestResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "DecideGuardianRequest", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.DecideGuardianRequestResponse, error) {
			return &enrollmentv1.DecideGuardianRequestResponse{}, s.decide(ctx, tx, actor, d)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.d.Ring()
	return res, nil
}

func (s *Service) decide(ctx context.Context, tx pgx.Tx, actor audit.Actor, d decision) error {
	r, err := s.q.LockRequest(ctx, tx, d.request)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && r.State != stateRequested {
		return errRequestUnknown()
	}
	if err != nil {
		return fmt.Errorf("reading a request: %w", err)
	}
	concerned, err := s.q.ConcernedByRequest(ctx, tx, db.ConcernedByRequestParams{
		Actor: actor.Account.UUID, OwnPatient: r.OwnPatientID, Member: d.member, Number: r.MemberNo, BirthDate: r.BirthDate,
	})
	if err != nil {
		return fmt.Errorf("reading whether a request concerns the actor: %w", err)
	}
	if r.AccountID == actor.Account.UUID || concerned {
		return errOwnRequest()
	}
	asker := ids.PatientID{UUID: r.OwnPatientID}
	note, err := s.d.Seal.Seal(ctx, tx, asker, noteColumn, []byte(d.note))
	if err != nil {
		return fmt.Errorf("sealing a note: %w", err)
	}
	if d.approve {
		return s.approve(ctx, tx, actor, d, r, note)
	}
	err = s.q.RefuseRequest(ctx, tx, db.RefuseRequestParams{DecidedBy: actor.Account.UUID, NoteSealed: note, RequestID: d.request})
	if err != nil {
		return fmt.Errorf("refusing a request: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: asker, Action: "guardian.refuse", Subject: requestSubject(d.request)})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, notice{What: noticeRefused, To: r.AccountID, Reference: r.Reference, Key: d.request})
}

// approve makes who asked the guardian of the child that staff has chosen. Who
// asked must still be an adult with a patient, and the child a minor.
func (s *Service) approve(ctx context.Context, tx pgx.Tx, actor audit.Actor, d decision, r db.LockRequestRow, note []byte) error {
	account := ids.AccountID{UUID: r.AccountID}
	own, err := s.own(ctx, tx, account)
	if err != nil {
		return err
	}
	patient, err := s.chosen(ctx, tx, d, r, own.Language)
	if err != nil {
		return err
	}
	err = s.q.ApproveRequest(ctx, tx, db.ApproveRequestParams{
		MemberID: d.member, PatientID: patient.UUID, DecidedBy: actor.Account.UUID, NoteSealed: note, RequestID: d.request,
	})
	if err != nil {
		return fmt.Errorf("approving a request: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "guardian.approve", Subject: requestSubject(d.request)})
	if err != nil {
		return err
	}
	return s.begin(ctx, tx, actor, account, patient, d.request)
}

// chosen is the child as a patient.
func (s *Service) chosen(ctx context.Context, tx pgx.Tx, d decision, r db.LockRequestRow, language string) (ids.PatientID, error) {
	if d.member == nil {
		if !r.BirthDate.After(people.AdultIfBornBy(s.today())) {
			return ids.PatientID{}, errs.InvalidFields(errs.Field{Name: "member_id", Reason: "adult"})
		}
		return s.insertChild(ctx, tx, child{givenName: r.GivenName, familyName: r.FamilyName, birthDate: r.BirthDate}, language)
	}
	_, err := s.q.MinorMember(ctx, tx, db.MinorMemberParams{Member: *d.member, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return ids.PatientID{}, errs.InvalidFields(errs.Field{Name: "member_id", Reason: "unknown"})
	}
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("locking the child: %w", err)
	}
	return s.d.PatientOf(ctx, tx, *d.member, language)
}
