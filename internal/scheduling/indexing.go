package scheduling

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/bedside-health/bedside/internal/feed"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
)

// physiciansAtOnce bounds one read of the snapshot.
const physiciansAtOnce = 200

// The index is looked after this often; a feed that is silent for too long
// means that search had better ask SQL.
const (
	indexTick   = time.Second
	indexSilent = 15 * time.Second
)

// keepIndex fills the index and keeps it until the context ends: subscribe,
// snapshot, apply what is newer, ready. Returning with an error, it is started
// again and begins anew.
func (s *Service) keepIndex(ctx context.Context) error {
	defer s.ix.SetReady(false)
	k, err := s.fillIndex(ctx)
	if err != nil {
		return err
	}
	if err := k.follower.Start(ctx); err != nil {
		return fmt.Errorf("following the calendar: %w", err)
	}
	defer k.follower.Stop(context.WithoutCancel(ctx)) //nolint:errcheck // it waits without an end, so it cannot fail
	tick := time.NewTicker(indexTick / 20)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if s.ix.Ready() {
			tick.Reset(indexTick)
		}
		if time.Since(k.swept) > indexSweep {
			if _, err := k.sweep(ctx); err != nil {
				return err
			}
		}
		if err := k.lookAfter(ctx); err != nil {
			return err
		}
	}
}

// keeper changes the index, one change at a time.
type keeper struct {
	s        *Service
	follower *feed.Follower
	began    time.Time
	swept    time.Time

	mu sync.Mutex
	// versions is what the index holds of each key. The feed's own store may
	// leave out versions that were overtaken; a calendar change is a delta, so
	// a gap here means rereading.
	versions map[string]int64
	// seen is what the database had at the last sweep.
	seen map[string]int64
}

// fillIndex takes the snapshot. The place in the feed and the versions are
// asked before it, of the same database: what commits in between is told again
// and changes nothing.
func (s *Service) fillIndex(ctx context.Context) (*keeper, error) {
	src := s.d.DB.R.DB(ctx)
	xmin, err := s.q.SnapshotXmin(ctx, src)
	if err != nil {
		return nil, fmt.Errorf("asking where the feed stands: %w", err)
	}
	xid, err := strconv.ParseUint(xmin, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading where the feed stands: %w", err)
	}
	k := &keeper{s: s, began: time.Now(), swept: time.Now()}
	if k.versions, err = s.calendarVersions(ctx, src); err != nil {
		return nil, err
	}
	s.ix.Advance(s.d.Clock.Now())
	if err := k.everybody(ctx, src); err != nil {
		return nil, err
	}
	k.follower = feed.NewFollower("scheduling/calendar", topicCalendar, s.source,
		feed.NewMemory(&feedv1.Cursor{Xid: xid}, k.versions, k.apply), s.d.Log)
	return k, nil
}

// lookAfter makes room for tomorrow when the day turns, and says whether the
// index may be trusted.
func (k *keeper) lookAfter(ctx context.Context) error {
	if fresh := k.s.ix.Advance(k.s.d.Clock.Now()); !fresh.Empty() {
		if err := k.everybody(ctx, k.s.d.DB.W.DB()); err != nil {
			return err
		}
	}
	if k.follower.SilentFor() > indexSilent && time.Since(k.began) > indexSilent {
		return errors.New("the calendar feed is silent")
	}
	if k.follower.CaughtUp() {
		k.s.ix.SetReady(true)
	}
	return nil
}

// apply takes calendar changes into the index.
func (k *keeper) apply(ctx context.Context, page []*feedv1.Change) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range page {
		if err := k.change(ctx, c); err != nil {
			return fmt.Errorf("indexing a calendar change: %w", err)
		}
		k.versions[c.GetKey()] = c.GetVersion()
	}
	return nil
}

func (k *keeper) change(ctx context.Context, c *feedv1.Change) error {
	if state, ok := stateOfKey(c.GetKey()); ok {
		return k.state(ctx, state)
	}
	physician, err := ids.Parse[ids.PhysicianID](c.GetKey())
	if err != nil {
		return fmt.Errorf("reading a key: %w", err)
	}
	m := new(schedulingv1.CalendarChange)
	if err := proto.Unmarshal(c.GetPayload(), m); err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	when := calendar.Range{From: m.GetFrom().AsTime(), To: m.GetTo().AsTime()}
	switch gap := c.GetVersion() != k.versions[c.GetKey()]+1; {
	case !gap && m.GetKind() == kindTaken:
		k.s.ix.Take(physician, when)
	case !gap && m.GetKind() == kindFreed:
		k.s.ix.Free(physician, when)
	default:
		// The primary: a replica may be older than what is already applied.
		return k.reread(ctx, k.s.d.DB.W.DB(), []uuid.UUID{physician.UUID})
	}
	return nil
}

// state rereads everybody with a license in a state, after its rules changed.
func (k *keeper) state(ctx context.Context, state string) error {
	src := k.s.d.DB.W.DB()
	who, err := k.s.q.PhysiciansInState(ctx, src, state)
	if err != nil {
		return fmt.Errorf("reading the physicians of %s: %w", state, err)
	}
	for len(who) > physiciansAtOnce {
		if err := k.reread(ctx, src, who[:physiciansAtOnce]); err != nil {
			return err
		}
		who = who[physiciansAtOnce:]
	}
	return k.reread(ctx, src, who)
}

// everybody rereads all physicians, a page at a time.
func (k *keeper) everybody(ctx context.Context, src pg.DBTX) error {
	after := uuid.Nil
	for {
		who, err := k.s.q.PhysicianIDs(ctx, src, db.PhysicianIDsParams{After: after, Page: physiciansAtOnce})
		if err != nil {
			return fmt.Errorf("reading physicians: %w", err)
		}
		if err := k.rereadLocked(ctx, src, who); err != nil {
			return err
		}
		if len(who) < physiciansAtOnce {
			return nil
		}
		after = who[len(who)-1]
	}
}

// rereadLocked is reread for whoever does not apply the feed: nothing may be
// applied between reading the database and changing the index.
func (k *keeper) rereadLocked(ctx context.Context, src pg.DBTX, who []uuid.UUID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reread(ctx, src, who)
}

// reread puts what the database says about physicians into the index. Deltas
// up to what it read may be applied again: taking what is taken changes
// nothing, and what was freed since comes as a newer change.
func (k *keeper) reread(ctx context.Context, src pg.DBTX, who []uuid.UUID) error {
	all, err := k.s.load(ctx, src, who, k.s.ix.Window())
	if err != nil {
		return err
	}
	for _, p := range all {
		k.s.ix.SetPhysician(p.id, p.facts)
		k.s.ix.Reset(p.id, p.facts.Open, p.taken)
	}
	return nil
}

// calendarVersions reads the newest version of every calendar.
func (s *Service) calendarVersions(ctx context.Context, src pg.DBTX) (map[string]int64, error) {
	rows, err := s.q.CalendarVersions(ctx, src)
	if err != nil {
		return nil, fmt.Errorf("reading calendar versions: %w", err)
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Key] = r.Version
	}
	return out, nil
}
