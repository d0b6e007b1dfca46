package pg_test

import (
	"context"
	"slices"
	"testing"

	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// UUIDs come back as they went, alone, in lists, through a COPY, and as NULL.
func TestUUIDsTravel(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t, "enrollment")
	id := uuid.New()
	var none *uuid.UUID
	var one uuid.UUID
	var maybe, null *uuid.UUID
	var list []uuid.UUID
	var text string
	err := db.W.DB().QueryRow(t.Context(), `SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid[], $1::uuid::text`, id, &id, none, []uuid.UUID{id, uuid.Nil}).
		Scan(&one, &maybe, &null, &list, &text)
	if err != nil || one != id || maybe == nil || *maybe != id || null != nil || !slices.Equal(list, []uuid.UUID{id, uuid.Nil}) || text != id.String() {
		t.Errorf("%v %v %v %v %s: %v", one, maybe, null, list, text, err)
	}
	err = db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"enrollment", "data_keys"}, []string{"patient_id", "wrapped"},
			pgx.CopyFromRows([][]any{{id, []byte("x")}})); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT patient_id FROM data_keys`).Scan(&one)
	})
	if err != nil || one != id {
		t.Errorf("by COPY: %s, %v", one, err)
	}
}
