package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
)

const (
	pageRows = 500
	// pageBytes keeps a page well below what a message over the network may
	// hold: whole payloads, such as of a physician with fifty licenses, add up.
	pageBytes = 1 << 20
	maxWait   = 25 * time.Second
	// tick is how often a source looks without a bell.
	tick = 500 * time.Millisecond
)

// Source serves a service's own feed. Its methods have the generated
// handlers' signatures.
type Source struct {
	db     *pg.DB
	bell   *cache.Bell
	schema string
	topics []string
}

// NewSource makes the source of a service for the topics that it writes.
func NewSource(db *pg.DB, bell *cache.Bell, schema string, topics ...string) *Source {
	return &Source{db: db, bell: bell, schema: schema, topics: topics}
}

// Ring says that a topic has something new; call it after the commit.
func (s *Source) Ring(topic string) { s.bell.Ring(s.bellName(topic)) }

func (s *Source) bellName(topic string) string { return "feed:" + s.schema + ":" + topic }

func (s *Source) known(topic string) error {
	if slices.Contains(s.topics, topic) {
		return nil
	}
	return errs.New(errs.NotFound, "topic_unknown", fmt.Sprintf("There is no feed topic %q here.", topic))
}

// Changes returns a page of everything at or above the cursor, waiting for
// something new if there is nothing. Feeds are read from the primary: a
// replica's xmin does not bound what the primary will still commit.
func (s *Source) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	if err := s.known(req.GetTopic()); err != nil {
		return nil, err
	}
	wait := min(time.Duration(req.GetWaitMs())*time.Millisecond, maxWait)
	if d, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(d)*9/10) // answer before the caller gives up
	}
	until := time.NewTimer(wait)
	defer until.Stop()
	for {
		rung := s.bell.Heard(s.bellName(req.GetTopic()))
		res, fresh, err := s.page(ctx, req)
		if err != nil {
			return nil, err
		}
		if fresh || res.GetMore() || wait <= 0 {
			return res, nil
		}
		select {
		case <-rung:
		case <-time.After(tick):
		case <-until.C:
			return res, nil
		case <-ctx.Done():
			return res, nil
		}
	}
}

// page reads one page; fresh says that it holds something above what the
// caller has applied.
func (s *Source) page(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, bool, error) {
	cur := req.GetCursor()
	if cur == nil {
		cur = &feedv1.Cursor{}
	}
	from := struct {
		xid     uint64
		key     string
		version int64
	}{cur.GetXid(), "", 0}
	if cur.GetRoundEnd() != 0 {
		from.xid, from.key, from.version = cur.GetPageXid(), cur.GetPageKey(), cur.GetPageVersion()
	}
	// The snapshot of this one statement sees every transaction below its
	// xmin; xmin is where the round that starts here will end.
	rows, err := s.db.W.DB().Query(ctx, `
		SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, f.key, f.version, f.payload, f.xid::text::bigint
		FROM (SELECT 1) one LEFT JOIN LATERAL (
			SELECT key, version, payload, xid FROM feed
			WHERE topic = $1 AND (xid, key, version) > ($2::text::xid8, $3::text, $4::bigint)
			ORDER BY xid, key, version LIMIT $5) f ON true`,
		req.GetTopic(), fmt.Sprint(from.xid), from.key, from.version, pageRows)
	if err != nil {
		return nil, false, fmt.Errorf("reading the feed %s: %w", req.GetTopic(), err)
	}
	var xmin int64
	res, fresh, size, full := &feedv1.ChangesResponse{}, false, 0, false
	defer rows.Close()
	for !full && rows.Next() {
		var key *string
		var version, xid *int64
		var payload []byte
		if err := rows.Scan(&xmin, &key, &version, &payload, &xid); err != nil {
			return nil, false, fmt.Errorf("reading the feed %s: %w", req.GetTopic(), err)
		}
		if key == nil {
			continue
		}
		c := &feedv1.Change{Key: *key, Version: *version, Payload: payload, Xid: uint64(*xid)} //nolint:gosec // xids are below 2^63
		fresh = fresh || c.GetXid() > req.GetAppliedXid()
		res.Changes = append(res.Changes, c)
		size += len(payload)
		full = len(res.GetChanges()) == pageRows || size >= pageBytes
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("reading the feed %s: %w", req.GetTopic(), err)
	}
	res.Next, res.More = next(cur, res.GetChanges(), uint64(xmin), full) //nolint:gosec // xids are below 2^63
	return res, fresh, nil
}

// next moves the cursor: within a round by the last row, at its end to the
// xmin that the round began with.
func next(cur *feedv1.Cursor, page []*feedv1.Change, xmin uint64, full bool) (*feedv1.Cursor, bool) {
	end := cur.GetRoundEnd()
	if end == 0 {
		end = xmin
	}
	if !full {
		return &feedv1.Cursor{Xid: max(end, cur.GetXid())}, false
	}
	last := page[len(page)-1]
	return &feedv1.Cursor{
		Xid: cur.GetXid(), RoundEnd: end,
		PageXid: last.GetXid(), PageKey: last.GetKey(), PageVersion: last.GetVersion(),
	}, true
}

// ReadKeys returns the newest version of each key that exists.
func (s *Source) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	if err := s.known(req.GetTopic()); err != nil {
		return nil, err
	}
	if len(req.GetKeys()) > pageRows {
		return nil, errs.InvalidFields(errs.Field{Name: "keys", Reason: "too_many"})
	}
	changes, err := s.newest(ctx, `
		SELECT f.key, f.version, f.payload FROM feed f JOIN feed_heads h USING (topic, key, version)
		WHERE topic = $1 AND key = ANY ($2) ORDER BY key`, req.GetTopic(), req.GetKeys())
	if err != nil {
		return nil, err
	}
	return &feedv1.ReadKeysResponse{Changes: changes}, nil
}

// Sweep lists (key, newest version) after a key, without payloads.
func (s *Source) Sweep(ctx context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error) {
	if err := s.known(req.GetTopic()); err != nil {
		return nil, err
	}
	changes, err := s.newest(ctx, `
		SELECT key, version, ''::bytea FROM feed_heads WHERE topic = $1 AND key > $2 ORDER BY key LIMIT 500`,
		req.GetTopic(), req.GetAfterKey())
	if err != nil {
		return nil, err
	}
	return &feedv1.SweepResponse{Changes: changes}, nil
}

func (s *Source) newest(ctx context.Context, sql string, args ...any) ([]*feedv1.Change, error) {
	rows, err := s.db.W.DB().Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("reading newest versions: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (*feedv1.Change, error) {
		c := new(feedv1.Change)
		return c, r.Scan(&c.Key, &c.Version, &c.Payload)
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("reading newest versions: %w", err)
	}
	return out, nil
}

// Prune drops versions older than keep that are not the newest of their key.
func (s *Source) Prune(ctx context.Context, keep time.Duration) error {
	_, err := s.db.W.DB().Exec(ctx, `DELETE FROM feed f USING feed_heads h
		WHERE h.topic = f.topic AND h.key = f.key AND f.version < h.version AND f.at < clock_timestamp() - $1::interval`, keep)
	if err != nil {
		return fmt.Errorf("pruning the feed: %w", err)
	}
	return nil
}
