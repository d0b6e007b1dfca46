package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectinprocess"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/principal"
)

// Verifier says whose token it is, and refuses what is not good any more with
// errs.Unauthenticated. Strict calls are refused with errs.Unavailable while
// revocations cannot be heard.
type Verifier interface {
	Verify(ctx context.Context, token string, strict bool) (principal.Principal, error)
}

// Config is what a process's network is made of.
type Config struct {
	// Local lists the targets that run in this process.
	Local []string
	// URLs gives the base URL of every target that runs elsewhere.
	URLs map[string]string
	// Self names this process in the calls that it makes as a service.
	Self string
	// ServiceKey proves that a call comes from one of our own services; 32
	// bytes, the same everywhere.
	ServiceKey []byte
	Log        *slog.Logger
	Metrics    *obs.Metrics
	Tracing    *obs.Tracing
}

// Network hands out clients before any handler exists, and takes handlers
// after: boot has two phases.
type Network struct {
	cfg      Config
	server   *connect.Server
	inside   connect.Transport
	outside  *http.Client
	verifier Verifier
}

// New makes the network of a process.
func New(cfg Config) (*Network, error) {
	if len(cfg.ServiceKey) < 32 {
		return nil, fmt.Errorf("the service key has %d bytes; it needs 32 or more", len(cfg.ServiceKey))
	}
	n := &Network{cfg: cfg}
	n.server = connect.NewServer(n.serve)
	n.inside = connectinprocess.New(n.server)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	n.outside = &http.Client{Transport: &http.Transport{
		Protocols: protocols, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 3 * time.Second,
	}}
	return n, nil
}

// SetVerifier is the second phase of boot: the verifier itself calls auth.
func (n *Network) SetVerifier(v Verifier) { n.verifier = v }

// Server takes the handlers of this process, through the generated
// RegisterXServiceHandler functions.
func (n *Network) Server() *connect.Server { return n.server }

// Client reaches a target, wherever it runs.
func (n *Network) Client(target string) (*connect.Client, error) {
	if slices.Contains(n.cfg.Local, target) {
		return connect.NewClient(n.inside, n.call), nil
	}
	base := n.cfg.URLs[target]
	if base == "" {
		return nil, fmt.Errorf("target %q does not run here and has no URL", target)
	}
	return connect.NewClient(connecthttp.NewTransport(n.outside, base, connecthttp.WithReadMaxBytes(maxMessage)), n.call), nil
}

// maxMessage bounds a message over the network: an upload chunk and its frame.
const maxMessage = 4 << 20

// Handler serves this process's methods to other processes.
func (n *Network) Handler() http.Handler {
	mux := http.NewServeMux()
	connecthttp.Mount(mux, n.server, connecthttp.WithReadMaxBytes(maxMessage))
	return mux
}

// Procedures lists the methods served here, such as
// "/bedside.auth.v1.AuthService/Renew", with who may call them.
func (n *Network) Procedures() map[string]Access {
	out := map[string]Access{}
	for spec := range n.server.Specs() {
		out[spec.Procedure] = accessOf(spec)
	}
	return out
}
