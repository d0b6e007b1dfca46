package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// signInWithTicket redeems the ticket of a proven address. It opens a
// patient's session, whatever else the account may be: a mailbox is one factor.
func (s *Service) signInWithTicket(ctx context.Context, ticket string, from client) (opened, error) {
	if err := s.allow(ctx, s.attempts.ticket, nil, from.address); err != nil {
		return opened{}, err
	}
	return s.decide(ctx, "signing in with a ticket", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		account, err := s.q.RedeemTicket(ctx, tx, s.seal.Hash(purposeRedeem, ticket))
		if errors.Is(err, pgx.ErrNoRows) {
			return s.refuse(ctx, tx, byTicket, "", errTicketSpent())
		}
		if err != nil {
			return outcome{}, fmt.Errorf("redeeming a ticket: %w", err)
		}
		o, err := s.openSession(ctx, tx, ids.AccountID{UUID: account}, []string{rolePatient}, byTicket, from)
		if errors.Is(err, errRefused) {
			return s.refuse(ctx, tx, byTicket, "account/"+account.String(), errTicketSpent())
		}
		return outcome{opened: o}, err
	})
}
