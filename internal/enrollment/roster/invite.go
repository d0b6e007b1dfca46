package roster

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// inviteMost bounds one call: invitations are mails, and one transaction.
const inviteMost = 1000

// adultIfBornBy is the last birth date of those who are adults today.
func (s *Service) adultIfBornBy() time.Time { return ofage.BornBy(ofage.Day(s.clock.Now())) }

// SendInvitations implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) SendInvitations(ctx context.Context, req *enrollmentv1.SendInvitationsRequest) (*enrollmentv1.SendInvitationsResponse, error) {
	id, err := parseID(req.GetImportId(), "import_id")
	if err != nil {
		return nil, err
	}
	if req.GetLimit() < 1 || req.GetLimit() > inviteMost {
		return nil, errs.InvalidFields(errs.Field{Name: "limit", Reason: "range"})
	}
	var res *enrollmentv1.SendInvitationsResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		res, err = once.Do(ctx, tx, "SendInvitations", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*enrollmentv1.SendInvitationsResponse, error) {
				return s.sendInvitations(ctx, tx, id, req.GetLimit())
			})
		return err
	})
	return res, err
}

func (s *Service) sendInvitations(ctx context.Context, tx pgx.Tx, id uuid.UUID, limit int32) (*enrollmentv1.SendInvitationsResponse, error) {
	i, err := s.q.ImportByID(ctx, tx, id)
	if err != nil {
		return nil, importMissing(err)
	}
	if i.EnrollmentImport.Status != "done" {
		return nil, errs.New(errs.Precondition, "import_not_done", "Invitations can go out once the import has ended.")
	}
	bornBy := s.adultIfBornBy()
	chosen, err := s.q.ChooseInvitable(ctx, tx, db.ChooseInvitableParams{ImportID: id, AdultIfBornBy: bornBy, Most: limit})
	if err != nil {
		return nil, fmt.Errorf("choosing whom to invite: %w", err)
	}
	members := make([]ids.MemberID, len(chosen))
	for n, m := range chosen {
		members[n] = ids.MemberID{UUID: m}
	}
	queued := 0
	if len(members) > 0 {
		if queued, err = s.invite(ctx, tx, audit.ActorFrom(ctx), members); err != nil {
			return nil, fmt.Errorf("inviting: %w", err)
		}
	}
	left, err := s.q.CountInvitations(ctx, tx, db.CountInvitationsParams{ImportID: id, AdultIfBornBy: bornBy})
	if err != nil {
		return nil, fmt.Errorf("counting who is left: %w", err)
	}
	return &enrollmentv1.SendInvitationsResponse{Queued: int32(queued), Left: int32(left.Invitable)}, nil //nolint:gosec // both are bounded
}
