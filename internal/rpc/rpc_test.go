package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
)

var errCause = errors.New("sql: patient 42")

type leakKey struct{}

// handler misbehaves on request.
type handler struct {
	authv1connect.UnimplementedAuthServiceHandler
}

func (h *handler) Renew(ctx context.Context, r *authv1.RenewRequest) (*authv1.RenewResponse, error) {
	switch r.GetSecret() {
	case "panic":
		var m map[string]int
		m["x"] = 1 //nolint:govet,staticcheck // it panics on purpose
	case "plain":
		return nil, errCause
	case "typed":
		return nil, errs.InvalidFields(errs.Field{Name: "secret", Reason: "empty"}).With(errCause)
	case "throttled":
		return nil, errs.TooManyTries(41*time.Minute + time.Millisecond).With(errCause)
	case "position":
		pg.PositionFrom(ctx).Raise(4711)
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if v := ctx.Value(leakKey{}); v != nil {
		return nil, errors.New("a context value crossed the call")
	}
	r.Secret = "changed by the handler"
	return &authv1.RenewResponse{Token: principal.From(ctx).Key()}, nil
}

func (h *handler) SignOut(ctx context.Context, _ *authv1.SignOutRequest) (*authv1.SignOutResponse, error) {
	return &authv1.SignOutResponse{}, nil
}

func (h *handler) Keys(ctx context.Context, _ *authv1.KeysRequest) (*authv1.KeysResponse, error) {
	return &authv1.KeysResponse{Keys: []*authv1.Key{{Kid: principal.From(ctx).Service}}}, nil
}

// verifier knows one token for each role.
type verifier struct{}

func (verifier) Verify(_ context.Context, token string, _ bool) (principal.Principal, error) {
	for v, name := range rpcv1.Role_name {
		if token == name {
			return principal.Principal{Account: ids.New[ids.AccountID](), Roles: []rpcv1.Role{rpcv1.Role(v)}}, nil
		}
	}
	return principal.Principal{}, errs.New(errs.Unauthenticated, "token_expired", "Please sign in again.")
}

func network(t *testing.T, key byte, logs *bytes.Buffer, local bool, url string) *rpc.Network {
	t.Helper()
	cfg := rpc.Config{
		URLs: map[string]string{"auth": url}, Self: "tester", ServiceKey: bytes.Repeat([]byte{key}, 32),
		Log: slog.New(slog.NewTextHandler(logs, nil)), Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	}
	if local {
		cfg.Local = []string{"auth"}
	}
	n, err := rpc.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n.SetVerifier(verifier{})
	return n
}

func authClient(t *testing.T, n *rpc.Network) authv1connect.AuthServiceClient {
	t.Helper()
	c, err := n.Client("auth")
	if err != nil {
		t.Fatal(err)
	}
	return authv1connect.NewAuthServiceClient(c)
}

// both runs a test in process and over the network: it must not be able to
// tell.
func both(t *testing.T, fn func(t *testing.T, c authv1connect.AuthServiceClient, logs *bytes.Buffer)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		var logs bytes.Buffer
		n := network(t, 1, &logs, true, "")
		authv1connect.RegisterAuthServiceHandler(n.Server(), &handler{})
		fn(t, authClient(t, n), &logs)
	})
	t.Run("over the network", func(t *testing.T) {
		t.Parallel()
		var logs bytes.Buffer
		server := network(t, 1, &logs, true, "")
		authv1connect.RegisterAuthServiceHandler(server.Server(), &handler{})
		fn(t, authClient(t, network(t, 1, &bytes.Buffer{}, false, serveH2C(t, server.Handler()))), &logs)
	})
}

func serveH2C(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

func TestNothingElseCrosses(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c authv1connect.AuthServiceClient, logs *bytes.Buffer) {
		ctx := context.WithValue(t.Context(), leakKey{}, "leak")
		req := &authv1.RenewRequest{Secret: "x"}
		if _, err := c.Renew(ctx, req); err != nil {
			t.Fatal(err)
		}
		if req.GetSecret() != "x" {
			t.Error("the handler changed the caller's message")
		}
		for _, bad := range []string{"panic", "plain"} {
			_, err := c.Renew(ctx, &authv1.RenewRequest{Secret: bad})
			if errs.CodeOf(err) != errs.Internal || errs.ReasonOf(err) != "internal" || errors.Is(err, errCause) || strings.Contains(err.Error(), "42") {
				t.Errorf("%s came back as %v", bad, err)
			}
		}
		if !strings.Contains(logs.String(), "patient 42") {
			t.Error("the cause was not logged where it happened")
		}
		_, err := c.Renew(ctx, &authv1.RenewRequest{Secret: "typed"})
		if errs.CodeOf(err) != errs.Invalid || errors.Is(err, errCause) {
			t.Errorf("typed came back as %v", err)
		}
		if f := errs.FieldsOf(err); len(f) != 1 || f[0] != (errs.Field{Name: "secret", Reason: "empty"}) {
			t.Errorf("fields came back as %v", f)
		}
		if errs.RetryAfterOf(err) != 0 {
			t.Errorf("a wait came from nowhere: %s", errs.RetryAfterOf(err))
		}
		_, err = c.Renew(ctx, &authv1.RenewRequest{Secret: "throttled"})
		if errs.CodeOf(err) != errs.Throttled || errs.RetryAfterOf(err) != 41*time.Minute+time.Second {
			t.Errorf("throttled came back as %v, to wait %s", err, errs.RetryAfterOf(err))
		}
	})
}

