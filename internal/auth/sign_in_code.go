package auth

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// signInWithCode ends a challenge. The try is counted, and committed, before
// the code is judged.
func (s *Service) signInWithCode(ctx context.Context, challenge uuid.UUID, typed string, from client) (opened, error) {
	state, err := s.q.ChallengeState(ctx, s.db.W.DB(), challenge)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return opened{}, fmt.Errorf("reading a challenge: %w", err)
	}
	limit := s.attempts.code
	if state.AddressHash == nil {
		limit.account = 0
	}
	if err := s.allow(ctx, limit, state.AddressHash, from.address); err != nil {
		return opened{}, err
	}
	if err := closed(state); err != nil {
		return opened{}, err
	}
	return s.decide(ctx, "signing in with a code", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		return s.tryCode(ctx, tx, challenge, cleanCode(typed), from)
	})
}

// closed says why no code ends a challenge any more; nil if one may.
func closed(state db.ChallengeStateRow) error {
	switch {
	case state.AddressHash == nil, state.Used, state.Expired:
		return errCodeExpired()
	case state.Spent:
		return errCodeSpent()
	}
	return nil
}

// tryCode counts the try, judges it, and opens a patient's session.
func (s *Service) tryCode(ctx context.Context, tx pgx.Tx, challenge uuid.UUID, code string, from client) (outcome, error) {
	row, err := s.q.TryChallenge(ctx, tx, challenge)
	if errors.Is(err, pgx.ErrNoRows) { // used, spent or expired since it was read
		return outcome{refusal: errCodeExpired()}, nil
	}
	if err != nil {
		return outcome{}, fmt.Errorf("counting a try: %w", err)
	}
	right := hmac.Equal(row.CodeHash, s.codeHash(challenge, code))
	if !right || row.AccountID == nil {
		return s.refuse(ctx, tx, byCode, challengeSubject(challenge), errCodeWrong())
	}
	o, err := s.openSession(ctx, tx, ids.AccountID{UUID: *row.AccountID}, []string{rolePatient}, byCode, from)
	if errors.Is(err, errRefused) {
		return s.refuse(ctx, tx, byCode, challengeSubject(challenge), errCodeWrong())
	}
	if err != nil {
		return outcome{}, err
	}
	if _, err := s.q.UseChallenge(ctx, tx, challenge); err != nil {
		return outcome{}, fmt.Errorf("ending a challenge: %w", err)
	}
	return outcome{opened: o}, nil
}
