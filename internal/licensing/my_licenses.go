package licensing

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// getMyLicenses reads the physician whose account the caller has, with the
// newest row of each license. It returns errs.NotFound for an account that is
// no physician's.
func (s *Service) getMyLicenses(ctx context.Context) (*licensingv1.GetMyLicensesResponse, error) {
	account := principal.From(ctx).Account.UUID
	from := s.db.R.DB(ctx)
	p, err := s.q.PhysicianOfAccount(ctx, from, account)
	if errors.Is(err, pgx.ErrNoRows) || account == uuid.Nil {
		return nil, errs.New(errs.NotFound, "physician_missing", "Your account is not linked to a physician yet.")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the caller's physician: %w", err)
	}
	rows, err := s.q.LicensesOfAccount(ctx, from, account)
	if err != nil {
		return nil, fmt.Errorf("reading the caller's licenses: %w", err)
	}
	res := &licensingv1.GetMyLicensesResponse{Physician: physicianProto(db.PhysicianRow(p))}
	for _, r := range rows {
		l := licenseProto(db.LicenseRow(r))
		// Officers write notes for each other.
		l.Note = ""
		res.Licenses = append(res.Licenses, l)
	}
	return res, nil
}
