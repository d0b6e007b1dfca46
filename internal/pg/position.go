package pg

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// LSN is a WAL position of the primary. Zero is before everything.
type LSN uint64

// unknownPosition is past every replica: only the primary will do.
const unknownPosition = LSN(1<<64 - 1)

// ParseLSN reads Postgres' own notation, such as "16/B374D848".
func ParseLSN(s string) (LSN, error) {
	hi, lo, ok := strings.Cut(s, "/")
	if !ok {
		return 0, fmt.Errorf("parsing WAL position %q: no slash", s)
	}
	h, err := strconv.ParseUint(hi, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("parsing WAL position %q: %w", s, err)
	}
	l, err := strconv.ParseUint(lo, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("parsing WAL position %q: %w", s, err)
	}
	return LSN(h<<32 | l), nil
}

// String writes Postgres' own notation.
func (l LSN) String() string {
	return fmt.Sprintf("%X/%X", uint64(l)>>32, uint64(l)&0xffffffff)
}

// Scan implements sql.Scanner for the type pg_lsn.
func (l *LSN) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("scanning a WAL position from %T", src)
	}
	v, err := ParseLSN(s)
	if err != nil {
		return err
	}
	*l = v
	return nil
}

// Position collects the greatest WAL position that a request has caused or
// must see. It is safe for parallel calls.
type Position struct{ at atomic.Uint64 }

// Raise lifts the position; a smaller one changes nothing.
func (p *Position) Raise(to LSN) {
	for {
		old := p.at.Load()
		if uint64(to) <= old || p.at.CompareAndSwap(old, uint64(to)) {
			return
		}
	}
}

// At returns the position.
func (p *Position) At() LSN { return LSN(p.at.Load()) }

type positionKey struct{}

// WithPosition gives a context a collector that starts at from.
func WithPosition(ctx context.Context, from LSN) (context.Context, *Position) {
	p := new(Position)
	p.Raise(from)
	return context.WithValue(ctx, positionKey{}, p), p
}

// PositionFrom returns the collector of a context; nil if it has none.
func PositionFrom(ctx context.Context) *Position {
	p, _ := ctx.Value(positionKey{}).(*Position)
	return p
}
