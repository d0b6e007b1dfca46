package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/jackc/pgx/v5"
)

const (
	// keyRefresh is how often a process looks for other processes' keys.
	keyRefresh = time.Minute
	// keyAge is when a key is followed by the next.
	keyAge = 30 * 24 * time.Hour
	// keyWait is how long a new key is published before it signs.
	keyWait = 10 * time.Minute
	// keyLinger is how long a followed key still verifies: longer than the
	// life of its last token with all grace.
	keyLinger = principal.Lifetime + principal.Grace + 40*time.Minute
)

// signingKey is one key in memory.
type signingKey struct {
	generation int32
	kid        string
	public     ed25519.PublicKey
	private    ed25519.PrivateKey
	created    time.Time
	signsFrom  time.Time
}

// keyring holds the keys that verify, of which the newest that may already
// sign does so.
//
//	published --keyWait--> signing --next one signs--> verifying --keyLinger--> retired
type keyring struct {
	db   *pg.DB
	q    *db.Queries
	seal *seal.Sealer
	log  *slog.Logger

	mu   sync.Mutex
	keys []signingKey
	// sawAt is the database's time of the last look.
	sawAt time.Time
}

// run refreshes until its context ends. A failed look is tried again: the keys
// in memory stay good.
func (k *keyring) run(ctx context.Context) error {
	tick := time.NewTicker(keyRefresh)
	defer tick.Stop()
	for {
		if err := k.refresh(ctx); err != nil && ctx.Err() == nil {
			k.log.WarnContext(ctx, "signing keys could not be refreshed", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// current returns the key that signs; the first caller of a new process loads
// or makes it.
func (k *keyring) current(ctx context.Context) (signingKey, error) {
	keys, now, err := k.all(ctx)
	if err != nil {
		return signingKey{}, err
	}
	for i := len(keys) - 1; i >= 0; i-- {
		if !keys[i].signsFrom.After(now) {
			return keys[i], nil
		}
	}
	return signingKey{}, fmt.Errorf("no signing key signs yet")
}

// all returns the keys that verify, oldest first.
func (k *keyring) all(ctx context.Context) ([]signingKey, time.Time, error) {
	k.mu.Lock()
	keys, at := k.keys, k.sawAt
	k.mu.Unlock()
	if len(keys) > 0 {
		return keys, at, nil
	}
	if err := k.refresh(ctx); err != nil {
		return nil, time.Time{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys, k.sawAt, nil
}

// refresh loads the keys, after making the next or retiring the old where it is
// time. Several processes may do so at once: the generation is unique.
func (k *keyring) refresh(ctx context.Context) error {
	rows, err := k.q.LiveKeys(ctx, k.db.W.DB())
	if err != nil {
		return fmt.Errorf("reading the signing keys: %w", err)
	}
	changed, err := k.tend(ctx, rows)
	if err != nil {
		return err
	}
	if changed {
		if rows, err = k.q.LiveKeys(ctx, k.db.W.DB()); err != nil {
			return fmt.Errorf("reading the signing keys: %w", err)
		}
	}
	keys := make([]signingKey, 0, len(rows))
	var now time.Time
	for _, r := range rows {
		seed, err := k.seal.OpenSecret(keyPurpose(r.Kid), r.PrivateSealed)
		if err != nil {
			return fmt.Errorf("opening signing key %s (was it sealed with another keyset?): %w", r.Kid, err)
		}
		if len(seed) != ed25519.SeedSize {
			return fmt.Errorf("signing key %s has %d bytes", r.Kid, len(seed))
		}
		now = r.Now
		keys = append(keys, signingKey{
			generation: r.Generation, kid: r.Kid, public: r.PublicKey,
			private: ed25519.NewKeyFromSeed(seed), created: r.CreatedAt, signsFrom: r.SignsFrom,
		})
	}
	if len(keys) == 0 {
		return fmt.Errorf("there is no signing key")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.sawAt = keys, now
	return nil
}

// tend makes the first or the next key and retires those long followed.
func (k *keyring) tend(ctx context.Context, rows []db.LiveKeysRow) (changed bool, err error) {
	next, wait := int32(1), time.Duration(0)
	if n := len(rows); n > 0 {
		newest := rows[n-1]
		next, wait = newest.Generation+1, keyWait
		due := newest.Now.Sub(newest.CreatedAt) >= keyAge
		followed := n > 1 && newest.Now.Sub(newest.SignsFrom) > keyLinger
		if !due && !followed {
			return false, nil
		}
		if !due {
			next = 0
		}
	}
	return true, k.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if next > 0 {
			if err := k.insert(ctx, tx, next, wait); err != nil {
				return err
			}
		}
		retired, err := k.q.RetireKeys(ctx, tx, int32(keyLinger.Seconds()))
		if err != nil {
			return fmt.Errorf("retiring signing keys: %w", err)
		}
		if retired == 0 {
			return nil
		}
		return record(ctx, tx, "auth.key_retire", "")
	})
}

// insert makes a key, unless another process was quicker.
func (k *keyring) insert(ctx context.Context, tx pgx.Tx, generation int32, wait time.Duration) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	kid := base64.RawURLEncoding.EncodeToString(public[:12])
	sealed, err := k.seal.SealSecret(keyPurpose(kid), private.Seed())
	if err != nil {
		return fmt.Errorf("sealing a signing key: %w", err)
	}
	made, err := k.q.InsertKey(ctx, tx, db.InsertKeyParams{
		Generation: generation, Kid: kid, PublicKey: public, PrivateSealed: sealed, WaitSeconds: int32(wait.Seconds()),
	})
	if err != nil {
		return fmt.Errorf("inserting a signing key: %w", err)
	}
	if made == 0 {
		return nil
	}
	return record(ctx, tx, "auth.key_create", "key/"+kid)
}

// record appends an audit row of something auth did by itself.
func record(ctx context.Context, tx pgx.Tx, action, subject string) error {
	if err := audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: action, Subject: subject}); err != nil {
		return fmt.Errorf("recording %s: %w", action, err)
	}
	return nil
}
