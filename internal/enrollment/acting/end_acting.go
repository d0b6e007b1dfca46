package acting

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// endActing ends a right at once: the actor's own, or that of the actor's
// caregiver. Any other is not found.
func (s *Service) endActing(ctx context.Context, actor audit.Actor, req *enrollmentv1.EndActingRequest) (*enrollmentv1.EndActingResponse, error) {
	id, err := uuid.Parse(req.GetActsForId())
	if err != nil {
		return nil, errRightUnknown().With(fmt.Errorf("reading the right's id: %w", err))
	}
	var res *enrollmentv1.EndActingResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "EndActing", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.EndActingResponse, error) {
			return &enrollmentv1.EndActingResponse{}, s.end(ctx, tx, actor, id)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.d.Ring()
	return res, nil
}

func (s *Service) end(ctx context.Context, tx pgx.Tx, actor audit.Actor, id uuid.UUID) error {
	if err := s.holdPatientOf(ctx, tx, id); err != nil {
		return err
	}
	right, err := s.q.LockRight(ctx, tx, db.LockRightParams{ActsForID: id, Account: actor.Account.UUID, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return errRightUnknown()
	}
	if err != nil {
		return fmt.Errorf("reading a right to end: %w", err)
	}
	return s.endRight(ctx, tx, actor, right, "")
}

// holdPatientOf locks for whom a right is, before the right.
func (s *Service) holdPatientOf(ctx context.Context, tx pgx.Tx, right uuid.UUID) error {
	patient, err := s.q.PatientOfRight(ctx, tx, right)
	if errors.Is(err, pgx.ErrNoRows) {
		return errRightUnknown()
	}
	if err != nil {
		return fmt.Errorf("reading for whom a right is: %w", err)
	}
	if err := s.d.Hold(ctx, tx, []uuid.UUID{patient}); err != nil {
		return fmt.Errorf("locking for whom a right is: %w", err)
	}
	return nil
}

// endRight ends a right that is held, and tells whom it concerns. The reason is
// that of staff.
func (s *Service) endRight(ctx context.Context, tx pgx.Tx, actor audit.Actor, right db.LockRightRow, reason string) error {
	if err := s.endQuietly(ctx, tx, actor, right, reason); err != nil {
		return err
	}
	return s.tellEnded(ctx, tx, right)
}

// endQuietly ends a right that is held, and publishes it.
func (s *Service) endQuietly(ctx context.Context, tx pgx.Tx, actor audit.Actor, right db.LockRightRow, reason string) error {
	if err := s.q.EndRight(ctx, tx, db.EndRightParams{ActsForID: right.ActsForID, EndedBy: actor.Account.UUID}); err != nil {
		return fmt.Errorf("ending a right: %w", err)
	}
	detail := map[string]string{"account": right.AccountID.String()}
	if reason != "" {
		detail["reason"] = reason
	}
	err := audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: ids.PatientID{UUID: right.PatientID}, Action: right.Relation + ".end",
		Subject: "acts_for/" + right.ActsForID.String(), Detail: detail,
	})
	if err != nil {
		return err
	}
	return s.d.Publish(ctx, tx, []uuid.UUID{right.PatientID})
}

// tellEnded tells who acted, and the adult for whom they did. A minor has
// nobody else who may know.
func (s *Service) tellEnded(ctx context.Context, tx pgx.Tx, right db.LockRightRow) error {
	if err := s.tell(ctx, tx, notice{What: noticeEnded, To: right.AccountID, About: right.PatientID, Key: right.ActsForID}); err != nil {
		return err
	}
	if right.Relation != relationCaregiver {
		return nil
	}
	account, err := s.q.AccountOf(ctx, tx, db.AccountOfParams{Patient: right.PatientID, Today: s.today()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the patient's account: %w", err)
	}
	return s.tellAbout(ctx, tx, notice{What: noticeLeft, To: account, Key: right.ActsForID}, right.AccountID)
}

// tellAbout tells an account about the person who another account is.
func (s *Service) tellAbout(ctx context.Context, tx pgx.Tx, n notice, who uuid.UUID) error {
	other, err := s.q.OwnPatient(ctx, tx, db.OwnPatientParams{Account: who, Today: s.today()})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("reading who an account is: %w", err)
	}
	n.About = other.PatientID
	return s.tell(ctx, tx, n)
}
