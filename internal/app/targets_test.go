package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/obs"
)

func TestBlueAndGreenFitThePrimary(t *testing.T) {
	t.Parallel()
	sum := int32(0)
	for _, target := range Targets() {
		sum += target.Pool
		if (target.Pool == 0) != (target.Name == "web") {
			t.Errorf("%s has a pool of %d", target.Name, target.Pool)
		}
	}
	if 2*sum > Backends {
		t.Errorf("blue and green want %d backends of %d", 2*sum, Backends)
	}
}

func TestTargetsStartAfterThoseTheyCall(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, target := range Targets() {
		seen[target.Name] = true
		for _, called := range target.Calls {
			if !seen[called] {
				t.Errorf("%s calls %s, which starts later", target.Name, called)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{
		"all": "auth enrollment licensing scheduling web", "web": "web", "web,auth": "auth web",
		"scheduling,licensing": "licensing scheduling",
	} {
		got, err := Select(names)
		if err != nil || strings.Join(Names(got), " ") != want {
			t.Errorf("%q selects %v, %v", names, Names(got), err)
		}
	}
	for names, word := range map[string]string{
		"": `""`, "billing": `"billing"`, "auth,billing": `"billing"`, "auth,auth": `"auth"`, "auth, web": `" web"`, "all,auth": `"all"`, "Auth": `"Auth"`,
	} {
		got, err := Select(names)
		if err == nil {
			t.Errorf("%q selects %v", names, Names(got))
			continue
		}
		if text := err.Error(); !strings.Contains(text, word) || !strings.Contains(text, "scheduling") || !strings.Contains(text, `"all"`) {
			t.Errorf("%q: %v does not name %s and what there is", names, err, word)
		}
	}
}

func TestEveryFaultOfTheSettingsIsListed(t *testing.T) {
	t.Parallel()
	build := func(names string, cfg config.Config) string {
		targets, err := Select(names)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(context.Background(), &cfg, targets, "test", slog.New(slog.DiscardHandler))
		if err == nil {
			t.Fatalf("%s starts without settings", names)
		}
		return err.Error()
	}
	broken := config.Config{Listen: "nowhere", BaseURL: "portal/", SMTPAddr: "relay", ServiceKey: "short", CookieKey: "c2hvcnQ=", TrustedProxies: "10.0.0.1"}
	for names, want := range map[string]struct{ has, lacks string }{
		"all":        {"DATABASE_URL KEYSET LISTEN BASE_URL SMTP_ADDR SERVICE_KEY COOKIE_KEY TRUSTED_PROXIES", "AUTH_URL ENROLLMENT_URL"},
		"web":        {"AUTH_URL ENROLLMENT_URL LICENSING_URL SCHEDULING_URL LISTEN SERVICE_KEY", "DATABASE_URL KEYSET"},
		"scheduling": {"AUTH_URL ENROLLMENT_URL LICENSING_URL DATABASE_URL", "SCHEDULING_URL"},
		"auth":       {"DATABASE_URL KEYSET", "AUTH_URL ENROLLMENT_URL LICENSING_URL SCHEDULING_URL"},
	} {
		text := build(names, broken)
		for _, name := range strings.Fields(want.has) {
			if !strings.Contains(text, config.Prefix+name) {
				t.Errorf("%s: nothing about %s in:\n%s", names, name, text)
			}
		}
		for _, name := range strings.Fields(want.lacks) {
			if strings.Contains(text, config.Prefix+name) {
				t.Errorf("%s: %s is not needed:\n%s", names, name, text)
			}
		}
		if strings.Contains(text, "c2hvcnQ=") {
			t.Errorf("%s: a secret is repeated:\n%s", names, text)
		}
	}
}

// ask makes a request to a handler.
func ask(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

var errHost = errors.New("dial db-7.internal: refused")

func TestReadinessTellsThePublicLittle(t *testing.T) {
	t.Parallel()
	h := newHealth()
	h.add("scheduling", func(context.Context) error { return errHost })
	h.add("auth", func(context.Context) error { return nil })
	h.optional("redis", func(context.Context) error { return errors.New("dial cache-3.internal: refused") })
	public := http.NewServeMux()
	h.mount(public)
	admin := adminHandler(obs.NewMetrics(), h)

	if w := ask(t, public, "/livez"); w.Code != http.StatusOK {
		t.Errorf("/livez is %d while a dependency is away", w.Code)
	}
	for _, path := range []string{"/readyz", "/healthz"} {
		if w := ask(t, public, path); w.Code != http.StatusServiceUnavailable || strings.TrimSpace(w.Body.String()) != "not ready" {
			t.Errorf("%s says %d %q", path, w.Code, w.Body)
		}
	}
	w := ask(t, public, "/readyz?verbose")
	if text := w.Body.String(); w.Code != http.StatusServiceUnavailable || strings.Contains(text, "internal:") || !strings.Contains(text, "scheduling") {
		t.Errorf("the public reads %d %s", w.Code, text)
	}
	w = ask(t, admin, "/readyz?verbose")
	if text := w.Body.String(); !strings.Contains(text, "db-7.internal") || !strings.Contains(text, "cache-3.internal") {
		t.Errorf("the operator reads %d %s", w.Code, text)
	}
	for path, want := range map[string]int{"/metrics": 200, "/debug/pprof/": 200, "/livez": 200, "/": 404, "/book": 404} {
		if w := ask(t, admin, path); w.Code != want {
			t.Errorf("the admin listener answers %s with %d", path, w.Code)
		}
		if w := ask(t, public, path); w.Code == http.StatusOK && path != "/livez" {
			t.Errorf("the public listener answers %s", path)
		}
	}
}

func TestRedisIsNoConditionOfReadiness(t *testing.T) {
	t.Parallel()
	h := newHealth()
	h.add("auth", func(context.Context) error { return nil })
	h.optional("redis", func(context.Context) error { return errHost })
	mux := http.NewServeMux()
	h.mount(mux)
	w := ask(t, mux, "/readyz?verbose")
	var said struct {
		Ready  bool
		Checks []result
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusOK || !said.Ready || len(said.Checks) != 2 || said.Checks[1].OK || !said.Checks[1].Optional {
		t.Errorf("without Redis: %d %s", w.Code, w.Body)
	}
}

func TestAHungDependencyDoesNotHangReadiness(t *testing.T) {
	t.Parallel()
	h := newHealth()
	h.add("enrollment", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	began := time.Now()
	if h.check(t.Context()) == nil || time.Since(began) > 10*checkLimit {
		t.Errorf("ready, or asked for %s", time.Since(began))
	}
}

func TestDrainTurnsReadinessOffFirst(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "")
	cfg := p.config()
	cfg.AdminListen, cfg.LameDuck = "127.0.0.1:0", 200*time.Millisecond
	a := p.run(t, cfg, "auth")
	get := func(path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := browser().Do(req)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if get("/readyz") != http.StatusOK {
		t.Fatal("not ready")
	}
	began, drained := time.Now(), make(chan struct{})
	go func() { a.Drain(context.Background()); close(drained) }()
	until(t, "readiness goes off", patience, func() bool { return get("/readyz") == http.StatusServiceUnavailable })
	if get("/livez") != http.StatusOK || get("/readyz?verbose") != http.StatusServiceUnavailable {
		t.Error("a draining process must live, and say that it is not ready")
	}
	<-drained
	if time.Since(began) < cfg.LameDuck {
		t.Errorf("the lame duck took only %s", time.Since(began))
	}
	if get("/livez") != http.StatusOK {
		t.Error("draining ended the process")
	}
}

func TestAPortInUseIsExplained(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "")
	first := p.run(t, p.config(), "auth")
	cfg := p.config()
	cfg.Listen = first.Addr()
	targets, err := Select("auth")
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(t.Context(), cfg, targets, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Start(t.Context()); err == nil || !strings.Contains(err.Error(), first.Addr()) || !strings.Contains(err.Error(), "--port") {
		t.Errorf("starting on a port in use: %v", err)
	}
}
