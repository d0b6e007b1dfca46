package scheduling

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
)

// columnAnswers names what is sealed, for the seal.
const columnAnswers = "reservations.answers"

// browserHash is how a browser is known here: its id is a key to its hold, and
// a copy of the database must not be one.
func (s *Service) browserHash(id string) ([]byte, error) {
	if n := utf8.RuneCountInString(id); n < 16 || n > 200 {
		return nil, errs.InvalidFields(errs.Field{Name: "browser_id", Reason: "length"})
	}
	return s.d.Seal.Hash("scheduling browser", id), nil
}

// noHold is what a browser without a hold is told.
func noHold() error {
	return errs.New(errs.NotFound, "hold_missing", "You are not holding a time. Please choose one.")
}

// GetHold reads what the browser holds, or held last. Reading its answers is
// recorded. It returns errs.NotFound if there is nothing, or if it was
// released.
func (s *Service) GetHold(ctx context.Context, req *schedulingv1.GetHoldRequest) (*schedulingv1.GetHoldResponse, error) {
	browser, err := s.browserHash(req.GetBrowserId())
	if err != nil {
		return nil, err
	}
	src := s.d.DB.R.DB(ctx)
	row, err := s.q.NewestHold(ctx, src, browser)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && Status(row.Status) == Released) {
		return nil, noHold()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a hold: %w", err)
	}
	hold, err := s.holdMessage(ctx, src, row)
	if err != nil {
		return nil, err
	}
	if hold.Answers, err = s.ownAnswers(ctx, src, row); err != nil {
		return nil, err
	}
	if hold.GetAnswers() == nil {
		return &schedulingv1.GetHoldResponse{Hold: hold}, nil
	}
	if row.ByDesk {
		if hold.ToldByMail, err = s.toldByMail(ctx, patientOf(row).UUID); err != nil {
			return nil, err
		}
	}
	if err := s.d.Audit.Record(ctx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Patient: patientOf(row), Action: "hold.read", Subject: row.ReservationID.String(),
	}); err != nil {
		return nil, err
	}
	return &schedulingv1.GetHoldResponse{Hold: hold}, nil
}

// ownAnswers opens a hold's answers for the account that gave them; to anybody
// else who uses the same browser they do not exist. What staff typed for a
// patient can be read until the time is booked or given up, and never again.
func (s *Service) ownAnswers(ctx context.Context, dbtx pg.DBTX, r db.SchedulingReservation) (*schedulingv1.Answers, error) {
	if r.Answers == nil || !belongsTo(r, principal.From(ctx).Account) || (r.ByDesk && Status(r.Status) != Held) {
		return nil, nil
	}
	return s.openAnswers(ctx, dbtx, r)
}

// newestHeld locks what the browser holds, or held last, unless it is settled.
func (s *Service) newestHeld(ctx context.Context, tx pgx.Tx, browser []byte) (db.SchedulingReservation, error) {
	row, err := s.q.LockNewestHold(ctx, tx, browser)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, noHold()
	}
	if err != nil {
		return row, fmt.Errorf("locking a hold: %w", err)
	}
	if st := Status(row.Status); st != Held && st != Expired {
		return row, noHold()
	}
	return row, nil
}
