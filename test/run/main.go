// Command run gives tests their servers: it starts a private Postgres primary, a standby and Redis in a folder of its
// own, migrates a template database, tells the command where they are through BEDSIDE_TEST_*, runs it, and removes
// everything again. Its exit code is the command's.
//
//	go run ./test/run -- go test ./...
//
// For work on single tests, keep the servers up in one terminal and use them in another; a new template is made
// whenever the migrations changed:
//
//	go run ./test/run -hold -exports FILE
//	. FILE; go run ./test/run -- go test ./internal/scheduling
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/stack"
)

// folders is how the folders of test servers are named.
const folders = "bedside-test-"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/run:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int, err error) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(stderr)
	hold := flags.Bool("hold", false, "keep the servers up until Ctrl-C and print how to reach them")
	exports := flags.String("exports", "", "with -hold: also write the exports to this file")
	if err := flags.Parse(args); err != nil {
		return 2, nil // the flag package has said why
	}
	command := flags.Args()
	if !*hold && len(command) == 0 {
		return 2, errors.New("give a command after --, or -hold")
	}
	env, down, err := up(ctx, stderr)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, down()) }()
	if *hold {
		return 0, keep(ctx, env, *exports, stdout)
	}
	return child(ctx, command, env, stdout, stderr)
}

// up finds the servers of a -hold in the environment, or starts its own; down undoes what it did.
func up(ctx context.Context, stderr io.Writer) (env []string, down func() error, err error) {
	if admin := os.Getenv(pgtest.EnvPrimary); admin != "" {
		template, err := migrated(ctx, admin)
		return []string{pgtest.EnvTemplate + "=" + template}, func() error { return nil }, err
	}
	sweep()
	dir, err := os.MkdirTemp("", folders)
	if err != nil {
		return nil, nil, fmt.Errorf("making a folder for the test servers: %w", err)
	}
	began := time.Now()
	s, err := stack.Start(ctx, stack.Options{
		Dir: dir, Standby: true, Redis: true, Throwaway: true,
		Report: func(message string) { fmt.Fprintln(stderr, "test servers:", message) },
	})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	down = func() error {
		return errors.Join(s.Stop(context.WithoutCancel(ctx)), os.RemoveAll(dir))
	}
	template, err := migrated(ctx, s.AdminURL())
	if err != nil {
		return nil, nil, errors.Join(err, down())
	}
	fmt.Fprintf(stderr, "test servers: ready after %s in %s\n", time.Since(began).Round(10*time.Millisecond), dir)
	return []string{
		pgtest.EnvPrimary + "=" + s.AdminURL(),
		pgtest.EnvStandby + "=" + s.StandbyURL(),
		pgtest.EnvRedis + "=" + s.RedisAddr(),
		pgtest.EnvTemplate + "=" + template,
	}, down, nil
}

// sweep removes the folders of runs that were killed: nobody holds them anymore. Fresh ones may be just starting.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), folders+"*")) // only a bad pattern is an error
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Hour {
			continue
		}
		if _, running, err := stack.Find(dir); err == nil && !running {
			_ = os.RemoveAll(dir) // another user's, perhaps
		}
	}
}

func keep(ctx context.Context, env []string, file string, stdout io.Writer) error {
	var text strings.Builder
	for _, e := range env {
		key, value, _ := strings.Cut(e, "=")
		fmt.Fprintf(&text, "export %s='%s'\n", key, value)
	}
	if file != "" {
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			return fmt.Errorf("writing the exports: %w", err)
		}
	}
	fmt.Fprint(stdout, text.String())
	<-ctx.Done()
	return nil
}

// child runs the command in a group of its own, which ends with it, and passes Ctrl-C on.
func child(ctx context.Context, command, env []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, fmt.Errorf("running %s: %w", command[0], err)
	}
	return 0, nil
}
