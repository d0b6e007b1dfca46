package main

import (
	"fmt"
	"log/slog"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/spf13/cobra"
)

func newPayer() *cobra.Command {
	var p app.RosterPayer
	var dir string
	c := &cobra.Command{
		Use: "payer --name NAME --id ID", Short: "Add a payer, or change how its files are read", Args: cobra.NoArgs,
		Long: `Add a payer, or change how its files are read.

A file is taken for the payer's only if it names one of the identifiers (N104 of
N1*IN): a roster of another payer is refused.`,
		Example: `  bedside roster payer --name "Larkspur Health Plan" --id 999000333
  bedside roster payer --name "Harbor Pine Health" --id 999000444 --member-id-ref 23 --accept-wrong-counts`,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := commandConfig(dir)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			rosters, err := app.OpenRosters(c.Context(), cfg, versionText(), log)
			if err != nil {
				return fmt.Errorf("opening enrollment: %w", err)
			}
			defer rosters.Close()
			id, err := rosters.PutPayer(c.Context(), audit.Actor{OSUser: osUser()}, p)
			if err != nil {
				return fmt.Errorf("keeping payer %s: %w", p.Name, err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", id, p.Name)
			return err //nolint:wrapcheck // standard output is gone
		},
	}
	f := c.Flags()
	f.StringVar(&p.Name, "name", "", "name of the payer (required)")
	f.StringSliceVar(&p.Identifiers, "id", nil, "identifier in N1*IN; may be given several times (required)")
	f.StringVar(&p.MemberIDQualifier, "member-id-ref", "", "REF that carries the subscriber's number where there is no REF*0F")
	f.StringVar(&p.OwnIDQualifier, "own-id", "", `where a person's own number stands: NM1, a REF qualifier, or "-"`)
	f.BoolVar(&p.AcceptWrongCounts, "accept-wrong-counts", false, "take a wrong count in a trailer for a warning")
	f.StringVar(&dir, "data", "", "data folder of the running portal, where BEDSIDE_DATABASE_URL is not set")
	_ = c.MarkFlagRequired("name")
	_ = c.MarkFlagRequired("id")
	return c
}
