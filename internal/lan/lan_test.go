package lan

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"192.168.1.20": true, "10.1.2.3": true, "172.16.0.1": true, "172.32.0.1": false, "100.64.9.9": false, "100.127.255.254": false, "169.254.3.4": true,
		"127.0.0.1": true, "::1": true, "fd00::1": true, "fe80::1": true, "203.0.113.9": false, "8.8.8.8": false, "2001:db8::1": false,
		"::ffff:192.168.1.20": true, "::ffff:8.8.8.8": false,
	} {
		if got := Private(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	if got, err := Address("192.168.7.7", false); err != nil || got.String() != "192.168.7.7" {
		t.Errorf("a private address: %v, %v", got, err)
	}
	if _, err := Address("203.0.113.9", false); !errors.Is(err, ErrPublic) || !strings.Contains(err.Error(), "203.0.113.9") {
		t.Errorf("a public address: %v", err)
	}
	if _, err := Address("100.64.9.9", false); !errors.Is(err, ErrPublic) {
		t.Errorf("an address that a carrier shares: %v", err)
	}
	if got, err := Address("203.0.113.9", true); err != nil || got.String() != "203.0.113.9" {
		t.Errorf("a public address that is wanted: %v, %v", got, err)
	}
	for _, bad := range []string{"0.0.0.0", "::", "224.0.0.1", "here", "192.168.1.20:80", "\x00"} {
		if got, err := Address(bad, true); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func certify(t *testing.T, dir, addr, host string, now time.Time) Identity {
	t.Helper()
	id, err := Certify(dir, netip.MustParseAddr(addr), host, now)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func authority(t *testing.T, id Identity) *x509.CertPool {
	t.Helper()
	body, err := os.ReadFile(id.Authority)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(body) {
		t.Fatal("the authority is no certificate")
	}
	return pool
}

func TestTheCertificateIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	first := certify(t, dir, "192.168.1.20", "Kitchen", now)
	leaf := first.Server.Leaf
	if !slices.Equal(leaf.DNSNames, []string{"localhost", "kitchen", "kitchen.local"}) || len(leaf.IPAddresses) != 3 || !leaf.IPAddresses[0].Equal(net.IPv4(192, 168, 1, 20)) {
		t.Errorf("names %v, addresses %v", leaf.DNSNames, leaf.IPAddresses)
	}
	for _, name := range []string{"192.168.1.20", "127.0.0.1", "::1", "localhost", "kitchen.local"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: authority(t, first)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f := first.Fingerprint(); len(f) != 95 || f != strings.ToUpper(f) {
		t.Errorf("the fingerprint is %s", f)
	}
	for _, file := range []string{"authority.key", "server.key"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	if again := certify(t, dir, "192.168.1.20", "Kitchen", now); again.Fingerprint() != first.Fingerprint() {
		t.Error("the second start has another certificate")
	}
	before, err := os.ReadFile(first.Authority)
	if err != nil {
		t.Fatal(err)
	}
	moved := certify(t, dir, "10.0.0.5", "Kitchen", now)
	late := certify(t, dir, "10.0.0.5", "Kitchen", now.Add(360*24*time.Hour))
	if moved.Fingerprint() == first.Fingerprint() || late.Fingerprint() == moved.Fingerprint() {
		t.Error("a new address, or the end of a year, needs a new certificate")
	}
	if after, err := os.ReadFile(first.Authority); err != nil || string(after) != string(before) {
		t.Error("a phone would have to install the authority again")
	}
	public := certify(t, dir, "203.0.113.9", "Kitchen", now)
	if _, err := public.Server.Leaf.Verify(x509.VerifyOptions{DNSName: "203.0.113.9", Roots: authority(t, public)}); err != nil {
		t.Errorf("a public address: %v", err)
	}
}

// The authority is of no use against anybody else.
func TestTheAuthorityVouchesForThisMachineAlone(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	id := certify(t, dir, "192.168.1.20", "kitchen", now)
	by, err := load(filepath.Join(dir, "authority"))
	if err != nil {
		t.Fatal(err)
	}
	for addr, host := range map[string]string{"192.168.1.20": "bank.example", "8.8.8.8": "kitchen", "100.64.9.9": "kitchen"} {
		forged, err := issue(serverOf(netip.MustParseAddr(addr), host, now), by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := forged.cert.Verify(x509.VerifyOptions{Roots: authority(t, id)}); err == nil {
			t.Errorf("it vouches for %s at %s", host, addr)
		}
	}
}

func TestBrokenCertificatesAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certify(t, dir, "192.168.1.20", "kitchen", time.Now())
	if err := os.WriteFile(filepath.Join(dir, "server.crt"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Certify(dir, netip.MustParseAddr("192.168.1.20"), "kitchen", time.Now()); err == nil || !strings.Contains(err.Error(), "remove them") {
		t.Errorf("got %v", err)
	}
}

// open serves a page behind a door, on a port of its own.
func open(t *testing.T) (addr string, id Identity) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	id = certify(t, t.TempDir(), "127.0.0.1", "kitchen", time.Now())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	s := &http.Server{Protocols: protocols, ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto+" secure: "+map[bool]string{true: "yes", false: "no"}[r.TLS != nil])
	})}
	go func() { _ = s.Serve(Door(l, id, "https://"+l.Addr().String())) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String(), id
}

func ask(t *testing.T, url string, roots *x509.CertPool) (*http.Response, string, error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

func TestTheDoorSpeaksTLS(t *testing.T) {
	t.Parallel()
	addr, id := open(t)
	_, body, err := ask(t, "https://"+addr+"/", authority(t, id))
	if err != nil || body != "HTTP/2.0 secure: yes" {
		t.Errorf("%q, %v", body, err)
	}
	if _, _, err := ask(t, "https://"+addr+"/", x509.NewCertPool()); err == nil {
		t.Error("a browser that does not know the authority was served")
	}
}

func TestPlainHTTPIsToldWhereToGo(t *testing.T) {
	t.Parallel()
	addr, _ := open(t)
	res, body, err := ask(t, "http://"+addr+"/appointments?long="+strings.Repeat("x", 3000), nil)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect || res.Header.Get("Location") != "https://"+addr+"/" ||
		!strings.Contains(body, "Open https://"+addr+"/") {
		t.Errorf("%v, %q, %v", res, body, err)
	}
}

// A visitor who says nothing keeps nobody waiting.
func TestASilentVisitorIsAlone(t *testing.T) {
	t.Parallel()
	addr, id := open(t)
	silent, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	if _, body, err := ask(t, "https://"+addr+"/", authority(t, id)); err != nil || body == "" {
		t.Errorf("%q, %v", body, err)
	}
}
