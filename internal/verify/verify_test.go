package verify

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
)

// fakeAuth answers Keys, or fails.
type fakeAuth struct {
	mu    sync.Mutex
	keys  []*authv1.Key
	fails error
	calls atomic.Int32
}

func (f *fakeAuth) Keys(context.Context, *authv1.KeysRequest) (*authv1.KeysResponse, error) {
	f.calls.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	return &authv1.KeysResponse{Keys: f.keys}, f.fails
}

// fakeFeed is a set of revocations whose silence a test decides.
type fakeFeed struct {
	ended  ids.SessionID
	silent time.Duration
}

func (f *fakeFeed) Revoked(s ids.SessionID) bool { return s == f.ended }
func (f *fakeFeed) SilentFor() time.Duration     { return f.silent }

type bundle struct {
	t        *testing.T
	auth     *fakeAuth
	feed     *fakeFeed
	verifier *Verifier
	private  ed25519.PrivateKey
	claims   principal.Claims
	clock    clock.Clock
}

func setup(t *testing.T) *bundle {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{
		t: t, auth: &fakeAuth{keys: []*authv1.Key{{Kid: "key-one", Public: public}}},
		feed: &fakeFeed{}, private: private, clock: clock.Offset(0),
	}
	b.verifier = New(b.auth, b.feed, b.clock, slog.New(slog.DiscardHandler))
	now := b.clock.Now()
	b.claims = principal.Claims{
		KeyID: "key-one", Account: ids.New[ids.AccountID](), Session: ids.New[ids.SessionID](),
		Roles: []rpcv1.Role{rpcv1.Role_ROLE_PATIENT}, IssuedAt: now.Unix(), Expires: now.Add(principal.Lifetime).Unix(),
	}
	return b
}

func (b *bundle) token() string {
	b.t.Helper()
	token, err := principal.Sign(b.private, b.claims)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const life, grace = principal.Lifetime, principal.Grace
	for _, c := range []struct {
		name   string
		after  time.Duration
		silent time.Duration
		strict bool
		ended  bool
		reason string
	}{
		{name: "in time"},
		{name: "in time, strict", strict: true},
		{name: "at its end", after: life, reason: "token_expired"},
		{name: "at its end, a little silence", after: life, silent: 9 * time.Second, reason: "token_expired"},
		{name: "in time, silence", silent: time.Minute},
		{name: "in grace", after: life + grace - 2*time.Second, silent: 11 * time.Second},
		{name: "after grace", after: life + grace + time.Second, silent: time.Hour, reason: "token_expired"},
		{name: "strict in silence", silent: 11 * time.Second, strict: true, reason: "revocations_unknown"},
		{name: "strict in a little silence", silent: 9 * time.Second, strict: true},
		{name: "ended", ended: true, reason: "session_ended"},
		{name: "ended, in grace", after: life + time.Minute, silent: time.Minute, ended: true, reason: "session_ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			token := b.token()
			b.clock.Move(c.after)
			b.feed.silent = c.silent
			if c.ended {
				b.feed.ended = b.claims.Session
			}
			p, err := b.verifier.Verify(t.Context(), token, c.strict)
			if c.reason == "" {
				if err != nil || p.Account != b.claims.Account || p.Session != b.claims.Session || !p.Has(rpcv1.Role_ROLE_PATIENT) {
					t.Fatalf("got %v %v", p, err)
				}
				return
			}
			if errs.ReasonOf(err) != c.reason || !p.Anonymous() {
				t.Fatalf("got %v %v, want %s", p, err, c.reason)
			}
		})
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.token()
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := principal.Sign(other, b.claims)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"empty": "", "cut": good[:len(good)-4], "text": "b1.hello", "another key": forged,
		"changed": strings.Replace(good, ".", ".A", 1), "long": good + strings.Repeat("A", 4000),
	} {
		_, err := b.verifier.Verify(t.Context(), token, false)
		if errs.CodeOf(err) != errs.Unauthenticated || errs.ReasonOf(err) != "token_wrong" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestKeysAreAskedForOnceAndNotInAFlood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := b.verifier.Verify(t.Context(), token, false); err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	for _, kid := range []string{"unknown-1", "unknown-2", "unknown-3"} {
		b.claims.KeyID = kid
		if _, err := b.verifier.Verify(t.Context(), b.token(), false); errs.ReasonOf(err) != "token_wrong" {
			t.Errorf("%s: got %v", kid, err)
		}
	}
	if n := b.auth.calls.Load(); n != 1 {
		t.Errorf("auth was asked %d times", n)
	}
}

func TestANewKeyIsLearned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.verifier.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.auth.mu.Lock()
	b.auth.keys = append(b.auth.keys, &authv1.Key{Kid: "key-two", Public: public})
	b.auth.mu.Unlock()
	b.private, b.claims.KeyID = private, "key-two"
	b.verifier.keys.asked = time.Now().Add(-askAgain) // as if some seconds had passed
	if _, err := b.verifier.Verify(t.Context(), b.token(), false); err != nil {
		t.Fatal(err)
	}
}

func TestAuthAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token()
	b.auth.fails = errors.New("nobody answers")
	_, err := b.verifier.Verify(t.Context(), token, false)
	if errs.CodeOf(err) != errs.Unavailable || errs.ReasonOf(err) != "keys_unknown" {
		t.Errorf("an unknown key: got %v", err)
	}
	if b.verifier.Ready(t.Context()) == nil {
		t.Error("ready without a key")
	}

	b.auth.fails = nil
	b.verifier.keys.asked = time.Time{}
	if _, err := b.verifier.Verify(t.Context(), token, false); err != nil {
		t.Fatal(err)
	}
	b.auth.fails = errors.New("nobody answers")
	b.verifier.keys.mu.Lock()
	b.verifier.keys.got = time.Now().Add(-2 * stale)
	b.verifier.keys.mu.Unlock()
	if _, err := b.verifier.Verify(t.Context(), token, false); err != nil {
		t.Errorf("a known key, old but good: got %v", err)
	}
}
