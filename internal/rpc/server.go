package rpc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"go.opentelemetry.io/otel/trace"
)

// serve is the server interceptor: isolate, identify, permit, run, record.
func (n *Network) serve(next connect.ServerFunc) connect.ServerFunc {
	return func(ctx context.Context, spec connect.Spec, st connect.ServerStream) error {
		began := time.Now()
		info, _ := connect.CallInfoForServerContext(ctx)
		ctx, pos := n.admit(onlyWhatTravels{ctx}, info)
		ctx, span := n.cfg.Tracing.Span(ctx, spec.Procedure, trace.SpanKindServer)
		defer span.End()

		err := n.handle(ctx, info, spec, &serverStream{ServerStream: st, info: info, pos: pos}, next)
		code := "ok"
		if err != nil {
			code = errs.CodeOf(err).String()
		}
		n.cfg.Metrics.RPC(spec.Procedure, code, time.Since(began))
		if err == nil {
			return nil
		}
		n.record(ctx, spec, err)
		return toWire(err)
	}
}

// admit builds the handler's context from the headers alone.
func (n *Network) admit(ctx context.Context, info *connect.CallInfo) (context.Context, *pg.Position) {
	h := info.RequestHeader()
	ctx = n.cfg.Tracing.Extract(ctx, carrier{h})
	id := h.Get(headerRequest)
	if !obs.ValidRequestID(id) {
		id = obs.NewRequestID()
	}
	ctx = obs.WithRequestID(ctx, id)
	lsn, err := pg.ParseLSN(h.Get(headerPosition))
	if err != nil {
		lsn = 0
	}
	ctx, pos := pg.WithPosition(ctx, lsn)
	if token := h.Get(headerToken); token != "" {
		ctx = WithToken(ctx, token)
	}
	return ctx, pos
}

// handle runs the handler behind the permission check, and stops its panics.
func (n *Network) handle(ctx context.Context, info *connect.CallInfo, spec connect.Spec, st connect.ServerStream, next connect.ServerFunc) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("handler panicked: %v\n%s", r, debug.Stack())
		}
	}()
	access := accessOf(spec)
	p, err := n.identify(ctx, spec.Procedure, info.RequestHeader(), access)
	if err != nil {
		return err
	}
	if err := access.allow(p); err != nil {
		return err
	}
	return next(principal.With(ctx, p), spec, st)
}

// record logs a failure once, where it happened. A user's mistake is not one.
func (n *Network) record(ctx context.Context, spec connect.Spec, err error) {
	switch errs.CodeOf(err) {
	case errs.Internal:
		if errors.Is(err, context.Canceled) {
			return
		}
		n.cfg.Log.ErrorContext(ctx, "a call failed", "method", spec.Procedure, "error", err.Error())
	case errs.Unavailable:
		n.cfg.Log.WarnContext(ctx, "a call could not be served", "method", spec.Procedure, "error", err.Error())
	}
}

// serverStream sends the position after the call with the answer.
type serverStream struct {
	connect.ServerStream
	info *connect.CallInfo
	pos  *pg.Position
}

func (s *serverStream) Send(msg any) error {
	if at := s.pos.At(); at != 0 {
		s.info.ResponseHeader().Set(headerPosition, at.String())
	}
	return s.ServerStream.Send(msg)
}

// onlyWhatTravels hides every value that a network hop would not carry; the
// deadline and cancellation stay.
type onlyWhatTravels struct{ context.Context }

func (c onlyWhatTravels) Value(key any) any {
	if t := reflect.TypeOf(key); t != nil && t.PkgPath() == "connectrpc.com/connect/v2" {
		return c.Context.Value(key)
	}
	return nil
}
