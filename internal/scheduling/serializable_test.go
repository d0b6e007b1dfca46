package scheduling

import (
	"errors"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Two SERIALIZABLE transactions that each look, find a time free and insert:
// with a GiST range index in the table, Postgres 15 lets both commit. The same
// script is run on the real table, and on a copy that lacks the constraints
// but has such an index. Only the constraint holds.
func TestSerializableIsATrapThatTheSchemaSurvives(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.booked(d, tomorrow.Add(-3*time.Hour)) // a row to copy
	b.database.Exec(t, `CREATE TABLE scheduling.unguarded AS SELECT * FROM scheduling.reservations WHERE false`)
	b.database.Exec(t, `SET search_path = scheduling, ext; CREATE INDEX ON scheduling.unguarded USING gist (physician_id ext.gist_uuid_ops, occupied)`)

	// The trap opens once the index has several pages.
	for _, table := range []string{"scheduling.reservations", "scheduling.unguarded"} {
		b.database.Exec(t, copyRows(table, `SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text,
			$1::timestamptz - n * interval '1 hour', $1::timestamptz - n * interval '1 hour' + interval '25 minutes' FROM generate_series(1, 800) n`), monday)
	}
	if n := bothSee(t, b, "scheduling.unguarded", d.id.UUID); n == 0 {
		t.Error("SERIALIZABLE alone was enough: the trap is gone, and this test's reason with it")
	}
	if n := bothSee(t, b, "scheduling.reservations", d.id.UUID); n != 0 {
		t.Errorf("the schema let %d times be booked twice", n)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.reservations a JOIN scheduling.reservations b
		ON a.physician_id = b.physician_id AND a.occupied && b.occupied AND a.reservation_id < b.reservation_id
		WHERE a.status = 'booked' AND b.status = 'booked'`); n != 0 {
		t.Errorf("%d overlaps", n)
	}
}

// bothSee scripts two transactions on several times and counts how often both
// looked, inserted and committed.
func bothSee(t *testing.T, b *bundle, table string, physician uuid.UUID) int {
	t.Helper()
	ctx := t.Context()
	conns := make([]*pgx.Conn, 2)
	for i := range conns {
		c, err := pgx.Connect(ctx, b.database.Owner)
		must(t, err)
		defer func() { must(t, c.Close(ctx)) }()
		_, err = c.Exec(ctx, `SET enable_seqscan = off; SET search_path = scheduling, ext`)
		must(t, err)
		conns[i] = c
	}
	both := 0
	for k := range 5 {
		from := tomorrow.Add(time.Duration(k+1) * 24 * time.Hour)
		var failed [2]error
		var txs [2]pgx.Tx
		for i, c := range conns {
			tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable})
			must(t, err)
			txs[i] = tx
			var n int
			must(t, tx.QueryRow(ctx, `SELECT count(*) FROM `+table+` WHERE physician_id = $1 AND occupied && tstzrange($2, $3)
				AND status IN ('held', 'booked')`, physician, from, from.Add(25*time.Minute)).Scan(&n))
			if n != 0 {
				t.Fatalf("time %d is not free", k)
			}
		}
		insert := func(i int) {
			_, failed[i] = txs[i].Exec(ctx, copyRows(table, `SELECT $1::uuid, $2::uuid, $3::text, $4::timestamptz, $5::timestamptz`),
				ids.NewUUID(), ids.NewUUID(), ids.NewUUID().String(), from, from.Add(25*time.Minute))
		}
		insert(0)
		done := make(chan struct{})
		go func() { insert(1); close(done) }() // with a constraint it waits for the first
		commitFirst(t, txs[0], done, &failed[0])
		<-done
		if failed[1] == nil {
			failed[1] = txs[1].Commit(ctx)
		} else {
			must(t, txs[1].Rollback(ctx))
			if e, ok := errors.AsType[*pgconn.PgError](failed[1]); !ok || (e.Code != "23P01" && e.Code != "40001") {
				t.Fatalf("an unexpected failure: %v", failed[1])
			}
		}
		if failed[0] == nil && failed[1] == nil {
			both++
		}
	}
	return both
}

// commitFirst commits once the second insert is through or waits.
func commitFirst(t *testing.T, tx pgx.Tx, second <-chan struct{}, failed *error) {
	t.Helper()
	select {
	case <-second:
	case <-time.After(200 * time.Millisecond):
	}
	if *failed == nil {
		*failed = tx.Commit(t.Context())
	}
}

// copyRows inserts copies of a booked row, each with an id, a patient, a
// reference and a time of its own.
func copyRows(table, with string) string {
	return `WITH w (id, patient, reference, a, z) AS (` + with + `), r AS (
			SELECT * FROM scheduling.reservations WHERE status = 'booked' ORDER BY created_at LIMIT 1)
		INSERT INTO ` + table + ` (reservation_id, version, status, physician_id, lane, service_id, during, occupied, state, time_zone,
			created_at, updated_at, extensions, account_id, answers_about, answers, patient_id, reference, consent_id, payer_name, price_cents,
			decision, rule_version, facts_version, booked_at)
		SELECT w.id, 1, 'booked', physician_id, lane, service_id, tstzrange(a, z), tstzrange(a, z), state, time_zone,
			created_at + interval '1 second', updated_at, 0, account_id, w.patient, answers, w.patient, w.reference, consent_id, payer_name, price_cents,
			decision, rule_version, facts_version, booked_at
		FROM r, w`
}
