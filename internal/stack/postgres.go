package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres has no TCP listener here: these numbers only name its sockets.
const (
	primaryPort = 5432
	standbyPort = 5433
)

// streamWithin is how long a standby may take to follow before it is made anew.
const streamWithin = 10 * time.Second

func (s *Stack) startPostgres(ctx context.Context) error {
	bin, err := FindPostgres()
	if err != nil {
		return err
	}
	if err := s.initPrimary(bin); err != nil {
		return err
	}
	if err := s.timed("postgres primary", func() error { return s.startPrimary(ctx, bin) }); err != nil {
		return err
	}
	if !s.opts.Standby {
		return nil
	}
	return s.startStandby(ctx, bin)
}

// initPrimary makes the data folder under another name first, so that a kill in the middle leaves no half.
func (s *Stack) initPrimary(bin Postgres) error {
	made, err := exists(s.place.primary())
	if err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	if made {
		return bin.fits(s.place.primary())
	}
	return s.timed("postgres initdb", func() error {
		half, err := s.newFolder(s.place.primary())
		if err != nil {
			return err
		}
		err = s.place.run(bin.program("initdb"), "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
		if err != nil {
			return err
		}
		return os.Rename(half, s.place.primary())
	})
}

func (s *Stack) newFolder(final string) (string, error) {
	half := final + ".new"
	if err := os.RemoveAll(half); err != nil {
		return "", fmt.Errorf("removing a half-made data folder: %w", err)
	}
	return half, s.place.folder(half)
}

func (s *Stack) startPrimary(ctx context.Context, bin Postgres) error {
	dir := s.place.primary()
	if err := s.configure(bin, dir, primaryPort, "primary", ""); err != nil {
		return err
	}
	err := s.supervise(ctx, s.server(bin, "primary", dir, func(ctx context.Context) error {
		return query(ctx, s.AdminURL(), "SELECT NOT pg_is_in_recovery()")
	}))
	if err != nil {
		return err
	}
	return s.prepareDatabase(ctx)
}

func (s *Stack) server(bin Postgres, name, dir string, ready func(context.Context) error) *child {
	return &child{
		name: name, path: bin.program("postgres"), args: []string{"-D", dir}, stop: syscall.SIGINT, ready: ready,
		before: func(ctx context.Context) error { return endProcessesIn(ctx, dir) },
	}
}

// prepareDatabase makes the portal's database at the first start.
func (s *Stack) prepareDatabase(ctx context.Context) error {
	if query(ctx, s.AdminURL(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = '"+Database+"')") == nil {
		return nil
	}
	if err := Exec(ctx, s.AdminURL(), "CREATE DATABASE "+Database); err != nil {
		return fmt.Errorf("making the portal's database: %w", err)
	}
	return nil
}

// startStandby starts the copy, and makes it anew when it is missing or cannot follow: after `--fresh`, after it was
// switched off for long, or after a crash that cut it off.
func (s *Stack) startStandby(ctx context.Context, bin Postgres) error {
	c := s.server(bin, "standby", s.place.standby(), func(ctx context.Context) error {
		return query(ctx, s.place.url(standbyPort, "postgres"),
			"SELECT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')")
	})
	c.patience = streamWithin
	made, err := exists(s.place.standby())
	if err != nil {
		return fmt.Errorf("looking for the standby: %w", err)
	}
	if made {
		err := s.timed("postgres standby", func() error { return s.follow(ctx, bin, c) })
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.opts.Report(fmt.Sprintf("%v; making the standby anew", err))
		s.forget(c)
	}
	if err := s.timed("postgres standby copied", func() error { return s.copyStandby(ctx, bin) }); err != nil {
		return err
	}
	return s.timed("postgres standby", func() error { return s.follow(ctx, bin, c) })
}

func (s *Stack) follow(ctx context.Context, bin Postgres, c *child) error {
	source := fmt.Sprintf("host=%s port=%d user=postgres application_name=standby", s.place.sockets(), primaryPort)
	if err := s.configure(bin, s.place.standby(), standbyPort, "standby", source); err != nil {
		return err
	}
	return s.supervise(ctx, c)
}

// forget takes out a child that never started, before it is tried again.
func (s *Stack) forget(c *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.children {
		if s.children[i] == c {
			s.children = append(s.children[:i], s.children[i+1:]...)
			return
		}
	}
}

func (s *Stack) copyStandby(ctx context.Context, bin Postgres) error {
	if err := s.newSlot(ctx); err != nil {
		return err
	}
	half, err := s.newFolder(s.place.standby())
	if err != nil {
		return err
	}
	from := fmt.Sprintf("host=%s port=%d user=postgres", s.place.sockets(), primaryPort)
	if err := s.place.run(bin.program("pg_basebackup"), "-D", half, "-d", from, "-S", "standby", "-c", "fast", "--no-sync"); err != nil {
		return err
	}
	if err := os.RemoveAll(s.place.standby()); err != nil {
		return fmt.Errorf("removing the old standby: %w", err)
	}
	return os.Rename(half, s.place.standby())
}

// newSlot keeps the log for the standby from now on; a slot of an earlier copy would keep too much, or be lost.
func (s *Stack) newSlot(ctx context.Context) error {
	err := Exec(ctx, s.AdminURL(),
		"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'standby' AND NOT active",
		"SELECT pg_create_physical_replication_slot('standby', true)")
	if err != nil {
		return fmt.Errorf("keeping the log for the standby: %w", err)
	}
	return nil
}

// Exec runs statements, each on its own, over one connection: for the few that make or drop whole databases.
func Exec(ctx context.Context, url string, statements ...string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting as the owner: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// configure writes the whole configuration at every start, so that a change of ours reaches old data folders too.
func (s *Stack) configure(bin Postgres, dir string, port int, name, follows string) error {
	text := settings(s.place.sockets(), port, name, follows, s.opts.Throwaway, bin.has("pg_stat_statements"))
	access := "# Whoever can enter the folder of the socket is the owner.\nlocal all all trust\nlocal replication postgres trust\n"
	err := errors.Join(
		s.place.write(filepath.Join(dir, "postgresql.conf"), text),
		s.place.write(filepath.Join(dir, "postgresql.auto.conf"), ""),
		s.place.write(filepath.Join(dir, "pg_hba.conf"), access),
	)
	if err == nil && follows != "" {
		err = s.place.write(filepath.Join(dir, "standby.signal"), "")
	}
	return err
}

func settings(sockets string, port int, name, follows string, throwaway, statements bool) string {
	var b strings.Builder
	set := func(key string, value any) { fmt.Fprintf(&b, "%s = '%v'\n", key, value) }
	set("cluster_name", "bedside "+name)
	set("listen_addresses", "")
	set("unix_socket_directories", sockets)
	set("port", port)
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("log_line_prefix", "%m [%p] %u ")
	set("log_error_verbosity", "terse") // the details of an error quote values, which may be about a person's health
	set("jit", "off")                   // short statements only: compiling them costs more than it gains
	set("wal_level", "logical")
	set("max_wal_size", "2GB")
	set("max_slot_wal_keep_size", "2GB") // a standby that stays away must not fill the disk
	set("hot_standby_feedback", "on")
	set("max_standby_streaming_delay", "2s") // a slow reader must not make all others read old data
	set("wal_retrieve_retry_interval", "200ms")
	if statements {
		set("shared_preload_libraries", "pg_stat_statements")
	}
	if throwaway {
		set("max_connections", 300)
		set("shared_buffers", "256MB")
		set("fsync", "off")
		set("full_page_writes", "off")
		set("checkpoint_timeout", "30min")
	} else {
		set("max_connections", 100)
		set("shared_buffers", "128MB")
	}
	if follows != "" {
		set("primary_conninfo", follows)
		set("primary_slot_name", "standby")
	}
	return b.String()
}

// query passes when the statement answers true.
func query(ctx context.Context, url, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var yes bool
	if err := conn.QueryRow(ctx, statement).Scan(&yes); err != nil {
		return err
	}
	if !yes {
		return errors.New("it answers, but is not there yet")
	}
	return nil
}
