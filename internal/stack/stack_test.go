package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// folder is a data folder that user postgres can reach: the parents of t.TempDir are closed to others.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bedside-stack-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, opts Options) *Stack {
	t.Helper()
	opts.Log = func(step string, took time.Duration) { t.Logf("%8s %s", took.Round(time.Millisecond), step) }
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(limit) {
			t.Fatalf("not in time: %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(probeEvery):
		}
	}
}

func do(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestWholeLife(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	opts := Options{Dir: dir, Standby: true, Redis: true}
	s := start(t, opts)
	do(t, s.PrimaryURL(), "CREATE TABLE kept AS SELECT true AS yes")
	eventually(t, "the standby has the row", func() bool {
		return query(t.Context(), s.StandbyURL(), "SELECT yes FROM kept") == nil
	})
	if err := query(t.Context(), s.PrimaryURL(), "SELECT current_setting('TimeZone') = 'UTC' AND current_setting('listen_addresses') = '' AND current_setting('fsync')::bool"); err != nil {
		t.Error("the settings:", err)
	}
	if err := PingRedis(t.Context(), s.RedisAddr()); err != nil {
		t.Error("redis:", err)
	}

	secondStart(t, s, dir)

	for _, name := range []string{"redis", "standby", "primary"} {
		before := s.PID(name)
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" is started again", func() bool { now := s.PID(name); return now != 0 && now != before })
	}
	eventually(t, "the data are back", func() bool { return query(t.Context(), s.PrimaryURL(), "SELECT yes FROM kept") == nil })

	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := processesIn(dir); len(left) > 0 {
		t.Errorf("processes %v survived the stop", left)
	}
	if _, running, err := Find(dir); running || err != nil {
		t.Errorf("after the stop: running %v, %v", running, err)
	}

	opts.Fresh = true
	again := start(t, opts)
	if err := query(t.Context(), again.PrimaryURL(), "SELECT to_regclass('kept') IS NULL"); err != nil {
		t.Error("--fresh kept old data:", err)
	}
}

func secondStart(t *testing.T, s *Stack, dir string) {
	t.Helper()
	_, err := Start(t.Context(), Options{Dir: dir})
	var busy *BusyError
	if !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second start on the folder: %v", err)
	}
	if err := Held(dir); !errors.As(err, &busy) {
		t.Errorf("held: %v", err)
	}
	h, running, err := Find(dir)
	if err != nil || !running || h.Primary != s.PrimaryURL() || h.Redis != s.RedisAddr() {
		t.Errorf("finding the stack: %+v %v %v", h, running, err)
	}
}

func TestStandbyThatCannotFollowIsMadeAnew(t *testing.T) {
	t.Parallel()
	opts := Options{Dir: folder(t), Standby: true, Throwaway: true}
	s := start(t, opts)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(opts.Dir, "standby", "global", "pg_control"), 0); err != nil {
		t.Fatal(err)
	}
	reported := make(chan string, 9)
	opts.Report = func(message string) { reported <- message }
	again := start(t, opts)
	if err := query(t.Context(), again.StandbyURL(), "SELECT pg_is_in_recovery()"); err != nil {
		t.Error(err)
	}
	if got := <-reported; !strings.Contains(got, "making the standby anew") {
		t.Errorf("reported %q", got)
	}
}

func TestHaltAndResume(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Dir: folder(t), Redis: true, WithoutPostgres: true})
	if err := s.Halt("redis"); err != nil {
		t.Fatal(err)
	}
	if err := PingRedis(t.Context(), s.RedisAddr()); err == nil {
		t.Error("redis answers though halted")
	}
	if err := s.Resume(t.Context(), "redis"); err != nil {
		t.Fatal(err)
	}
	if err := PingRedis(t.Context(), s.RedisAddr()); err != nil {
		t.Error(err)
	}
	if err := s.Halt("nothing"); err == nil {
		t.Error("an unknown child could be halted")
	}
}
