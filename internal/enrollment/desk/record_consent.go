package desk

import (
	"context"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// RecordVerbalConsent implements enrollmentv1connect.DeskServiceHandler. Codes:
// Invalid, NotFound, Precondition "guardian_needed", Conflict.
func (s *Service) RecordVerbalConsent(ctx context.Context, req *enrollmentv1.RecordVerbalConsentRequest) (*enrollmentv1.RecordVerbalConsentResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, errPatientUnknown()
	}
	words := people.Words{Kind: req.GetKind(), Version: req.GetVersion(), Language: req.GetLanguage()}
	var res *enrollmentv1.RecordVerbalConsentResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "RecordVerbalConsent", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*enrollmentv1.RecordVerbalConsentResponse, error) {
				id, err := s.d.RecordVerbal(ctx, tx, audit.ActorFrom(ctx), patient, words)
				return &enrollmentv1.RecordVerbalConsentResponse{ConsentId: id.String()}, err
			})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.d.Ring()
	return res, nil
}
