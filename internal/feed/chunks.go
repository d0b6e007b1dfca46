package feed

import (
	"context"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
)

// InChunks applies at most n changes in one transaction: a page of a feed may
// hold hundreds, and no transaction may last.
func InChunks(store Store, n int) Store { return chunked{store, n} }

type chunked struct {
	Store
	n int
}

// Apply implements Store; the cursor goes with the last chunk.
func (c chunked) Apply(ctx context.Context, page []*feedv1.Change, next *feedv1.Cursor) error {
	for len(page) > c.n {
		if err := c.Store.Apply(ctx, page[:c.n], nil); err != nil {
			return err
		}
		page = page[c.n:]
	}
	return c.Store.Apply(ctx, page, next)
}
