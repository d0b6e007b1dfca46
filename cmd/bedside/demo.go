package main

import (
	"fmt"
	"io"
	"os"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/spf13/cobra"
)

func newDemo() *cobra.Command {
	c := &cobra.Command{Use: "demo", Short: "Invented people and rosters"}
	c.AddCommand(newDemoRoster(), &cobra.Command{
		Use: "seed", Short: "Put the demo people into the database that the environment names", Args: cobra.NoArgs,
		Long: "Does what `bedside up` does by itself; again, it changes nothing. Refused unless BEDSIDE_DEMO is true.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, targets, err := readFor(app.All)
			if err != nil {
				return err
			}
			log, err := newLogger(c.ErrOrStderr(), cfg, "seed")
			if err != nil {
				return err
			}
			a, err := app.New(c.Context(), cfg, targets, versionText(), log)
			if err != nil {
				return fmt.Errorf("building the targets: %w", err)
			}
			defer a.Close()
			if err := a.Seed(c.Context()); err != nil {
				return fmt.Errorf("putting demo people in place: %w", err)
			}
			return nil
		},
	})
	return c
}

// output opens the file that a flag names, or standard output.
func output(path string, stdout io.Writer) (io.Writer, func() error, error) {
	if path == "" || path == "-" {
		return stdout, func() error { return nil }, nil
	}
	f, err := os.Create(path) //nolint:gosec // the user names the file
	if err != nil {
		return nil, nil, fmt.Errorf("making the file: %w", err)
	}
	return f, f.Close, nil
}
