package waves

import (
	"context"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/waves/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ enrollmentv1connect.InvitationServiceHandler = (*Service)(nil)

const (
	// wavesMost and addressesMost bound one answer each.
	wavesMost     = 50
	addressesMost = 200
)

// InvitationOverview counts, payer by payer, and lists the newest waves.
func (s *Service) InvitationOverview(ctx context.Context, _ *enrollmentv1.InvitationOverviewRequest) (*enrollmentv1.InvitationOverviewResponse, error) {
	from := s.d.DB.R.DB(ctx)
	members, err := s.q.CountMembers(ctx, from, s.adultIfBornBy())
	if err != nil {
		return nil, fmt.Errorf("counting members: %w", err)
	}
	states, err := s.q.CountInvitations(ctx, from, db.CountInvitationsParams{UnansweredSince: s.d.Clock.Now().Add(-unanswered), Ever: mostEver})
	if err != nil {
		return nil, fmt.Errorf("counting invitations: %w", err)
	}
	rows, err := s.q.ListWaves(ctx, from, wavesMost)
	if err != nil {
		return nil, fmt.Errorf("listing waves: %w", err)
	}
	res, by := &enrollmentv1.InvitationOverviewResponse{}, map[uuid.UUID]*enrollmentv1.PayerInvitations{}
	for _, m := range members {
		p := &enrollmentv1.PayerInvitations{PayerId: m.PayerID.String(), PayerName: m.Name, Invitable: m.Invitable, WithoutEmail: m.WithoutEmail}
		res.Payers, by[m.PayerID] = append(res.Payers, p), p
	}
	for _, st := range states {
		if p := by[st.PayerID]; p != nil {
			count(p, st)
		}
	}
	for _, w := range rows {
		res.Waves = append(res.Waves, &enrollmentv1.Wave{
			WaveId: w.WaveID.String(), PayerName: w.PayerName, Audience: w.Audience, Most: w.Most.Int32, PerMinute: w.PerMinute,
			StartsAt: timestamppb.New(w.StartsAt), State: w.State, Queued: w.Queued, Sent: w.Sent, Accepted: w.Accepted, Failed: w.Failed,
			LeftOut: w.Considered - w.Queued,
		})
	}
	return res, nil
}

func count(p *enrollmentv1.PayerInvitations, st db.CountInvitationsRow) {
	p.Again += st.Again
	switch st.State {
	case "queued":
		p.Waiting += st.Members
	case "sent":
		p.Sent += st.Members
	case "accepted":
		p.Accepted += st.Members
	case "expired":
		p.Expired += st.Members
	case "failed":
		p.Failed += st.Members
	}
}

// StartWave begins a wave, now or later. Codes: Invalid, Conflict.
func (s *Service) StartWave(ctx context.Context, req *enrollmentv1.StartWaveRequest) (*enrollmentv1.StartWaveResponse, error) {
	return keep(ctx, s, "StartWave", req, func(ctx context.Context, tx pgx.Tx) (*enrollmentv1.StartWaveResponse, error) {
		id, err := s.start(ctx, tx, audit.ActorFrom(ctx), req)
		return &enrollmentv1.StartWaveResponse{WaveId: id.String()}, err
	})
}

// SteerWave pauses, resumes or stops a wave. Codes: Invalid, NotFound, Conflict.
func (s *Service) SteerWave(ctx context.Context, req *enrollmentv1.SteerWaveRequest) (*enrollmentv1.SteerWaveResponse, error) {
	id, err := uuid.Parse(req.GetWaveId())
	if err != nil {
		return nil, errWaveUnknown().With(err)
	}
	return keep(ctx, s, "SteerWave", req, func(ctx context.Context, tx pgx.Tx) (*enrollmentv1.SteerWaveResponse, error) {
		return &enrollmentv1.SteerWaveResponse{}, s.steer(ctx, tx, audit.ActorFrom(ctx), id, req.GetAction())
	})
}

// ListUndeliverable lists members whose address mail does not reach.
func (s *Service) ListUndeliverable(ctx context.Context, _ *enrollmentv1.ListUndeliverableRequest) (*enrollmentv1.ListUndeliverableResponse, error) {
	rows, err := s.q.ListUndeliverable(ctx, s.d.DB.R.DB(ctx), addressesMost)
	if err != nil {
		return nil, fmt.Errorf("listing addresses: %w", err)
	}
	res := &enrollmentv1.ListUndeliverableResponse{}
	for _, r := range rows {
		one := &enrollmentv1.UndeliverableAddress{
			AddressId: r.AddressID.String(), Address: r.Address, Reason: r.Reason, MarkedAt: timestamppb.New(r.MarkedAt),
		}
		for _, m := range r.Members {
			parts := strings.Split(m, "\t") // as the statement joins them
			if len(parts) == 3 {
				one.Members = append(one.Members, names.Proper(parts[0])+" "+names.Proper(parts[1])+", "+parts[2])
			}
		}
		res.Addresses = append(res.Addresses, one)
	}
	if err := s.d.Audit.Record(ctx, audit.Entry{Actor: audit.ActorFrom(ctx), Action: "address.list"}); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	return res, nil
}

// MarkUndeliverable marks an address by hand. Codes: Invalid, Precondition.
func (s *Service) MarkUndeliverable(ctx context.Context, req *enrollmentv1.MarkUndeliverableRequest) (*enrollmentv1.MarkUndeliverableResponse, error) {
	return keep(ctx, s, "MarkUndeliverable", req, func(ctx context.Context, tx pgx.Tx) (*enrollmentv1.MarkUndeliverableResponse, error) {
		return &enrollmentv1.MarkUndeliverableResponse{}, s.mark(ctx, tx, audit.ActorFrom(ctx), req.GetEmail())
	})
}

// ClearUndeliverable lets an address be mailed to again. Codes: Invalid,
// NotFound.
func (s *Service) ClearUndeliverable(ctx context.Context, req *enrollmentv1.ClearUndeliverableRequest) (*enrollmentv1.ClearUndeliverableResponse, error) {
	id, err := uuid.Parse(req.GetAddressId())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "address_id", Reason: "malformed"})
	}
	return keep(ctx, s, "ClearUndeliverable", req, func(ctx context.Context, tx pgx.Tx) (*enrollmentv1.ClearUndeliverableResponse, error) {
		return &enrollmentv1.ClearUndeliverableResponse{}, s.clear(ctx, tx, audit.ActorFrom(ctx), id)
	})
}

// keyed is a request with an idempotency key.
type keyed interface {
	proto.Message
	GetIdempotencyKey() string
}

// keep runs a change once.
func keep[Req keyed, Res proto.Message](ctx context.Context, s *Service, method string, req Req, do func(context.Context, pgx.Tx) (Res, error)) (Res, error) {
	var res Res
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, method, req.GetIdempotencyKey(), req, principal.From(ctx).Key(), func() (Res, error) { return do(ctx, tx) })
		return err
	})
	return res, err
}
