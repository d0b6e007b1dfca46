package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// acceptance is what the holder of a link answers.
type acceptance struct {
	token, language, address string
	birthDate                string
}

// acceptInvitation activates by a link. The link proves the mailbox, the birth
// date that it is not only a stolen link.
func (s *Service) acceptInvitation(ctx context.Context, in acceptance) (activated, error) {
	today := s.today()
	born, ok := parseBirthDate(in.birthDate, today)
	if !ok {
		return activated{}, errs.InvalidFields(errs.Field{Name: "birth_date", Reason: "date"})
	}
	if err := s.allow(ctx, s.attempts.accept, nil, in.address); err != nil {
		return activated{}, err
	}
	i, err := s.tryInvitation(ctx, s.tokenHash(in.token), born, today)
	if err != nil {
		return activated{}, err
	}
	p := proof{
		invitation: &i.InvitationID, member: i.MemberID, email: i.Email,
		language: languageOr(in.language, i.Language), id: invitationSubject(i.InvitationID),
	}
	switch {
	case i.BirthDate.After(ofage.BornBy(today)):
		return s.toStaff(ctx, p, reasonMinor)
	case i.Shared:
		return s.toStaff(ctx, p, reasonSharedEmail)
	}
	return s.activate(ctx, p)
}

// tryInvitation checks the birth date and counts a wrong one, in a transaction
// that commits either way.
func (s *Service) tryInvitation(ctx context.Context, hash []byte, born, today time.Time) (db.LockInvitationRow, error) {
	var i db.LockInvitationRow
	var refusal error
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		refusal = nil
		i, err = s.q.LockInvitation(ctx, tx, db.LockInvitationParams{TokenHash: hash, Today: today})
		if errors.Is(err, pgx.ErrNoRows) {
			return errInvitationUnknown()
		}
		if err != nil {
			return fmt.Errorf("reading an invitation: %w", err)
		}
		refusal = judgeInvitation(i, born)
		if errs.ReasonOf(refusal) == errBirthDateWrong().Reason {
			return s.countInvitationTry(ctx, tx, i.InvitationID)
		}
		return nil
	})
	if err != nil {
		return db.LockInvitationRow{}, fmt.Errorf("trying an invitation: %w", err)
	}
	return i, refusal
}

// judgeInvitation refuses a link that is not good. What it says beyond that is
// for those alone who know the birth date.
func judgeInvitation(i db.LockInvitationRow, born time.Time) error {
	switch {
	case i.Tries >= maxTries:
		return errInvitationSpent()
	case !i.BirthDate.Equal(born):
		return errBirthDateWrong()
	case i.Active:
		return errAlreadyActive()
	case i.Expired, i.EmailChanged, i.State != invitationQueued && i.State != invitationSent:
		return errInvitationExpired()
	default:
		return nil
	}
}

func (s *Service) countInvitationTry(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	if err := s.q.CountInvitationTry(ctx, tx, id); err != nil {
		return fmt.Errorf("counting a try: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "invitation.try", Subject: invitationSubject(id)})
}
