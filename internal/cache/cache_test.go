package cache_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pgtest"
)

func client(t *testing.T, addr string) *cache.Client {
	t.Helper()
	c := cache.New(addr, slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	return c
}

// up waits until Redis is reached.
func up(t *testing.T, c *cache.Client) *cache.Client {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for c.Ping(t.Context()) != nil {
		if time.Now().After(deadline) {
			t.Fatal("redis does not answer")
		}
	}
	return c
}

func allow(t *testing.T, th *cache.Throttle, bucket string, n int) (allowed int) {
	t.Helper()
	for range n {
		if ok, _ := th.Allow(t.Context(), bucket, 3, time.Minute); ok {
			allowed++
		}
	}
	return allowed
}

func TestThrottleCountsOverProcesses(t *testing.T) {
	t.Parallel()
	addr, bucket := pgtest.Redis(t), ids.NewUUID().String()
	one, two := cache.NewThrottle(up(t, client(t, addr))), cache.NewThrottle(up(t, client(t, addr)))
	if n := allow(t, one, bucket, 2) + allow(t, two, bucket, 4); n != 3 {
		t.Fatalf("%d were allowed, want 3", n)
	}
	if ok, after := two.Allow(t.Context(), bucket, 3, time.Minute); ok || after <= 0 || after > time.Minute {
		t.Fatalf("got %v, retry after %s", ok, after)
	}
}

func TestThrottleWithoutRedis(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"", "127.0.0.1:1"} {
		if n := allow(t, cache.NewThrottle(client(t, addr)), "b", 10); n != 3 {
			t.Errorf("%q: %d were allowed, want 3", addr, n)
		}
	}
}

func TestThrottleWindowEnds(t *testing.T) {
	t.Parallel()
	th := cache.NewThrottle(client(t, ""))
	deadline := time.Now().Add(10 * time.Second)
	if ok, _ := th.Allow(t.Context(), "b", 1, 50*time.Millisecond); !ok {
		t.Fatal("the first was refused")
	}
	for {
		if ok, _ := th.Allow(t.Context(), "b", 1, 50*time.Millisecond); ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the window never ended")
		}
	}
}

func TestBellRingsInAnotherProcess(t *testing.T) {
	t.Parallel()
	addr, topic := pgtest.Redis(t), ids.NewUUID().String()
	here, there := cache.NewBell(up(t, client(t, addr))), cache.NewBell(up(t, client(t, addr)))
	if err := there.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = there.Stop(context.Background()) }()
	heard := there.Heard(topic)
	deadline := time.After(10 * time.Second)
	for {
		here.Ring(topic) // the subscription may still be under way
		select {
		case <-heard:
			return
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("nobody heard it")
		}
	}
}

func TestBellRingsHereWithoutRedis(t *testing.T) {
	t.Parallel()
	b := cache.NewBell(client(t, "127.0.0.1:1"))
	heard, other := b.Heard("a"), b.Heard("b")
	b.Ring("a")
	select {
	case <-heard:
	default:
		t.Fatal("not heard")
	}
	select {
	case <-other:
		t.Fatal("the wrong bell rang")
	default:
	}
}
