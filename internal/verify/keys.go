package verify

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/rpc"
)

const (
	// askAgain is how often auth is asked for keys at most: a flood of
	// invented key ids must not become a flood of calls.
	askAgain = 2 * time.Second
	// stale is when known keys are asked for again, to drop retired ones.
	stale = 10 * time.Minute
	// askTime bounds one call.
	askTime = 2 * time.Second
)

// KeyClient is the part of AuthService's client that a verifier needs.
type KeyClient interface {
	Keys(ctx context.Context, req *authv1.KeysRequest) (*authv1.KeysResponse, error)
}

// keys caches auth's public keys. What it knows stays good while auth is away.
type keys struct {
	auth KeyClient
	log  *slog.Logger

	mu    sync.RWMutex
	known map[string]ed25519.PublicKey
	got   time.Time // of the last answer

	ask   sync.Mutex // held while asking: one call at a time
	asked time.Time
	err   error
}

func newKeys(auth KeyClient, log *slog.Logger) *keys { return &keys{auth: auth, log: log} }

// get returns a key. An unknown one is asked for; where the answer is that
// there is none, the token is wrong; where there is no answer, nobody can say.
// A known one is never waited for.
func (k *keys) get(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	if public, fresh := k.look(kid); public != nil {
		if !fresh && k.ask.TryLock() {
			go func() {
				defer k.ask.Unlock()
				_ = k.fetchNow(ctx) // logged there; what is known stays good
			}()
		}
		return public, nil
	}
	err := k.refresh(ctx, kid)
	if public, _ := k.look(kid); public != nil {
		return public, nil
	}
	if err != nil {
		return nil, errs.New(errs.Unavailable, "keys_unknown",
			"We cannot check your sign-in right now. Please try again shortly.").With(err)
	}
	return nil, errToken()
}

func (k *keys) look(kid string) (public ed25519.PublicKey, fresh bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.known[kid], time.Since(k.got) < stale
}

// refresh asks auth for an unknown key; callers that meet it at once wait for
// one answer.
func (k *keys) refresh(ctx context.Context, kid string) error {
	k.ask.Lock()
	defer k.ask.Unlock()
	if public, _ := k.look(kid); public != nil {
		return nil // somebody else's question answered ours
	}
	return k.fetchNow(ctx)
}

// fetchNow asks auth unless it was just asked; the caller holds k.ask.
func (k *keys) fetchNow(ctx context.Context) error {
	if time.Since(k.asked) < askAgain {
		return k.err
	}
	k.err = k.fetch(ctx)
	k.asked = time.Now()
	if k.err != nil {
		k.log.WarnContext(ctx, "auth's public keys could not be read", "error", k.err.Error())
	}
	return k.err
}

// fetch replaces the known keys. The call is not the caller's: others wait for
// it too, so the caller going away must not end it.
func (k *keys) fetch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(rpc.AsService(context.WithoutCancel(ctx)), askTime)
	defer cancel()
	res, err := k.auth.Keys(ctx, &authv1.KeysRequest{})
	if err != nil {
		return fmt.Errorf("asking auth for its keys: %w", err)
	}
	known := make(map[string]ed25519.PublicKey, len(res.GetKeys()))
	for _, key := range res.GetKeys() {
		if len(key.GetPublic()) != ed25519.PublicKeySize {
			return fmt.Errorf("key %q has %d bytes", key.GetKid(), len(key.GetPublic()))
		}
		known[key.GetKid()] = key.GetPublic()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.got = known, time.Now()
	return nil
}

func (k *keys) ready(ctx context.Context) error {
	k.mu.RLock()
	n := len(k.known)
	k.mu.RUnlock()
	if n > 0 {
		return nil
	}
	return k.refresh(ctx, "")
}
