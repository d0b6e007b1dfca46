package feed

import (
	"context"
	"fmt"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
)

// SweepClient lists the newest version of every key of a small topic.
type SweepClient interface {
	Sweep(ctx context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error)
}

// Sweep is the backstop of a follower of a small topic: it compares the newest
// version of every key with what was applied, and fetches what is missing. It
// returns how many keys were; anything but zero is worth an alarm, for the feed
// itself should have brought them. What the feed is just about to bring does
// not count: only a key that a round after the comparison did not bring either.
func (f *Follower) Sweep(ctx context.Context, from SweepClient) (int, error) {
	missing, after := 0, ""
	for {
		page, err := from.Sweep(ctx, &feedv1.SweepRequest{Topic: f.topic, AfterKey: after})
		if err != nil {
			return missing, fmt.Errorf("sweeping %s: %w", f.topic, err)
		}
		if len(page.GetChanges()) == 0 {
			return missing, nil
		}
		behind, err := f.behind(ctx, page.GetChanges())
		if err != nil {
			return missing, err
		}
		if len(behind) > 0 {
			if err := f.catchUp(ctx); err != nil {
				return missing, err
			}
			if behind, err = f.behind(ctx, page.GetChanges()); err != nil {
				return missing, err
			}
		}
		for _, key := range behind {
			if _, err := f.Fetch(ctx, key); err != nil {
				return missing, err
			}
			missing++
		}
		after = page.GetChanges()[len(page.GetChanges())-1].GetKey()
	}
}

// catchUp applies everything that the feed has by now.
func (f *Follower) catchUp(ctx context.Context) error {
	for {
		if err := f.Round(ctx, 0); err != nil {
			return err
		}
		f.mu.Lock()
		more := f.cursor.GetRoundEnd() != 0
		f.mu.Unlock()
		if !more {
			return nil
		}
	}
}

// behind lists the keys of a page whose newest version is not applied here.
func (f *Follower) behind(ctx context.Context, page []*feedv1.Change) ([]string, error) {
	keys := make([]string, len(page))
	for i, c := range page {
		keys[i] = c.GetKey()
	}
	own, err := f.store.Versions(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading applied versions of %s: %w", f.topic, err)
	}
	var out []string
	for _, c := range page {
		if c.GetVersion() > own[c.GetKey()] {
			out = append(out, c.GetKey())
		}
	}
	return out, nil
}
