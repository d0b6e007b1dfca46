package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/reviews"
	"github.com/spf13/cobra"
)

func newTexts() *cobra.Command {
	c := &cobra.Command{Use: "texts", Short: "Show the words that must be reviewed before patients see them"}
	var unreviewed bool
	var output string
	list := &cobra.Command{
		Use: "list", Short: "List them, with who reviewed them", Args: cobra.NoArgs,
		Long: `List the texts about health, emergencies and consent, in every language, with
the hash of their exact words and who reviewed them.

Reviews stand in the file that BEDSIDE_REVIEWS names. --output yaml prints such
a file: have somebody qualified read the words, and fill in reviewer, role and
date. A review ends when a word of its text changes.`,
		Example: "  bedside texts list --unreviewed\n  bedside texts list --unreviewed --output yaml > reviews.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Read(os.Environ())
			if err != nil {
				return fmt.Errorf("reading the settings:\n%w", err)
			}
			all, err := app.Standings(cfg)
			if err != nil {
				return fmt.Errorf("judging the texts: %w", err)
			}
			return printTexts(c.OutOrStdout(), all, unreviewed, output)
		},
	}
	list.Flags().BoolVar(&unreviewed, "unreviewed", false, "only those that nobody has reviewed as they are")
	list.Flags().StringVar(&output, "output", "text", "text, json or yaml")
	c.AddCommand(list)
	return c
}

// listedText is one text as JSON.
type listedText struct {
	Text     string `json:"text"`
	Language string `json:"language"`
	Hash     string `json:"hash"`
	State    string `json:"state"`
	Reviewer string `json:"reviewer,omitempty"`
	Date     string `json:"date,omitempty"`
	Words    string `json:"words"`
}

func printTexts(w io.Writer, all []reviews.Standing, unreviewed bool, output string) error {
	list := []listedText{}
	for _, s := range all {
		if unreviewed && s.State == reviews.Reviewed {
			continue
		}
		list = append(list, listedText{
			Text: s.Name, Language: s.Language, Hash: s.Hash(), State: string(s.State), Reviewer: s.Reviewer, Date: s.Date, Words: s.Words,
		})
	}
	var err error
	switch output {
	case "json":
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		err = out.Encode(list)
	case "yaml":
		err = printReviews(w, list)
	case "text":
		for _, t := range list {
			if _, err = fmt.Fprintf(w, "%-10s  %s  %-36s %s\n", t.State, t.Language, t.Text, t.Hash[:12]); err != nil {
				break
			}
		}
		if len(list) == 0 {
			_, err = fmt.Fprintln(w, "Every text is reviewed.")
		}
	default:
		return &failure{exitUsage, fmt.Errorf("--output is text, json or yaml, not %q", output)}
	}
	return err //nolint:wrapcheck // standard output is gone
}

// printReviews prints a file of reviews that waits to be filled in.
func printReviews(w io.Writer, list []listedText) error {
	var b strings.Builder
	b.WriteString("reviews:\n")
	for _, t := range list {
		for line := range strings.Lines(strings.TrimSpace(t.Words)) {
			b.WriteString("  # " + strings.TrimRight(line, "\n") + "\n")
		}
		_, _ = fmt.Fprintf(&b, "  - {text: %q, language: %s, hash: %s, reviewer: %q, role: \"\", date: %q}\n", t.Text, t.Language, t.Hash, "", "")
	}
	_, err := io.WriteString(w, b.String())
	return err //nolint:wrapcheck // standard output is gone
}
