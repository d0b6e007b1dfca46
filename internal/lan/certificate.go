package lan

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	// Browsers on phones take no longer life than this of a server.
	serverLife = 365 * 24 * time.Hour
	// renewBefore is how much life a certificate must have left.
	renewBefore = 14 * 24 * time.Hour
)

// Identity is a certificate for this machine, and who vouches for it.
type Identity struct {
	Server tls.Certificate
	// Authority is the file to install on a phone that shall not warn.
	Authority string
}

// Fingerprint is the SHA-256 of the certificate as browsers show it.
func (i Identity) Fingerprint() string {
	sum := sha256.Sum256(i.Server.Certificate[0])
	parts := make([]string, len(sum))
	for n, b := range sum {
		parts[n] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Certify reads the certificate for an address and the machine's names from a
// folder, or makes it. The authority is made once; it may vouch for nothing but
// this machine and private networks, so that its key is of no use elsewhere.
func Certify(dir string, addr netip.Addr, host string, now time.Time) (Identity, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Identity{}, fmt.Errorf("making the folder of certificates: %w", err)
	}
	authority, err := load(filepath.Join(dir, "authority"))
	if err != nil {
		return Identity{}, err
	}
	if authority == nil || now.After(authority.cert.NotAfter.Add(-serverLife)) || !vouches(authority.cert, addr, host) {
		if authority, err = issue(authorityOf(addr, host, now), nil); err != nil {
			return Identity{}, err
		}
		if err := save(filepath.Join(dir, "authority"), authority); err != nil {
			return Identity{}, err
		}
	}
	server, err := load(filepath.Join(dir, "server"))
	if err != nil {
		return Identity{}, err
	}
	if server == nil || !good(server.cert, authority.cert, addr, host, now) {
		if server, err = issue(serverOf(addr, host, now), authority); err != nil {
			return Identity{}, err
		}
		if err := save(filepath.Join(dir, "server"), server); err != nil {
			return Identity{}, err
		}
	}
	return Identity{
		Authority: filepath.Join(dir, "authority.crt"),
		Server:    tls.Certificate{Certificate: [][]byte{server.cert.Raw, authority.cert.Raw}, PrivateKey: server.key, Leaf: server.cert},
	}, nil
}

func names(host string) []string {
	host = strings.ToLower(host)
	if host == "" || host == "localhost" {
		return []string{"localhost"}
	}
	if strings.Contains(host, ".") {
		return []string{"localhost", host}
	}
	return []string{"localhost", host, host + ".local"}
}

func addresses(addr netip.Addr) []net.IP {
	return []net.IP{addr.AsSlice(), net.IPv4(127, 0, 0, 1), net.IPv6loopback}
}

func authorityOf(addr netip.Addr, host string, now time.Time) *x509.Certificate {
	c := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Bedside on " + names(host)[len(names(host))-1] + " alone"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(authorityLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         names(host),
	}
	for _, network := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"} {
		c.PermittedIPRanges = append(c.PermittedIPRanges, ipNet(netip.MustParsePrefix(network)))
	}
	if !Private(addr) {
		c.PermittedIPRanges = append(c.PermittedIPRanges, ipNet(netip.PrefixFrom(addr, addr.BitLen())))
	}
	return c
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func serverOf(addr netip.Addr, host string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: addr.String()},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(serverLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    names(host),
		IPAddresses: addresses(addr),
	}
}

// vouches says whether an authority may stand for this machine's address and
// names.
func vouches(c *x509.Certificate, addr netip.Addr, host string) bool {
	allowed := false
	for _, network := range c.PermittedIPRanges {
		allowed = allowed || network.Contains(addr.AsSlice())
	}
	return allowed && strings.Join(c.PermittedDNSDomains, " ") == strings.Join(names(host), " ")
}

// good says whether a certificate can still be used for this machine.
func good(c, authority *x509.Certificate, addr netip.Addr, host string, now time.Time) bool {
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	for _, name := range append(names(host), addr.String()) {
		if _, err := c.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now.Add(renewBefore)}); err != nil {
			return false
		}
	}
	return true
}

// issue makes a key and its certificate, signed by the authority; by itself
// where there is none.
func issue(template *x509.Certificate, by *pair) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, fmt.Errorf("numbering a certificate: %w", err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate that was just made: %w", err)
	}
	return &pair{cert, key}, nil
}

// load reads a pair; nil if there is none.
func load(path string) (*pair, error) {
	crt, err := os.ReadFile(path + ".crt") //nolint:gosec // below the data folder
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // none is what was asked
	}
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	secret, err := os.ReadFile(path + ".key") //nolint:gosec // below the data folder
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	both, err := tls.X509KeyPair(crt, secret)
	if err != nil {
		return nil, fmt.Errorf("%s.crt and .key cannot be used (remove them to have new ones made): %w", path, err)
	}
	key, ok := both.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s.key is not a key that Bedside makes: remove it to have a new one made", path)
	}
	return &pair{both.Leaf, key}, nil
}

// save writes the key first: a certificate without its key would be in the way
// of the next start.
func save(path string, p *pair) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	for _, file := range []struct {
		ending, kind string
		body         []byte
	}{{".key", "PRIVATE KEY", der}, {".crt", "CERTIFICATE", p.cert.Raw}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.body})
		if err := os.WriteFile(path+file.ending+".new", text, 0o600); err != nil {
			return fmt.Errorf("keeping a certificate: %w", err)
		}
		if err := os.Rename(path+file.ending+".new", path+file.ending); err != nil {
			return fmt.Errorf("keeping a certificate: %w", err)
		}
	}
	return nil
}
