package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/pgtest"
)

func TestOwnServersAndExitCode(t *testing.T) {
	t.Setenv(pgtest.EnvPrimary, "") // servers that are kept for other tests do not count here
	var out, said bytes.Buffer
	code, err := run(t.Context(), []string{"--", "sh", "-c", `echo "$BEDSIDE_TEST_POSTGRES $BEDSIDE_TEST_TEMPLATE"; exit 7`}, &out, &said)
	if err != nil || code != 7 {
		t.Fatalf("code %d, %v\n%s", code, err, said.String())
	}
	if !strings.Contains(out.String(), "postgres://") || !strings.Contains(out.String(), " bedside_") {
		t.Errorf("the command was told %q", out.String())
	}
	_, dir, _ := strings.Cut(strings.TrimSpace(said.String()), " in ")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder %q is left behind: %v", dir, err)
	}
}

func TestKeptServersAreUsed(t *testing.T) {
	t.Parallel()
	var out, said bytes.Buffer
	code, err := run(t.Context(), []string{"--", "sh", "-c", `echo "$BEDSIDE_TEST_POSTGRES"`}, &out, &said)
	if err != nil || code != 0 || strings.TrimSpace(out.String()) != os.Getenv(pgtest.EnvPrimary) {
		t.Errorf("code %d, %v, said %q and %q", code, err, out.String(), said.String())
	}
}

func TestHoldWritesExports(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "exports")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := run(ctx, []string{"-hold", "-exports", file}, &bytes.Buffer{}, &bytes.Buffer{})
		ended <- err
	}()
	text := ""
	for limit := time.Now().Add(time.Minute); !strings.Contains(text, "export "+pgtest.EnvTemplate+"='bedside_") && time.Now().Before(limit); {
		<-time.After(10 * time.Millisecond)
		written, _ := os.ReadFile(file) // not there yet
		text = string(written)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if text == "" {
		t.Error("nothing was exported")
	}
}

func TestRefusesToRunNothing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"-unknown"}} {
		if code, _ := run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
			t.Errorf("%q: code %d", args, code)
		}
	}
}
