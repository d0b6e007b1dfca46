// Command bedside is the whole telemedicine portal: every service, the pages,
// and the tools to run them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/spf13/cobra"
)

// Exit codes, as `bedside help` tells them.
const (
	exitOK      = 0
	exitFailed  = 1 // the work could not be done; standard error says why
	exitUsage   = 2 // the command line is wrong
	exitRefused = 3 // the input was read and refused; nothing was changed
	exitAlarm   = 4 // the input contradicts an earlier one: somebody must look into it; nothing was changed
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(report(os.Stderr, err))
}

// run runs one command line. It is main without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return err //nolint:wrapcheck // the command has said what it was doing
	}
	return nil
}

// failure is an error with an exit code of its own.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintf(w, "bedside: %s\n", plainly(err))
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	return exitFailed
}

// plainly writes an error with the words that are meant for people, where it
// has some.
func plainly(err error) string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Message == "" {
		return err.Error()
	}
	said := e.Message
	for _, f := range errs.FieldsOf(err) {
		said += " (" + f.Name + ": " + f.Reason + ")"
	}
	return strings.Replace(err.Error(), e.Error(), said, 1)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "bedside",
		Short: "A telemedicine portal: appointments with physicians licensed where the patient is",
		Long: `Bedside is a telemedicine portal in one program.

On one machine, "bedside up" starts everything, with demo people in it. In
production, "bedside serve --target=NAME" runs each service on its own.

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 input refused,
4 input refused because it contradicts an earlier one.`,
		Example:       "  bedside up\n  bedside serve --target=web\n  bedside doctor",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &failure{exitUsage, fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
	})
	root.AddCommand(newUp(), newServe(), newMigrate(), newDoctor(), newRoster(), newAdmin(), newDemo(), newTexts(), newConfig(), newVersion())
	return root
}
