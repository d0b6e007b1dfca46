package lan

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// Door makes a listener speak TLS. Who comes with plain HTTP, as browsers do
// for an address typed without https, is told where to go.
func Door(l net.Listener, id Identity, address string) net.Listener {
	return &door{Listener: l, address: address, config: &tls.Config{
		Certificates: []tls.Certificate{id.Server}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}}
}

type door struct {
	net.Listener
	config  *tls.Config
	address string
}

// Accept implements net.Listener. Nothing is read here: one slow visitor would
// keep the others waiting.
func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(&visitor{Conn: c, address: d.address}, d.config), nil
}

// visitor looks at the first byte that comes.
type visitor struct {
	net.Conn
	address string
	known   bool
}

// errPlain ends a connection that was answered without TLS.
var errPlain = errors.New("plain HTTP came to a port that speaks TLS")

const (
	// handshake is the first byte of every TLS connection.
	handshake = 0x16
	// plainMost and plainWait bound what is read of a request that is not
	// served.
	plainMost = 16 << 10
	plainWait = 2 * time.Second
)

// Read implements net.Conn; TLS reads first of all.
func (v *visitor) Read(b []byte) (int, error) {
	n, err := v.Conn.Read(b)
	if v.known || n == 0 {
		return n, err
	}
	v.known = true
	if b[0] == handshake {
		return n, err
	}
	v.hint(b[:n])
	return 0, errPlain
}

// hint waits for the end of the request, for an answer that comes too early is
// lost, and says where the portal is.
func (v *visitor) hint(begun []byte) {
	_ = v.SetDeadline(time.Now().Add(plainWait))
	seen := bytes.Clone(begun)
	more := make([]byte, 1024)
	for !bytes.Contains(seen, []byte("\r\n\r\n")) && len(seen) < plainMost {
		n, err := v.Conn.Read(more)
		if seen = append(seen, more[:n]...); err != nil {
			break
		}
	}
	body := "Bedside speaks HTTPS here. Open " + v.address + "/\n"
	_, _ = fmt.Fprintf(v.Conn, "HTTP/1.1 307 Temporary Redirect\r\nLocation: %s/\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"Cache-Control: no-store\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", v.address, len(body), body)
	if half, ok := v.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
