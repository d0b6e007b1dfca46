// Package once makes a repeated request have one effect: the key, a hash of
// the request and the stored answer are written in the transaction of the
// change itself, and kept for 24 hours.
package once

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// Keep is how long a key is remembered.
const Keep = 24 * time.Hour

// ReasonReused is the reason of the errs.Conflict for a key that came before
// with another request; a page answers 422.
const ReasonReused = "key_reused"

// Do runs a change once for (principal, method, key). The first call runs it
// and stores its answer; a repeat with the same request returns that answer;
// a repeat with another request returns errs.Conflict "key_reused". An error
// of run stores nothing, for the transaction rolls back.
//
// A concurrent repeat waits for the first call's commit.
func Do[Req, Res proto.Message](
	ctx context.Context, tx pgx.Tx, method, key string, req Req, principalKey string, run func() (Res, error),
) (Res, error) {
	var zero Res
	if len(key) < 8 || len(key) > 100 {
		return zero, errs.InvalidFields(errs.Field{Name: "idempotency_key", Reason: "length"})
	}
	hash, err := hashOf(req)
	if err != nil {
		return zero, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO idempotency (principal, method, key, request_hash)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, principalKey, method, key, hash)
	if err != nil {
		return zero, fmt.Errorf("taking the idempotency key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return stored[Res](ctx, tx, method, key, principalKey, hash)
	}
	res, err := run()
	if err != nil {
		return zero, err
	}
	body, err := proto.Marshal(res)
	if err != nil {
		return zero, fmt.Errorf("encoding the answer to keep: %w", err)
	}
	if body == nil {
		body = []byte{}
	}
	if _, err := tx.Exec(ctx, `UPDATE idempotency SET response = $4 WHERE principal = $1 AND method = $2 AND key = $3`,
		principalKey, method, key, body); err != nil {
		return zero, fmt.Errorf("keeping the answer: %w", err)
	}
	return res, nil
}

func stored[Res proto.Message](ctx context.Context, tx pgx.Tx, method, key, principalKey string, hash []byte) (Res, error) {
	var zero Res
	var was, body []byte
	err := tx.QueryRow(ctx, `SELECT request_hash, response FROM idempotency WHERE principal = $1 AND method = $2 AND key = $3`,
		principalKey, method, key).Scan(&was, &body)
	if errors.Is(err, pgx.ErrNoRows) { // swept between the two statements
		return zero, errs.New(errs.Unavailable, "outcome_unknown", "We could not confirm whether that was saved. Please look before trying again.")
	}
	if err != nil {
		return zero, fmt.Errorf("reading the kept answer: %w", err)
	}
	if !bytes.Equal(was, hash) {
		return zero, errs.New(errs.Conflict, ReasonReused, "This form was already sent with other answers. Please reload the page and try again.")
	}
	res, ok := zero.ProtoReflect().New().Interface().(Res)
	if !ok {
		return zero, fmt.Errorf("the kept answer of %s has another type", method)
	}
	if err := proto.Unmarshal(body, res); err != nil {
		return zero, fmt.Errorf("decoding the kept answer: %w", err)
	}
	return res, nil
}

func hashOf(req proto.Message) ([]byte, error) {
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("encoding the request to compare: %w", err)
	}
	h := sha256.Sum256(body)
	return h[:], nil
}

// Sweep forgets keys older than Keep; each service runs it now and then.
func Sweep(ctx context.Context, db *pg.DB) error {
	if _, err := db.W.DB().Exec(ctx, `DELETE FROM idempotency WHERE created_at < clock_timestamp() - $1::interval`, Keep); err != nil {
		return fmt.Errorf("forgetting old idempotency keys: %w", err)
	}
	return nil
}
