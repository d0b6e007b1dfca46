package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// client is where a sign-in comes from.
type client struct{ address, userAgent string }

// opened is a new durable session, with the secret that only its browser has.
type opened struct {
	session ids.SessionID
	account ids.AccountID
	secret  string
	roles   []string
	at      time.Time
	endsAt  time.Time
}

// errRefused says that an account may not have the session it has proven: it
// is disabled, lost the role in between, or is a demo account outside of a
// demo. Callers answer as for a wrong
// proof.
var errRefused = errors.New("the account may not have this session")

// outcome is what a sign-in transaction decided. A refusal is not an error of
// the transaction: what it has counted and recorded must be committed.
type outcome struct {
	opened  opened
	refusal error
}

// decide runs a sign-in transaction and answers with what it decided.
func (s *Service) decide(ctx context.Context, doing string, fn func(ctx context.Context, tx pgx.Tx) (outcome, error)) (opened, error) {
	var out outcome
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		out, err = fn(ctx, tx)
		return err
	})
	if err != nil {
		return opened{}, fmt.Errorf("%s: %w", doing, err)
	}
	if out.refusal != nil {
		return opened{}, out.refusal
	}
	return out.opened, nil
}

// refuse records a failed attempt and makes the outcome of it.
func (s *Service) refuse(ctx context.Context, tx pgx.Tx, by method, subject string, refusal error) (outcome, error) {
	err := audit.Append(ctx, tx, audit.Entry{
		Actor: self(), Action: "auth.sign_in_failed", Subject: subject,
		Detail: map[string]string{"method": string(by)},
	})
	if err != nil {
		return outcome{}, fmt.Errorf("recording a failed sign-in: %w", err)
	}
	return outcome{refusal: refusal}, nil
}

// openSession inserts a session and its audit row in the caller's transaction.
// The statement checks again that the account is not disabled and holds the
// roles, under a lock that a change of the account waits for.
func (s *Service) openSession(ctx context.Context, tx pgx.Tx, account ids.AccountID, roles []string, by method, from client) (opened, error) {
	secret, err := newSecret()
	if err != nil {
		return opened{}, err
	}
	o := opened{session: ids.New[ids.SessionID](), account: account, secret: secret, roles: roles}
	row, err := s.q.InsertSession(ctx, tx, db.InsertSessionParams{
		SessionID: o.session.UUID, AccountID: account.UUID, SecretHash: s.seal.Hash(purposeSession, secret),
		Roles: roles, Method: string(by), UserAgent: cutUserAgent(from.userAgent),
		IdleSeconds: int32(idleLimit(roles).Seconds()), LifeSeconds: int32(sessionLife.Seconds()),
		Demo: s.demo,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return opened{}, errRefused
	}
	if err != nil {
		return opened{}, fmt.Errorf("inserting a session: %w", err)
	}
	o.at, o.endsAt = row.CreatedAt, row.EndsAt
	err = audit.Append(ctx, tx, audit.Entry{
		Actor:  audit.Actor{Account: account, Session: o.session},
		Action: "auth.sign_in", Subject: "session/" + o.session.String(),
		Detail: map[string]string{"method": string(by)},
	})
	if err != nil {
		return opened{}, fmt.Errorf("recording the sign-in: %w", err)
	}
	return o, nil
}
