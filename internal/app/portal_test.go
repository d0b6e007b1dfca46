package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/rpc"
	"google.golang.org/protobuf/proto"
)

// patience is how long anything may take on a busy machine of two cores.
const patience = 30 * time.Second

// portal is a whole Bedside within a test: every target in one process, or
// each behind a listener of its own. Its callers reach it as web does.
type portal struct {
	db      pgtest.Database
	mail    *mailbox.Mailbox
	logs    *journal
	secrets Secrets
	redis   string
	// clock is that of every process; the database has its own.
	clock clock.Clock
	// apps has the process of each target; where they share one, the same.
	apps map[string]*App
	// net is how callers reach the services, by default.
	net *rpc.Network
	// addresses makes every sign-in come from somewhere else.
	addresses atomic.Int32
}

// journal keeps what the processes log.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(p)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}

func newPortal(t *testing.T, redis string) *portal {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p := &portal{db: pgtest.New(t), logs: new(journal), redis: redis, clock: clock.Offset(0), apps: map[string]*App{}}
	var err error
	if p.secrets, err = LocalSecrets(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if p.mail, err = mailbox.Start(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p.mail.Stop) })
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.logs.troubles())
		}
	})
	return p
}

// troubles are the first lines that are more than information.
func (j *journal) troubles() string {
	var out []string
	for line := range strings.Lines(j.text()) {
		if !strings.Contains(line, `"level":"INFO"`) && len(out) < 10 {
			out = append(out, line)
		}
	}
	return "warnings in the log:\n" + strings.Join(out, "")
}

func stop(t *testing.T, fn func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := fn(ctx); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// config is what an operator would set for a process of this portal.
func (p *portal) config() *config.Config {
	return &config.Config{
		Listen: "127.0.0.1:0", BaseURL: "http://portal.example.test", DatabaseURL: p.db.Owner, ReplicaURL: p.db.Standby,
		RedisAddr: p.redis, SMTPAddr: p.mail.SMTPAddr(), SMTPFrom: "no-reply@bedside.test", SMTPPlain: true,
		ServiceKey: p.secrets.ServiceKey, CookieKey: p.secrets.CookieKey, Keyset: p.secrets.Keyset,
		HelpPhone: "1-800-555-0199", TrustedProxies: "127.0.0.1/32", LogLevel: "info", Demo: true,
	}
}

// run starts a process with some targets and waits until it is ready.
func (p *portal) run(t *testing.T, cfg *config.Config, names string) *App {
	t.Helper()
	targets, err := Select(names)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := newAt(ctx, cfg, targets, "test", obs.NewLogger(p.logs, slog.LevelInfo, names), p.clock)
	if err != nil {
		t.Fatalf("building %s: %v", names, err)
	}
	if err := a.Start(ctx); err != nil {
		t.Fatalf("starting %s: %v", names, err)
	}
	t.Cleanup(func() { stop(t, a.Stop) })
	if err := a.WaitReady(ctx); err != nil {
		t.Fatalf("%s: %v", names, err)
	}
	for _, target := range targets {
		p.apps[target.Name] = a
	}
	return a
}

func (p *portal) seed(t *testing.T, a *App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := a.Seed(ctx); err != nil {
		t.Fatalf("seeding: %v", err)
	}
}

// whole is a portal in one process, with its demo people.
func whole(t *testing.T, redis string) *portal {
	t.Helper()
	p := newPortal(t, redis)
	a := p.run(t, p.config(), All)
	p.seed(t, a)
	p.net = a.boot.net
	return p
}

// split is a portal whose every target runs behind its own listener, knowing
// no more addresses than the map says that it calls.
func split(t *testing.T, redis string) *portal {
	t.Helper()
	p := newPortal(t, redis)
	for _, target := range Targets() {
		cfg := p.config()
		for _, called := range target.Calls {
			if a := p.apps[called]; a != nil {
				setURL(cfg, called, "http://"+a.Addr())
			}
		}
		p.seed(t, p.run(t, cfg, target.Name))
	}
	p.net = p.outside(t, p.secrets.ServiceKey)
	return p
}

func setURL(cfg *config.Config, target, url string) {
	*map[string]*string{
		"auth": &cfg.AuthURL, "enrollment": &cfg.EnrollmentURL, "licensing": &cfg.LicensingURL, "scheduling": &cfg.SchedulingURL,
	}[target] = url
}

// outside is a caller in a process of its own, with a service key that may be
// the wrong one.
func (p *portal) outside(t *testing.T, serviceKey string) *rpc.Network {
	t.Helper()
	cfg := p.config()
	cfg.ServiceKey = serviceKey
	for _, target := range Targets() {
		if target.Pool > 0 {
			setURL(cfg, target.Name, "http://"+p.apps[target.Name].Addr())
		}
	}
	key, _, err := cfg.Keys()
	if err != nil {
		t.Fatal(err)
	}
	n, err := rpc.New(rpc.Config{
		URLs: cfg.URLs(), Self: "test", ServiceKey: key,
		Log: slog.New(slog.DiscardHandler), Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// call makes a call by the name of its method.
func call(ctx context.Context, n *rpc.Network, m method, req proto.Message) (proto.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := n.Client(m.target())
	if err != nil {
		return nil, err
	}
	res := m.output()
	return res, client.CallUnary(ctx, connect.Spec{Schema: m.desc, Procedure: m.procedure()}, req, res)
}

// address is a client address that no other attempt has.
func (p *portal) address() string {
	n := p.addresses.Add(1)
	return fmt.Sprintf("198.18.%d.%d", n/250, n%250+1)
}

func (p *portal) client() *authv1.Client {
	return &authv1.Client{Address: p.address(), UserAgent: "Test/1.0"}
}

// signIn opens a new session of a demo account.
func (p *portal) signIn(t *testing.T, role rpcv1.Role) *authv1.Session {
	t.Helper()
	res, err := call(t.Context(), p.net, methodNamed("/bedside.auth.v1.AuthService/SignInDemo"), &authv1.SignInDemoRequest{Role: role, Client: p.client()})
	if err != nil {
		t.Fatalf("signing in as %s: %v", role, err)
	}
	return res.(*authv1.SignInDemoResponse).GetSession()
}

// page is a base URL of the pages.
func (p *portal) page(path string) string { return "http://" + p.apps["web"].Addr() + path }

// until asks again and again, and fails the test if the answer stays no.
func until(t *testing.T, what string, within time.Duration, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, within)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// browser follows no redirects and keeps no cookies: tests send their own.
func browser() *http.Client {
	return &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
