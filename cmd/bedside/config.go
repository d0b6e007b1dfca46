package main

import (
	"fmt"
	"os"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/spf13/cobra"
)

func newConfig() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Show and check the settings"}
	var target string
	check := &cobra.Command{
		Use: "check", Short: "List every fault of the settings", Args: cobra.NoArgs,
		Example: "  bedside config check --target=web",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, targets, err := readFor(target)
			if err != nil {
				return err
			}
			if err := app.CheckTexts(cfg, targets); err != nil {
				return err //nolint:wrapcheck // it says what, why and what to do
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "The settings are complete.")
			return err //nolint:wrapcheck // standard output is gone
		},
	}
	check.Flags().StringVar(&target, "target", app.All, "which targets to check for")
	c.AddCommand(check, &cobra.Command{
		Use: "print", Short: "Print every setting with its meaning; secrets only as (set)", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Read(os.Environ())
			if err != nil {
				return fmt.Errorf("reading the settings: %w", err)
			}
			return cfg.Print(c.OutOrStdout())
		},
	})
	return c
}

// readFor reads and checks the settings for some targets.
func readFor(target string) (*config.Config, []app.Target, error) {
	targets, err := app.Select(target)
	if err != nil {
		return nil, nil, &failure{exitUsage, err}
	}
	cfg, err := config.Read(os.Environ())
	if err != nil {
		return nil, nil, fmt.Errorf("reading the settings:\n%w", err)
	}
	if err := cfg.Check(app.Names(targets), app.Placed(targets)); err != nil {
		return nil, nil, fmt.Errorf("the settings have faults:\n%w", err)
	}
	return cfg, targets, nil
}
