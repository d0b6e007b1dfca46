package waves

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/waves/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// mark says by hand that mail does not reach an address of a roster.
func (s *Service) mark(ctx context.Context, tx pgx.Tx, actor audit.Actor, email string) error {
	email = strings.TrimSpace(email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return errs.InvalidFields(errs.Field{Name: "email", Reason: "malformed"})
	}
	known, err := s.q.AddressKnown(ctx, tx, email)
	if err != nil {
		return fmt.Errorf("looking for an address: %w", err)
	}
	if !known {
		return errs.New(errs.Precondition, "address_unknown", "No roster has this address.")
	}
	id := ids.NewUUID()
	n, err := s.q.MarkByHand(ctx, tx, db.MarkByHandParams{AddressID: id, Address: email, MarkedBy: actor.Account.UUID})
	if err != nil {
		return fmt.Errorf("marking an address: %w", err)
	}
	if n == 0 { // it is marked already
		return nil
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "address.mark", Subject: "address/" + id.String()})
}

// clear lets an address be mailed to again.
func (s *Service) clear(ctx context.Context, tx pgx.Tx, actor audit.Actor, id uuid.UUID) error {
	n, err := s.q.ClearUndeliverable(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("clearing an address: %w", err)
	}
	if n == 0 {
		return errs.New(errs.NotFound, "address_gone", "This address is not marked any more.")
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "address.clear", Subject: "address/" + id.String()})
}
