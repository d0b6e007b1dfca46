package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/stack"
	"github.com/spf13/cobra"
)

// upOptions are the flags of `bedside up`.
type upOptions struct {
	dir       string
	fresh     bool
	port      int
	mailPort  int
	adminPort int
	verbose   bool

	lan          bool
	lanAddress   string
	publicAnyway bool
	// out is how other machines reach the portal; nil for localhost alone.
	out *outside
}

func newUp() *cobra.Command {
	var o upOptions
	c := &cobra.Command{
		Use: "up", Short: "Start the whole portal on this machine, with demo people in it", Args: cobra.NoArgs,
		Long: `Start a private Postgres with a standby, Redis, a mailbox and every target in
one process, with demo people in place. Nothing else on the machine is touched.

Ctrl-C stops everything. The data stay in the data folder (/var/lib/bedside for
root, otherwise bedside in your data folder) until a start with --fresh.

With --lan the portal is open to the own network, with TLS, so that a phone can
try it: cameras need a secure page. The certificate is made once, in the data
folder; compare its fingerprint with what the phone shows before you go on.`,
		Example: "  bedside up\n  bedside up --fresh\n  bedside up --port 9090\n  bedside up --lan",
		RunE: func(c *cobra.Command, _ []string) error {
			return up(c.Context(), o, c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringVar(&o.dir, "data", "", "data folder (default /var/lib/bedside for root, else in your data folder)")
	f.BoolVar(&o.fresh, "fresh", false, "remove the data of earlier runs first")
	f.IntVar(&o.port, "port", 8080, "port of the portal on localhost")
	f.IntVar(&o.mailPort, "mail-port", 8025, "port of the mailbox on localhost; 0 takes a free one")
	f.IntVar(&o.adminPort, "admin-port", 8081, "port of metrics and profiles on localhost; 0 for none")
	f.BoolVar(&o.lan, "lan", false, "open the portal to the own network, with TLS, so that a phone can try it")
	f.StringVar(&o.lanAddress, "lan-address", "", "with --lan: which of this machine's addresses (default the one that it sends from)")
	f.BoolVar(&o.publicAnyway, "public-anyway", false, "with --lan: also on an address that strangers can reach")
	f.BoolVar(&o.verbose, "verbose", false, "log every request to the terminal as well")
	return c
}

// steps prints what each step took.
type steps struct {
	w     io.Writer
	began time.Time
}

func (s *steps) say(step string, took time.Duration) {
	_, _ = fmt.Fprintf(s.w, "  %-46s %6.1f s\n", step, took.Seconds())
}

func (s *steps) timed(step string, fn func() error) error {
	began := time.Now()
	if err := fn(); err != nil {
		return err
	}
	s.say(step, time.Since(began))
	return nil
}

// up runs the portal until the context ends.
func up(ctx context.Context, o upOptions, stdout io.Writer) (err error) {
	st := &steps{w: stdout, began: time.Now()}
	if o.dir, err = dataDir(o.dir); err != nil {
		return err
	}
	// Its ports would be in the way too, and say less.
	if err := stack.Held(o.dir); err != nil {
		return err //nolint:wrapcheck // it says who, where and what to do
	}
	if o.out, err = openTo(o); err != nil {
		return err
	}
	for _, address := range []string{o.listen(), localhost(o.mailPort), localhost(o.adminPort)} {
		if err := freePort(address); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(stdout, "Starting Bedside in %s\n", o.dir)
	s, err := stack.Start(ctx, stack.Options{
		Dir: o.dir, Portal: "http://" + localhost(o.port), Fresh: o.fresh, Standby: true, Redis: true, Log: st.say,
		Report: func(m string) { _, _ = fmt.Fprintln(stdout, m) },
	})
	if err != nil {
		return fmt.Errorf("starting the servers: %w", err)
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		err = errors.Join(err, s.Stop(stopping))
		_, _ = fmt.Fprintln(stdout, "Stopped. The data stay in "+o.dir)
	}()
	box, err := mailbox.Start(ctx, "localhost:0", localhost(o.mailPort))
	if err != nil {
		return fmt.Errorf("starting the mailbox: %w", err)
	}
	defer func() { err = errors.Join(err, box.Stop(context.WithoutCancel(ctx))) }()
	return portal(ctx, o, st, s, box)
}

// portal runs every target on the servers that up has started.
func portal(ctx context.Context, o upOptions, st *steps, s *stack.Stack, box *mailbox.Mailbox) error {
	cfg, err := localConfig(o, s, box)
	if err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(o.dir, "log", "bedside.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	defer logFile.Close()
	var to io.Writer = logFile
	if o.verbose {
		to = io.MultiWriter(logFile, st.w)
	}
	log := obs.NewLogger(to, slog.LevelInfo, app.All)
	if err := st.timed("schemas up to date", func() error {
		return migrate.Up(ctx, cfg.OwnerURL, nil, log)
	}); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	a, err := app.New(ctx, cfg, app.Targets(), versionText(), log)
	if err != nil {
		return fmt.Errorf("building the targets: %w", err)
	}
	if o.out != nil {
		if err := o.out.certify(o.dir); err != nil {
			return err
		}
		a.Behind(o.out.door(o))
	}
	if err := st.timed("every target running", func() error { return a.Start(ctx) }); err != nil {
		return fmt.Errorf("starting the targets: %w", err)
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		if err := a.Stop(stopping); err != nil {
			log.Error("not everything stopped in time", "error", err)
		}
	}()
	if err := ready(ctx, a, st); err != nil {
		return err
	}
	welcome(st, o, cfg, box)
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(st.w, "\nStopping …")
		return nil
	case err := <-s.Failed():
		return fmt.Errorf("a server cannot be kept running (see %s): %w", filepath.Join(o.dir, "log"), err)
	}
}

func ready(ctx context.Context, a *app.App, st *steps) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := st.timed("demo people in place", func() error { return a.Seed(ctx) }); err != nil {
		return fmt.Errorf("putting demo people in place: %w", err)
	}
	if err := st.timed("ready", func() error { return a.WaitReady(ctx) }); err != nil {
		return fmt.Errorf("the portal does not get ready: %w", err)
	}
	return nil
}

// localConfig is the configuration of a portal on one machine.
func localConfig(o upOptions, s *stack.Stack, box *mailbox.Mailbox) (*config.Config, error) {
	secrets, err := app.LocalSecrets(o.dir)
	if err != nil {
		return nil, fmt.Errorf("keeping this machine's secrets: %w", err)
	}
	cfg, err := config.Read(os.Environ())
	if err != nil {
		return nil, fmt.Errorf("reading the settings:\n%w", err)
	}
	cfg.Listen, cfg.AdminListen = o.listen(), "off"
	if o.adminPort != 0 {
		cfg.AdminListen = localhost(o.adminPort)
	}
	cfg.BaseURL = o.address()
	cfg.DatabaseURL, cfg.OwnerURL, cfg.ReplicaURL = s.PrimaryURL(), s.PrimaryURL(), s.StandbyURL()
	cfg.RedisAddr, cfg.SMTPAddr, cfg.SMTPPlain = s.RedisAddr(), box.SMTPAddr(), true
	cfg.ServiceKey, cfg.CookieKey, cfg.Keyset = secrets.ServiceKey, secrets.CookieKey, secrets.Keyset
	cfg.Demo, cfg.LameDuck, cfg.DemoInbox = true, 0, box.URL()
	return cfg, nil
}

func localhost(port int) string { return net.JoinHostPort("localhost", strconv.Itoa(port)) }

func freePort(address string) error {
	if strings.HasSuffix(address, ":0") {
		return nil
	}
	if err := stack.PortFree(address); err != nil {
		return fmt.Errorf("%w: stop that program, or choose others with --port, --mail-port and --admin-port", err)
	}
	return nil
}

// welcome says where to look.
func welcome(st *steps, o upOptions, cfg *config.Config, box *mailbox.Mailbox) {
	_, _ = fmt.Fprintf(st.w, `
Bedside is ready, %.1f s after the start.

  Portal    %s
  Mailbox   %s   (every mail that the portal sends)
  Metrics   %s
  Logs      %s
%s
The home page signs you in as a patient, physician, staff member, licensing
officer or administrator with one click. Demo sign-ins with a password:
%s
Import a roster:  bedside roster import --payer "%s" demo/roster.834
Stop:             Ctrl-C (the data stay; --fresh begins anew)
`, time.Since(st.began).Seconds(), cfg.BaseURL, box.URL(), adminText(cfg), filepath.Join(o.dir, "log"), o.out.words(), app.DemoSignIns(), app.DemoPayer)
}

func adminText(cfg *config.Config) string {
	if cfg.Admin() == "" {
		return "(off)"
	}
	return "http://" + cfg.AdminListen + "/metrics"
}
