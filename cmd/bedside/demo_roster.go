package main

import (
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/demo/roster"
	"github.com/spf13/cobra"
)

func newDemoRoster() *cobra.Command {
	var (
		o   roster.Options
		out string
	)
	c := &cobra.Command{
		Use: "roster", Short: "Write an invented 834 roster of any size", Args: cobra.NoArgs,
		Long: `Writes an X12 834 file (005010X220A1) of invented people, the same for the same
numbers. Without flags it is demo/roster.834. Some members are faulty on
purpose; an import rejects exactly these.`,
		Example: "  bedside demo roster --members 100000 --seed 7 --out large.834\n" +
			"  bedside demo roster --members 50 --faults 0",
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("faults") && o.Faults == 0 {
				o.Faults = roster.NoFaults
			}
			if err := o.Check(); err != nil {
				return &failure{exitUsage, err}
			}
			w, closeFile, err := output(out, c.OutOrStdout())
			if err != nil {
				return err
			}
			if err := errors.Join(roster.Generate(w, o), closeFile()); err != nil {
				return fmt.Errorf("making a roster: %w", err)
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.Members, "members", roster.DefaultMembers, "how many people, subscribers and dependents")
	f.Uint64Var(&o.Seed, "seed", roster.DefaultSeed, "another number gives other people")
	f.IntVar(&o.Faults, "faults", 0, fmt.Sprintf("how many members are faulty (default %d, fewer in a small file)", roster.DefaultFaults))
	f.StringVar(&out, "out", "", "the file to write, instead of standard output")
	return c
}
