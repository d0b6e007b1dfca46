package cache

import (
	"context"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// channel is the one Redis channel; a message is the name of what changed.
const channel = "bedside:bell"

// Bell says "look now". A ring may be lost: whoever listens polls as well.
// It is a lifecycle.Runner.
type Bell struct {
	client *Client

	mu     sync.Mutex
	waits  map[string]chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

// NewBell makes a doorbell over Redis; within the process it works without.
func NewBell(c *Client) *Bell { return &Bell{client: c, waits: map[string]chan struct{}{}} }

// Ring says that something named topic changed; it never blocks for long and
// never fails.
func (b *Bell) Ring(topic string) {
	b.wake(topic)
	conn := b.client.get()
	if conn == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), slow)
		defer cancel()
		if err := conn.Do(ctx, conn.B().Publish().Channel(channel).Message(topic).Build()).Error(); err != nil {
			b.client.failed(err)
			return
		}
		b.client.answered()
	}()
}

// Heard returns a channel that is closed at the next ring of a topic. Take it
// before looking, so that no ring falls in between.
func (b *Bell) Heard(topic string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	ch, ok := b.waits[topic]
	if !ok {
		ch = make(chan struct{})
		b.waits[topic] = ch
	}
	return ch
}

func (b *Bell) wake(topic string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ch, ok := b.waits[topic]; ok {
		close(ch)
		delete(b.waits, topic)
	}
}

// Name implements lifecycle.Runner.
func (b *Bell) Name() string { return "doorbell" }

// Start implements lifecycle.Runner: it listens to other processes' rings.
func (b *Bell) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.done = cancel, make(chan struct{})
	go b.listen(ctx)
	return nil
}

// Stop implements lifecycle.Runner.
func (b *Bell) Stop(context.Context) error {
	if b.cancel != nil {
		b.cancel()
		<-b.done
	}
	return nil
}

func (b *Bell) listen(ctx context.Context) {
	defer close(b.done)
	for ctx.Err() == nil {
		if conn := b.client.get(); conn != nil {
			err := conn.Receive(ctx, conn.B().Subscribe().Channel(channel).Build(), func(m rueidis.PubSubMessage) { b.wake(m.Message) })
			if err != nil && ctx.Err() == nil {
				b.client.failed(err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(retry / 4):
		}
	}
}
