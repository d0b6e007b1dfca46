package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// token is a fresh short token and what it says.
type token struct {
	text    string
	expires time.Time
	roles   []string
}

// renew trades a session's secret for a short token: the idle touch. The roles
// are those the session has proven and the account still holds.
//
// The touch is written once a minute at most, and without an audit row: it
// changes nothing but how long the session may rest, and a row a minute for
// every open page would bury the trail that matters.
func (s *Service) renew(ctx context.Context, secret string) (token, error) {
	row, err := s.q.SessionBySecret(ctx, s.db.W.DB(), s.seal.Hash(purposeSession, secret))
	if errors.Is(err, pgx.ErrNoRows) {
		return token{}, errSessionEnded()
	}
	if err != nil {
		return token{}, fmt.Errorf("reading a session: %w", err)
	}
	st := standing{
		now: row.Now, lastSeen: row.LastSeenAt, endsAt: row.EndsAt,
		idle:    time.Duration(row.IdleSeconds) * time.Second,
		revoked: row.RevokedAt != nil, disabled: row.DisabledAt != nil, demoAccount: row.DemoAccount,
		method: method(row.Method), roles: row.Roles, accountRoles: row.AccountRoles,
	}
	roles, err := st.judge(s.demo)
	if err != nil {
		return token{}, err
	}
	if st.touchDue() {
		if err := s.touch(ctx, ids.SessionID{UUID: row.SessionID}); err != nil {
			return token{}, err
		}
	}
	return s.mint(ctx, opened{
		session: ids.SessionID{UUID: row.SessionID}, account: ids.AccountID{UUID: row.AccountID},
		roles: roles, at: row.Now, endsAt: row.EndsAt,
	})
}

// touch moves last_seen_at. The statement judges again: a session that ended
// since it was read is not revived.
func (s *Service) touch(ctx context.Context, id ids.SessionID) error {
	touched := int64(0)
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		touched, err = s.q.TouchSession(ctx, tx, id.UUID)
		return err
	})
	if err != nil {
		return fmt.Errorf("touching a session: %w", err)
	}
	if touched == 0 {
		return errSessionEnded()
	}
	return nil
}

// mint signs a short token for an open session. It never outlives the session,
// and its times come from the database's clock.
func (s *Service) mint(ctx context.Context, o opened) (token, error) {
	key, err := s.keys.current(ctx)
	if err != nil {
		return token{}, err
	}
	expires := o.at.Add(principal.Lifetime)
	if o.endsAt.Before(expires) {
		expires = o.endsAt
	}
	expires = expires.UTC().Truncate(time.Second)
	text, err := principal.Sign(key.private, principal.Claims{
		KeyID: key.kid, Account: o.account, Session: o.session, Roles: rolesFrom(o.roles),
		IssuedAt: o.at.Unix(), Expires: expires.Unix(),
	})
	if err != nil {
		return token{}, fmt.Errorf("signing a token: %w", err)
	}
	return token{text: text, expires: expires, roles: o.roles}, nil
}
