// Package clock is the one source of "now" in Go. SQL asks clock.now(), and
// tests move both together; production refuses to start with either moved.
package clock

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Clock tells the time. The zero value is the system clock.
type Clock struct{ offset *atomic.Int64 }

// System is the machine's clock.
func System() Clock { return Clock{} }

// Offset is a clock that runs d away from the machine's, and can be moved.
func Offset(d time.Duration) Clock {
	c := Clock{offset: new(atomic.Int64)}
	c.offset.Store(int64(d))
	return c
}

// Now returns the time in UTC.
func (c Clock) Now() time.Time {
	t := time.Now().UTC()
	if c.offset != nil {
		t = t.Add(time.Duration(c.offset.Load()))
	}
	return t
}

// Move sets the offset of a clock made by Offset; the system clock stays.
func (c Clock) Move(d time.Duration) {
	if c.offset != nil {
		c.offset.Store(int64(d))
	}
}

// Moved says how far the clock is from the machine's.
func (c Clock) Moved() time.Duration {
	if c.offset == nil {
		return 0
	}
	return time.Duration(c.offset.Load())
}

// querier is the part of a pgx pool or connection that CheckUnmoved needs.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// ErrMoved is returned by CheckUnmoved for a clock that is moved.
var ErrMoved = errors.New("the database clock is moved: empty table clock.setting")

// CheckUnmoved fails if the database's clock is moved: production must not
// start on a database that tests have played with.
func CheckUnmoved(ctx context.Context, db querier) error {
	var drift time.Duration
	if err := db.QueryRow(ctx, `SELECT clock.now() - clock_timestamp()`).Scan(&drift); err != nil {
		return fmt.Errorf("reading the database clock: %w", err)
	}
	if drift.Abs() > time.Minute {
		return fmt.Errorf("%w (by %s)", ErrMoved, drift)
	}
	return nil
}
