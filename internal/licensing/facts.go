package licensing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// bump takes the next version of a physician's facts and locks the physician
// until the commit, so that writers of one physician come one after another.
func (s *Service) bump(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.PhysicianRow, error) {
	row, err := s.q.BumpPhysician(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return db.PhysicianRow{}, errNoPhysician()
	}
	if err != nil {
		return db.PhysicianRow{}, fmt.Errorf("locking a physician: %w", err)
	}
	return db.PhysicianRow(row), nil
}

// publish tells the neighbors the facts that hold after this transaction. The
// physician row is locked and carries the version.
func (s *Service) publish(ctx context.Context, tx pgx.Tx, p db.PhysicianRow) error {
	rows, err := s.q.CurrentLicenses(ctx, tx, []uuid.UUID{p.PhysicianID})
	if err != nil {
		return fmt.Errorf("reading current licenses: %w", err)
	}
	version, err := feed.Append(ctx, tx, topicPhysicians, p.PhysicianID.String(), factsOf(p, rows))
	if err != nil {
		return err
	}
	if version != p.Version {
		return fmt.Errorf("physician %s is at version %d, the feed at %d", p.PhysicianID, p.Version, version)
	}
	return nil
}

func factsOf(p db.PhysicianRow, rows []db.CurrentLicensesRow) *licensingv1.PhysicianFacts {
	facts := &licensingv1.PhysicianFacts{Physician: physicianProto(p)}
	for _, r := range rows {
		if r.PhysicianID == p.PhysicianID {
			r.Note = "" // the officer's words stay here
			facts.Licenses = append(facts.Licenses, licenseProto(db.LicenseRow(r)))
		}
	}
	return facts
}

func physicianProto(p db.PhysicianRow) *licensingv1.Physician {
	out := &licensingv1.Physician{
		PhysicianId: p.PhysicianID.String(), Npi: p.Npi, GivenName: p.GivenName, FamilyName: p.FamilyName,
		Credential: p.Credential, Specialties: p.Specialties, Languages: p.Languages,
		TimeZone: p.TimeZone, PracticeState: p.PracticeState, Version: p.Version,
	}
	if p.AccountID != nil {
		out.AccountId = p.AccountID.String()
	}
	return out
}

func licenseProto(r db.LicenseRow) *licensingv1.License {
	out := &licensingv1.License{
		LicenseId: r.LicenseID.String(), PhysicianId: r.PhysicianID.String(),
		State: r.State, Number: r.Number, Board: r.Board, Basis: r.Basis, Status: r.Status,
		ValidFrom: r.ValidFrom.Format(time.DateOnly), ValidTo: r.ValidTo.Format(time.DateOnly),
		Source: r.Source, VerifiedAt: timestamp(r.VerifiedAt), RecordedAt: timestamppb.New(r.RecordedAt),
		Current: r.Current, NeedsConfirmation: r.NeedsConfirmation, ConfirmedAt: timestamp(r.ConfirmedAt), Note: r.Note,
	}
	if r.Corrects != nil {
		out.Corrects = r.Corrects.String()
	}
	return out
}

func timestamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func errNoPhysician() error {
	return errs.New(errs.NotFound, "no_physician", "That physician is not on file.")
}

func errNoLicense() error {
	return errs.New(errs.NotFound, "no_license_row", "That license is not on file.")
}
