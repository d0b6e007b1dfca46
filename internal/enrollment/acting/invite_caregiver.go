package acting

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// purposeToken separates these links from any other hashed or sealed text.
	purposeToken = "enrollment.caregiver_token"
	// invitesPerAccount is how often an account may invite in an hour.
	invitesPerAccount = 10
)

// inviteCaregiver mails a link to somebody who shall act for the actor.
func (s *Service) inviteCaregiver(ctx context.Context, actor audit.Actor, req *enrollmentv1.InviteCaregiverRequest) (*enrollmentv1.InviteCaregiverResponse, error) {
	email, ok := mail.Address(req.GetEmail())
	if !ok {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"})
	}
	if err := s.allow(ctx, "invite", actor.Account.String(), invitesPerAccount); err != nil {
		return nil, err
	}
	var res *enrollmentv1.InviteCaregiverResponse
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "InviteCaregiver", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.InviteCaregiverResponse, error) {
			id := ids.NewUUID()
			return &enrollmentv1.InviteCaregiverResponse{InvitationId: id.String()}, s.insertInvitation(ctx, tx, actor, id, email, people.LanguageOr(req.GetLanguage(), ""))
		})
		return err
	})
	return res, err
}

func (s *Service) insertInvitation(ctx context.Context, tx pgx.Tx, actor audit.Actor, id uuid.UUID, email, language string) error {
	own, err := s.own(ctx, tx, actor.Account)
	if err != nil {
		return err
	}
	if strings.EqualFold(own.Email, email) {
		return errs.InvalidFields(errs.Field{Name: "email", Reason: "own"})
	}
	if err := s.q.LockAccountPatient(ctx, tx, own.PatientID); err != nil {
		return fmt.Errorf("locking a patient: %w", err)
	}
	if err := s.q.WithdrawOpen(ctx, tx, db.WithdrawOpenParams{Account: actor.Account.UUID, Email: email}); err != nil {
		return fmt.Errorf("withdrawing the invitation before: %w", err)
	}
	open, err := s.q.CountOpenInvitations(ctx, tx, actor.Account.UUID)
	if err != nil {
		return fmt.Errorf("counting open invitations: %w", err)
	}
	if open >= maxInvitations {
		return errTooManyInvitations()
	}
	token := newToken()
	sealed, err := s.d.Seal.SealSecret(purposeTokenOf(id), []byte(token))
	if err != nil {
		return fmt.Errorf("sealing a link: %w", err)
	}
	now := s.d.Clock.Now()
	err = s.q.InsertCaregiverInvitation(ctx, tx, db.InsertCaregiverInvitationParams{
		InvitationID: id, AccountID: actor.Account.UUID, PatientID: own.PatientID, TokenHash: s.tokenHash(token), TokenSealed: sealed,
		Email: email, Language: language, CreatedAt: now, ExpiresAt: now.Add(linkLifetime),
	})
	if err != nil {
		return fmt.Errorf("inserting an invitation: %w", err)
	}
	if err := s.d.Jobs.Insert(ctx, tx, linkMail{Invitation: id, Actor: actor}, nil); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: own.PatientID}, Action: "caregiver.invite", Subject: invitationSubject(id),
	})
}

// withdrawInvitation makes a link of the actor's void. Again, it changes
// nothing.
func (s *Service) withdrawInvitation(ctx context.Context, actor audit.Actor, rawID string) error {
	id, err := uuid.Parse(rawID)
	if err != nil {
		return errInvitationUnknown().With(fmt.Errorf("reading the invitation's id: %w", err))
	}
	return s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := s.q.Withdraw(ctx, tx, db.WithdrawParams{InvitationID: id, Account: actor.Account.UUID})
		if err != nil {
			return fmt.Errorf("withdrawing an invitation: %w", err)
		}
		if n == 0 {
			return errInvitationUnknown()
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "caregiver.withdraw", Subject: invitationSubject(id)})
	})
}

// newToken makes the secret of a link: 256 bits.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Service) tokenHash(token string) []byte { return s.d.Seal.Hash(purposeToken, token) }

// purposeTokenOf ties a sealed link to its row, so that it opens nowhere else.
func purposeTokenOf(invitation uuid.UUID) string { return purposeToken + "\n" + invitation.String() }

func invitationSubject(id uuid.UUID) string { return "caregiver_invitation/" + id.String() }
