package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

// codes pairs our codes with the protocol's. Invalid and Precondition, and
// Forbidden and NotFound, stay apart.
func codes() map[errs.Code]connect.Code {
	return map[errs.Code]connect.Code{
		errs.Internal:        connect.CodeInternal,
		errs.Invalid:         connect.CodeInvalidArgument,
		errs.Unauthenticated: connect.CodeUnauthenticated,
		errs.Forbidden:       connect.CodePermissionDenied,
		errs.NotFound:        connect.CodeNotFound,
		errs.Conflict:        connect.CodeAborted,
		errs.Precondition:    connect.CodeFailedPrecondition,
		errs.Throttled:       connect.CodeResourceExhausted,
		errs.Unavailable:     connect.CodeUnavailable,
	}
}

// toWire makes what leaves a handler: code, reason, safe message, fields, and
// when to come back, in whole seconds. The cause stays.
func toWire(err error) *connect.Error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		e = errs.New(errs.Internal, "internal", "Something went wrong on our side.")
	}
	out := connect.NewError(codes()[e.Code], e.Message)
	p := &rpcv1.Problem{Reason: e.Reason, RetryAfterSeconds: int64((e.RetryAfter + time.Second - 1) / time.Second)}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, &rpcv1.FieldProblem{Field: f.Name, Reason: f.Reason})
	}
	if d, err := connectproto.NewErrorDetail(p); err == nil {
		out = out.WithDetail(d)
	}
	return out
}

// fromWire makes an errs.Error of what a call returned.
func fromWire(err error) error {
	if err == nil {
		return nil
	}
	ce, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return away(err)
	}
	out := errs.New(fromCode(ce.Code()), "internal", ce.Message())
	detailed := false
	for _, d := range ce.Details() {
		m, err := connectproto.UnmarshalErrorDetail(d)
		if err != nil {
			continue
		}
		if p, ok := m.(*rpcv1.Problem); ok {
			detailed = true
			out.Reason = p.GetReason()
			out.RetryAfter = time.Duration(p.GetRetryAfterSeconds()) * time.Second
			for _, f := range p.GetFields() {
				out.Fields = append(out.Fields, errs.Field{Name: f.GetField(), Reason: f.GetReason()})
			}
		}
	}
	if !detailed { // the transport's own: nobody answered, or not in time
		return away(err)
	}
	return out
}

func fromCode(c connect.Code) errs.Code {
	for ours, theirs := range codes() {
		if theirs == c {
			return ours
		}
	}
	return errs.Internal
}

// away is a call that got no answer from a handler.
func away(err error) error {
	reason := "service_away"
	if errors.Is(err, context.DeadlineExceeded) || connect.CodeOf(err) == connect.CodeDeadlineExceeded {
		reason = "service_slow"
	}
	return errs.New(errs.Unavailable, reason, "A part of Bedside does not answer right now. Nothing was lost; please try again.").
		With(fmt.Errorf("calling a service: %w", err))
}
