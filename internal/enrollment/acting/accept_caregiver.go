package acting

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// opensPerAddress is how many links one address may try in an hour.
const opensPerAddress = 120

// openInvitation says who invites, by first name, if the link is good.
func (s *Service) openInvitation(ctx context.Context, token, from string) (string, error) {
	address := hex.EncodeToString(s.d.Seal.Hash("enrollment.network", cache.Network(from)))
	if err := s.allow(ctx, "open", address, opensPerAddress); err != nil {
		return "", err
	}
	i, err := s.q.OpenCaregiverInvitation(ctx, s.d.DB.W.DB(), db.OpenCaregiverInvitationParams{Today: s.today(), TokenHash: s.tokenHash(token)})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errLinkUnknown()
	}
	if err != nil {
		return "", fmt.Errorf("opening an invitation: %w", err)
	}
	if !i.Good {
		return "", errLinkOver()
	}
	return names.Proper(i.GivenName), nil
}

// acceptInvitation makes the actor a caregiver of who invited, once. The actor
// has a patient of their own: both sides must be able to hear from us.
func (s *Service) acceptInvitation(ctx context.Context, actor audit.Actor, token string) error {
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		i, err := s.q.LockCaregiverInvitation(ctx, tx, db.LockCaregiverInvitationParams{Today: s.today(), TokenHash: s.tokenHash(token)})
		if errors.Is(err, pgx.ErrNoRows) {
			return errLinkUnknown()
		}
		if err != nil {
			return fmt.Errorf("reading an invitation: %w", err)
		}
		switch {
		case i.State == invitationAccepted && i.CaregiverAccountID != nil && *i.CaregiverAccountID == actor.Account.UUID:
			return nil // the same form, twice
		case !i.Good:
			return errLinkOver()
		case i.AccountID == actor.Account.UUID:
			return errLinkOwn()
		}
		return s.beginCaring(ctx, tx, actor, i)
	})
	if err != nil {
		return err
	}
	s.d.Ring()
	return nil
}

func (s *Service) beginCaring(ctx context.Context, tx pgx.Tx, actor audit.Actor, i db.LockCaregiverInvitationRow) error {
	own, err := s.own(ctx, tx, actor.Account)
	if err != nil {
		return err
	}
	if err := s.d.Hold(ctx, tx, []uuid.UUID{i.PatientID}); err != nil {
		return fmt.Errorf("locking who invited: %w", err)
	}
	_, err = s.q.InsertCaregiver(ctx, tx, db.InsertCaregiverParams{
		ActsForID: ids.NewUUID(), AccountID: actor.Account.UUID, PatientID: i.PatientID, FromDate: s.today(),
	})
	if err != nil {
		return fmt.Errorf("inserting a caregiver: %w", err)
	}
	err = s.q.MarkCaregiverInvitationAccepted(ctx, tx, db.MarkCaregiverInvitationAcceptedParams{Caregiver: actor.Account.UUID, InvitationID: i.InvitationID})
	if err != nil {
		return fmt.Errorf("accepting an invitation: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: i.PatientID}, Action: "caregiver.begin", Subject: invitationSubject(i.InvitationID),
	})
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, notice{What: noticeAccepted, To: i.AccountID, About: own.PatientID, Key: i.InvitationID}); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, notice{What: noticeCaring, To: actor.Account.UUID, About: i.PatientID, Key: i.InvitationID}); err != nil {
		return err
	}
	return s.d.Publish(ctx, tx, []uuid.UUID{i.PatientID})
}
