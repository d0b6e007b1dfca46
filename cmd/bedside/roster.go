package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/config"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// importOptions are the flags of `bedside roster import`.
type importOptions struct {
	payer, dir, rejects, output string
	test                        bool
}

func newRoster() *cobra.Command {
	c := &cobra.Command{Use: "roster", Short: "Import insurers' rosters"}
	var o importOptions
	imp := &cobra.Command{
		Use: "import --payer NAME FILE…", Short: "Import X12 834 files (plain, .gz or .zip)", Args: cobra.MinimumNArgs(1),
		Long: `Import X12 834 rosters of one payer, one file after the other.

It works in this process, on the database that BEDSIDE_DATABASE_URL names or
that a running "bedside up" uses. A file that cannot be read as a whole is
refused and changes nothing; a member that cannot be used is rejected with a
reason and the others go on. The same file again changes nothing; the control
numbers of an earlier file with other content are an alarm (exit code 4). An
import that was killed is finished by the next one, or by the running portal.`,
		Example: `  bedside roster import --payer "Larkspur Health Plan" demo/roster.834
  bedside roster import --payer "Larkspur Health Plan" --rejects rejects.csv *.834.gz`,
		RunE: func(c *cobra.Command, args []string) error {
			return importRosters(c.Context(), o, args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := imp.Flags()
	f.StringVar(&o.payer, "payer", "", "name of the payer (required)")
	f.StringVar(&o.dir, "data", "", dataHelp)
	f.StringVar(&o.rejects, "rejects", "", "write rejects and warnings to this CSV file")
	f.StringVar(&o.output, "output", "text", "text or json")
	f.BoolVar(&o.test, "test", false, "accept a file that is marked as a test (ISA15=T)")
	_ = imp.MarkFlagRequired("payer")
	c.AddCommand(imp, newPayer(), newPayers())
	return c
}

func importRosters(ctx context.Context, o importOptions, files []string, stdout, stderr io.Writer) error {
	cfg, err := commandConfig(o.dir)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	rosters, err := app.OpenRosters(ctx, cfg, versionText(), log)
	if err != nil {
		return fmt.Errorf("opening enrollment: %w", err)
	}
	defer rosters.Close()
	rejects, closeRejects, err := newRejects(o.rejects)
	if err != nil {
		return err
	}
	var refused, alarms []string
	for _, name := range files {
		res, err := importOne(ctx, rosters, o, name, stderr)
		if err != nil {
			return errors.Join(fmt.Errorf("importing %s: %w", name, err), closeRejects())
		}
		if err := tell(stdout, o.output, name, res); err != nil {
			return errors.Join(err, closeRejects())
		}
		if err := rejects.add(ctx, rosters, res); err != nil {
			return errors.Join(err, closeRejects())
		}
		switch {
		case alarming(res):
			alarms = append(alarms, name)
		case res.GetStatus() == "refused":
			refused = append(refused, name)
		}
	}
	if err := closeRejects(); err != nil {
		return fmt.Errorf("writing the rejects: %w", err)
	}
	if len(alarms) > 0 {
		return &failure{exitAlarm, fmt.Errorf("ALARM: the control numbers of an earlier file with other content; nothing was changed: %s", strings.Join(append(alarms, refused...), ", "))}
	}
	if len(refused) > 0 {
		return &failure{exitRefused, fmt.Errorf("refused, and nothing of it was changed: %s", strings.Join(refused, ", "))}
	}
	return nil
}

// alarming says whether a file was refused because it contradicts an earlier
// one.
func alarming(i *enrollmentv1.Import) bool { return i.GetRefusal().GetKind() == "alarm" }

// commandConfig takes the settings, and what is missing from the portal that
// runs on this machine.
func commandConfig(dir string) (*config.Config, error) {
	cfg, err := config.Read(os.Environ())
	if err != nil {
		return nil, fmt.Errorf("reading the settings:\n%w", err)
	}
	if cfg.DatabaseURL != "" {
		return cfg, nil
	}
	h, err := running(dir)
	if err != nil {
		return nil, fmt.Errorf("%sDATABASE_URL is not set, and %w", config.Prefix, err)
	}
	if dir, err = dataDir(dir); err != nil {
		return nil, err
	}
	secrets, err := app.LocalSecrets(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the running portal's secrets (are you its user?): %w", err)
	}
	cfg.DatabaseURL, cfg.RedisAddr, cfg.Demo = h.Primary, h.Redis, true
	cfg.ServiceKey, cfg.CookieKey, cfg.Keyset = secrets.ServiceKey, secrets.CookieKey, secrets.Keyset
	if h.Portal != "" {
		cfg.BaseURL = h.Portal
	}
	cfg.SMTPAddr, cfg.SMTPPlain = "localhost:25", true // an import sends no mail itself
	return cfg, nil
}

func importOne(ctx context.Context, rosters *app.Rosters, o importOptions, name string, stderr io.Writer) (*enrollmentv1.Import, error) {
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file and the fault
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file and the fault
	}
	show, done := progressBar(stderr, info.Size())
	defer done()
	return rosters.Import(ctx, app.RosterFile{ //nolint:wrapcheck // the caller names the file
		Payer: o.payer, Name: filepath.Base(name), Content: f, Size: info.Size(),
		Actor: audit.Actor{OSUser: osUser()}, Test: o.test, Progress: show,
	})
}

// osUser is who answers for what a command does.
func osUser() string {
	u, err := user.Current()
	if err != nil {
		return fmt.Sprintf("uid %d", os.Getuid())
	}
	return u.Username
}

// progressBar shows a third of a bar for each phase, on a terminal; elsewhere
// it says nothing.
func progressBar(w io.Writer, size int64) (func(app.RosterProgress), func()) {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) || os.Getenv("NO_COLOR") != "" {
		return func(app.RosterProgress) {}, func() {}
	}
	phase := "reading"
	p := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))
	bar := p.AddBar(300,
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf("%-9s ", phase) })),
		mpb.AppendDecorators(decor.Percentage(), decor.Elapsed(decor.ET_STYLE_MMSS, decor.WCSyncSpace)))
	show := func(r app.RosterProgress) {
		phase = r.Phase
		bar.SetCurrent(third(r.Bytes, max(r.Total, size)) + third(r.Checked, r.Members) + third(r.Applied, r.Members))
	}
	return show, func() { bar.Abort(false); p.Wait() }
}