func TestPermissionIsCheckedBeforeTheHandler(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c authv1connect.AuthServiceClient, _ *bytes.Buffer) {
		patient := rpc.WithToken(t.Context(), rpcv1.Role_ROLE_PATIENT.String())
		stale := rpc.WithToken(t.Context(), "stale")
		service := rpc.AsService(t.Context())
		for _, tc := range []struct {
			name string
			ctx  context.Context
			call func(context.Context) error
			want errs.Code
			ok   bool
		}{
			{"anonymous to anonymous", t.Context(), func(ctx context.Context) error { _, err := c.Renew(ctx, &authv1.RenewRequest{}); return err }, 0, true},
			{"stale to anonymous", stale, func(ctx context.Context) error { _, err := c.Renew(ctx, &authv1.RenewRequest{}); return err }, 0, true},
			{"anonymous to people", t.Context(), func(ctx context.Context) error { _, err := c.SignOut(ctx, &authv1.SignOutRequest{}); return err }, errs.Unauthenticated, false},
			{"stale to people", stale, func(ctx context.Context) error { _, err := c.SignOut(ctx, &authv1.SignOutRequest{}); return err }, errs.Unauthenticated, false},
			{"patient to people", patient, func(ctx context.Context) error { _, err := c.SignOut(ctx, &authv1.SignOutRequest{}); return err }, 0, true},
			{"service to people", service, func(ctx context.Context) error { _, err := c.SignOut(ctx, &authv1.SignOutRequest{}); return err }, errs.Forbidden, false},
			{"patient to services", patient, func(ctx context.Context) error { _, err := c.Keys(ctx, &authv1.KeysRequest{}); return err }, errs.Forbidden, false},
			{"service to services", service, func(ctx context.Context) error { _, err := c.Keys(ctx, &authv1.KeysRequest{}); return err }, 0, true},
		} {
			err := tc.call(tc.ctx)
			if tc.ok != (err == nil) || (!tc.ok && errs.CodeOf(err) != tc.want) {
				t.Errorf("%s: got %v", tc.name, err)
			}
		}
	})
}

func TestPositionComesBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c authv1connect.AuthServiceClient, _ *bytes.Buffer) {
		ctx, at := rpc.WithPosition(t.Context(), "0/10")
		if _, err := c.Renew(ctx, &authv1.RenewRequest{Secret: "position"}); err != nil {
			t.Fatal(err)
		}
		if got := at(); got != pg.LSN(4711).String() {
			t.Fatalf("the position is %s", got)
		}
	})
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c authv1connect.AuthServiceClient, _ *bytes.Buffer) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.Renew(ctx, &authv1.RenewRequest{Secret: "slow"}); err == nil {
			t.Fatal("it answered")
		}
	})
}

func TestWrongServiceKey(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	server := network(t, 1, &logs, true, "")
	authv1connect.RegisterAuthServiceHandler(server.Server(), &handler{})
	c := authClient(t, network(t, 2, &logs, false, serveH2C(t, server.Handler())))
	if _, err := c.Keys(rpc.AsService(t.Context()), &authv1.KeysRequest{}); errs.CodeOf(err) != errs.Unauthenticated {
		t.Fatalf("as a service: got %v", err)
	}
	if _, err := c.Renew(t.Context(), &authv1.RenewRequest{}); errs.CodeOf(err) != errs.Unauthenticated {
		t.Fatalf("what everybody may call: got %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	c := authClient(t, network(t, 1, &bytes.Buffer{}, false, "http://127.0.0.1:1"))
	if _, err := c.Renew(t.Context(), &authv1.RenewRequest{}); errs.CodeOf(err) != errs.Unavailable || errs.PartOf(err) != "auth" {
		t.Fatalf("got %v", err)
	}
	if _, err := network(t, 1, &bytes.Buffer{}, false, "").Client("auth"); err == nil {
		t.Fatal("a target without an address gave a client")
	}
}
