package rpc

import (
	"context"

	"github.com/bedside-health/bedside/internal/pg"
)

// The headers of a call.
const (
	headerToken    = "Bedside-Token"
	headerFrom     = "Bedside-From"       // proof of the calling process
	headerService  = "Bedside-As-Service" // set where it calls on nobody's behalf
	headerRequest  = "Bedside-Request"
	headerPosition = "Bedside-Position"
)

type (
	tokenKey   struct{}
	serviceKey struct{}
)

// WithToken makes the calls of a context run on behalf of a session. Web sets
// it; between services it travels by itself.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(context.WithValue(ctx, tokenKey{}, token), serviceKey{}, false)
}

// AsService makes the calls of a context run as this service, on nobody's
// behalf.
func AsService(ctx context.Context) context.Context {
	return context.WithValue(ctx, serviceKey{}, true)
}

// WithPosition gives a context the WAL position that its reads must see, in
// the notation that the returned function gives back when the calls are done.
// An unreadable one counts as none: losing it is safe, for the reader then
// asks whichever server it likes, and a page that has just written carries its
// own.
func WithPosition(ctx context.Context, from string) (context.Context, func() string) {
	lsn, err := pg.ParseLSN(from)
	if err != nil {
		lsn = 0
	}
	ctx, p := pg.WithPosition(ctx, lsn)
	return ctx, func() string {
		if p.At() == 0 {
			return ""
		}
		return p.At().String()
	}
}
