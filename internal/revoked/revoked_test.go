package revoked

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// fakeAuth is a feed in memory, or one that is away.
type fakeAuth struct {
	mu      sync.Mutex
	changes []*feedv1.Change
	away    bool
	woken   chan struct{}
}

func (f *fakeAuth) Changes(ctx context.Context, r *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	f.mu.Lock()
	changes, away, woken := f.changes, f.away, f.woken
	f.mu.Unlock()
	if away {
		return nil, errors.New("nobody answers")
	}
	if uint64(len(changes)) <= r.GetCursor().GetXid() && r.GetWaitMs() > 0 {
		select {
		case <-woken:
		case <-ctx.Done():
		case <-time.After(time.Duration(r.GetWaitMs()) * time.Millisecond):
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return &feedv1.ChangesResponse{Changes: f.changes, Next: &feedv1.Cursor{Xid: uint64(len(f.changes))}}, nil
}

func (f *fakeAuth) ReadKeys(context.Context, *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return nil, errors.New("a session has one version: nothing to reread")
}

func (f *fakeAuth) revoke(t *testing.T, session ids.SessionID, at time.Time) {
	t.Helper()
	payload, err := proto.Marshal(&authv1.Revocation{SessionId: session.String(), RevokedAt: timestamppb.New(at)})
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, &feedv1.Change{Key: session.String(), Version: 1, Payload: payload, Xid: uint64(len(f.changes))})
	close(f.woken)
	f.woken = make(chan struct{})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

func TestTheSetFollowsAndForgets(t *testing.T) {
	t.Parallel()
	auth := &fakeAuth{woken: make(chan struct{})}
	clk := clock.Offset(0)
	old, first, second := ids.New[ids.SessionID](), ids.New[ids.SessionID](), ids.New[ids.SessionID]()
	auth.revoke(t, old, clk.Now().Add(-2*keep))
	auth.revoke(t, first, clk.Now())

	set := New(auth, clk, slog.New(slog.DiscardHandler))
	if set.Ready(t.Context()) == nil || set.SilentFor() < time.Hour {
		t.Error("ready, and heard, before the first round")
	}
	if err := set.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	eventually(t, "the first round", func() bool { return set.Ready(t.Context()) == nil })
	if !set.Revoked(first) || set.Revoked(second) || set.Revoked(old) {
		t.Errorf("first %v, second %v, old %v", set.Revoked(first), set.Revoked(second), set.Revoked(old))
	}
	began := time.Now()
	auth.revoke(t, second, clk.Now())
	eventually(t, "a new revocation", func() bool { return set.Revoked(second) })
	if took := time.Since(began); took > time.Second {
		t.Errorf("heard after %s", took)
	}

	clk.Move(keep + time.Minute)
	third := ids.New[ids.SessionID]()
	auth.revoke(t, third, clk.Now())
	eventually(t, "a third revocation", func() bool { return set.Revoked(third) })
	if set.Revoked(first) || set.Revoked(second) {
		t.Error("sessions long ended are still kept")
	}
}

func TestASilentFeedIsNoticed(t *testing.T) {
	t.Parallel()
	auth := &fakeAuth{woken: make(chan struct{}), away: true}
	set := New(auth, clock.System(), slog.New(slog.DiscardHandler))
	if err := set.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	if set.SilentFor() < time.Hour || set.Ready(t.Context()) == nil {
		t.Error("a feed that is away was heard")
	}
	auth.mu.Lock()
	auth.away = false
	auth.mu.Unlock()
	eventually(t, "the feed to be heard again", func() bool { return set.SilentFor() < time.Second && set.Ready(t.Context()) == nil })
}

func TestAnUnreadableRevocationStopsTheFollower(t *testing.T) {
	t.Parallel()
	s := &store{clock: clock.System(), ended: map[string]time.Time{}}
	err := s.Apply(t.Context(), []*feedv1.Change{{Key: "x", Version: 1, Payload: []byte{0xff}}}, &feedv1.Cursor{Xid: 9})
	if err == nil {
		t.Fatal("garbage was taken for a revocation")
	}
	if cur, _ := s.Load(t.Context()); cur != nil {
		t.Error("the cursor moved past what was not applied")
	}
}
