// Package pgtest gives tests a database of their own: a clone of the migrated
// template, on the private server that `make test` starts.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
)

// The environment that the test runner sets.
const (
	EnvPrimary  = "BEDSIDE_TEST_POSTGRES"
	EnvStandby  = "BEDSIDE_TEST_STANDBY"
	EnvTemplate = "BEDSIDE_TEST_TEMPLATE"
	EnvRedis    = "BEDSIDE_TEST_REDIS"
)

// Database is a clone of the template.
type Database struct {
	// Owner is the URL for the database's owner at the primary.
	Owner string
	// Standby is the same database at the standby; empty without one.
	Standby string
}

// New clones the template and drops the clone when the test ends. A missing
// server fails the test: it is never skipped.
func New(t testing.TB) Database {
	t.Helper()
	admin, template := need(t, EnvPrimary), need(t, EnvTemplate)
	name := "t_" + strings.ReplaceAll(ids.NewUUID().String(), "-", "")
	exec(t, admin, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s`, quote(name), quote(template)))
	t.Cleanup(func() { exec(t, admin, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, quote(name))) })
	db := Database{Owner: withDatabase(t, admin, name)}
	if s := os.Getenv(EnvStandby); s != "" {
		db.Standby = withDatabase(t, s, name)
	}
	return db
}

// Open is New for a test of one service: a small pool with that service's own
// role, without a replica.
func Open(t testing.TB, service string) *pg.DB {
	t.Helper()
	return New(t).As(t, service)
}

// As opens the database with a service's role.
func (d Database) As(t testing.TB, service string) *pg.DB {
	t.Helper()
	return d.open(t, pg.Config{Primary: d.Owner, Service: service, MaxConns: 8})
}

// WithReplica opens the database with a service's role and the standby.
func (d Database) WithReplica(t testing.TB, service string) *pg.DB {
	t.Helper()
	if d.Standby == "" {
		t.Fatalf("%s is not set: run the tests through `make test`", EnvStandby)
	}
	return d.open(t, pg.Config{Primary: d.Owner, Replica: d.Standby, Service: service, MaxConns: 8})
}

func (d Database) open(t testing.TB, cfg pg.Config) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("opening the test database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Exec runs a statement as the owner, for what no service may do: reading the
// audit trail, moving the clock.
func (d Database) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	d.conn(t, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, sql, args...)
		return err
	})
}

// Query scans one row of one statement as the owner.
func (d Database) Query(t testing.TB, sql string, dest ...any) {
	t.Helper()
	d.conn(t, func(ctx context.Context, c *pgx.Conn) error { return c.QueryRow(ctx, sql).Scan(dest...) })
}

// MoveClock sets the database's clock by an offset; the Go clock is moved
// separately.
func (d Database) MoveClock(t testing.TB, by time.Duration) {
	t.Helper()
	d.Exec(t, `INSERT INTO clock.setting (offset_by) VALUES ($1) ON CONFLICT (single) DO UPDATE SET offset_by = excluded.offset_by`, by)
}

// Redis returns the address of the private Redis.
func Redis(t testing.TB) string {
	t.Helper()
	return need(t, EnvRedis)
}

func (d Database) conn(t testing.TB, fn func(ctx context.Context, c *pgx.Conn) error) {
	t.Helper()
	withConn(t, d.Owner, fn)
}

func exec(t testing.TB, at, sql string) {
	t.Helper()
	withConn(t, at, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, sql)
		return err
	})
}

func withConn(t testing.TB, at string, fn func(ctx context.Context, c *pgx.Conn) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatalf("reaching the test server: %v", err)
	}
	defer c.Close(ctx)
	if err := fn(ctx, c); err != nil {
		t.Fatalf("on the test server: %v", err)
	}
}

func need(t testing.TB, key string) string {
	t.Helper()
	v := os.Getenv(key)
	if v == "" {
		t.Fatalf("%s is not set: run the tests through `make test`, or see CONTRIBUTING for a server that stays up", key)
	}
	return v
}

func withDatabase(t testing.TB, at, name string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatalf("%s is not a URL", at)
	}
	u.Path = "/" + name
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
