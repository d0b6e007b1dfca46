package scheduling

import (
	"context"
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

// SignConsent puts a consent in writing under those of a patient's appointments
// that staff booked on their word, or that a guardian agreed to before the
// patient came of age. It returns errs.NotFound for anybody else's
// appointment, and errs.Precondition "consent_missing" for a consent that is
// not the patient's, or was not given in writing.
func (s *Service) SignConsent(ctx context.Context, req *schedulingv1.SignConsentRequest) (*schedulingv1.SignConsentResponse, error) {
	id, err := appointmentID(req.GetAppointmentId())
	if err != nil {
		return nil, err
	}
	to := s.own(ctx)
	row, err := to.row(ctx, s.d.DB.W.DB(), id)
	if err != nil {
		return nil, err
	}
	b := &booking{who: principal.From(ctx), reach: to, consent: req.GetConsentId(), patient: patientOf(row.SchedulingReservation), hold: row.SchedulingReservation}
	if err := s.learn(ctx, b); err != nil {
		return nil, err
	}
	var res *schedulingv1.SignConsentResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "SignConsent", req.GetIdempotencyKey(), req, b.who.Key(),
			func() (*schedulingv1.SignConsentResponse, error) { return s.signConsent(ctx, tx, b, id) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

func (s *Service) signConsent(ctx context.Context, tx pgx.Tx, b *booking, id uuid.UUID) (*schedulingv1.SignConsentResponse, error) {
	facts, err := b.reach.facts(ctx, tx, b.patient)
	if err != nil {
		return nil, err
	}
	agreed, ok := b.consents(facts, s.today())
	if !ok {
		return nil, errs.New(errs.Precondition, "consent_missing", "We did not get your consent. Please try again.")
	}
	signed, err := s.q.SignConsents(ctx, tx, db.SignConsentsParams{
		ConsentID: &b.consent, ConsentBy: agreed.by, OfAge: ofAge(facts.GetBirthDate(), s.today()), ReservationID: id, AccountID: b.who.Account.UUID,
	})
	if err != nil {
		return nil, fmt.Errorf("signing consents: %w", err)
	}
	for _, one := range signed {
		err := audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: b.patient, Action: "appointment.consent", Subject: one.String(),
			Detail: map[string]string{"consent": consentWritten},
		})
		if err != nil {
			return nil, err
		}
	}
	return &schedulingv1.SignConsentResponse{Signed: int32(len(signed))}, nil //nolint:gosec // a person's own visits to come
}
