// Package migrate makes roles and schemas and brings them up to date. It runs
// as the owner of the database, never as a service's role, and one run at a
// time: a second one waits.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/migrations"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

// lockKey is the advisory lock that one migration run holds on its own
// connection, outside of every pool.
const lockKey = 0x62656473696465

// versionTable stands in each schema.
const versionTable = "goose_db_version"

// Status is where one schema stands.
type Status struct {
	Schema          string
	Current, Target int64
}

// Up makes what is missing: roles, schemas, extensions, tables, grants.
// Passwords maps a service to the password of its role; a service that is not
// in it gets a role without one (for sockets that are trusted).
func Up(ctx context.Context, ownerURL string, passwords map[string]string, log *slog.Logger) error {
	db, err := open(ownerURL)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reaching the database as its owner: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lockKey); err != nil {
		return fmt.Errorf("waiting for another migration run: %w", err)
	}
	if err := bootstrap(ctx, conn, passwords); err != nil {
		return err
	}
	for _, schema := range append(migrations.Shared(), migrations.Services()...) {
		if err := upSchema(ctx, db, schema, log); err != nil {
			return err
		}
	}
	for _, schema := range migrations.Services() {
		if err := upJobs(ctx, db, schema); err != nil {
			return err
		}
		if err := grant(ctx, conn, schema); err != nil {
			return err
		}
	}
	return nil
}

// open makes a small database/sql handle, which goose asks for.
func open(ownerURL string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return nil, errors.New("the owner's database URL is not a Postgres URL")
	}
	cfg.RuntimeParams["application_name"] = "bedside-migrate"
	// A migration that cannot get its lock gives up rather than queue every
	// reader behind it; it is tried again by running it again.
	cfg.RuntimeParams["lock_timeout"] = "5s"
	cfg.RuntimeParams["search_path"] = "pg_catalog, ext"
	return stdlib.OpenDB(*cfg), nil
}

// bootstrap makes schemas, the extension and the login roles.
func bootstrap(ctx context.Context, conn *sql.Conn, passwords map[string]string) error {
	stmts := []string{
		`CREATE SCHEMA IF NOT EXISTS ext`,
		`CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA ext`,
		`GRANT USAGE ON SCHEMA ext TO PUBLIC`,
	}
	for _, s := range migrations.Shared() {
		stmts = append(stmts, `CREATE SCHEMA IF NOT EXISTS `+quote(s))
	}
	for _, s := range migrations.Services() {
		role := quote(pg.RolePrefix + s)
		stmts = append(stmts,
			`CREATE SCHEMA IF NOT EXISTS `+quote(s),
			// Roles belong to the whole cluster: two databases may race.
			`DO $$ BEGIN CREATE ROLE `+role+` LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
		)
	}
	for _, s := range stmts {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("preparing the database (%s): %w", s, err)
		}
	}
	for _, s := range migrations.Services() {
		if err := settle(ctx, conn, s, passwords[s]); err != nil {
			return err
		}
	}
	return nil
}

// settle gives a role its settings where they differ: altering a role in each
// of many databases at once would clash.
func settle(ctx context.Context, conn *sql.Conn, service, password string) error {
	role := pg.RolePrefix + service
	want := [][2]string{
		{"search_path", service + ", ext"},
		{"lock_timeout", "1500ms"},
		{"statement_timeout", "10s"},
		{"idle_in_transaction_session_timeout", "5s"},
		{"timezone", "UTC"},
	}
	for _, w := range want {
		var has bool
		err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
			WHERE r.rolname = $1 AND s.setdatabase = 0 AND $2 = ANY (s.setconfig))`, role, w[0]+"="+w[1]).Scan(&has)
		if err != nil {
			return fmt.Errorf("reading the settings of role %s: %w", role, err)
		}
		if has {
			continue
		}
		value := `'` + w[1] + `'`
		if w[0] == "search_path" {
			value = quote(service) + `, ext`
		}
		if _, err := conn.ExecContext(ctx, `ALTER ROLE `+quote(role)+` SET `+w[0]+` = `+value); err != nil {
			return fmt.Errorf("setting %s of role %s: %w", w[0], role, err)
		}
	}
	if password == "" {
		return nil
	}
	var stmt string
	if err := conn.QueryRowContext(ctx, `SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)`, role, password).Scan(&stmt); err != nil {
		return fmt.Errorf("preparing the password of role %s: %w", role, err)
	}
	if _, err := conn.ExecContext(ctx, stmt); err != nil {
		return fmt.Errorf("setting the password of role %s failed", role) // the cause could repeat it
	}
	return nil
}

// provider opens the history of one schema.
func provider(db *sql.DB, schema string, log *slog.Logger) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations.FS, schema)
	if err != nil {
		return nil, fmt.Errorf("opening migrations/%s: %w", schema, err)
	}
	store, err := database.NewStore(database.DialectPostgres, schema+"."+versionTable)
	if err != nil {
		return nil, fmt.Errorf("opening the history of %s: %w", schema, err)
	}
	p, err := goose.NewProvider("", db, dir, goose.WithStore(store), goose.WithSlog(log), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("reading migrations/%s: %w", schema, err)
	}
	return p, nil
}

func upSchema(ctx context.Context, db *sql.DB, schema string, log *slog.Logger) error {
	p, err := provider(db, schema, log)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating schema %s: %w", schema, err)
	}
	return nil
}

// upJobs brings the job queue's tables in the service's schema up to date.
func upJobs(ctx context.Context, db *sql.DB, schema string) error {
	m, err := rivermigrate.New(riverdatabasesql.New(db), &rivermigrate.Config{
		Schema: schema, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return fmt.Errorf("opening the job migrations of %s: %w", schema, err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrating the job tables of %s: %w", schema, err)
	}
	return nil
}

// grant gives a service's role its own tables and the shared functions, and
// nothing else.
func grant(ctx context.Context, conn *sql.Conn, service string) error {
	role, schema := quote(pg.RolePrefix+service), quote(service)
	for _, s := range []string{
		`GRANT USAGE ON SCHEMA ` + schema + `, clock, audit TO ` + role,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ` + schema + ` TO ` + role,
		`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ` + schema + ` TO ` + role,
		`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ` + schema + `, clock, audit TO ` + role,
		`REVOKE INSERT, UPDATE, DELETE ON ` + schema + `.` + versionTable + ` FROM ` + role,
	} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("granting %s its own schema (%s): %w", role, s, err)
		}
	}
	return nil
}

// Statuses reports where each schema stands.
func Statuses(ctx context.Context, ownerURL string, log *slog.Logger) ([]Status, error) {
	db, err := open(ownerURL)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var out []Status
	for _, schema := range append(migrations.Shared(), migrations.Services()...) {
		p, err := provider(db, schema, log)
		if err != nil {
			return nil, err
		}
		cur, target, err := p.GetVersions(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s (has `bedside migrate up` run?): %w", schema, err)
		}
		out = append(out, Status{Schema: schema, Current: cur, Target: target})
	}
	return out, nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
