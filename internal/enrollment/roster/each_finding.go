package roster

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/jackc/pgx/v5"
)

// EachFinding hands every finding of an import to somebody at a command line,
// in order. Findings name members, so the reading is recorded first.
func (s *Service) EachFinding(ctx context.Context, actor audit.Actor, importID string, each func(*enrollmentv1.Finding) error) error {
	id, err := parseID(importID, "import_id")
	if err != nil {
		return err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.auditImport(ctx, tx, actor, "roster.read_findings", id)
	})
	if err != nil {
		return err
	}
	after := int64(0)
	for {
		page, err := s.q.ListFindings(ctx, s.db.W.DB(), db.ListFindingsParams{ImportID: id, After: after, Most: findingsMost})
		if err != nil {
			return fmt.Errorf("listing findings: %w", err)
		}
		for _, f := range page {
			if err := each(findingProto(f)); err != nil {
				return err
			}
			after = f.Number
		}
		if len(page) < findingsMost {
			return nil
		}
	}
}