// third is the share of one phase in the bar: 0 to 100.
func third(done, all int64) int64 {
	if all <= 0 {
		return 0
	}
	return min(100*done/all, 100)
}

// tell prints what became of a file.
func tell(w io.Writer, form, name string, i *enrollmentv1.Import) error {
	if form == "json" {
		return json.NewEncoder(w).Encode(map[string]any{ //nolint:wrapcheck // standard output is gone
			"file": name, "status": i.GetStatus(), "import_id": i.GetImportId(),
			"members":   map[string]int64{"read": i.GetMembersRead(), "added": i.GetMembersAdded(), "changed": i.GetMembersChanged(), "ended": i.GetMembersEnded(), "unchanged": i.GetMembersUnchanged()},
			"coverages": map[string]int64{"added": i.GetCoveragesAdded(), "changed": i.GetCoveragesChanged(), "ended": i.GetCoveragesEnded()},
			"rejected":  i.GetRejected(), "warnings": i.GetWarnings(), "refusal": i.GetRefusal().GetMessage(),
			"reason": i.GetRefusal().GetReason(), "alarm": alarming(i),
		})
	}
	_, err := fmt.Fprint(w, summary(name, i))
	return err //nolint:wrapcheck // standard output is gone
}

func summary(name string, i *enrollmentv1.Import) string {
	switch i.GetStatus() {
	case "refused":
		r, what := i.GetRefusal(), "refused"
		if alarming(i) {
			what = "ALARM, refused"
		}
		where := ""
		if r.GetSegment() > 0 {
			where = fmt.Sprintf("  segment %d (%s), byte %d\n", r.GetSegment(), strings.TrimSpace(r.GetSegmentId()+" "+r.GetElement()), r.GetOffset())
		}
		return fmt.Sprintf("%s: %s. Nothing was changed.\n  %s\n%s", name, what, r.GetMessage(), where)
	case "replayed":
		return fmt.Sprintf("%s: this file was imported before. Nothing was changed.\n", name)
	}
	return fmt.Sprintf(`%s: done
  members    %6d read, %d added, %d changed, %d ended, %d unchanged
  coverages  %6d added, %d changed, %d ended
  rejected   %6d, warnings %d
`, name, i.GetMembersRead(), i.GetMembersAdded(), i.GetMembersChanged(), i.GetMembersEnded(), i.GetMembersUnchanged(),
		i.GetCoveragesAdded(), i.GetCoveragesChanged(), i.GetCoveragesEnded(), i.GetRejected(), i.GetWarnings())
}
