package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// page is a GET request that is sent again and again.
type page struct{ name, path, cookies string }

func (p page) request(addr string) []byte {
	text := "GET " + p.path + " HTTP/1.1\r\nHost: " + addr + "\r\nUser-Agent: bedside-bench\r\n"
	if p.cookies != "" {
		text += "Cookie: " + p.cookies + "\r\n"
	}
	return []byte(text + "\r\n")
}

// load is what a page took.
type load struct {
	times []time.Duration
	took  time.Duration
	// bytes of one body.
	bytes int64
}

func (l load) rate() float64 { return perSecond(len(l.times), l.took) }

// wire is one kept connection. It does as little as it can, for it shares the
// cores with what is measured.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, addr string) (*wire, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("reaching the server: %w", err)
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		return nil, fmt.Errorf("limiting a connection: %w", err)
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// ask sends a request and reads the answer to its end; another status than 200
// is an error, for a fast refusal is no result.
func (w *wire) ask(request []byte) (int64, error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, fmt.Errorf("sending a request: %w", err)
	}
	res, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, fmt.Errorf("reading an answer: %w", err)
	}
	n, err := io.Copy(io.Discard, res.Body)
	_ = res.Body.Close() // the body was read to its end
	if err != nil {
		return 0, fmt.Errorf("reading a body: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the answer is %s", res.Status)
	}
	return n, nil
}

// closedLoop asks as fast as it can: each client once the last answer is read.
func closedLoop(ctx context.Context, addr string, p page, clients int, during time.Duration) (load, error) {
	var mu sync.Mutex
	var all load
	request, began := p.request(addr), time.Now()
	err := together(ctx, clients, func(ctx context.Context, _ int) error {
		w, err := dial(ctx, addr)
		if err != nil {
			return err
		}
		defer func() { _ = w.conn.Close() }()
		var mine load
		for ctx.Err() == nil && time.Since(began) < during {
			at := time.Now()
			if mine.bytes, err = w.ask(request); err != nil {
				return fmt.Errorf("page %s: %w", p.path, err)
			}
			mine.times = append(mine.times, time.Since(at))
		}
		mu.Lock()
		defer mu.Unlock()
		all.times, all.bytes = append(all.times, mine.times...), max(all.bytes, mine.bytes)
		return nil
	})
	all.took = time.Since(began)
	return all, err
}

// openClients is how many requests an open loop may have under way.
const openClients = 64

// openLoop sends requests at a fixed rate, the pages in turn, whether or not
// answers came. Times count from when a request was due: a stall is charged to
// all whom it kept waiting.
func openLoop(ctx context.Context, addr string, pages []page, rate int, during time.Duration) ([]load, error) {
	all := make([]load, len(pages))
	requests := make([][]byte, len(pages))
	for i, p := range pages {
		requests[i] = p.request(addr)
	}
	var mu sync.Mutex
	var next atomic.Int64
	total := int64(during.Seconds() * float64(rate))
	began := time.Now()
	err := together(ctx, openClients, func(ctx context.Context, _ int) error {
		w, err := dial(ctx, addr)
		if err != nil {
			return err
		}
		defer func() { _ = w.conn.Close() }()
		for n := next.Add(1) - 1; n < total && ctx.Err() == nil; n = next.Add(1) - 1 {
			due := began.Add(time.Duration(n) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(due)) //nolint:forbidigo // an open loop keeps a schedule, whatever the portal does
			which := int(n) % len(pages)
			size, err := w.ask(requests[which])
			if err != nil {
				return fmt.Errorf("page %s: %w", pages[which].path, err)
			}
			took := time.Since(due)
			mu.Lock()
			all[which].times, all[which].bytes = append(all[which].times, took), size
			mu.Unlock()
		}
		return nil
	})
	for i := range all {
		all[i].took = time.Since(began)
	}
	return all, err
}

// together runs a function several times at once; the first error ends all.
func together(ctx context.Context, n int, fn func(ctx context.Context, client int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := fn(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx) //nolint:wrapcheck // the function's own error
}
