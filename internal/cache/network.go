package cache

import "net/netip"

// Network is what a throttle counts as one client: an IPv4 address, or the /64
// that one IPv6 subscriber has to itself. What is no address at all is one
// client together, so that hiding it gains nothing.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
