package pg

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX is what generated queries run on: a pool or a transaction.
type DBTX interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Config says where a service's database is and how much of it it may use.
type Config struct {
	// Primary is the URL of the primary; its user is replaced by the
	// service's role.
	Primary string
	// Replica is the URL of a readable standby; empty for none.
	Replica string
	// Service names the schema and, with the prefix "bedside_", the role.
	Service string
	// Password of the role; empty where the socket alone is trusted.
	Password string
	// MaxConns is the pool's maximum at the primary; the replica's pool has
	// the same.
	MaxConns int32
}

// DB is a service's own database: its writer and its reader.
type DB struct {
	W *Writer
	R *Reader
}

// RolePrefix stands before a service's name in the name of its login role.
const RolePrefix = "bedside_"

// Open builds the pools. It does not wait for the servers: readiness does.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	primary, err := newPool(ctx, cfg.Primary, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the primary for %s: %w", cfg.Service, err)
	}
	db := &DB{W: &Writer{pool: primary}, R: &Reader{primary: primary}}
	if cfg.Replica == "" {
		return db, nil
	}
	replica, err := newPool(ctx, cfg.Replica, cfg)
	if err != nil {
		primary.Close()
		return nil, fmt.Errorf("opening the replica for %s: %w", cfg.Service, err)
	}
	db.R.replica = newReplica(replica)
	return db, nil
}

func newPool(ctx context.Context, base string, cfg Config) (*pgxpool.Pool, error) {
	as, err := RoleURL(base, cfg.Service, cfg.Password)
	if err != nil {
		return nil, err
	}
	pc, err := pgxpool.ParseConfig(as)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	pc.MaxConns = max(cfg.MaxConns, 1)
	pc.MaxConnIdleTime = 5 * time.Minute
	pc.HealthCheckPeriod = 15 * time.Second
	pc.ConnConfig.ConnectTimeout = 3 * time.Second
	pc.ConnConfig.RuntimeParams["application_name"] = "bedside-" + cfg.Service
	pc.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		knowUUIDs(c.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("making the pool: %w", err)
	}
	return pool, nil
}

// RoleURL rewrites a database URL to log in as a service's role.
func RoleURL(base, service, password string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		// The cause would repeat the URL, and with it a password.
		return "", fmt.Errorf("the database URL is not a URL")
	}
	if password != "" {
		u.User = url.UserPassword(RolePrefix+service, password)
	} else {
		u.User = url.User(RolePrefix + service)
	}
	return u.String(), nil
}

// Close closes the pools.
func (db *DB) Close() {
	if db.R.replica != nil {
		db.R.replica.close()
	}
	db.W.pool.Close()
}

// Ping says whether the primary answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.W.pool.Ping(ctx); err != nil {
		return fmt.Errorf("asking the primary: %w", err)
	}
	return nil
}

// Stat returns the primary pool's connections: in use, idle and the maximum.
func (db *DB) Stat() (used, idle, most int32) {
	s := db.W.pool.Stat()
	return s.AcquiredConns(), s.IdleConns(), s.MaxConns()
}
