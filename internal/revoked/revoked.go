// Package revoked keeps, in every process, the sessions that were ended a short
// while ago, so that a token that is still good by its own words is refused
// within a second of its session's end. It follows auth's feed "revocations".
//
// A session is forgotten once its last token is past its life and all grace.
// The set starts empty and is filled by the first round: Ready waits for it.
package revoked

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
	"google.golang.org/protobuf/proto"
)

// topic is auth's feed of ended sessions.
const topic = "revocations"

// keep is how long an ended session is remembered: a token's life, the grace
// after it, and room for clocks that differ.
const keep = principal.Lifetime + principal.Grace + 40*time.Minute

// Set is the ended sessions that matter. It is a lifecycle.Runner.
type Set struct {
	lifecycle.Runner
	follower *feed.Follower
	store    *store
}

// New makes the set of a process; auth is a client of AuthService.
func New(auth feed.Client, clk clock.Clock, log *slog.Logger) *Set {
	st := &store{clock: clk, ended: map[string]time.Time{}}
	f := feed.NewFollower(topic, topic, rpc.ServiceFeed(auth), st, log)
	return &Set{Runner: f, follower: f, store: st}
}

// Revoked says whether a session was ended a short while ago.
func (s *Set) Revoked(session ids.SessionID) bool { return s.store.has(session.String()) }

// SilentFor says for how long auth could not be heard.
func (s *Set) SilentFor() time.Duration { return s.follower.SilentFor() }

// errNotFilled says that the first round is still under way.
var errNotFilled = errors.New("revocations have not been read yet")

// Ready fails until the set has been filled once.
func (s *Set) Ready(context.Context) error {
	if !s.follower.CaughtUp() {
		return errNotFilled
	}
	return nil
}

// store is a feed.Store in memory that forgets: a session is ended once, so
// that its only version is 1, and repeats do no harm.
type store struct {
	clock clock.Clock

	mu     sync.RWMutex
	ended  map[string]time.Time
	pruned time.Time
	cursor *feedv1.Cursor
}

func (s *store) has(session string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.ended[session]
	return ok
}

// Load implements feed.Store.
func (s *store) Load(context.Context) (*feedv1.Cursor, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cursor, nil
}

// Versions implements feed.Store.
func (s *store) Versions(_ context.Context, keys []string) (map[string]int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[string]int64{}
	for _, k := range keys {
		if _, ok := s.ended[k]; ok {
			out[k] = 1
		}
	}
	return out, nil
}

// Apply implements feed.Store.
func (s *store) Apply(_ context.Context, changes []*feedv1.Change, next *feedv1.Cursor) error {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		r := new(authv1.Revocation)
		if err := proto.Unmarshal(c.GetPayload(), r); err != nil {
			return fmt.Errorf("decoding a revocation: %w", err)
		}
		if at := r.GetRevokedAt().AsTime(); now.Sub(at) < keep {
			s.ended[c.GetKey()] = at
		}
	}
	if now.Sub(s.pruned).Abs() > time.Minute {
		s.pruned = now
		for k, at := range s.ended {
			if now.Sub(at) >= keep {
				delete(s.ended, k)
			}
		}
	}
	if next != nil {
		s.cursor = next
	}
	return nil
}
