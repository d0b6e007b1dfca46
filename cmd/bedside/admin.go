package main

import (
	"fmt"
	"log/slog"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/spf13/cobra"
)

func newAdmin() *cobra.Command {
	c := &cobra.Command{Use: "admin", Short: "Administrators of a portal"}
	var email, lang, dir string
	create := &cobra.Command{
		Use: "create --email ADDRESS", Short: "Make an administrator and print the link that sets up their sign-in", Args: cobra.NoArgs,
		Long: `Make an administrator and print the link that sets up their sign-in.

For the first administrator of a portal; the others are invited on its pages.
The link works once, for 7 days, and is not mailed: whoever has it becomes the
administrator. For somebody who has not used theirs yet it makes a new one.`,
		Example: `  bedside admin create --email ada@clinic.example`,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := commandConfig(dir)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			accounts, err := app.OpenAccounts(c.Context(), cfg, versionText(), log)
			if err != nil {
				return fmt.Errorf("opening auth: %w", err)
			}
			defer accounts.Close()
			link, err := accounts.InviteAdministrator(c.Context(), audit.Actor{OSUser: osUser()}, email, lang)
			if err != nil {
				return adminRefusal(email, err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), link)
			return err //nolint:wrapcheck // standard output is gone
		},
	}
	f := create.Flags()
	f.StringVar(&email, "email", "", "address that the administrator signs in with (required)")
	f.StringVar(&lang, "language", "en", "language of their mail: en or es")
	f.StringVar(&dir, "data", "", "data folder of the running portal, where BEDSIDE_DATABASE_URL is not set")
	_ = create.MarkFlagRequired("email")
	c.AddCommand(create)
	return c
}

// adminRefusal says in words what is to be done about a refusal.
func adminRefusal(email string, err error) error {
	switch {
	case errs.CodeOf(err) == errs.Invalid:
		return &failure{exitRefused, fmt.Errorf("%q is not an e-mail address", email)}
	case errs.ReasonOf(err) == "enrolled":
		return &failure{exitRefused, fmt.Errorf("%s has set up their sign-in already; another administrator can reset it on the page of that account", email)}
	case errs.ReasonOf(err) == "works_here":
		return &failure{exitRefused, fmt.Errorf("%s works here already, or is disabled; an administrator can change that on the page of that account", email)}
	}
	return fmt.Errorf("making an administrator: %w", err)
}
