package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// The cost of one password hash (OWASP's floor for argon2id): 19 MiB, two
// passes, one lane. Two cores make at most some ninety of them a second, so
// the number that runs at once is bounded, and so is the wait for a turn.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
	hashWait     = 2 * time.Second
)

// hasher hashes and checks passwords, a bounded number at once.
type hasher struct {
	slots chan struct{}
	wait  time.Duration
	dummy string
	// runs counts hashes: known and unknown accounts must cost the same.
	runs atomic.Int64
}

// newHasher makes a hasher with as many slots as cores.
func newHasher(slots int, wait time.Duration) *hasher {
	h := &hasher{slots: make(chan struct{}, max(slots, 1)), wait: wait}
	salt := make([]byte, argonSalt)
	// A hash of nothing anybody can type: checked where there is no account.
	h.dummy = formatPHC(salt, make([]byte, argonKey))
	return h
}

// turn waits for a slot. It fails with errs.Unavailable when the line is too
// long, so that a rush of sign-ins cannot take the machine down.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-timer.C:
		return nil, errBusy()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to hash: %w", ctx.Err())
	}
}

// hash makes the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("making a salt: %w", err)
	}
	h.runs.Add(1)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return formatPHC(salt, key), nil
}

// check says whether a password matches a PHC string. Without one it spends
// the same work on the dummy and says no.
func (h *hasher) check(ctx context.Context, password string, phc *string) (bool, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	stored := h.dummy
	if phc != nil {
		stored = *phc
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, fmt.Errorf("reading a stored password hash: %w", err)
	}
	h.runs.Add(1)
	key := argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.threads, uint32(len(p.key))) //nolint:gosec // parsePHC bounds it
	same := subtle.ConstantTimeCompare(key, p.key) == 1
	return same && phc != nil, nil
}

// phc is a parsed PHC string.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func formatPHC(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// parsePHC reads what formatPHC wrote, now or with earlier costs. It bounds
// the costs, so that a stored row cannot ask for all memory.
func parsePHC(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, fmt.Errorf("not an argon2id PHC string")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, fmt.Errorf("reading the costs: %w", err)
	}
	if p.memory < 8 || p.memory > 256*1024 || p.time < 1 || p.time > 16 || p.threads < 1 || p.threads > 8 {
		return p, fmt.Errorf("costs out of bounds")
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, fmt.Errorf("reading the salt: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, fmt.Errorf("reading the key: %w", err)
	}
	if len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return p, fmt.Errorf("salt or key out of bounds")
	}
	return p, nil
}
