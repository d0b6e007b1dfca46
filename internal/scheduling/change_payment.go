package scheduling

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// payment is one attempt to pay a visit in another way.
type payment struct {
	who        principal.Principal
	id         uuid.UUID
	how        string
	coverage   string
	version    int64
	priceCents int32
}

// ChangePayment changes how a visit is paid: row, sealed answers, audit entry
// and mail commit together. Changing it to what it is already does nothing.
//
// Errors: errs.NotFound for anybody else's appointment, errs.Invalid with the
// fields at fault, errs.Precondition "not_payable" once it has begun or is
// canceled, errs.Conflict "appointment_changed" if it is another version.
func (s *Service) ChangePayment(ctx context.Context, req *schedulingv1.ChangePaymentRequest) (*schedulingv1.ChangePaymentResponse, error) {
	p, err := s.readPayment(ctx, req)
	if err != nil {
		return nil, err
	}
	var res *schedulingv1.ChangePaymentResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		res, err = once.Do(ctx, tx, "ChangePayment", req.GetIdempotencyKey(), req, p.who.Key(),
			func() (*schedulingv1.ChangePaymentResponse, error) { return s.changePayment(ctx, tx, p) })
		return err
	})
	return res, err
}

// readPayment checks what was chosen, and fetches a coverage that the feed has
// not brought yet.
func (s *Service) readPayment(ctx context.Context, req *schedulingv1.ChangePaymentRequest) (*payment, error) {
	p := &payment{who: principal.From(ctx), how: req.GetPayment(), coverage: req.GetCoverageId(), version: req.GetVersion()}
	var err error
	if p.id, err = appointmentID(req.GetAppointmentId()); err != nil {
		return nil, err
	}
	switch {
	case p.how != PaySelf && p.how != PayCoverage:
		return nil, errs.InvalidFields(errs.Field{Name: "payment", Reason: "required"})
	case p.how == PayCoverage && p.coverage == "":
		return nil, errs.InvalidFields(errs.Field{Name: "coverage_id", Reason: "required"})
	}
	src := s.d.DB.W.DB()
	row, err := s.ownRow(ctx, src, p.who.Account, p.id)
	if err != nil {
		return nil, err
	}
	r := row.SchedulingReservation
	t, err := s.terms(ctx, src, r.ServiceID)
	if err != nil {
		return nil, err
	}
	p.priceCents = t.PriceCents
	if p.how == PaySelf {
		return p, nil
	}
	facts, err := s.patientFor(ctx, s.own(ctx), patientOf(r))
	if err != nil {
		return nil, err
	}
	if coverageOn(facts, p.coverage, r) == nil {
		if _, err := s.patients.Fetch(ctx, patientOf(r).String()); err != nil {
			return nil, fmt.Errorf("fetching a coverage: %w", err)
		}
	}
	return p, nil
}

func (s *Service) changePayment(ctx context.Context, tx pgx.Tx, p *payment) (*schedulingv1.ChangePaymentResponse, error) {
	row, err := s.q.LockOwnAppointment(ctx, tx, db.LockOwnAppointmentParams{ReservationID: p.id, AccountID: p.who.Account.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noAppointment()
	}
	if err != nil {
		return nil, fmt.Errorf("locking an appointment: %w", err)
	}
	if Status(row.Status) != Booked || !rangeOf(row.During).From.After(s.d.Clock.Now()) {
		return nil, errs.New(errs.Precondition, "not_payable", "This appointment has begun or is over, so its payment cannot be changed any more.")
	}
	next := db.SetPaymentParams{PriceCents: p.priceCents, ReservationID: p.id, AccountID: p.who.Account.UUID}
	if p.how == PayCoverage {
		facts, err := s.actedFor(ctx, tx, p.who.Account, patientOf(row))
		if err != nil {
			return nil, err
		}
		c := coverageOn(facts, p.coverage, row)
		if c == nil {
			return nil, errs.InvalidFields(errs.Field{Name: "coverage_id", Reason: "not_active"})
		}
		next.CoverageID, next.PayerName, next.PriceCents = &p.coverage, c.GetPayerName(), 0
	}
	if text(row.CoverageID) != text(next.CoverageID) {
		if p.version != 0 && p.version != row.Version {
			return nil, errs.New(errs.Conflict, "appointment_changed", "This appointment was changed meanwhile. Please look at it again.")
		}
		if err := s.pay(ctx, tx, p, row, next); err != nil {
			return nil, err
		}
	}
	m, err := s.keptAppointment(ctx, tx, s.own(ctx), p.id)
	return &schedulingv1.ChangePaymentResponse{Appointment: m}, err
}

// pay writes the new payment and what goes with it.
func (s *Service) pay(ctx context.Context, tx pgx.Tx, p *payment, row db.SchedulingReservation, next db.SetPaymentParams) error {
	// A later move asks the answers how the visit is paid.
	answers, err := s.openAnswers(ctx, tx, row)
	if err != nil {
		return err
	}
	answers.Payment, answers.CoverageId = p.how, text(next.CoverageID)
	if next.Answers, err = s.sealAnswers(ctx, tx, patientOf(row), answers); err != nil {
		return err
	}
	now, err := s.q.SetPayment(ctx, tx, next)
	if err != nil {
		return fmt.Errorf("changing how an appointment is paid: %w", err)
	}
	if err := s.endNotices(ctx, tx, row, settledPayment, ""); err != nil {
		return err
	}
	actor := audit.ActorFrom(ctx)
	if err := audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patientOf(row), Action: "appointment.pay", Subject: p.id.String(), Detail: map[string]string{"payment": p.how},
	}); err != nil {
		return err
	}
	return s.d.Jobs.Insert(ctx, tx, PaymentMail{AppointmentID: p.id, Version: now.Version, Actor: actor}, nil)
}
