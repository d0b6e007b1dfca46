package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
