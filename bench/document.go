package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// describe says under which settings the figures came about.
func describe(o options) string {
	return fmt.Sprintf("On %s (load before: %s); %s a load, %d clients. Postgres as in `bedside up`: fsync and synchronous commit on, a streaming\nstandby, Redis.\n",
		machine(), o.busy, o.during, o.clients)
}

// machine names processors, memory and versions.
func machine() string {
	model, memory := "unknown processor", ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		model = field(string(text), "model name", model)
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kb int64
		if _, err := fmt.Sscan(field(string(text), "MemTotal", ""), &kb); err == nil {
			memory = fmt.Sprintf(", %.0f GB", float64(kb)/(1<<20))
		}
	}
	return fmt.Sprintf("%d × %s%s, %s/%s, %s", runtime.NumCPU(), model, memory, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// loadAverage is how busy the machine is: figures of a busy one mean little.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if words := strings.Fields(string(text)); err == nil && len(words) > 0 {
		return words[0]
	}
	return "unknown"
}

func field(text, name, missing string) string {
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return missing
}

// document is the page of figures.
func document(o options, args []string, text string) string {
	large := ""
	if len(o.rosters) > 2 && os.Getenv("BENCH_LARGE") == "1" {
		large = "BENCH_LARGE=1 "
	}
	return fmt.Sprintf(`# Benchmarks

Written by `+"`make bench`"+` on %s; do not edit. Again: `+"`%smake bench ARGS=\"%s\"`"+`.

%s
%s
How it is measured:

- Client, portal and servers share one machine and its cores, over loopback; the same client measures the limit. Each
  load is preceded by a shorter one that does not count.
- **Slot page**: signed out, general visit in Pennsylvania, through the whole handler; the limit is a net/http handler
  that writes as many bytes, in turns with it. Each client asks again once it has read the answer. "Made anew" searches
  and writes the page for each request. "Asked for again" is what visitors mostly get: scheduling is asked whether its
  answer still is the one that a page was written from, and if so that page is sent.
- **Bookings**: hold, answers and booking by calls in the process, as several patients, until the free times or the
  seconds run out. The limit is pgbench with as many clients on the same tables: the statements of the three calls, in
  their transactions, prepared (bench/booking.sql).
- **Pages**: all of them in turn at a fixed rate whether or not answers came; times count from when a request was due.
- **Rosters**: the command as a process of its own, from start to end, into an empty database. The limit is a COPY of
  the members that it made into a table without indexes. Memory is the process' VmHWM.

Where the time of the slowest pages goes, and what was done about it, is in [profiles.md](profiles.md).
`, time.Now().UTC().Format(time.DateOnly), large, strings.Join(args, " "), describe(o), text)
}
