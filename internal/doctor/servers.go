package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/bedside-health/bedside/internal/stack"
	"github.com/bedside-health/bedside/migrations"
	"github.com/jackc/pgx/v5"
)

// mostDrift is how far the clocks of this machine and of the database may be apart: sessions and holds are judged by
// both.
const mostDrift = time.Second

// secrets are the checks of what only a configured process has.
func secrets(cfg *config.Config) []exam {
	return []exam{
		{"keys", "set BEDSIDE_SERVICE_KEY and BEDSIDE_COOKIE_KEY, or their _FILE, to 32 bytes of base64", func(context.Context) (string, error) {
			if _, _, err := cfg.Keys(); err != nil {
				return "", fmt.Errorf("reading the keys: %w", err)
			}
			return "set", nil
		}},
		{"keyset", "set BEDSIDE_KEYSET, or its _FILE, to the keyset that this database was sealed with", func(context.Context) (string, error) {
			if _, err := seal.ParseKeyset(cfg.Keyset); err != nil {
				return "", fmt.Errorf("reading the keyset: %w", err)
			}
			return "set", nil
		}},
	}
}

// texts looks for words that nobody has reviewed.
func texts(o Options) exam {
	return exam{"reviews of texts", "have them reviewed, and name the file with the reviews in BEDSIDE_REVIEWS", func(context.Context) (string, error) {
		switch {
		case o.Config.Demo:
			return "not needed in a demo", nil
		case o.Texts == nil:
			return "not looked at", nil
		}
		if err := o.Texts(); err != nil {
			return "", err
		}
		return "complete", nil
	}}
}

// servers are the checks of the servers that the settings name.
func servers(cfg *config.Config) []exam {
	exams := []exam{
		{"database", "check BEDSIDE_DATABASE_URL, the server and the network between", func(ctx context.Context) (string, error) {
			return primary(ctx, first(cfg.OwnerURL, cfg.DatabaseURL))
		}},
		{"clocks", "keep both clocks by NTP; a moved database clock is for tests alone", func(ctx context.Context) (string, error) {
			return clocks(ctx, first(cfg.OwnerURL, cfg.DatabaseURL))
		}},
	}
	for _, service := range migrations.Services() {
		exams = append(exams, exam{"role " + pg.RolePrefix + service,
			"run bedside migrate up, and check BEDSIDE_" + strings.ToUpper(service) + "_DB_PASSWORD",
			func(ctx context.Context) (string, error) { return role(ctx, cfg, service) }})
	}
	if cfg.OwnerURL != "" {
		exams = append(exams, exam{"schemas", "run bedside migrate up", func(ctx context.Context) (string, error) {
			return schemas(ctx, cfg.OwnerURL)
		}})
	}
	if cfg.ReplicaURL != "" {
		exams = append(exams, exam{"replica", "check BEDSIDE_REPLICA_URL and replication; reads go to the primary meanwhile", func(ctx context.Context) (string, error) {
			return replica(ctx, first(cfg.OwnerURL, cfg.DatabaseURL), cfg.ReplicaURL)
		}})
	}
	if cfg.RedisAddr != "" {
		exams = append(exams, exam{"Redis", "check BEDSIDE_REDIS_ADDR; everything works without, a little slower", func(ctx context.Context) (string, error) {
			return cfg.RedisAddr, stack.PingRedis(ctx, cfg.RedisAddr)
		}})
	}
	if cfg.SMTPAddr != "" {
		exams = append(exams, exam{"mail relay", "check BEDSIDE_SMTP_ADDR; mail waits and is sent later", func(ctx context.Context) (string, error) {
			return cfg.SMTPAddr, greeted(ctx, cfg.SMTPAddr)
		}})
	}
	return append(exams, neighbors(cfg)...)
}

func neighbors(cfg *config.Config) []exam {
	var exams []exam
	urls := cfg.URLs()
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		if urls[name] == "" {
			continue
		}
		exams = append(exams, exam{"target " + name, "check BEDSIDE_" + strings.ToUpper(name) + "_URL and that target's log", func(ctx context.Context) (string, error) {
			return urls[name], alive(ctx, urls[name])
		}})
	}
	return exams
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func connected(ctx context.Context, url string, fn func(*pgx.Conn) error) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("the address is not a Postgres URL") // the cause would repeat a password
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", cfg.Host, err)
	}
	defer conn.Close(ctx)
	return fn(conn)
}

func primary(ctx context.Context, url string) (string, error) {
	var version string
	var number int
	var standby bool
	err := connected(ctx, url, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery()").
			Scan(&version, &number, &standby)
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("asking the database: %w", err)
	case number < 150000:
		return "", fmt.Errorf("version %s, at least 15 is needed", version)
	case standby:
		return "", errors.New("this is a standby, not the primary")
	}
	return "version " + version, nil
}

func clocks(ctx context.Context, url string) (string, error) {
	var apart time.Duration
	err := connected(ctx, url, func(c *pgx.Conn) error {
		var there time.Time
		if err := c.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
			return fmt.Errorf("asking for the time: %w", err)
		}
		apart = time.Since(there).Abs()
		return clock.CheckUnmoved(ctx, c)
	})
	if err != nil {
		return "", fmt.Errorf("comparing clocks: %w", err)
	}
	if apart > mostDrift {
		return "", fmt.Errorf("the database's clock is %s away from this machine's", apart.Round(time.Millisecond))
	}
	return "together", nil
}

func role(ctx context.Context, cfg *config.Config, service string) (string, error) {
	url, err := pg.RoleURL(cfg.DatabaseURL, service, cfg.Passwords()[service])
	if err != nil {
		return "", fmt.Errorf("reading BEDSIDE_DATABASE_URL: %w", err)
	}
	var may bool
	err = connected(ctx, url, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT has_schema_privilege($1, 'USAGE')", service).Scan(&may)
	})
	if err != nil {
		return "", fmt.Errorf("signing in: %w", err)
	}
	if !may {
		return "", fmt.Errorf("it may not use schema %s", service)
	}
	return "signs in", nil
}

func schemas(ctx context.Context, owner string) (string, error) {
	all, err := migrate.Statuses(ctx, owner, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", fmt.Errorf("reading the histories: %w", err)
	}
	for _, s := range all {
		if s.Current < s.Target {
			return "", fmt.Errorf("schema %s is at version %d, this program brings %d", s.Schema, s.Current, s.Target)
		}
	}
	return fmt.Sprintf("%d, up to date", len(all)), nil
}

func replica(ctx context.Context, at, url string) (string, error) {
	var position string
	err := connected(ctx, at, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT pg_current_wal_lsn()::text").Scan(&position)
	})
	if err != nil {
		return "", fmt.Errorf("asking the primary: %w", err)
	}
	var standby bool
	var behind int64
	err = connected(ctx, url, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT pg_is_in_recovery(), greatest(0, pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()))::bigint", position).Scan(&standby, &behind)
	})
	if err != nil {
		return "", fmt.Errorf("asking the replica: %w", err)
	}
	if !standby {
		return "", errors.New("this is no standby")
	}
	return fmt.Sprintf("%d bytes behind", behind), nil
}

func greeted(ctx context.Context, addr string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return fmt.Errorf("connecting: %w", err)
		}
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("waiting for its greeting: %w", err)
	}
	if !strings.HasPrefix(line, "220") {
		return fmt.Errorf("it greets with %q", strings.TrimSpace(line))
	}
	return nil
}

func alive(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/livez", nil)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", res.Status)
	}
	return nil
}
