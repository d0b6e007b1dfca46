package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/desk/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ResendInvitation implements enrollmentv1connect.DeskServiceHandler: one mail a
// member a day. Why not is an answer, not an error. Codes: NotFound, Conflict.
func (s *Service) ResendInvitation(ctx context.Context, req *enrollmentv1.ResendInvitationRequest) (*enrollmentv1.ResendInvitationResponse, error) {
	id, err := uuid.Parse(req.GetMemberId())
	if err != nil {
		return nil, errMemberUnknown()
	}
	var res *enrollmentv1.ResendInvitationResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "ResendInvitation", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*enrollmentv1.ResendInvitationResponse, error) { return s.resend(ctx, tx, id) })
		return err
	})
	return res, err
}

func (s *Service) resend(ctx context.Context, tx pgx.Tx, id uuid.UUID) (*enrollmentv1.ResendInvitationResponse, error) {
	locked, err := s.q.LockMember(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errMemberUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("locking a member: %w", err)
	}
	rows, err := s.q.Members(ctx, tx, db.MembersParams{Today: s.d.Today(), Member: &id})
	if err != nil {
		return nil, fmt.Errorf("reading a member: %w", err)
	}
	if len(rows) == 0 {
		return nil, errMemberUnknown()
	}
	actor := audit.ActorFrom(ctx)
	res := &enrollmentv1.ResendInvitationResponse{Refused: notInvitable(rows[0])}
	entry := audit.Entry{Actor: actor, Action: "invitation.resend", Subject: "member/" + id.String()}
	if locked.PatientID != nil {
		res.PatientId, entry.Patient = locked.PatientID.String(), ids.PatientID{UUID: *locked.PatientID}
	}
	if res.GetRefused() != "" {
		return res, nil
	}
	if err := s.q.EndSent(ctx, tx, id); err != nil {
		return nil, fmt.Errorf("ending the invitation before: %w", err)
	}
	if _, err := s.d.Invite(ctx, tx, actor, []ids.MemberID{{UUID: id}}); err != nil {
		return nil, fmt.Errorf("inviting a member again: %w", err)
	}
	n, err := s.q.MarkRequested(ctx, tx, db.MarkRequestedParams{Account: actor.Account.UUID, Member: id})
	if err != nil {
		return nil, fmt.Errorf("noting who asked for an invitation: %w", err)
	}
	if n == 0 {
		return nil, errors.New("a member who may be invited was not")
	}
	return res, audit.Append(ctx, tx, entry)
}
