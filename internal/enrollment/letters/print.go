package letters

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// printBatch opens the codes of a batch for whoever made it. That it was printed
// is written down before the codes leave.
func (s *Service) printBatch(ctx context.Context, actor audit.Actor, id uuid.UUID) (*enrollmentv1.PrintLettersResponse, error) {
	res := &enrollmentv1.PrintLettersResponse{}
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		b, err := s.lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}
		if !printable(b.State, b.MadeBy, b.MadeAt, actor, s.d.Clock.Now()) {
			return errBatchNotYours()
		}
		rows, err := s.q.LettersOf(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("reading letters: %w", err)
		}
		res.PayerName, res.MadeAt, res.Letters = b.PayerName, timestamppb.New(b.MadeAt), nil
		for _, r := range rows {
			code, err := s.d.Seal.OpenSecret(purposeCodeOf(r.LetterID), r.CodeSealed)
			if err != nil {
				return fmt.Errorf("opening a letter's code: %w", err)
			}
			res.Letters = append(res.Letters, &enrollmentv1.Letter{
				GivenName: names.Proper(r.GivenName), FamilyName: names.Proper(r.FamilyName), Address: strings.Split(r.Address, "\n"),
				Language: r.Language, Code: shown(string(code)), ExpiresAt: timestamppb.New(r.ExpiresAt),
			})
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "letter.print", Subject: subject(id)})
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// printable says whether somebody may see the codes of a batch.
func printable(state string, madeBy uuid.UUID, madeAt time.Time, who audit.Actor, now time.Time) bool {
	return state == "made" && madeBy == who.Account.UUID && now.Before(madeAt.Add(printLife))
}

// settle says that a batch was mailed, or thrown away.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, actor audit.Actor, id uuid.UUID, state string) error {
	if state != "mailed" && state != "discarded" {
		return errs.InvalidFields(errs.Field{Name: "state", Reason: "unknown"})
	}
	b, err := s.lockBatch(ctx, tx, id)
	if err != nil {
		return err
	}
	if b.State == state {
		return nil
	}
	if b.State != "made" {
		return errBatchSettled()
	}
	if err := s.q.SettleBatch(ctx, tx, db.SettleBatchParams{BatchID: id, State: state, SettledBy: actor.Account.UUID}); err != nil {
		return fmt.Errorf("settling a batch: %w", err)
	}
	if state == "mailed" {
		err = s.q.ForgetCodes(ctx, tx, id)
	} else if err = s.q.CloseBatch(ctx, tx, id); err == nil {
		err = s.q.ReopenRequests(ctx, tx, id)
	}
	if err != nil {
		return fmt.Errorf("settling letters: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "letter." + state, Subject: subject(id)})
}

func (s *Service) lockBatch(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.LockBatchRow, error) {
	b, err := s.q.LockBatch(ctx, tx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, errBatchUnknown()
	}
	if err != nil {
		return b, fmt.Errorf("locking a batch: %w", err)
	}
	return b, nil
}
