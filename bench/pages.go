package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// visitor keeps cookies by hand: the portal's are Secure, and no jar sends
// those to a loopback address.
type visitor struct {
	base    string
	cookies map[string]string
}

// post sends a form and follows nothing.
func (v *visitor) post(ctx context.Context, path string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", v.all())
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("sending a form: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("the form of %s was answered with %s", path, res.Status)
	}
	for _, c := range res.Cookies() {
		if c.MaxAge >= 0 {
			v.cookies[c.Name] = c.Value
		}
	}
	return nil
}

// sees waits until a page holds a mark n times: what was booked a moment ago
// comes to the replica a little later, and an empty page is no measurement.
func (v *visitor) sees(ctx context.Context, path, mark string, n int) error {
	return until(ctx, fmt.Sprintf("%s shows %s %d times", path, mark, n), func(ctx context.Context) (bool, error) {
		body, err := v.get(ctx, path)
		return strings.Count(body, mark) >= n, err
	})
}

// until asks again and again, for half a minute at most.
func until(ctx context.Context, what string, ask func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("waited in vain until "+what))
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := ask(ctx); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (v *visitor) get(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Cookie", v.all())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking for %s: %w", path, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return string(body), nil
}

func (v *visitor) all() string {
	var out []string
	for name, value := range v.cookies {
		out = append(out, name+"="+value)
	}
	return strings.Join(out, "; ")
}

// chosen is the cookie of somebody who asked for a general visit in
// Pennsylvania.
func (st *stage) chosen(ctx context.Context) (string, error) {
	v := &visitor{base: "http://" + st.app.Addr(), cookies: map[string]string{}}
	err := v.post(ctx, "/book", url.Values{"service": {"general"}, "state": {"PA"}, "zone": {"America/New_York"}})
	return v.all(), err
}

// slots compares the slot page with a handler that only writes as many bytes.
func slots(ctx context.Context, st *stage, o options) ([]row, error) {
	cookies, err := st.chosen(ctx)
	if err != nil {
		return nil, err
	}
	p := page{name: "slot page", path: "/book/time", cookies: cookies}
	warm, err := closedLoop(ctx, st.app.Addr(), p, o.clients, o.during/5)
	if err != nil {
		return nil, err
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
		return nil, err
	}
	what := fmt.Sprintf("slot page, %d clients", o.clients)
	fullP99, bareP99 := percentile(full.times, 99), percentile(bare.times, 99)
	return []row{{
		what: what, measured: fmt.Sprintf("%.0f requests/s", full.rate()), limit: fmt.Sprintf("%.0f requests/s of bare net/http", bare.rate()),
		ratio: over(full.rate(), bare.rate()), aim: "≥ 0.40", note: fmt.Sprintf("%.1f KB a page; p99 %s, bare %s", float64(full.bytes)/1000, ms(fullP99), ms(bareP99)),
	}}, nil
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
	mix := []page{
		{name: "home", path: "/"}, {name: "book", path: "/book"}, {name: "slot page", path: "/book/time", cookies: cookies},
		{name: "appointments, signed in", path: "/appointments", cookies: patient.all()},
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
