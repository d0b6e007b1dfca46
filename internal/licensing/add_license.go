package licensing

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// addLicense writes the first row of a license. It returns errs.Invalid with
// every field that is wrong, and errs.NotFound for an unknown physician.
func (s *Service) addLicense(ctx context.Context, req *licensingv1.AddLicenseRequest) (*licensingv1.AddLicenseResponse, error) {
	in, faults := readLicense(req.GetLicense(), s.states, s.clock.Now())
	who, err := ids.Parse[ids.PhysicianID](req.GetLicense().GetPhysicianId())
	if err != nil {
		faults.add("physician_id", missingOr(req.GetLicense().GetPhysicianId(), faultMalformed))
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	var res *licensingv1.AddLicenseResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		res, err = once.Do(ctx, tx, "AddLicense", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*licensingv1.AddLicenseResponse, error) {
				p, err := s.bump(ctx, tx, who.UUID)
				if err != nil {
					return nil, err
				}
				id := ids.NewUUID()
				needs, err := s.insertLicense(ctx, tx, p.PhysicianID, id, in, audit.ActorFrom(ctx))
				if err != nil {
					return nil, err
				}
				if err := s.publish(ctx, tx, p); err != nil {
					return nil, err
				}
				return &licensingv1.AddLicenseResponse{LicenseId: id.String(), NeedsConfirmation: needs}, nil
			})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("adding a license: %w", err)
	}
	s.source.Ring(topicPhysicians)
	return res, nil
}

// insertLicense writes the first row of a chain, its head and its audit entry,
// and says whether an officer has to confirm it.
func (s *Service) insertLicense(ctx context.Context, tx pgx.Tx, physician, id uuid.UUID, in license, actor audit.Actor) (bool, error) {
	row := row(physician, id, in, actor)
	row.ChainID = id
	row.NeedsConfirmation = s.needsConfirmation(in.basis, in.state)
	if err := s.q.InsertLicense(ctx, tx, row); err != nil {
		return false, fmt.Errorf("inserting a license: %w", err)
	}
	made, err := s.q.InsertHead(ctx, tx, db.InsertHeadParams{
		ChainID: id, LicenseID: id, PhysicianID: physician, State: in.state, Board: in.board, Number: in.number,
	})
	if err != nil {
		return false, fmt.Errorf("inserting the head of a license: %w", err)
	}
	if made == 0 {
		return false, errNumberTaken()
	}
	if err := audit.Append(ctx, tx, entry(actor, "licensing.license_add", row)); err != nil {
		return false, fmt.Errorf("recording a new license: %w", err)
	}
	return row.NeedsConfirmation, nil
}

// row is a license row without its place in a chain.
func row(physician, id uuid.UUID, in license, actor audit.Actor) db.InsertLicenseParams {
	out := db.InsertLicenseParams{
		LicenseID: id, PhysicianID: physician, State: in.state, Number: in.number, Board: in.board,
		Basis: string(in.basis), Status: string(in.status), ValidFrom: midnight(in.from), ValidTo: midnight(in.to),
		Source: in.source, VerifiedAt: in.verified,
	}
	if actor.Account.UUID != uuid.Nil {
		out.RecordedBy = &actor.Account.UUID
	}
	return out
}

func entry(actor audit.Actor, action string, r db.InsertLicenseParams) audit.Entry {
	detail := map[string]string{
		"physician": r.PhysicianID.String(), "state": r.State, "basis": r.Basis, "status": r.Status,
		"valid_from": r.ValidFrom.Format(time.DateOnly), "valid_to": r.ValidTo.Format(time.DateOnly),
	}
	if r.Corrects != nil {
		detail["corrects"] = r.Corrects.String()
	}
	return audit.Entry{Actor: actor, Action: action, Subject: "license/" + r.LicenseID.String(), Detail: detail}
}

func errNumberTaken() error {
	var f fields
	f.add("number", faultTaken)
	return f.err()
}
