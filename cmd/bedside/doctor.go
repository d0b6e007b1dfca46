package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/doctor"
	"github.com/spf13/cobra"
)

func newDoctor() *cobra.Command {
	var o doctor.Options
	c := &cobra.Command{
		Use: "doctor", Short: "Check everything that the portal depends on, and say how to mend it", Args: cobra.NoArgs,
		Long: `Look at every dependency and say how to mend what is wrong. Nothing is changed.

With BEDSIDE_DATABASE_URL set, the servers that the settings name are checked;
without, this machine is checked for "bedside up", and the portal that runs on
it, if one does.`,
		Example: "  bedside doctor\n  bedside doctor --port 9090",
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Dir, err = dataDir(o.Dir); err != nil {
				return err
			}
			if o.Config, err = config.Read(os.Environ()); err != nil {
				return fmt.Errorf("reading the settings:\n%w", err)
			}
			o.Texts = func() error { return app.CheckTexts(o.Config, app.Targets()) }
			return diagnose(c.OutOrStdout(), doctor.Run(c.Context(), o))
		},
	}
	c.Flags().StringVar(&o.Dir, "data", "", "data folder of bedside up (default /var/lib/bedside for root, else in your data folder)")
	c.Flags().IntVar(&o.Port, "port", 8080, "port of bedside up on localhost")
	return c
}

// diagnose prints what was found, and fails if anything is wrong.
func diagnose(w io.Writer, checks []doctor.Check) error {
	wrong := 0
	for _, c := range checks {
		verdict := "ok   "
		if !c.OK {
			verdict = "WRONG"
			wrong++
		}
		_, _ = fmt.Fprintf(w, "%s  %-26s %s\n", verdict, c.Name, c.Detail)
		if c.Mend != "" {
			_, _ = fmt.Fprintf(w, "       %-26s → %s\n", "", c.Mend)
		}
	}
	if wrong > 0 {
		return errors.New("not everything is well: see the lines marked WRONG")
	}
	_, _ = fmt.Fprintln(w, "Everything is well.")
	return nil
}
