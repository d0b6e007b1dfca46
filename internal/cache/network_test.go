package cache_test

import (
	"testing"

	"github.com/bedside-health/bedside/internal/cache"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
		"": "unknown", "localhost": "unknown", "192.0.2.7:80": "unknown",
	} {
		if got := cache.Network(address); got != want {
			t.Errorf("%q: got %s", address, got)
		}
	}
}
