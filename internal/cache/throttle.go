package cache

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// Throttle counts attempts in fixed windows: in Redis over all processes, in
// this process alone while Redis is away. It always counts here as well, so
// that an attacker gains little by Redis' absence.
type Throttle struct {
	client *Client
	script *rueidis.Lua

	mu     sync.Mutex
	counts map[string]count
	swept  time.Time
}

type count struct {
	n    int
	ends time.Time
}

// NewThrottle makes a throttle.
func NewThrottle(c *Client) *Throttle {
	return &Throttle{
		client: c, counts: map[string]count{},
		script: rueidis.NewLuaScript(`local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}`),
	}
}

// Allow counts one attempt and says whether it is within the limit for the
// window; if not, after how long to try again. The bucket must be a keyed hash
// where it derives from a person.
func (t *Throttle) Allow(ctx context.Context, bucket string, limit int, window time.Duration) (ok bool, retryAfter time.Duration) {
	n, left := t.here(bucket, window)
	if rn, rleft, heard := t.there(ctx, bucket, window); heard && rn > n {
		n, left = rn, rleft
	}
	if n <= limit {
		return true, 0
	}
	return false, max(left, time.Second)
}

func (t *Throttle) here(bucket string, window time.Duration) (int, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(t.swept) > time.Minute {
		t.swept = now
		for k, c := range t.counts {
			if now.After(c.ends) {
				delete(t.counts, k)
			}
		}
	}
	c := t.counts[bucket]
	if now.After(c.ends) {
		c = count{ends: now.Add(window)}
	}
	c.n++
	t.counts[bucket] = c
	return c.n, c.ends.Sub(now)
}

func (t *Throttle) there(ctx context.Context, bucket string, window time.Duration) (n int, left time.Duration, heard bool) {
	conn := t.client.get()
	if conn == nil {
		return 0, 0, false
	}
	// A caller who goes away must not look like a Redis that does.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), slow)
	defer cancel()
	res, err := t.script.Exec(ctx, conn, []string{"bedside:throttle:" + bucket}, []string{strconv.FormatInt(window.Milliseconds(), 10)}).AsIntSlice()
	if err != nil || len(res) != 2 {
		t.client.failed(err)
		return 0, 0, false
	}
	t.client.answered()
	return int(res[0]), time.Duration(res[1]) * time.Millisecond, true
}
