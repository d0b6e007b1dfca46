package obs_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/obs"
)

func TestLogCarriesTheRequest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := obs.NewLogger(&out, slog.LevelInfo, "web")
	id := obs.NewRequestID()
	log.With("a", 1).InfoContext(obs.WithRequestID(t.Context(), id), "page")
	log.Debug("hidden")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	if line["request"] != id || line["target"] != "web" || line["a"] != float64(1) {
		t.Fatalf("got %v", line)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	one, two := obs.NewRequestID(), obs.NewRequestID()
	if !obs.ValidRequestID(one) || one == two {
		t.Error("our own request ids are refused, or repeat")
	}
	for _, bad := range []string{"", "x", "0123456789abcdeg", "0123456789abcdef0", "\n123456789abcdef"} {
		if obs.ValidRequestID(bad) {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := obs.NewMetrics()
	m.HTTP("GET /appointments/{id}", 200, time.Millisecond)
	m.RPC("/bedside.auth.v1.AuthService/Renew", "ok", time.Millisecond)
	m.Gauge("bedside_test", "A test.", map[string]string{"service": "auth"}, func() float64 { return 4 })
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`route="GET /appointments/{id}"`, `method="/bedside.auth.v1.AuthService/Renew"`, `bedside_test{service="auth"} 4`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

func TestTracingCarriesTheTrace(t *testing.T) {
	t.Parallel()
	none := obs.NoTracing()
	ctx, span := none.Span(t.Context(), "x", 0)
	span.End()
	if ctx == nil || none.Stop(t.Context()) != nil {
		t.Fatal("no tracing must do nothing")
	}
	tr, err := obs.NewTracing(t.Context(), "http://127.0.0.1:1", "web", "dev")
	if err != nil {
		t.Fatal(err)
	}
	_, span = tr.Span(t.Context(), "page", 0)
	if !span.SpanContext().HasTraceID() {
		t.Error("a span without a trace")
	}
}
