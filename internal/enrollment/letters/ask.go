package letters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ask notes that somebody wants a letter. Whoever they are, and whether or not
// anybody is found, the same rows are written and the answer is the same.
func (s *Service) ask(ctx context.Context, activation uuid.UUID, from string) error {
	if err := s.allow(ctx, limit{"ask", 30, time.Hour}, cache.Network(from)); err != nil {
		return err
	}
	return s.paced(ctx, func() error {
		err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			found, err := s.q.Asking(ctx, tx, db.AskingParams{ActivationID: activation, AdultIfBornBy: s.adultIfBornBy(), Today: s.today()})
			if errors.Is(err, pgx.ErrNoRows) { // too old, or never there
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading typed details: %w", err)
			}
			if err := s.q.InsertRequest(ctx, tx, db.InsertRequestParams{ActivationID: activation, MemberID: found.MemberID}); err != nil {
				return fmt.Errorf("noting a request: %w", err)
			}
			return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "letter.ask", Subject: "activation/" + activation.String()})
		})
		if err != nil {
			return fmt.Errorf("asking for a letter: %w", err)
		}
		return nil
	})
}
