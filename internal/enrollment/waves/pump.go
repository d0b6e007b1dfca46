package waves

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/waves/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// mostEver is how many invitations are mailed to one person in all.
	mostEver = 3
	// unanswered is how long an invitation waits before a reminder may follow.
	unanswered = 7 * 24 * time.Hour
	// catchUp is how much lost time a wave makes up for.
	catchUp = 5 * time.Second
	// ahead is how much mail may wait to leave before a wave waits as well.
	ahead = 5 * time.Second
	// atOnce bounds one transaction.
	atOnce = 50
)

// Pump moves every wave forward that is due.
func (s *Service) Pump(ctx context.Context) error {
	due, err := s.q.DueWaves(ctx, s.d.DB.W.DB())
	if err != nil {
		return fmt.Errorf("looking for waves that are due: %w", err)
	}
	for _, wave := range due {
		err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.advance(ctx, tx, wave) })
		if err != nil {
			return fmt.Errorf("moving a wave forward: %w", err)
		}
	}
	return nil
}

// advance invites the next few, in one transaction with the wave's own row.
func (s *Service) advance(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	w, err := s.q.TakeWave(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) { // another process has it, or staff were faster
		return nil
	}
	if err != nil {
		return fmt.Errorf("taking a wave: %w", err)
	}
	last, err := s.q.LastSend(ctx, tx)
	if err != nil {
		return fmt.Errorf("looking when the newest mail leaves: %w", err)
	}
	if last.After(w.Now.Add(ahead)) {
		return nil
	}
	n, next := turn(w)
	members, err := s.choose(ctx, tx, w, n)
	if err != nil {
		return err
	}
	queued, err := s.inviteAll(ctx, tx, w, members)
	if err != nil {
		return err
	}
	err = s.q.AdvanceWave(ctx, tx, db.AdvanceWaveParams{WaveID: id, Considered: int64(len(members)), Queued: int64(queued), NextAt: next})
	if err != nil {
		return fmt.Errorf("moving a wave's row: %w", err)
	}
	over := w.Most.Valid && w.Queued+int64(queued) >= int64(w.Most.Int32)
	if !over && len(members) < n {
		some, err := s.left(ctx, tx, w)
		if err != nil {
			return err
		}
		over = !some
	}
	if over {
		return s.end(ctx, tx, w, int64(queued))
	}
	return nil
}

// left says whether the wave has anybody left. That fewer were chosen than asked
// for proves nothing: whom a roster's import holds is passed over, for the next
// turn.
func (s *Service) left(ctx context.Context, tx pgx.Tx, w db.TakeWaveRow) (some bool, err error) {
	if w.Audience == audienceNew {
		some, err = s.q.NewLeft(ctx, tx, db.NewLeftParams{PayerID: w.PayerID, AdultIfBornBy: s.adultIfBornBy()})
	} else {
		some, err = s.q.AgainLeft(ctx, tx, db.AgainLeftParams{
			PayerID: w.PayerID, WaveSince: w.CreatedAt, AdultIfBornBy: s.adultIfBornBy(), UnansweredSince: w.Now.Add(-unanswered), Ever: mostEver,
		})
	}
	if err != nil {
		return false, fmt.Errorf("looking whether anybody is left: %w", err)
	}
	return some, nil
}

// turn is how many are due by now, and when the next one will be. A wave of few
// ends with the last of them.
func turn(w db.TakeWaveRow) (n int, next time.Time) {
	step := time.Minute / time.Duration(w.PerMinute)
	from := w.NextAt
	if late := w.Now.Add(-catchUp); from.Before(late) {
		from = late
	}
	n = min(int(w.Now.Sub(from)/step)+1, atOnce)
	next = from.Add(time.Duration(n) * step)
	if w.Most.Valid {
		n = min(n, int(int64(w.Most.Int32)-w.Queued))
	}
	return n, next
}

func (s *Service) choose(ctx context.Context, tx pgx.Tx, w db.TakeWaveRow, n int) ([]uuid.UUID, error) {
	var members []uuid.UUID
	var err error
	if w.Audience == audienceNew {
		members, err = s.q.ChooseNew(ctx, tx, db.ChooseNewParams{PayerID: w.PayerID, AdultIfBornBy: s.adultIfBornBy(), Most: int32(n)}) //nolint:gosec // at most atOnce
	} else {
		members, err = s.q.ChooseAgain(ctx, tx, db.ChooseAgainParams{
			PayerID: w.PayerID, WaveSince: w.CreatedAt, AdultIfBornBy: s.adultIfBornBy(), UnansweredSince: w.Now.Add(-unanswered),
			Ever: mostEver, Most: int32(n), //nolint:gosec // at most atOnce
		})
	}
	if err != nil {
		return nil, fmt.Errorf("choosing whom to invite: %w", err)
	}
	return members, nil
}

func (s *Service) inviteAll(ctx context.Context, tx pgx.Tx, w db.TakeWaveRow, members []uuid.UUID) (int, error) {
	if len(members) == 0 {
		return 0, nil
	}
	if w.Audience == audienceAgain {
		if err := s.q.EndUnanswered(ctx, tx, members); err != nil {
			return 0, fmt.Errorf("ending the links before: %w", err)
		}
	}
	typed := make([]ids.MemberID, len(members))
	for i, m := range members {
		typed[i] = ids.MemberID{UUID: m}
	}
	queued, err := s.d.Invite(ctx, tx, audit.Actor{Account: ids.AccountID{UUID: w.AccountID}}, typed)
	if err != nil {
		return 0, fmt.Errorf("inviting: %w", err)
	}
	if _, err := s.q.ClaimInvitations(ctx, tx, db.ClaimInvitationsParams{WaveID: w.WaveID, Members: members}); err != nil {
		return 0, fmt.Errorf("noting which wave sends them: %w", err)
	}
	return queued, nil
}

// end closes a wave that has nobody left, or has sent as many as it was to.
func (s *Service) end(ctx context.Context, tx pgx.Tx, w db.TakeWaveRow, queued int64) error {
	if err := s.q.SteerWave(ctx, tx, db.SteerWaveParams{WaveID: w.WaveID, State: stateDone}); err != nil {
		return fmt.Errorf("ending a wave: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{
		Actor: audit.Actor{Account: ids.AccountID{UUID: w.AccountID}}, Action: "wave.done", Subject: subject(w.WaveID),
		Detail: map[string]string{"queued": strconv.FormatInt(w.Queued+queued, 10)},
	})
}

func subject(wave uuid.UUID) string { return "wave/" + wave.String() }
