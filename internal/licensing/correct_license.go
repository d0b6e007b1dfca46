package licensing

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const uniqueViolation = "23505"

// correctLicense writes a newer row over the current row of a license, or
// confirms it. It returns errs.Invalid with every field that is wrong,
// errs.NotFound, and errs.Conflict "license_corrected" if the row is no longer
// the newest: somebody else was faster, and their facts must be read first.
func (s *Service) correctLicense(ctx context.Context, req *licensingv1.CorrectLicenseRequest) (*licensingv1.CorrectLicenseResponse, error) {
	c, err := s.readCorrection(req)
	if err != nil {
		return nil, err
	}
	var res *licensingv1.CorrectLicenseResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		res, err = once.Do(ctx, tx, "CorrectLicense", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*licensingv1.CorrectLicenseResponse, error) {
				id, err := s.correct(ctx, tx, c, audit.ActorFrom(ctx))
				if err != nil {
					return nil, err
				}
				return &licensingv1.CorrectLicenseResponse{LicenseId: id.String()}, nil
			})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("correcting a license: %w", err)
	}
	s.source.Ring(topicPhysicians)
	return res, nil
}

// correction is a checked request.
type correction struct {
	corrects uuid.UUID
	entered  *license // nil to confirm the row as it stands
	note     string
	confirm  bool
}

func (s *Service) readCorrection(req *licensingv1.CorrectLicenseRequest) (correction, error) {
	var f fields
	c := correction{confirm: req.GetConfirm()}
	if req.GetLicense() != nil {
		in, faults := readLicense(req.GetLicense(), s.states, s.clock.Now())
		c.entered, f = &in, faults
	} else if !c.confirm {
		f.add("license", faultMissing)
	}
	id, err := uuid.Parse(req.GetLicenseId())
	if err != nil {
		f.add("license_id", missingOr(req.GetLicenseId(), faultMalformed))
	}
	c.corrects = id
	c.note = f.text("note", req.GetNote(), maxNote, false)
	return c, f.err()
}

// correct runs in the transaction and returns the new row's id.
func (s *Service) correct(ctx context.Context, tx pgx.Tx, c correction, actor audit.Actor) (uuid.UUID, error) {
	p, old, err := s.lockCurrent(ctx, tx, c.corrects)
	if err != nil {
		return uuid.Nil, err
	}
	in := asEntered(old)
	if c.entered != nil {
		in = *c.entered
	}
	r := row(old.PhysicianID, ids.NewUUID(), in, actor)
	r.ChainID, r.Corrects, r.Note = old.ChainID, &old.LicenseID, c.note
	r.NeedsConfirmation = s.needsConfirmation(in.basis, in.state)
	action := "licensing.license_correct"
	switch {
	case c.confirm && !r.NeedsConfirmation:
		return uuid.Nil, errs.New(errs.Precondition, "nothing_to_confirm", "This license needs no confirmation.")
	case c.confirm:
		now := s.clock.Now()
		r.ConfirmedAt, action = &now, "licensing.license_confirm"
	case r.NeedsConfirmation && in.sameLicense(old):
		r.ConfirmedAt = old.ConfirmedAt
	}
	if err := s.q.InsertLicense(ctx, tx, r); err != nil {
		return uuid.Nil, fmt.Errorf("inserting a correction: %w", err)
	}
	if err := s.moveHead(ctx, tx, r); err != nil {
		return uuid.Nil, err
	}
	if err := audit.Append(ctx, tx, entry(actor, action, r)); err != nil {
		return uuid.Nil, fmt.Errorf("recording a correction: %w", err)
	}
	return r.LicenseID, s.publish(ctx, tx, p)
}

// lockCurrent locks the physician and returns the row to correct, if it is
// still the newest once the lock is held.
func (s *Service) lockCurrent(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.PhysicianRow, db.LicenseRow, error) {
	old, err := s.q.License(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return db.PhysicianRow{}, db.LicenseRow{}, errNoLicense()
	}
	if err != nil {
		return db.PhysicianRow{}, db.LicenseRow{}, fmt.Errorf("reading a license: %w", err)
	}
	p, err := s.bump(ctx, tx, old.PhysicianID)
	if err != nil {
		return db.PhysicianRow{}, db.LicenseRow{}, err
	}
	if old, err = s.q.License(ctx, tx, id); err != nil {
		return db.PhysicianRow{}, db.LicenseRow{}, fmt.Errorf("reading a license again: %w", err)
	}
	if !old.Current {
		return db.PhysicianRow{}, db.LicenseRow{}, errCorrected()
	}
	return p, old, nil
}

func (s *Service) moveHead(ctx context.Context, tx pgx.Tx, r db.InsertLicenseParams) error {
	moved, err := s.q.MoveHead(ctx, tx, db.MoveHeadParams{
		ChainID: r.ChainID, Corrects: *r.Corrects, LicenseID: r.LicenseID, State: r.State, Board: r.Board, Number: r.Number,
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == uniqueViolation {
		return errNumberTaken()
	}
	if err != nil {
		return fmt.Errorf("moving the head of a license: %w", err)
	}
	if moved == 0 {
		return errCorrected()
	}
	return nil
}

func errCorrected() error {
	return errs.New(errs.Conflict, "license_corrected",
		"Somebody has corrected this license in the meantime. Please look at the newest entry.")
}
