package main

import (
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/stack"
	"github.com/spf13/cobra"
)

func newMigrate() *cobra.Command {
	c := &cobra.Command{Use: "migrate", Short: "Bring the database's schemas up to date"}
	var dir string
	c.PersistentFlags().StringVar(&dir, "data", "", "data folder of a running `bedside up`, where no "+config.Prefix+"OWNER_URL is set")
	c.AddCommand(&cobra.Command{
		Use: "up", Short: "Make what is missing: roles, schemas, tables, grants", Args: cobra.NoArgs,
		Long: "Runs as the database's owner (BEDSIDE_OWNER_URL), while the portal runs. A second run waits for the first.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := ownerConfig(dir)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
			if err := migrate.Up(c.Context(), cfg.OwnerURL, cfg.Passwords(), log); err != nil {
				return fmt.Errorf("migrating: %w", err)
			}
			return printStatus(c, cfg.OwnerURL)
		},
	}, &cobra.Command{
		Use: "status", Short: "Show where each schema stands", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := ownerConfig(dir)
			if err != nil {
				return err
			}
			return printStatus(c, cfg.OwnerURL)
		},
	})
	return c
}

// ownerConfig reads the settings; without an owner's URL it asks the portal
// that runs on this machine.
func ownerConfig(dir string) (*config.Config, error) {
	cfg, err := config.Read(os.Environ())
	if err != nil {
		return nil, fmt.Errorf("reading the settings:\n%w", err)
	}
	if cfg.OwnerURL != "" {
		return cfg, nil
	}
	h, err := running(dir)
	if err != nil {
		return nil, fmt.Errorf("%sOWNER_URL is not set, and %w", config.Prefix, err)
	}
	cfg.OwnerURL = h.Primary
	return cfg, nil
}

// running finds the portal that runs on this machine.
func running(dir string) (stack.Holder, error) {
	dir, err := dataDir(dir)
	if err != nil {
		return stack.Holder{}, err
	}
	h, ok, err := stack.Find(dir)
	if err != nil {
		return stack.Holder{}, fmt.Errorf("the data folder %s cannot be read: %w", dir, err)
	}
	if !ok {
		return stack.Holder{}, fmt.Errorf("no `bedside up` runs on the data folder %s", dir)
	}
	return h, nil
}

func dataDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	dir, err := stack.DefaultDir()
	if err != nil {
		return "", fmt.Errorf("finding the data folder: %w", err)
	}
	return dir, nil
}

func printStatus(c *cobra.Command, url string) error {
	all, err := migrate.Statuses(c.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		return fmt.Errorf("reading the histories: %w", err)
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "SCHEMA\tAT\tNEWEST")
	for _, s := range all {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\n", s.Schema, s.Current, s.Target)
	}
	return w.Flush() //nolint:wrapcheck // standard output is gone
}
