package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
)

// rejects is the CSV file of what was not taken as it came; nil writes none.
type rejects struct {
	file *os.File
	csv  *csv.Writer
}

func newRejects(path string) (*rejects, func() error, error) {
	if path == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, nil, fmt.Errorf("making the rejects file: %w", err)
	}
	r := &rejects{file: f, csv: csv.NewWriter(f)}
	if err := r.csv.Write([]string{"file", "kind", "reason", "message", "segment", "segment_id", "element", "offset", "subscriber_id", "member"}); err != nil {
		return nil, nil, fmt.Errorf("writing the rejects file: %w", err)
	}
	return r, func() error {
		r.csv.Flush()
		if err := r.csv.Error(); err != nil {
			return err //nolint:wrapcheck // the caller says what it was
		}
		return f.Close() //nolint:wrapcheck // the caller says what it was
	}, nil
}

// add writes the findings of one import.
func (r *rejects) add(ctx context.Context, rosters *app.Rosters, i *enrollmentv1.Import) error {
	if r == nil {
		return nil
	}
	return rosters.EachFinding(ctx, audit.Actor{OSUser: osUser()}, i.GetImportId(), func(f *enrollmentv1.Finding) error { //nolint:wrapcheck // it says what it was doing
		return r.csv.Write([]string{
			cell(i.GetFileName()), f.GetKind(), f.GetReason(), cell(f.GetMessage()), strconv.FormatInt(f.GetSegment(), 10), f.GetSegmentId(), f.GetElement(),
			strconv.FormatInt(f.GetOffset(), 10), cell(f.GetSubscriberId()), cell(f.GetMemberName()),
		})
	})
}

// cell keeps a spreadsheet from taking somebody's text for a formula.
func cell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}
