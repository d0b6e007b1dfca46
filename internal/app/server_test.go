package app

import (
	"net/http"
	"testing"
	"time"
)

// A client that stalls must be let go, whatever it is in the middle of, but not
// in the middle of a feed's long poll.
func TestListenersHaveLimits(t *testing.T) {
	t.Parallel()
	s := newServer(http.NotFoundHandler())
	for name, limit := range map[string]time.Duration{
		"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout,
	} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("the limit of the %s is %s", name, limit)
		}
	}
	if s.WriteTimeout < time.Minute || s.ReadTimeout < 30*time.Second {
		t.Error("a long poll would be cut off")
	}
}
