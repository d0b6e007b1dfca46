package stack

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("finding a free port: %s is no TCP address", l.Addr()), l.Close())
	}
	return addr.Port, l.Close()
}

// PortFree says in plain words that an address is taken, and by whom when that can be seen.
func PortFree(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listening on %s: %w", addr, err)
	}
	_, port, _ := net.SplitHostPort(addr)
	return fmt.Errorf("port %s is in use%s", port, by(port))
}

// by names the process that listens on a port, as far as this user may see.
func by(port string) string {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ""
	}
	for inode := range listeners(uint16(n)) {
		links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // only a bad pattern is an error
		for _, link := range links {
			if target, err := os.Readlink(link); err == nil && target == "socket:["+inode+"]" {
				pid := strings.Split(link, "/")[2]
				name, _ := os.ReadFile(filepath.Join("/proc", pid, "comm")) // unknown is fine: the process id is told
				return fmt.Sprintf(" by process %s (%s)", pid, strings.TrimSpace(string(name)))
			}
		}
	}
	return ""
}

// listeners are the inodes of the sockets that listen on a port: column 2 is the address, 4 the state, 10 the inode.
func listeners(port uint16) map[string]bool {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			col := strings.Fields(lines.Text())
			if len(col) > 9 && strings.HasSuffix(col[1], fmt.Sprintf(":%04X", port)) && col[3] == "0A" {
				inodes[col[9]] = true
			}
		}
		_ = f.Close() // read only
	}
	return inodes
}
