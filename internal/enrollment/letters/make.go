package letters

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// makeBatch chooses members and makes a letter for each.
func (s *Service) makeBatch(ctx context.Context, tx pgx.Tx, actor audit.Actor, req *enrollmentv1.MakeLettersRequest) (*enrollmentv1.MakeLettersResponse, error) {
	payer, err := s.readBatch(ctx, tx, req)
	if err != nil {
		return nil, err
	}
	who, err := s.q.ChooseMembers(ctx, tx, db.ChooseMembersParams{
		PayerID: payer, AdultIfBornBy: s.adultIfBornBy(), Today: s.today(), Everybody: req.GetAudience() == "everybody", Most: req.GetMost(),
	})
	if err != nil {
		return nil, fmt.Errorf("choosing who gets a letter: %w", err)
	}
	if len(who) == 0 {
		return &enrollmentv1.MakeLettersResponse{}, nil
	}
	batch := ids.NewUUID()
	rows, err := s.letters(batch, who)
	if err != nil {
		return nil, err
	}
	count := int32(len(who)) //nolint:gosec // at most batchMost
	err = s.q.InsertBatch(ctx, tx, db.InsertBatchParams{BatchID: batch, PayerID: payer, Letters: count, MadeBy: actor.Account.UUID, MadeAt: rows.MadeAt})
	if err != nil {
		return nil, fmt.Errorf("inserting a batch: %w", err)
	}
	if err := s.q.CloseOpenLetters(ctx, tx, rows.Members); err != nil {
		return nil, fmt.Errorf("closing the letters before: %w", err)
	}
	if err := s.q.InsertLetters(ctx, tx, rows); err != nil {
		return nil, fmt.Errorf("inserting letters: %w", err)
	}
	if err := s.q.AnswerRequests(ctx, tx, batch); err != nil {
		return nil, fmt.Errorf("answering who asked: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Action: "letter.make", Subject: subject(batch),
		Detail: map[string]string{"payer": payer.String(), "count": strconv.Itoa(len(who)), "audience": req.GetAudience()},
	})
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.MakeLettersResponse{BatchId: batch.String(), Letters: count}, nil
}

func (s *Service) readBatch(ctx context.Context, tx pgx.Tx, req *enrollmentv1.MakeLettersRequest) (uuid.UUID, error) {
	var bad []errs.Field
	payer, err := uuid.Parse(req.GetPayerId())
	if err != nil {
		bad = append(bad, errs.Field{Name: "payer_id", Reason: "malformed"})
	}
	if a := req.GetAudience(); a != "requested" && a != "everybody" {
		bad = append(bad, errs.Field{Name: "audience", Reason: "unknown"})
	}
	if req.GetMost() < 1 || req.GetMost() > batchMost {
		bad = append(bad, errs.Field{Name: "most", Reason: "range"})
	}
	if len(bad) > 0 {
		return uuid.Nil, errs.InvalidFields(bad...)
	}
	there, err := s.q.PayerThere(ctx, tx, payer)
	if err != nil {
		return uuid.Nil, fmt.Errorf("reading a payer: %w", err)
	}
	if !there {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "payer_id", Reason: "unknown"})
	}
	return payer, nil
}

// letters makes the rows: a code each.
func (s *Service) letters(batch uuid.UUID, who []db.ChooseMembersRow) (db.InsertLettersParams, error) {
	now := s.d.Clock.Now().Truncate(time.Microsecond)
	rows := db.InsertLettersParams{BatchID: batch, MadeAt: now, ExpiresAt: now.Add(letterLife)}
	for _, m := range who {
		id := ids.NewUUID()
		code, err := newCode()
		if err != nil {
			return rows, err
		}
		sealed, err := s.d.Seal.SealSecret(purposeCodeOf(id), []byte(code))
		if err != nil {
			return rows, fmt.Errorf("sealing a letter's code: %w", err)
		}
		rows.Letters, rows.Members = append(rows.Letters, id), append(rows.Members, m.MemberID)
		rows.Hashes, rows.Sealed = append(rows.Hashes, s.codeHash(code)), append(rows.Sealed, sealed)
		rows.Addresses, rows.Languages = append(rows.Addresses, m.Address), append(rows.Languages, language(m.Language))
	}
	return rows, nil
}

// language is the one of ours that somebody is written to in.
func language(l string) string {
	if l == "es" {
		return l
	}
	return "en"
}

func subject(batch uuid.UUID) string { return "letters/" + batch.String() }
