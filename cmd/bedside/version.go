package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// buildVersion is set by the linker in release builds.
var buildVersion = "" //nolint:gochecknoglobals // the linker can set nothing else

// versionText says which build this is.
func versionText() string {
	if buildVersion != "" {
		return buildVersion
	}
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return "dev"
}

func newVersion() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: cobra.NoArgs,
		Example: "  bedside version --json",
		RunE: func(c *cobra.Command, _ []string) error {
			if !asJSON {
				_, err := fmt.Fprintln(c.OutOrStdout(), "bedside", versionText(), runtime.Version())
				return err //nolint:wrapcheck // standard output is gone
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{ //nolint:wrapcheck // standard output is gone
				"version": versionText(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
