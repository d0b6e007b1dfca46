package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/stack"
	"github.com/jackc/pgx/v5"
)

//go:embed booking.sql
var bookingSQL string

// at opens one connection for some statements.
func at(ctx context.Context, address string, fn func(c *pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	return errors.Join(fn(c), c.Close(context.WithoutCancel(ctx)))
}

func (st *stage) count(ctx context.Context, address, sql string, args ...any) (int64, error) {
	var n int64
	err := at(ctx, address, func(c *pgx.Conn) error {
		if err := c.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
			return fmt.Errorf("counting: %w", err)
		}
		return nil
	})
	return n, err
}

// family makes more patients like the demo patient, for whom her account may
// act: one alone could not be everywhere at once.
func (st *stage) family(ctx context.Context, d *desk, n int) ([]string, error) {
	var out []string
	err := at(ctx, st.stack.PrimaryURL(), func(c *pgx.Conn) error {
		rows, err := c.Query(ctx, `
			WITH made AS (
				INSERT INTO scheduling.patients (patient_id, given_name, family_name, birth_date, language, email, time_zone, facts, version)
				SELECT gen_random_uuid(), given_name, family_name, birth_date, language, email, time_zone, facts, version
				FROM scheduling.patients, generate_series(1, $2::int) WHERE patient_id = $1::uuid
				RETURNING patient_id),
			acting AS (
				INSERT INTO scheduling.acts_for (account_id, patient_id, relation, from_day)
				SELECT $3::uuid, patient_id, 'self', '2020-01-01' FROM made)
			SELECT patient_id::text FROM made`, d.patient, n, d.account)
		if err != nil {
			return fmt.Errorf("making patients: %w", err)
		}
		more, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("making patients: %w", err)
		}
		out = more
		return nil
	})
	if err != nil {
		return nil, err
	}
	for replayed := int64(0); replayed <= int64(n); {
		if replayed, err = st.count(ctx, st.stack.StandbyURL(), "SELECT count(*) FROM scheduling.patients"); err != nil {
			return nil, err
		}
		<-time.After(10 * time.Millisecond)
	}
	return out, nil
}

var (
	tpsLine    = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	failedLine = regexp.MustCompile(`(?m)^number of failed transactions: ([0-9]+)`)
)

// pgbench runs the statements of a booking as scheduling's role.
func (st *stage) pgbench(ctx context.Context, o options, vars map[string]string) (float64, error) {
	postgres, err := stack.FindPostgres()
	if err != nil {
		return 0, fmt.Errorf("finding pgbench: %w", err)
	}
	address, err := url.Parse(st.stack.PrimaryURL())
	if err != nil {
		return 0, fmt.Errorf("reading the database's address: %w", err)
	}
	address.User = url.User("bedside_scheduling")
	script := filepath.Join(st.dir, "booking.sql")
	if err := os.WriteFile(script, []byte(bookingSQL), 0o600); err != nil {
		return 0, fmt.Errorf("writing the script: %w", err)
	}
	clients := strconv.Itoa(o.clients)
	args := []string{"-n", "-M", "prepared", "-f", script, "-c", clients, "-j", clients, "-T", strconv.Itoa(max(int(o.during.Seconds()), 1))}
	for name, value := range vars {
		args = append(args, "-D", name+"="+value)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(postgres.Bin, "pgbench"), append(args, address.String())...).CombinedOutput() //nolint:gosec // the installed pgbench, with arguments of our own
	if err != nil {
		return 0, fmt.Errorf("running pgbench: %w\n%s", err, out)
	}
	m := tpsLine.FindSubmatch(out)
	if failed := failedLine.FindSubmatch(out); m == nil || (failed != nil && string(failed[1]) != "0") {
		return 0, fmt.Errorf("pgbench failed:\n%s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
