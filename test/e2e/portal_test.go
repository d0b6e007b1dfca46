package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/pgtest"
)

// portal is a whole Bedside of its own: database, mailbox and processes of the
// real program.
type portal struct {
	t    *testing.T
	db   pgtest.Database
	box  *mailbox.Mailbox
	env  []string
	addr map[string]string // target → host:port; "all" in one process
	proc map[string]*process
	base string
}

// process is one `bedside serve`.
type process struct {
	cmd  *exec.Cmd
	out  *tail
	done chan struct{}
}

// options of a portal.
type options struct {
	redis string // empty: the shared test Redis
	split bool
}

// start brings up a portal with demo people in it, and waits until it is
// ready.
func start(t *testing.T, o options) *portal {
	t.Helper()
	p := &portal{t: t, db: pgtest.New(t), addr: map[string]string{}, proc: map[string]*process{}}
	box, err := mailbox.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.box = box
	t.Cleanup(func() { _ = box.Stop(context.Background()) })
	p.settings(o)
	p.run("demo", "seed")
	if o.split {
		p.startSplit()
	} else {
		p.startAll()
	}
	return p
}

func (p *portal) settings(o options) {
	p.t.Helper()
	secrets, err := app.LocalSecrets(p.t.TempDir())
	if err != nil {
		p.t.Fatal(err)
	}
	if o.redis == "" {
		o.redis = pgtest.Redis(p.t)
	}
	p.base = "http://" + free(p.t)
	p.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.t.TempDir(), "BEDSIDE_ADMIN_LISTEN=off", "BEDSIDE_LAME_DUCK=0s", "BEDSIDE_DEMO=true",
		"BEDSIDE_DATABASE_URL=" + p.db.Owner, "BEDSIDE_REPLICA_URL=" + p.db.Standby, "BEDSIDE_OWNER_URL=" + p.db.Owner,
		"BEDSIDE_REDIS_ADDR=" + o.redis, "BEDSIDE_SMTP_ADDR=" + p.box.SMTPAddr(), "BEDSIDE_SMTP_PLAIN=true",
		"BEDSIDE_SERVICE_KEY=" + secrets.ServiceKey, "BEDSIDE_COOKIE_KEY=" + secrets.CookieKey, "BEDSIDE_KEYSET=" + secrets.Keyset,
		"BEDSIDE_BASE_URL=" + p.base,
	}
}

// free returns an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// run runs a command of the program to its end.
func (p *portal) run(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("bedside %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// refused runs a command that must fail, and returns what it says.
func (p *portal) refused(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		p.t.Fatalf("bedside %s was not refused:\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

func (p *portal) startAll() {
	p.t.Helper()
	p.serve("all", strings.TrimPrefix(p.base, "http://"))
	p.ready("all")
}

// startSplit runs every target as a process of its own.
func (p *portal) startSplit() {
	p.t.Helper()
	for _, t := range app.Targets() {
		p.addr[t.Name] = free(p.t)
		p.env = append(p.env, fmt.Sprintf("BEDSIDE_%s_URL=http://%s", strings.ToUpper(t.Name), p.addr[t.Name]))
	}
	p.addr["web"] = strings.TrimPrefix(p.base, "http://")
	for _, t := range app.Targets() {
		p.serve(t.Name, p.addr[t.Name])
	}
	for _, t := range app.Targets() {
		p.ready(t.Name)
	}
}

// serve starts a target at an address.
func (p *portal) serve(target, addr string) {
	p.t.Helper()
	p.addr[target] = addr
	cmd := exec.CommandContext(context.Background(), program, "serve", "--target="+target)
	cmd.Env = append(p.env, "BEDSIDE_LISTEN="+addr)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out := newTail()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	pr := &process{cmd: cmd, out: out, done: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(pr.done) }()
	p.proc[target] = pr
	p.t.Cleanup(func() { p.stop(target) })
}

// stop ends a target in order; again, it does nothing.
func (p *portal) stop(target string) {
	pr := p.proc[target]
	_ = pr.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-pr.done:
	case <-time.After(40 * time.Second):
		_ = pr.cmd.Process.Kill()
		<-pr.done
		p.t.Errorf("%s did not stop by itself", target)
	}
	if p.t.Failed() {
		p.t.Logf("--- last words of %s:\n%s", target, pr.out.String())
	}
}

// kill ends a target as a power cut would.
func (p *portal) kill(target string) {
	p.t.Helper()
	pr := p.proc[target]
	if err := pr.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-pr.done
}

// ready waits until a target says so.
func (p *portal) ready(target string) {
	p.t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for {
		status, body := p.readyz(target)
		if status == http.StatusOK {
			return
		}
		select {
		case <-p.proc[target].done:
			p.t.Fatalf("%s ended:\n%s", target, p.proc[target].out.String())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not get ready: %s\n%s", target, body, p.proc[target].out.String())
		}
	}
}

func (p *portal) readyz(target string) (int, string) {
	res, err := http.Get("http://" + p.addr[target] + "/readyz?verbose") //nolint:noctx // a test's own probe
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// mailTo waits for a mail to somebody whose text or subject has a word in it,
// and returns the newest such.
func (p *portal) mailTo(to, word string) mailbox.Message {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 60*time.Second)
	defer cancel()
	m, err := p.box.Wait(ctx, func(m *mailbox.Message) bool {
		for _, t := range m.To {
			if strings.EqualFold(t, to) && (strings.Contains(m.Text, word) || strings.Contains(m.Subject, word)) {
				return true
			}
		}
		return false
	})
	if err != nil {
		p.t.Fatalf("no mail to %s with %q: %v", to, word, err)
	}
	return m
}

// tail keeps the last words of a process.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func newTail() *tail { return new(tail) }

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if len(t.buf) > 32<<10 {
		t.buf = append([]byte(nil), t.buf[len(t.buf)-16<<10:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out bytes.Buffer
	sc := bufio.NewScanner(bytes.NewReader(t.buf))
	for sc.Scan() {
		var line struct {
			Level string `json:"level"`
		}
		if json.Unmarshal(sc.Bytes(), &line) == nil && line.Level == "INFO" {
			continue
		}
		out.Write(sc.Bytes())
		out.WriteByte('\n')
	}
	return out.String()
}

// program is the built binary; browser the running Chromium.
var (
	program string
	browser context.Context
)

// TestMain builds the real program once and starts one browser.
func TestMain(m *testing.M) { os.Exit(prepare(m)) }

func prepare(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bedside-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "bedside")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", program, "github.com/bedside-health/bedside/cmd/bedside")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building bedside: %v\n%s", err, out)
		return 1
	}
	ctx, stop, err := startBrowser()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	browser = ctx
	return m.Run()
}
