package licensing

import (
	"context"
	"errors"
	"fmt"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/jackc/pgx/v5"
)

// getPhysician reads one physician with the whole history of their licenses,
// newest row first. It returns errs.NotFound.
func (s *Service) getPhysician(ctx context.Context, req *licensingv1.GetPhysicianRequest) (*licensingv1.GetPhysicianResponse, error) {
	id, err := ids.Parse[ids.PhysicianID](req.GetPhysicianId())
	if err != nil {
		return nil, errNoPhysician() // what is no id is the id of nobody
	}
	from := s.db.R.DB(ctx)
	p, err := s.q.Physician(ctx, from, id.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNoPhysician()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a physician: %w", err)
	}
	rows, err := s.q.AllLicenses(ctx, from, id.UUID)
	if err != nil {
		return nil, fmt.Errorf("reading licenses: %w", err)
	}
	res := &licensingv1.GetPhysicianResponse{Physician: physicianProto(p)}
	for _, r := range rows {
		res.Licenses = append(res.Licenses, licenseProto(db.LicenseRow(r)))
	}
	return res, nil
}
