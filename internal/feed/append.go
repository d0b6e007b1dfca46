package feed

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// Append writes one change of a key in the transaction of the change itself
// and returns its version. The key's row lock makes versions gapless and, for
// one key, orders transactions: append to several keys in key order. Ring the
// source's bell after the commit.
func Append(ctx context.Context, tx pgx.Tx, topic, key string, payload proto.Message) (int64, error) {
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(payload)
	if err != nil {
		return 0, fmt.Errorf("encoding a change of %s: %w", topic, err)
	}
	if body == nil {
		body = []byte{}
	}
	var version int64
	err = tx.QueryRow(ctx, `
		WITH head AS (
			INSERT INTO feed_heads AS h (topic, key, version) VALUES ($1, $2, 1)
			ON CONFLICT (topic, key) DO UPDATE SET version = h.version + 1
			RETURNING version)
		INSERT INTO feed (topic, key, version, payload) SELECT $1, $2, version, $3 FROM head
		RETURNING version`, topic, key, body).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("writing a change of %s: %w", topic, err)
	}
	return version, nil
}
