package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	demo "github.com/bedside-health/bedside/internal/demo/roster"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/stack"
	"github.com/jackc/pgx/v5"
)

// The payer that the invented rosters name.
const (
	payer   = "Larkspur Health Plan"
	payerID = "999000333"
)

// rosters compares imports by the command, each into a database of its own,
// with a COPY of the members that it made.
func rosters(ctx context.Context, st *stage, o options) ([]row, error) {
	if _, err := os.Stat(o.bedside); err != nil {
		return nil, fmt.Errorf("the program is missing (make build makes it): %w", err)
	}
	var out []row
	for _, n := range o.rosters {
		r, err := st.roster(ctx, o, n)
		if err != nil {
			return nil, fmt.Errorf("a roster of %d: %w", n, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (st *stage) roster(ctx context.Context, o options, members int) (row, error) {
	file := filepath.Join(st.dir, "roster.834")
	if err := write(file, demo.Options{Members: members}); err != nil {
		return row{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return row{}, fmt.Errorf("looking at the roster: %w", err)
	}
	database := "roster_" + strconv.Itoa(members)
	address := st.stack.URL(database)
	if err := stack.Exec(ctx, st.stack.AdminURL(), "CREATE DATABASE "+database); err != nil {
		return row{}, fmt.Errorf("making a database: %w", err)
	}
	if err := migrate.Up(ctx, address, nil, slog.New(slog.DiscardHandler)); err != nil {
		return row{}, fmt.Errorf("making the tables: %w", err)
	}
	err = at(ctx, address, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, `INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, $2, $3)`, ids.NewUUID(), payer, []string{payerID})
		return err
	})
	if err != nil {
		return row{}, fmt.Errorf("making the payer: %w", err)
	}
	took, peak, err := st.imported(ctx, o, address, file)
	if err != nil {
		return row{}, err
	}
	made, err := st.count(ctx, address, "SELECT count(*) FROM enrollment.members")
	if err != nil {
		return row{}, err
	}
	copied, err := st.copied(ctx, address)
	if err != nil {
		return row{}, err
	}
	if err := stack.Exec(ctx, st.stack.AdminURL(), "DROP DATABASE "+database+" WITH (FORCE)"); err != nil {
		return row{}, fmt.Errorf("dropping a database: %w", err)
	}
	rate, most := perSecond(int(made), took), perSecond(int(made), copied)
	return row{
		what: fmt.Sprintf("roster of %d", members), measured: fmt.Sprintf("%.0f members/s", rate), limit: fmt.Sprintf("%.0f rows/s by COPY", most),
		ratio: over(rate, most), aim: "flat memory",
		note: fmt.Sprintf("%.1f s for %.1f MB; peak %.0f MB of memory", took.Seconds(), float64(info.Size())/1e6, float64(peak)/1e6),
	}, nil
}

func write(path string, o demo.Options) error {
	f, err := os.Create(path) //nolint:gosec // in the run's own folder
	if err != nil {
		return fmt.Errorf("making the roster: %w", err)
	}
	if err := errors.Join(demo.Generate(f, o), f.Close()); err != nil {
		return fmt.Errorf("making the roster: %w", err)
	}
	return nil
}

// imported runs the command as a child and watches the most memory it holds.
func (st *stage) imported(ctx context.Context, o options, address, file string) (time.Duration, int64, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, o.bedside, "roster", "import", "--payer", payer, file) //nolint:gosec // our own program
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + st.dir, "BEDSIDE_DEMO=true", "BEDSIDE_DATABASE_URL=" + address,
		"BEDSIDE_SMTP_ADDR=" + st.mail.SMTPAddr(), "BEDSIDE_SMTP_PLAIN=true", "BEDSIDE_SERVICE_KEY=" + st.secrets.ServiceKey,
		"BEDSIDE_COOKIE_KEY=" + st.secrets.CookieKey, "BEDSIDE_KEYSET=" + st.secrets.Keyset,
	}
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, fmt.Errorf("starting the import: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	status := fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)
	var peak int64
	for {
		select {
		case err := <-ended:
			if err != nil {
				return 0, 0, fmt.Errorf("importing: %w\n%s", err, said.String())
			}
			return time.Since(began), peak, nil
		case <-time.After(20 * time.Millisecond):
			text, _ := os.ReadFile(status) //nolint:gosec // of our own child; it may be gone already
			peak = max(peak, highWater(string(text)))
		}
	}
}

var highWaterLine = regexp.MustCompile(`(?m)^VmHWM:\s+([0-9]+) kB$`)

// highWater is the peak of resident memory that a process status tells, in
// bytes.
func highWater(status string) int64 {
	m := highWaterLine.FindStringSubmatch(status)
	if m == nil {
		return 0
	}
	kb, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}

// copied is how long the same members take into a table without indexes.
func (st *stage) copied(ctx context.Context, address string) (took time.Duration, err error) {
	path := filepath.Join(st.dir, "members.copy")
	f, err := os.Create(path) //nolint:gosec // in the run's own folder
	if err != nil {
		return 0, fmt.Errorf("making a file for the rows: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	err = at(ctx, address, func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "CREATE TABLE public.plain AS TABLE enrollment.members WITH NO DATA"); err != nil {
			return fmt.Errorf("making a plain table: %w", err)
		}
		if _, err := c.PgConn().CopyTo(ctx, f, "COPY enrollment.members TO STDOUT"); err != nil {
			return fmt.Errorf("reading the rows: %w", err)
		}
		if _, err := f.Seek(0, 0); err != nil {
			return fmt.Errorf("going back to the first row: %w", err)
		}
		began := time.Now()
		if _, err := c.PgConn().CopyFrom(ctx, f, "COPY public.plain FROM STDIN"); err != nil {
			return fmt.Errorf("copying the rows: %w", err)
		}
		took = time.Since(began)
		return nil
	})
	return took, err
}
