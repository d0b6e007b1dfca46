package scheduling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/feed"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The kinds of change in a calendar.
const (
	kindTaken        = "taken"
	kindFreed        = "freed"
	kindAvailability = "availability"
)

// stateKey is the feed key under which a change of a state's rules is told: it
// concerns every physician with a license there.
func stateKey(state string) string { return "state:" + state }

// stateOfKey is the inverse of stateKey.
func stateOfKey(key string) (string, bool) { return strings.CutPrefix(key, "state:") }

// changes collects what a transaction did to calendars, to be told at its end.
type changes []change

type change struct {
	key  string
	kind string
	when calendar.Range
}

func (c *changes) taken(physician uuid.UUID, r calendar.Range) {
	*c = append(*c, change{physician.String(), kindTaken, r})
}

func (c *changes) freed(physician uuid.UUID, r calendar.Range) {
	*c = append(*c, change{physician.String(), kindFreed, r})
}

// tell writes the changes to the feed: the last locks of a transaction, in key
// order. What is freed of a calendar comes before what is taken of it.
func (c changes) tell(ctx context.Context, tx pgx.Tx) error {
	slices.SortStableFunc(c, func(a, b change) int {
		if a.key != b.key {
			return strings.Compare(a.key, b.key)
		}
		return strings.Compare(a.kind, b.kind) // "freed" sorts before "taken"
	})
	for _, ch := range c {
		m := &schedulingv1.CalendarChange{Kind: ch.kind}
		if !ch.when.Empty() {
			m.From, m.To = timestamppb.New(ch.when.From), timestamppb.New(ch.when.To)
		}
		if _, err := feed.Append(ctx, tx, topicCalendar, ch.key, m); err != nil {
			return fmt.Errorf("telling a calendar change: %w", err)
		}
	}
	return nil
}
