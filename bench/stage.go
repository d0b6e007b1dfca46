package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/stack"
)

// stage is the whole portal in this process, on servers of its own.
type stage struct {
	dir     string
	stack   *stack.Stack
	mail    *mailbox.Mailbox
	app     *app.App
	secrets app.Secrets
	log     *os.File
}

func newStage(ctx context.Context, o options, stderr io.Writer) (_ *stage, err error) {
	st := new(stage)
	defer func() {
		if err != nil {
			err = errors.Join(err, st.stop(context.WithoutCancel(ctx)))
		}
	}()
	if st.dir, err = os.MkdirTemp(o.dir, "bedside-bench-"); err != nil {
		return nil, fmt.Errorf("making a folder for the servers: %w", err)
	}
	began := time.Now()
	report := func(message string) { fmt.Fprintln(stderr, "bench:", message) }
	if st.stack, err = stack.Start(ctx, stack.Options{Dir: st.dir, Standby: true, Redis: true, Report: report}); err != nil {
		return nil, fmt.Errorf("starting the servers: %w", err)
	}
	if err = migrate.Up(ctx, st.stack.PrimaryURL(), nil, slog.New(slog.DiscardHandler)); err != nil {
		return nil, fmt.Errorf("making the tables: %w", err)
	}
	if st.mail, err = mailbox.Start(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("starting the mailbox: %w", err)
	}
	if st.secrets, err = app.LocalSecrets(st.dir); err != nil {
		return nil, fmt.Errorf("making secrets: %w", err)
	}
	if st.log, err = os.Create(filepath.Join(st.dir, "portal.log")); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	if err = st.open(ctx); err != nil {
		return nil, err
	}
	report("ready after " + time.Since(began).Round(time.Millisecond).String())
	return st, nil
}

// config is what `bedside up` sets.
func (st *stage) config() *config.Config {
	return &config.Config{
		Listen: "127.0.0.1:0", AdminListen: "off", BaseURL: "http://localhost:8080", DatabaseURL: st.stack.PrimaryURL(), ReplicaURL: st.stack.StandbyURL(),
		RedisAddr: st.stack.RedisAddr(), SMTPAddr: st.mail.SMTPAddr(), SMTPFrom: "no-reply@bedside.test", SMTPPlain: true,
		ServiceKey: st.secrets.ServiceKey, CookieKey: st.secrets.CookieKey, Keyset: st.secrets.Keyset,
		HelpPhone: "1-800-555-0199", LogLevel: "info", Demo: true,
	}
}

func (st *stage) open(ctx context.Context) error {
	a, err := app.New(ctx, st.config(), app.Targets(), "bench", obs.NewLogger(st.log, slog.LevelInfo, app.All))
	if err != nil {
		return fmt.Errorf("building the portal: %w", err)
	}
	if err := a.Start(ctx); err != nil {
		a.Close()
		return fmt.Errorf("starting the portal: %w", err)
	}
	st.app = a
	if err := a.Seed(ctx); err != nil {
		return fmt.Errorf("putting demo people in place: %w", err)
	}
	if err := a.WaitReady(ctx); err != nil {
		return fmt.Errorf("waiting for the portal: %w", err)
	}
	return nil
}

// stop takes down what stands, the last first.
func (st *stage) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var failed []error
	if st.app != nil {
		failed = append(failed, st.app.Stop(ctx))
	}
	if st.mail != nil {
		failed = append(failed, st.mail.Stop(ctx))
	}
	if st.stack != nil {
		failed = append(failed, st.stack.Stop(ctx))
	}
	if st.log != nil {
		failed = append(failed, st.log.Close())
	}
	if st.dir != "" {
		failed = append(failed, os.RemoveAll(st.dir))
	}
	return errors.Join(failed...)
}
