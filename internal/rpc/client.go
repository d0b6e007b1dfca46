package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg"
	"go.opentelemetry.io/otel/trace"
)

// defaultDeadline bounds a call whose caller set none.
const defaultDeadline = 5 * time.Second

// call is the client interceptor: it gives every call a deadline and the
// headers, and turns what comes back into ours.
func (n *Network) call(next connect.ClientFunc) connect.ClientFunc {
	return func(ctx context.Context, spec connect.Spec) (connect.ClientStream, error) {
		ctx, cancel := withDeadline(ctx)
		ctx, span := n.cfg.Tracing.Span(ctx, spec.Procedure, trace.SpanKindClient)
		info, ok := connect.CallInfoForClientContext(ctx)
		if !ok {
			ctx, info = connect.NewClientContext(ctx)
		}
		n.setHeaders(ctx, spec, info.RequestHeader())
		end := func() { span.End(); cancel() }
		stream, err := next(ctx, spec)
		if err != nil {
			end()
			return nil, from(spec, err)
		}
		return &clientStream{ClientStream: stream, ctx: ctx, spec: spec, info: info, end: end}, nil
	}
}

// from is what came back, with which service gave it: procedures are named
// /bedside.SERVICE.v1.Name/Method.
func from(spec connect.Spec, err error) error {
	err = fromWire(err)
	if e, ok := errors.AsType[*errs.Error](err); ok {
		if parts := strings.Split(spec.Procedure, "."); len(parts) > 1 {
			e.Part = parts[1]
		}
	}
	return err
}

func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, defaultDeadline)
}

func (n *Network) setHeaders(ctx context.Context, spec connect.Spec, h *connect.Header) {
	h.Set(headerFrom, n.proof(spec.Procedure))
	if as, _ := ctx.Value(serviceKey{}).(bool); as {
		h.Set(headerService, "true")
	} else if token, _ := ctx.Value(tokenKey{}).(string); token != "" {
		h.Set(headerToken, token)
	}
	if id := obs.RequestID(ctx); id != "" {
		h.Set(headerRequest, id)
	}
	if p := pg.PositionFrom(ctx); p != nil && p.At() != 0 {
		h.Set(headerPosition, p.At().String())
	}
	n.cfg.Tracing.Inject(ctx, carrier{h})
}

// clientStream raises the caller's position by the answer's, and speaks errs.
type clientStream struct {
	connect.ClientStream
	ctx  context.Context //nolint:containedctx // one call's own context, ended by Close
	spec connect.Spec
	info *connect.CallInfo
	end  func()
}

func (s *clientStream) Send(msg any) error {
	if err := s.ClientStream.Send(msg); err != nil && !errors.Is(err, io.EOF) {
		return from(s.spec, err)
	}
	return nil // an early end tells its reason in Receive
}

func (s *clientStream) Receive(msg any) error {
	if err := s.ClientStream.Receive(msg); err != nil {
		return from(s.spec, err)
	}
	if p := pg.PositionFrom(s.ctx); p != nil {
		if lsn, err := pg.ParseLSN(s.info.ResponseHeader().Get(headerPosition)); err == nil {
			p.Raise(lsn)
		}
	}
	return nil
}

func (s *clientStream) Close() error {
	defer s.end()
	return s.ClientStream.Close()
}

// carrier lets trace ids travel in the headers of a call.
type carrier struct{ h *connect.Header }

func (c carrier) Get(key string) string { return c.h.Get(key) }
func (c carrier) Set(key, value string) { c.h.Set(key, value) }
func (c carrier) Keys() []string {
	var out []string
	for k := range c.h.All() {
		out = append(out, k)
	}
	return out
}
