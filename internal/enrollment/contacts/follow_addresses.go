package contacts

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// topicAddresses is auth's feed of addresses that were changed.
const topicAddresses = "addresses"

// storeOfAddresses keeps the place in that feed. One patient at a time is
// locked: nobody who locks several waits in a circle with it.
func (s *Service) storeOfAddresses() feed.Store {
	return ringing{feed.InChunks(feed.NewTables(s.DB, topicAddresses, s.applyAddresses), 1), s.Ring}
}

// applyAddresses writes from now on to where accounts sign in. Auth has proven
// each address in the transaction that published it.
func (s *Service) applyAddresses(ctx context.Context, tx pgx.Tx, changes []*feedv1.Change) error {
	for _, c := range changes {
		var a authv1.SignInAddress
		if err := proto.Unmarshal(c.GetPayload(), &a); err != nil {
			return fmt.Errorf("decoding an address: %w", err)
		}
		account, err := ids.Parse[ids.AccountID](a.GetAccountId())
		if err != nil {
			return fmt.Errorf("reading whose address it is: %w", err)
		}
		if _, err := s.follow(ctx, tx, audit.Actor{Service: "enrollment"}, account, a.GetEmail()); err != nil {
			return err
		}
	}
	return nil
}

// ringing tells the followers of patients' facts after the commit.
type ringing struct {
	feed.Store
	ring func()
}

// Apply implements feed.Store.
func (r ringing) Apply(ctx context.Context, changes []*feedv1.Change, next *feedv1.Cursor) error {
	err := r.Store.Apply(ctx, changes, next)
	if err == nil && len(changes) > 0 {
		r.ring()
	}
	return err
}
