package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// revokeOne ends one session of an account: the caller's own (sign out), or
// one on another device. Ending it again changes nothing. It returns
// errs.NotFound for a session that is not the account's.
func (s *Service) revokeOne(ctx context.Context, actor audit.Actor, account ids.AccountID, session ids.SessionID, action string) error {
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		at, err := s.q.RevokeSession(ctx, tx, db.RevokeSessionParams{SessionID: session.UUID, AccountID: account.UUID})
		if errors.Is(err, pgx.ErrNoRows) {
			return s.mustBeOwn(ctx, tx, account, session)
		}
		if err != nil {
			return fmt.Errorf("ending a session: %w", err)
		}
		return s.publish(ctx, tx, actor, session, at, action)
	})
	if err != nil {
		return fmt.Errorf("revoking a session: %w", err)
	}
	s.source.Ring(topicRevocations)
	return nil
}

// mustBeOwn tells "already ended" from "not yours".
func (s *Service) mustBeOwn(ctx context.Context, tx pgx.Tx, account ids.AccountID, session ids.SessionID) error {
	own, err := s.q.SessionIsOwn(ctx, tx, db.SessionIsOwnParams{SessionID: session.UUID, AccountID: account.UUID})
	if err != nil {
		return fmt.Errorf("looking for a session: %w", err)
	}
	if !own {
		return errs.New(errs.NotFound, "session_unknown", "That sign-in is not in your list.")
	}
	return nil
}

// revokeAll ends an account's sessions, but the one to keep (the zero id keeps
// none), in batches.
func (s *Service) revokeAll(ctx context.Context, actor audit.Actor, account ids.AccountID, keep ids.SessionID) (int, error) {
	total := 0
	for {
		n := 0
		err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			var err error
			n, err = s.revokeBatch(ctx, tx, actor, account, keep)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("revoking all sessions: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total += n
		s.source.Ring(topicRevocations)
	}
}

// revokeBatch ends some of an account's sessions in the caller's transaction
// and says how many.
func (s *Service) revokeBatch(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, keep ids.SessionID) (int, error) {
	rows, err := s.q.RevokeSessions(ctx, tx, db.RevokeSessionsParams{AccountID: account.UUID, Keep: keep.UUID})
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	for _, r := range rows {
		if err := s.publish(ctx, tx, actor, ids.SessionID{UUID: r.SessionID}, r.RevokedAt, "auth.session_revoke"); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// publish tells every process of an ended session, and the audit trail, in the
// transaction that ends it.
func (s *Service) publish(ctx context.Context, tx pgx.Tx, actor audit.Actor, session ids.SessionID, at time.Time, action string) error {
	_, err := feed.Append(ctx, tx, topicRevocations, session.String(), &authv1.Revocation{
		SessionId: session.String(), RevokedAt: timestamppb.New(at),
	})
	if err != nil {
		return fmt.Errorf("publishing a revocation: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: action, Subject: "session/" + session.String()})
	if err != nil {
		return fmt.Errorf("recording a revocation: %w", err)
	}
	return nil
}

// device is one place where an account is signed in.
type device struct {
	session          uuid.UUID
	userAgent        string
	signedIn, seenAt time.Time
}

// listDevices lists an account's live sessions, newest first.
func (s *Service) listDevices(ctx context.Context, account ids.AccountID) ([]device, error) {
	rows, err := s.q.LiveSessions(ctx, s.db.R.DB(ctx), account.UUID)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	out := make([]device, len(rows))
	for i, r := range rows {
		out[i] = device{session: r.SessionID, userAgent: r.UserAgent, signedIn: r.CreatedAt, seenAt: r.LastSeenAt}
	}
	return out, nil
}
