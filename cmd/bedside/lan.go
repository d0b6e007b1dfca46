package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/lan"
)

// outside is how other machines of the network reach the portal.
type outside struct {
	addr netip.Addr
	id   lan.Identity
}

// openTo finds the address for --lan; nil without it.
func openTo(o upOptions) (*outside, error) {
	if !o.lan {
		if o.lanAddress != "" || o.publicAnyway {
			return nil, &failure{exitUsage, errors.New("--lan-address and --public-anyway go with --lan")}
		}
		return nil, nil //nolint:nilnil // localhost alone
	}
	addr, err := lan.Address(o.lanAddress, o.publicAnyway)
	if err != nil {
		return nil, fmt.Errorf("opening the portal to the network: %w", err)
	}
	return &outside{addr: addr}, nil
}

// certify reads or makes the certificate, once the data folder is there.
func (out *outside) certify(dir string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	if out.id, err = lan.Certify(filepath.Join(dir, "tls"), out.addr, host, time.Now()); err != nil {
		return fmt.Errorf("making a certificate for this machine: %w", err)
	}
	return nil
}

// listen is the address that the portal listens on.
func (o upOptions) listen() string {
	if o.out == nil {
		return localhost(o.port)
	}
	return net.JoinHostPort(o.out.addr.String(), strconv.Itoa(o.port))
}

// address is what links to the portal begin with.
func (o upOptions) address() string {
	if o.out == nil {
		return "http://" + o.listen()
	}
	return "https://" + o.listen()
}

func (out *outside) door(o upOptions) func(net.Listener) net.Listener {
	return func(l net.Listener) net.Listener { return lan.Door(l, out.id, o.address()) }
}

// words says how a phone gets in.
func (out *outside) words() string {
	if out == nil {
		return ""
	}
	return fmt.Sprintf(`
Other machines of this network can open the portal. Browsers warn until they
trust it: go on only if they show this SHA-256 fingerprint of the certificate
  %s
or install the authority on the phone: %s
`, out.id.Fingerprint(), out.id.Authority)
}
