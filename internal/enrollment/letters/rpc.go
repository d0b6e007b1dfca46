package letters

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ enrollmentv1connect.LetterServiceHandler = (*Service)(nil)

// batchesMost is how many batches one answer lists.
const batchesMost = 50

// LetterOverview counts who waits for a letter, and lists the newest batches.
func (s *Service) LetterOverview(ctx context.Context, _ *enrollmentv1.LetterOverviewRequest) (*enrollmentv1.LetterOverviewResponse, error) {
	from, actor, now := s.d.DB.R.DB(ctx), audit.ActorFrom(ctx), s.d.Clock.Now()
	payers, err := s.q.CountWaiting(ctx, from, db.CountWaitingParams{AdultIfBornBy: s.adultIfBornBy(), Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("counting who waits for a letter: %w", err)
	}
	batches, err := s.q.ListBatches(ctx, from, batchesMost)
	if err != nil {
		return nil, fmt.Errorf("listing batches: %w", err)
	}
	res := &enrollmentv1.LetterOverviewResponse{}
	for _, p := range payers {
		res.Payers = append(res.Payers, &enrollmentv1.PayerLetters{
			PayerId: p.PayerID.String(), PayerName: p.Name, Requested: p.Requested, Waiting: p.Waiting,
		})
	}
	for _, b := range batches {
		one := &enrollmentv1.LetterBatch{
			BatchId: b.BatchID.String(), PayerName: b.PayerName, Letters: b.Letters, Used: b.Used, MadeAt: timestamppb.New(b.MadeAt),
			State: b.State, Printable: printable(b.State, b.MadeBy, b.MadeAt, actor, now),
		}
		if b.SettledAt != nil {
			one.SettledAt = timestamppb.New(*b.SettledAt)
		}
		res.Batches = append(res.Batches, one)
	}
	return res, nil
}

// MakeLetters makes a batch. Codes: Invalid.
func (s *Service) MakeLetters(ctx context.Context, req *enrollmentv1.MakeLettersRequest) (*enrollmentv1.MakeLettersResponse, error) {
	var res *enrollmentv1.MakeLettersResponse
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "MakeLetters", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*enrollmentv1.MakeLettersResponse, error) {
				return s.makeBatch(ctx, tx, audit.ActorFrom(ctx), req)
			})
		return err
	})
	return res, err
}

// PrintLetters gives a batch with its codes to whoever made it. Codes: NotFound,
// Precondition.
func (s *Service) PrintLetters(ctx context.Context, req *enrollmentv1.PrintLettersRequest) (*enrollmentv1.PrintLettersResponse, error) {
	id, err := uuid.Parse(req.GetBatchId())
	if err != nil {
		return nil, errBatchUnknown().With(err)
	}
	return s.printBatch(ctx, audit.ActorFrom(ctx), id)
}

// SettleLetters says what became of a batch. Codes: Invalid, NotFound, Conflict.
func (s *Service) SettleLetters(ctx context.Context, req *enrollmentv1.SettleLettersRequest) (*enrollmentv1.SettleLettersResponse, error) {
	id, err := uuid.Parse(req.GetBatchId())
	if err != nil {
		return nil, errBatchUnknown().With(err)
	}
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := once.Do(ctx, tx, "SettleLetters", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*enrollmentv1.SettleLettersResponse, error) {
				return &enrollmentv1.SettleLettersResponse{}, s.settle(ctx, tx, audit.ActorFrom(ctx), id, req.GetState())
			})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.SettleLettersResponse{}, nil
}

// RequestLetter asks for a letter; the answer is always the same. Codes:
// Throttled.
func (s *Service) RequestLetter(ctx context.Context, req *enrollmentv1.RequestLetterRequest) (*enrollmentv1.RequestLetterResponse, error) {
	id, err := uuid.Parse(req.GetActivationId())
	if err != nil {
		id = uuid.Nil // nobody's: the same answer
	}
	if err := s.ask(ctx, id, req.GetAddress()); err != nil {
		return nil, err
	}
	return &enrollmentv1.RequestLetterResponse{}, nil
}

// OpenLetter proves a postal address. Codes: Invalid, Precondition, Throttled.
func (s *Service) OpenLetter(ctx context.Context, req *enrollmentv1.OpenLetterRequest) (*enrollmentv1.OpenLetterResponse, error) {
	id, err := s.open(ctx, req)
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.OpenLetterResponse{ActivationId: id.String()}, nil
}

// NameEmail mails a code to an address. Codes: Invalid, Precondition, Throttled.
func (s *Service) NameEmail(ctx context.Context, req *enrollmentv1.NameEmailRequest) (*enrollmentv1.NameEmailResponse, error) {
	id, err := uuid.Parse(req.GetActivationId())
	if err != nil {
		return nil, errActivationOver().With(err)
	}
	if err := s.nameEmail(ctx, id, req.GetEmail(), req.GetAddress()); err != nil {
		return nil, err
	}
	return &enrollmentv1.NameEmailResponse{}, nil
}

// ConfirmLetter ends an activation by letter. Codes: Invalid, Precondition,
// Throttled, Unavailable.
func (s *Service) ConfirmLetter(ctx context.Context, req *enrollmentv1.ConfirmLetterRequest) (*enrollmentv1.ConfirmLetterResponse, error) {
	id, err := uuid.Parse(req.GetActivationId())
	if err != nil {
		return nil, errActivationOver().With(err)
	}
	a, err := s.confirm(ctx, id, req.GetCode(), req.GetAddress())
	if err != nil {
		return nil, err
	}
	res := &enrollmentv1.ConfirmLetterResponse{Ticket: a.Ticket, Reference: a.Reference}
	if a.Patient.UUID != uuid.Nil {
		res.PatientId = a.Patient.String()
	}
	return res, nil
}
