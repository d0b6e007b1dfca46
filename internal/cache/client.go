package cache

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// slow is the longest that Redis may keep anybody waiting.
const slow = 150 * time.Millisecond

// retry is how long Redis is left alone after a failure.
const retry = time.Second

// Client reaches one Redis (or Valkey). It works, with less, without it.
type Client struct {
	addr string
	log  *slog.Logger

	mu     sync.Mutex
	conn   rueidis.Client
	await  time.Time
	dialed bool
	// away remembers what was logged: going and coming back, once each.
	away bool
}

// New makes a client; it does not wait for the server. An empty address means
// that there is none.
func New(addr string, log *slog.Logger) *Client { return &Client{addr: addr, log: log} }

// get returns a live connection, or nil while Redis is away. Dialing happens
// in the background, so that no request waits for it.
func (c *Client) get() rueidis.Client {
	if c == nil || c.addr == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		if time.Now().Before(c.await) {
			return nil
		}
		return c.conn
	}
	if !c.dialed && time.Now().After(c.await) {
		c.dialed = true
		go c.dial()
	}
	return nil
}

func (c *Client) dial() {
	conn, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{c.addr}, DisableRetry: true, ConnWriteTimeout: slow,
		AlwaysPipelining: true,
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialed = false
	if err != nil {
		c.await = time.Now().Add(retry)
		return
	}
	c.conn = conn
}

// failed leaves Redis alone for a moment.
func (c *Client) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.away {
		c.log.Warn("redis does not answer; going on without it", "error", err)
		c.away = true
	}
	c.await = time.Now().Add(retry)
}

// answered notes that Redis is there.
func (c *Client) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		c.log.Info("redis answers again")
		c.away = false
	}
}

// Ping says whether Redis answers. Readiness does not depend on it.
func (c *Client) Ping(ctx context.Context) error {
	deadline := time.Now().Add(slow)
	for {
		if conn := c.get(); conn != nil {
			ctx, cancel := context.WithTimeout(ctx, slow)
			defer cancel()
			if err := conn.Do(ctx, conn.B().Ping().Build()).Error(); err != nil {
				return fmt.Errorf("asking redis: %w", err)
			}
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("redis at %q does not answer", c.addr)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("asking redis: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Close closes the connection.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}
