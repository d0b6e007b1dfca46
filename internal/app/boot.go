package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/revoked"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/bedside-health/bedside/internal/verify"
	"github.com/riverqueue/river"
)

// boot is what the targets of one process share while they are built.
type boot struct {
	ctx      context.Context //nolint:containedctx // lives only while booting
	cfg      *config.Config
	version  string
	log      *slog.Logger
	clock    clock.Clock
	metrics  *obs.Metrics
	tracing  *obs.Tracing
	net      *rpc.Network
	redis    *cache.Client
	bell     *cache.Bell
	throttle *cache.Throttle
	revoked  *revoked.Set
	verifier *verify.Verifier
	cookie   []byte
	// pool is the maximum of the target that is being built.
	pool int32
}

func newBoot(ctx context.Context, cfg *config.Config, local []string, version string, log *slog.Logger, at clock.Clock) (*boot, error) {
	service, cookie, err := cfg.Keys()
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	b := &boot{
		ctx: ctx, cfg: cfg, version: version, log: log, clock: at, cookie: cookie,
		metrics: obs.NewMetrics(), tracing: obs.NoTracing(), redis: cache.New(cfg.RedisAddr, log),
	}
	if cfg.OTLPEndpoint != "" {
		if b.tracing, err = obs.NewTracing(ctx, cfg.OTLPEndpoint, local[0], version); err != nil {
			return nil, err
		}
	}
	b.bell, b.throttle = cache.NewBell(b.redis), cache.NewThrottle(b.redis)
	b.net, err = rpc.New(rpc.Config{
		Local: local, URLs: cfg.URLs(), Self: local[0], ServiceKey: service,
		Log: log, Metrics: b.metrics, Tracing: b.tracing,
	})
	if err != nil {
		return nil, fmt.Errorf("making the network: %w", err)
	}
	auth, err := client(b, "auth", authv1connect.NewAuthServiceClient)
	if err != nil {
		return nil, err
	}
	b.revoked = revoked.New(auth, b.clock, log)
	b.verifier = verify.New(auth, b.revoked, b.clock, log)
	b.net.SetVerifier(b.verifier)
	return b, nil
}

// ready says whether sign-ins can be checked here.
func (b *boot) ready(ctx context.Context) error {
	return errors.Join(b.verifier.Ready(ctx), b.revoked.Ready(ctx))
}

// client makes a generated client of a target.
func client[C any](b *boot, target string, make func(*connect.Client) C) (C, error) {
	c, err := b.net.Client(target)
	if err != nil {
		var zero C
		return zero, fmt.Errorf("reaching target %s: %w", target, err)
	}
	return make(c), nil
}

// store is what every service with a schema of its own has.
type store struct {
	db      *pg.DB
	seal    *seal.Sealer
	reads   *audit.Reads
	workers *river.Workers
	queue   *jobs.Queue
	mail    mail.Sender
}

// open opens the database and the jobs of a service.
func (b *boot) open(service string) (*store, error) {
	keyset, err := seal.ParseKeyset(b.cfg.Keyset)
	if err != nil {
		return nil, fmt.Errorf("reading %sKEYSET: %w", config.Prefix, err)
	}
	db, err := pg.Open(b.ctx, pg.Config{
		Primary: b.cfg.DatabaseURL, Replica: b.cfg.ReplicaURL, Service: service,
		Password: b.cfg.Passwords()[service], MaxConns: b.pool,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	s := &store{db: db, seal: seal.New(keyset), reads: audit.NewReads(db), workers: river.NewWorkers()}
	if s.mail, err = mail.NewSMTP(mail.Config{
		Addr: b.cfg.SMTPAddr, From: b.cfg.SMTPFrom, User: b.cfg.SMTPUser, Password: b.cfg.SMTPPassword, Plain: b.cfg.SMTPPlain,
	}); err != nil {
		db.Close()
		return nil, fmt.Errorf("reaching the mail relay: %w", err)
	}
	if s.queue, err = jobs.New(service, db, s.workers, b.log); err != nil {
		db.Close()
		return nil, fmt.Errorf("making the job queue: %w", err)
	}
	used := func() float64 { n, _, _ := db.Stat(); return float64(n) }
	b.metrics.Gauge("bedside_pool_connections_used", "Connections of a service's pool in use.", map[string]string{"service": service}, used)
	return s, nil
}

// part frames a service's own runners: the audit recorder first, so that it
// stops last; jobs last, so that they stop first.
func (b *boot) part(s *store, ready func(context.Context) error, runners []lifecycle.Runner) *part {
	all := append([]lifecycle.Runner{s.reads}, runners...)
	all = append(all, sweeper(s.db, b.log))
	if s.queue != nil {
		all = append(all, s.queue)
	}
	unmoved := func(ctx context.Context) error {
		if b.cfg.Demo {
			return nil
		}
		return clock.CheckUnmoved(ctx, s.db.W.DB())
	}
	return &part{
		runners: all, close: s.db.Close, unmoved: unmoved,
		ready: func(ctx context.Context) error {
			if err := s.db.Ping(ctx); err != nil {
				return err
			}
			if err := unmoved(ctx); err != nil {
				return err
			}
			return ready(ctx)
		},
	}
}

// sweeper forgets old idempotency keys, hourly.
func sweeper(db *pg.DB, log *slog.Logger) lifecycle.Runner {
	return lifecycle.Every("sweep of idempotency keys", log, hourly, func(ctx context.Context) error { return once.Sweep(ctx, db) })
}
