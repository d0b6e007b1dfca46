// Package lan lets a phone on the same network try a portal that runs on this
// machine: it finds the address, makes a certificate for it, and opens the
// port with TLS. Cameras and our cookies need a secure page.
package lan

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// ErrPublic is an address that strangers may reach.
var ErrPublic = errors.New("is not a private address: strangers could open the demo people's records and this machine's portal; --public-anyway does it all the same")

// Address is where other machines of the network find this one: the one that
// was asked for, else the one that this machine would send from. A public one
// is refused unless it is wanted anyway.
func Address(asked string, anyway bool) (netip.Addr, error) {
	addr, err := find(asked)
	if err != nil {
		return netip.Addr{}, err
	}
	if !Private(addr) && !anyway {
		return netip.Addr{}, fmt.Errorf("%s %w", addr, ErrPublic)
	}
	return addr, nil
}

func find(asked string) (netip.Addr, error) {
	if asked != "" {
		addr, err := netip.ParseAddr(asked)
		if err != nil || addr.IsUnspecified() || addr.IsMulticast() {
			return netip.Addr{}, fmt.Errorf("%q is not an address of this machine, such as 192.168.1.20", asked)
		}
		return addr.Unmap(), nil
	}
	// Nothing is sent: connecting a datagram socket only chooses a route.
	if c, err := net.Dial("udp4", "192.0.2.1:9"); err == nil { //nolint:noctx // sends nothing, waits for nothing
		defer func() { _ = c.Close() }()
		if from, err := netip.ParseAddrPort(c.LocalAddr().String()); err == nil && !from.Addr().IsLoopback() {
			return from.Addr().Unmap(), nil
		}
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, fmt.Errorf("listing this machine's addresses: %w", err)
	}
	for _, one := range all {
		if p, err := netip.ParsePrefix(one.String()); err == nil && p.Addr().IsPrivate() {
			return p.Addr().Unmap(), nil
		}
	}
	return netip.Addr{}, errors.New("this machine has no address on a network: connect it, or name one with --lan-address")
}

// Private says whether only the own network reaches an address. What carriers
// share among their customers (100.64.0.0/10, RFC 6598) is not private: the
// others behind the same carrier are strangers.
func Private(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast()
}
