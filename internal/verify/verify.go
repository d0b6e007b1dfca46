// Package verify says, in any process and without a call, whose a short token
// is and whether it is still good: its signature, its time, and whether its
// session was ended in the meantime.
//
// While auth cannot be heard (its feed is silent for more than 10 seconds),
// nobody can renew and nobody learns of ended sessions. Ordinary calls then go
// on for a grace after a token's end; strict ones (signing, export,
// administration) are refused at once.
//
//	                     heard            silent
//	ordinary, in time    ok               ok
//	ordinary, in grace   token_expired    ok
//	ordinary, later      token_expired    token_expired
//	strict               ok if in time    revocations_unknown
//	session ended        session_ended    session_ended
package verify

import (
	"context"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
)

// silence is how long auth's feed may say nothing before strict calls refuse.
const silence = 10 * time.Second

// Revocations is the part of revoked.Set that a verifier asks.
type Revocations interface {
	Revoked(session ids.SessionID) bool
	SilentFor() time.Duration
}

// Verifier implements rpc.Verifier.
type Verifier struct {
	keys        *keys
	revocations Revocations
	clock       clock.Clock
}

// New makes a verifier that learns auth's public keys through a client.
func New(auth KeyClient, revocations Revocations, clk clock.Clock, log *slog.Logger) *Verifier {
	return &Verifier{keys: newKeys(auth, log), revocations: revocations, clock: clk}
}

// Verify returns whose token it is. It refuses with errs.Unauthenticated what
// is wrong, over or ended, and with errs.Unavailable a strict call while auth
// cannot be heard, and any call while the key is not known yet.
func (v *Verifier) Verify(ctx context.Context, token string, strict bool) (principal.Principal, error) {
	said, err := principal.Unverified(token)
	if err != nil {
		return principal.Principal{}, errToken().With(err)
	}
	public, err := v.keys.get(ctx, said.KeyID)
	if err != nil {
		return principal.Principal{}, err
	}
	claims, err := principal.Verify(token, public)
	if err != nil {
		return principal.Principal{}, errToken().With(err)
	}
	if v.revocations.Revoked(claims.Session) {
		return principal.Principal{}, errs.New(errs.Unauthenticated, "session_ended", "You are signed out. Please sign in again.")
	}
	silent := v.revocations.SilentFor() > silence
	if silent && strict {
		return principal.Principal{}, errs.New(errs.Unavailable, "revocations_unknown",
			"This cannot be done for a moment, because we cannot check your sign-in. Please try again shortly.")
	}
	over := v.clock.Now().Sub(time.Unix(claims.Expires, 0))
	if over >= 0 && (!silent || over >= principal.Grace) {
		return principal.Principal{}, errs.New(errs.Unauthenticated, "token_expired", "Your sign-in needs to be renewed.")
	}
	return claims.Principal(), nil
}

// Ready fails until the public keys are known.
func (v *Verifier) Ready(ctx context.Context) error { return v.keys.ready(ctx) }

func errToken() *errs.Error {
	return errs.New(errs.Unauthenticated, "token_wrong", "Please sign in again.")
}
