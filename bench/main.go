// Command bench measures the portal: each figure stands beside the limit that the same machine reached in the same run,
// so that a ratio means something on any machine. It starts private servers with the durable settings of `bedside up`
// (fsync on, a streaming standby, Redis), puts the demo people in, and removes everything again. All of it stays on
// loopback. `make bench` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options say what to measure and for how long.
type options struct {
	bedside, write, dir string
	only, profiles      string
	// busy is what the machine did before.
	busy          string
	rosters       []int
	clients, rate int
	during        time.Duration
}

// limit bounds a whole run.
const (
	limit      = 6 * time.Minute
	limitLarge = 20 * time.Minute
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := read(args, os.Getenv("BENCH_LARGE") == "1", stderr)
	if err != nil {
		return err
	}
	o.busy = loadAverage()
	most := limit
	if len(o.rosters) > 2 {
		most = limitLarge
	}
	ctx, cancel := context.WithTimeoutCause(ctx, most, errors.New("the measurements took too long for this machine"))
	defer cancel()
	st, err := newStage(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.stop(context.WithoutCancel(ctx))) }()
	rows, err := measure(ctx, st, o, stderr)
	if err != nil {
		return err
	}
	text := table(rows)
	if _, err := fmt.Fprintf(stdout, "%s\n%s\n", describe(o), text); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	if o.write == "" {
		return nil
	}
	if err := os.WriteFile(o.write, []byte(document(o, args, text)), 0o644); err != nil { //nolint:gosec // a page of the documentation
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func read(args []string, large bool, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.bedside, "bedside", "bin/bedside", "the program that imports rosters")
	flags.StringVar(&o.write, "write", "", "also write the figures to this file (docs/benchmarks.md)")
	flags.StringVar(&o.dir, "dir", "", "where to put the servers' data; a temporary folder if empty")
	flags.StringVar(&o.only, "only", "", "some of slots,bookings,pages,rosters; all if empty")
	flags.StringVar(&o.profiles, "profiles", "", "put a CPU profile of each measurement into this folder")
	flags.IntVar(&o.clients, "clients", 8, "clients at once, where as many requests as possible are sent")
	flags.IntVar(&o.rate, "rate", 300, "pages a second in the open loop")
	flags.DurationVar(&o.during, "during", 15*time.Second, "how long each load lasts")
	sizes := "10000,100000"
	if large {
		sizes += ",490000"
	}
	flags.StringVar(&sizes, "rosters", sizes, "members of the rosters to import (BENCH_LARGE=1 adds 490000)")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("reading the flags: %w", err)
	}
	if o.clients < 1 || o.rate < 1 || o.during <= 0 {
		return o, errors.New("-clients, -rate and -during must be positive")
	}
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("%q is no number of members", text)
		}
		o.rosters = append(o.rosters, n)
	}
	return o, nil
}

// measure runs what was asked for, one after the other.
func measure(ctx context.Context, st *stage, o options, stderr io.Writer) ([]row, error) {
	var out []row
	for _, m := range []struct {
		name string
		run  func(context.Context, *stage, options) ([]row, error)
	}{
		// Bookings make the list of appointments long: pages come before.
		{"slots", slots}, {"pages", pages}, {"bookings", bookings}, {"rosters", rosters},
	} {
		if o.only != "" && !strings.Contains(","+o.only+",", ","+m.name+",") {
			continue
		}
		began := time.Now()
		rows, err := profiled(o.profiles, m.name, func() ([]row, error) { return m.run(ctx, st, o) })
		if err != nil {
			return nil, fmt.Errorf("measuring %s: %w", m.name, err)
		}
		fmt.Fprintf(stderr, "bench: %s took %s\n", m.name, time.Since(began).Round(time.Millisecond))
		out = append(out, rows...)
	}
	return out, nil
}

// profiled runs a measurement under the CPU profiler, if a folder is named. Clients are in the profile too.
func profiled(dir, name string, fn func() ([]row, error)) (_ []row, err error) {
	if dir == "" {
		return fn()
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder of profiles: %w", err)
	}
	f, err := os.Create(filepath.Join(dir, name+".pprof")) //nolint:gosec // the user names the folder
	if err != nil {
		return nil, fmt.Errorf("making a profile: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("starting a profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return fn()
}
