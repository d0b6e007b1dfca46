package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// chosen is the cookie of somebody who asked for a general visit in
// Pennsylvania.
func (st *stage) chosen(ctx context.Context) (string, error) {
	v := &visitor{base: "http://" + st.app.Addr(), cookies: map[string]string{}}
	err := v.post(ctx, "/book", url.Values{"service": {"general"}, "state": {"PA"}, "zone": {"America/New_York"}})
	return v.all(), err
}

// longAddress makes the slot page's address one whose page is never kept: each
// request searches and writes anew.
func longAddress() string { return "/book/time?anew=" + strings.Repeat("y", 200) }

// slots compares the slot page with a handler that only writes as many bytes:
// searched and written anew for each request, and as visitors find it who ask
// for what somebody asked for just before.
func slots(ctx context.Context, st *stage, o options) ([]row, error) {
	cookies, err := st.chosen(ctx)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, p := range []page{
		{name: "slot page, made anew", path: longAddress(), cookies: cookies}, {name: "slot page, asked for again", path: "/book/time", cookies: cookies},
	} {
		r, err := besideBare(ctx, st, o, p)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// besideBare loads a page and a handler that writes as many bytes.
func besideBare(ctx context.Context, st *stage, o options, p page) (row, error) {
	warm, err := closedLoop(ctx, st.app.Addr(), p, o.clients, o.during/5)
	if err != nil {
		return row{}, err
	}
	// In turns, so that what else the machine does is shared fairly.
	var full, bare load
	err = withBare(ctx, warm.bytes, func(addr string) error {
		for range rounds {
			for target, into := range map[string]*load{st.app.Addr(): &full, addr: &bare} {
				l, err := closedLoop(ctx, target, p, o.clients, o.during/rounds)
				if err != nil {
					return err
				}
				into.times, into.took, into.bytes = append(into.times, l.times...), into.took+l.took, l.bytes
			}
		}
		return nil
	})
	if err != nil {
		return row{}, err
	}
	fullP99, bareP99 := percentile(full.times, 99), percentile(bare.times, 99)
	return row{
		what: fmt.Sprintf("%s, %d clients", p.name, o.clients), measured: fmt.Sprintf("%.0f requests/s", full.rate()), limit: fmt.Sprintf("%.0f requests/s of bare net/http", bare.rate()),
		ratio: over(full.rate(), bare.rate()), aim: "≥ 0.40", note: fmt.Sprintf("%.1f KB a page; p99 %s, bare %s", float64(full.bytes)/1000, ms(fullP99), ms(bareP99)),
	}, nil
}

// rounds is how many pieces two loads that are compared come in.
const rounds = 3

// withBare runs a function beside a net/http server that only writes as many
// bytes.
func withBare(ctx context.Context, size int64, fn func(addr string) error) (err error) {
	body := []byte(strings.Repeat("b", int(size)))
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body) // a client that left is no error of the handler
	})
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	defer func() {
		closed := s.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			closed = errors.Join(closed, served)
		}
		err = errors.Join(err, closed)
	}()
	return fn(l.Addr().String())
}

// pages sends what people look at most, at a rate that does not wait.
func pages(ctx context.Context, st *stage, o options) ([]row, error) {
	cookies, err := st.chosen(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.someAppointments(ctx); err != nil {
		return nil, err
	}
	patient := &visitor{base: "http://" + st.app.Addr(), cookies: map[string]string{}}
	if err := patient.post(ctx, "/demo/patient", url.Values{}); err != nil {
		return nil, err
	}
	if err := patient.sees(ctx, "/appointments", `class="card appt"`, listed); err != nil {
		return nil, err
	}
	list, err := patient.get(ctx, "/appointments")
	if err != nil {
		return nil, err
	}
	_, one, _ := strings.Cut(list, `href="/appointments/`)
	one, _, _ = strings.Cut(one, `"`)
	mix := []page{
		{name: "home", path: "/"}, {name: "book", path: "/book"}, {name: "slot page, asked for again", path: "/book/time", cookies: cookies},
		{name: "slot page, made anew", path: longAddress(), cookies: cookies},
		{name: "appointments, signed in", path: "/appointments", cookies: patient.all()},
		{name: "one appointment, signed in", path: "/appointments/" + one, cookies: patient.all()},
		{name: "account, signed in", path: "/account", cookies: patient.all()},
	}
	if _, err := openLoop(ctx, st.app.Addr(), mix, o.rate, o.during/5); err != nil {
		return nil, err
	}
	all, err := openLoop(ctx, st.app.Addr(), mix, o.rate, o.during)
	if err != nil {
		return nil, err
	}
	var out []row
	for i, l := range all {
		out = append(out, row{
			what:     fmt.Sprintf("%s, of %d pages/s", mix[i].name, o.rate),
			measured: "p50 " + ms(percentile(l.times, 50)) + ", p99 " + ms(percentile(l.times, 99)), limit: "p99 of 50 ms", aim: "≤ 50 ms",
			note: fmt.Sprintf("%.1f KB, %d requests", float64(l.bytes)/1000, len(l.times)),
		})
	}
	return out, nil
}
