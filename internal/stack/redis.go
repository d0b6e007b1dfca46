package stack

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startRedis starts a cache that keeps nothing on disk: it is never the truth. A free port can be taken by somebody
// else between finding and using it, so a few are tried.
func (s *Stack) startRedis(ctx context.Context) error {
	path, err := FindRedis()
	if err != nil {
		return err
	}
	if s.opts.RedisPort != 0 {
		if err := PortFree(loopback(s.opts.RedisPort)); err != nil {
			return err
		}
		return s.redisOn(ctx, path, s.opts.RedisPort)
	}
	for range 3 {
		var port int
		if port, err = freePort(); err != nil {
			return err
		}
		if err = s.redisOn(ctx, path, port); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (s *Stack) redisOn(ctx context.Context, path string, port int) error {
	addr := loopback(port)
	c := &child{
		name: "redis", path: path, stop: syscall.SIGTERM,
		args: []string{
			"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", s.place.cache(),
			"--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru",
		},
		ready: func(ctx context.Context) error { return PingRedis(ctx, addr) },
	}
	if err := s.supervise(ctx, c); err != nil {
		s.forget(c)
		return err
	}
	s.redis = addr
	return nil
}

// PingRedis asks a Redis server whether it is there.
func PingRedis(ctx context.Context, addr string) error {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) != "+PONG" {
		return fmt.Errorf("redis says %q", strings.TrimSpace(line))
	}
	return nil
}
