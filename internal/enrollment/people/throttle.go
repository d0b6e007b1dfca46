package people

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
)

// limits bounds one kind of attempt from one client, and at one member number.
type limits struct {
	name            string
	address, number int
	window          time.Duration
}

// attempts holds the limits of every kind of attempt. A whole office may share
// an address; nobody needs to type one number often.
type attempts struct{ start, confirm, open, accept limits }

func defaultAttempts() attempts {
	return attempts{
		start:   limits{name: "start", address: 30, number: 5, window: time.Hour},
		confirm: limits{name: "confirm", address: 60, window: 15 * time.Minute},
		open:    limits{name: "open", address: 120, window: 15 * time.Minute},
		accept:  limits{name: "accept", address: 30, window: 15 * time.Minute},
	}
}

// allow counts one attempt. The number is a keyed hash, nil where none was
// typed; from is the client's network address.
func (s *Service) allow(ctx context.Context, l limits, number []byte, from string) error {
	address := hex.EncodeToString(s.seal.Hash(purposeNetwork, cache.Network(from)))
	buckets := []struct {
		name  string
		limit int
	}{
		{"address:" + address, l.address},
		{"number:" + hex.EncodeToString(number), l.number},
	}
	for _, b := range buckets {
		if b.limit == 0 {
			continue
		}
		if ok, retry := s.throttle.Allow(ctx, "people:"+l.name+":"+b.name, b.limit, l.window); !ok {
			return errs.TooManyTries(retry)
		}
	}
	return nil
}
