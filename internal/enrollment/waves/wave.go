package waves

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/waves/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	audienceNew   = "new"
	audienceAgain = "again"

	stateRunning = "running"
	statePaused  = "paused"
	stateStopped = "stopped"
	stateDone    = "done"
)

const (
	// mostPerMinute is the pace of the service: five mails a second.
	mostPerMinute = 300
	// mostMails bounds one wave.
	mostMails = 1_000_000
	// farthest is how far ahead a wave may begin.
	farthest = 90 * 24 * time.Hour
)

// start makes a wave.
func (s *Service) start(ctx context.Context, tx pgx.Tx, actor audit.Actor, req *enrollmentv1.StartWaveRequest) (uuid.UUID, error) {
	now := s.d.Clock.Now()
	w, err := readWave(req, now)
	if err != nil {
		return uuid.Nil, err
	}
	there, err := s.q.PayerThere(ctx, tx, w.PayerID)
	if err != nil {
		return uuid.Nil, fmt.Errorf("reading a payer: %w", err)
	}
	if !there {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "payer_id", Reason: "unknown"})
	}
	w.WaveID, w.AccountID, w.Now = ids.NewUUID(), actor.Account.UUID, now
	n, err := s.q.InsertWave(ctx, tx, w)
	if err != nil {
		return uuid.Nil, fmt.Errorf("inserting a wave: %w", err)
	}
	if n == 0 {
		return uuid.Nil, errs.New(errs.Conflict, "wave_running", "Another wave of this payer is at work. Stop it, or wait for its end.")
	}
	return w.WaveID, audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Action: "wave.start", Subject: subject(w.WaveID), Detail: map[string]string{"payer": w.PayerID.String(), "audience": w.Audience},
	})
}

// readWave checks what was asked for, field by field.
func readWave(req *enrollmentv1.StartWaveRequest, now time.Time) (db.InsertWaveParams, error) {
	var bad []errs.Field
	refuse := func(field, reason string) { bad = append(bad, errs.Field{Name: field, Reason: reason}) }
	w := db.InsertWaveParams{Audience: req.GetAudience(), PerMinute: req.GetPerMinute(), StartsAt: now}
	var err error
	if w.PayerID, err = uuid.Parse(req.GetPayerId()); err != nil {
		refuse("payer_id", "malformed")
	}
	if w.Audience != audienceNew && w.Audience != audienceAgain {
		refuse("audience", "unknown")
	}
	if req.GetMost() < 0 || req.GetMost() > mostMails {
		refuse("most", "range")
	}
	w.Most = pgtype.Int4{Int32: req.GetMost(), Valid: req.GetMost() > 0}
	if w.PerMinute < 1 || w.PerMinute > mostPerMinute {
		refuse("per_minute", "range")
	}
	if at := req.GetStartsAt(); at != nil {
		w.StartsAt = at.AsTime()
		if !at.IsValid() || w.StartsAt.After(now.Add(farthest)) {
			refuse("starts_at", "range")
		}
		if w.StartsAt.Before(now) {
			w.StartsAt = now
		}
	}
	if len(bad) > 0 {
		return w, errs.InvalidFields(bad...)
	}
	return w, nil
}

// steer pauses, resumes or stops a wave.
func (s *Service) steer(ctx context.Context, tx pgx.Tx, actor audit.Actor, id uuid.UUID, action string) error {
	to, ok := map[string]string{"pause": statePaused, "resume": stateRunning, "stop": stateStopped}[action]
	if !ok {
		return errs.InvalidFields(errs.Field{Name: "action", Reason: "unknown"})
	}
	w, err := s.q.LockWave(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return errWaveUnknown()
	}
	if err != nil {
		return fmt.Errorf("locking a wave: %w", err)
	}
	switch w.State {
	case to:
		return nil
	case stateDone, stateStopped:
		return errs.New(errs.Conflict, "wave_over", "This wave has ended.")
	}
	if err := s.q.SteerWave(ctx, tx, db.SteerWaveParams{WaveID: id, State: to}); err != nil {
		return fmt.Errorf("steering a wave: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "wave." + action, Subject: subject(id)})
}

func errWaveUnknown() *errs.Error {
	return errs.New(errs.NotFound, "wave_unknown", "There is no such wave.")
}
