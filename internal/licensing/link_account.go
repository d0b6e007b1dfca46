package licensing

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var _ licensingv1connect.PhysicianAccountServiceHandler = (*Service)(nil)

// FindByNPI implements PhysicianAccountService. Codes: Invalid, NotFound.
func (s *Service) FindByNPI(ctx context.Context, req *licensingv1.FindByNPIRequest) (*licensingv1.FindByNPIResponse, error) {
	if fault := npiFault(req.GetNpi(), s.demo); fault != "" {
		return nil, errs.InvalidFields(errs.Field{Name: "npi", Reason: fault})
	}
	p, err := s.q.PhysicianByNPI(ctx, s.db.W.DB(), req.GetNpi())
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errPhysicianUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("finding a physician by NPI: %w", err)
	}
	return &licensingv1.FindByNPIResponse{Physician: linkedPhysician(db.PhysicianRow(p))}, nil
}

// PhysicianOf implements PhysicianAccountService. Codes: Invalid.
func (s *Service) PhysicianOf(ctx context.Context, req *licensingv1.PhysicianOfRequest) (*licensingv1.PhysicianOfResponse, error) {
	account, err := ids.Parse[ids.AccountID](req.GetAccountId())
	if err != nil {
		return nil, err
	}
	p, err := s.q.PhysicianOfAccount(ctx, s.db.W.DB(), account.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return &licensingv1.PhysicianOfResponse{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an account's physician: %w", err)
	}
	return &licensingv1.PhysicianOfResponse{Physician: linkedPhysician(db.PhysicianRow(p))}, nil
}

// LinkAccount implements PhysicianAccountService. Codes: Invalid, NotFound,
// Conflict.
func (s *Service) LinkAccount(ctx context.Context, req *licensingv1.LinkAccountRequest) (*licensingv1.LinkAccountResponse, error) {
	physician, err := ids.Parse[ids.PhysicianID](req.GetPhysicianId())
	if err != nil {
		return nil, err
	}
	account, err := ids.Parse[ids.AccountID](req.GetAccountId())
	if err != nil {
		return nil, err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.linkAccount(ctx, tx, physician, account) })
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == uniqueViolation {
		return nil, errs.New(errs.Conflict, "account_is_physician", "That account is another physician's.")
	}
	if err != nil {
		return nil, fmt.Errorf("linking a physician: %w", err)
	}
	s.source.Ring(topicPhysicians)
	return &licensingv1.LinkAccountResponse{}, nil
}

// linkAccount says whose account a physician has. A physician who has one
// already keeps it.
func (s *Service) linkAccount(ctx context.Context, tx pgx.Tx, physician ids.PhysicianID, account ids.AccountID) error {
	linked, err := s.q.LinkAccount(ctx, tx, db.LinkAccountParams{PhysicianID: physician.UUID, AccountID: account.UUID})
	if err != nil {
		return fmt.Errorf("storing a physician's account: %w", err)
	}
	if linked == 0 {
		p, err := s.q.Physician(ctx, tx, physician.UUID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errPhysicianUnknown()
		}
		if err != nil {
			return fmt.Errorf("reading a physician: %w", err)
		}
		if p.AccountID == nil || *p.AccountID != account.UUID {
			return errs.New(errs.Conflict, "physician_has_account", "Somebody signs in as that physician already.")
		}
		return nil
	}
	p, err := s.q.BumpPhysician(ctx, tx, physician.UUID)
	if err != nil {
		return fmt.Errorf("versioning a physician: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Action: "licensing.account_link", Subject: "physician/" + physician.String(),
		Detail: map[string]string{"account": account.String()},
	})
	if err != nil {
		return fmt.Errorf("recording a physician's account: %w", err)
	}
	return s.publish(ctx, tx, db.PhysicianRow(p))
}

func linkedPhysician(p db.PhysicianRow) *licensingv1.LinkedPhysician {
	return &licensingv1.LinkedPhysician{
		PhysicianId: p.PhysicianID.String(), Npi: p.Npi, GivenName: p.GivenName, FamilyName: p.FamilyName, Linked: p.AccountID != nil,
	}
}

func errPhysicianUnknown() *errs.Error {
	return errs.New(errs.NotFound, "physician_unknown", "No physician on file has that number.")
}
