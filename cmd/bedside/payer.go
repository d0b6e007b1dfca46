package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// payerFlags are the settings of a payer as flags name them.
func payerFlags(f *pflag.FlagSet, p *app.RosterPayer) {
	f.StringVar(&p.Name, "name", "", "name of the payer (required)")
	f.StringSliceVar(&p.Identifiers, "id", nil, "identifier in N1*IN; may be given several times (required for a new payer)")
	f.StringVar(&p.MemberIDQualifier, "member-id-ref", "WH", "REF that carries the subscriber's number where there is no REF*0F")
	f.StringVar(&p.OwnIDQualifier, "own-id", "NM1", `where a person's own number stands: NM1, a REF qualifier, or "-" for nowhere`)
	f.StringVar(&p.IDSeparator, "id-separator", "", `cut what the sender packs behind an identifier in a REF from this sign on, such as ";"`)
	f.BoolVar(&p.EndsExclusive, "ends-exclusive", false, "an end (349, 357) is the first day without coverage, not the last one with it")
	f.BoolVar(&p.NamesSwapped, "names-swapped", false, "the sender writes first names where last names belong (NM103, NM104)")
	f.BoolVar(&p.DependentNumbers, "dependent-numbers", false, "each dependent has a number of their own in REF*0F, and stands behind their subscriber")
	f.BoolVar(&p.AcceptWrongCounts, "accept-wrong-counts", false, "take a wrong count in a trailer for a warning")
}

func newPayer() *cobra.Command {
	var p app.RosterPayer
	var dir string
	c := &cobra.Command{
		Use: "payer --name NAME", Short: "Add a payer, or change how its files are read", Args: cobra.NoArgs,
		Long: `Add a payer, or change how its files are read.

A file is taken for the payer's only if it names one of the identifiers (N104 of
N1*IN): a roster of another payer is refused. Of a payer that is there already,
only the settings that are given change.`,
		Example: `  bedside roster payer --name "Larkspur Health Plan" --id 999000333
  bedside roster payer --name "Harbor Pine Health" --id 999000444 --member-id-ref 23 --accept-wrong-counts
  bedside roster payer --name "Harbor Pine Health" --ends-exclusive`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withRosters(c, dir, func(ctx context.Context, r *app.Rosters) error {
				return putPayer(ctx, r, p, c.Flags(), c.OutOrStdout())
			})
		},
	}
	payerFlags(c.Flags(), &p)
	c.Flags().StringVar(&dir, "data", "", dataHelp)
	_ = c.MarkFlagRequired("name")
	return c
}

const dataHelp = "data folder of the running portal, where BEDSIDE_DATABASE_URL is not set"

// putPayer keeps what is on file of a payer where no flag says otherwise.
func putPayer(ctx context.Context, r *app.Rosters, p app.RosterPayer, flags *pflag.FlagSet, stdout io.Writer) error {
	have, err := r.PayerNamed(ctx, p.Name)
	switch {
	case errs.CodeOf(err) == errs.NotFound && !flags.Changed("id"):
		return &failure{exitUsage, errors.New("a new payer needs at least one --id (N104 of N1*IN)")}
	case errs.CodeOf(err) == errs.NotFound:
	case err != nil:
		return fmt.Errorf("looking for payer %s: %w", p.Name, err)
	default:
		p = changed(have, p, flags)
	}
	id, err := r.PutPayer(ctx, audit.Actor{OSUser: osUser()}, p)
	if err != nil {
		return fmt.Errorf("keeping payer %s: %w", p.Name, err)
	}
	_, err = fmt.Fprintf(stdout, "%s  %s\n", id, describePayer(p))
	return err //nolint:wrapcheck // standard output is gone
}

// changed is a payer with the settings that were given.
func changed(have, given app.RosterPayer, flags *pflag.FlagSet) app.RosterPayer {
	for name, take := range map[string]func(){
		"id":                  func() { have.Identifiers = given.Identifiers },
		"member-id-ref":       func() { have.MemberIDQualifier = given.MemberIDQualifier },
		"own-id":              func() { have.OwnIDQualifier = given.OwnIDQualifier },
		"id-separator":        func() { have.IDSeparator = given.IDSeparator },
		"ends-exclusive":      func() { have.EndsExclusive = given.EndsExclusive },
		"names-swapped":       func() { have.NamesSwapped = given.NamesSwapped },
		"dependent-numbers":   func() { have.DependentNumbers = given.DependentNumbers },
		"accept-wrong-counts": func() { have.AcceptWrongCounts = given.AcceptWrongCounts },
	} {
		if flags.Changed(name) {
			take()
		}
	}
	return have
}

// describePayer says how a payer's files are read, as flags.
func describePayer(p app.RosterPayer) string {
	out := []string{p.Name + ":", "--id " + strings.Join(p.Identifiers, ","), "--member-id-ref " + p.MemberIDQualifier, "--own-id " + p.OwnIDQualifier}
	if p.IDSeparator != "" {
		out = append(out, fmt.Sprintf("--id-separator %q", p.IDSeparator))
	}
	for _, on := range []struct {
		set  bool
		flag string
	}{{p.EndsExclusive, "--ends-exclusive"}, {p.NamesSwapped, "--names-swapped"}, {p.DependentNumbers, "--dependent-numbers"}, {p.AcceptWrongCounts, "--accept-wrong-counts"}} {
		if on.set {
			out = append(out, on.flag)
		}
	}
	return strings.Join(out, " ")
}

func newPayers() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "payers", Short: "List the payers and how their files are read", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withRosters(c, dir, func(ctx context.Context, r *app.Rosters) error {
				all, err := r.Payers(ctx)
				if err != nil {
					return err //nolint:wrapcheck // it says what it was doing
				}
				for _, p := range all {
					if _, err := fmt.Fprintln(c.OutOrStdout(), describePayer(p)); err != nil {
						return err //nolint:wrapcheck // standard output is gone
					}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&dir, "data", "", dataHelp)
	return c
}

// withRosters opens the roster side of enrollment for one command.
func withRosters(c *cobra.Command, dir string, fn func(ctx context.Context, r *app.Rosters) error) error {
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
	return fn(c.Context(), rosters)
}
