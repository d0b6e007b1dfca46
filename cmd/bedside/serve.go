package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/spf13/cobra"
)

func newServe() *cobra.Command {
	var target string
	c := &cobra.Command{
		Use: "serve", Short: "Run some targets against servers that the environment names", Args: cobra.NoArgs,
		Long: `Run targets against Postgres, Redis and a mail relay that the environment
names ("bedside config print" lists the settings). Migrations are run before,
by "bedside migrate up".

SIGTERM turns readiness off, waits BEDSIDE_LAME_DUCK for the balancer to
notice, finishes what is under way, and ends.`,
		Example: "  bedside serve --target=web\n  bedside serve --target=auth,licensing",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, targets, err := readFor(target)
			if err != nil {
				return err
			}
			log, err := newLogger(c.OutOrStdout(), cfg, target)
			if err != nil {
				return err
			}
			return serve(c.Context(), cfg, targets, log)
		},
	}
	c.Flags().StringVar(&target, "target", app.All, "all, or names separated by commas")
	return c
}

func newLogger(w io.Writer, cfg *config.Config, target string) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, fmt.Errorf("%sLOG_LEVEL=%q is not debug, info, warn or error", config.Prefix, cfg.LogLevel)
	}
	return obs.NewLogger(w, level, target), nil
}

// stopLimit is what a stop may take after the lame duck, within the 120 s that
// ECS allows.
const stopLimit = 30 * time.Second

// serve runs targets until the context ends, then stops them in order.
func serve(ctx context.Context, cfg *config.Config, targets []app.Target, log *slog.Logger) error {
	a, err := app.New(ctx, cfg, targets, versionText(), log)
	if err != nil {
		return fmt.Errorf("building the targets: %w", err)
	}
	if err := a.Start(ctx); err != nil {
		return fmt.Errorf("starting the targets: %w", err)
	}
	log.Info("listening", "address", a.Addr(), "targets", app.Names(targets), "version", versionText())
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.LameDuck+stopLimit)
	defer cancel()
	log.Info("draining")
	a.Drain(stopping)
	if err := a.Stop(stopping); err != nil {
		return errors.Join(errors.New("not everything stopped in time"), err)
	}
	log.Info("stopped")
	return nil
}
