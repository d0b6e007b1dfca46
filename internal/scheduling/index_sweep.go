package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// indexSweep is how often the index is compared with the database.
const indexSweep = time.Minute

// sweep is the backstop of the calendar feed: it rereads the calendars of which
// the database had a newer version at the last sweep already, and the feed has
// not brought it since. What the feed is just about to bring does not count. It
// returns how many there were; anything but zero is a fault of the feed.
func (k *keeper) sweep(ctx context.Context) (int, error) {
	now, err := k.s.calendarVersions(ctx, k.s.d.DB.W.DB())
	if err != nil {
		return 0, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for key, version := range k.seen {
		if k.versions[key] >= version {
			continue
		}
		if err := k.rereadKey(ctx, key); err != nil {
			return n, fmt.Errorf("mending the index: %w", err)
		}
		k.versions[key] = version
		n++
	}
	k.seen, k.swept = now, time.Now()
	if n > 0 {
		k.s.d.Log.ErrorContext(ctx, "the calendar feed had missed changes; they are indexed now", "keys", n)
	}
	return n, nil
}

// rereadKey puts what the database says of one key of the feed into the index.
func (k *keeper) rereadKey(ctx context.Context, key string) error {
	if state, ok := stateOfKey(key); ok {
		return k.state(ctx, state)
	}
	physician, err := ids.Parse[ids.PhysicianID](key)
	if err != nil {
		return fmt.Errorf("reading a key: %w", err)
	}
	return k.reread(ctx, k.s.d.DB.W.DB(), []uuid.UUID{physician.UUID})
}
