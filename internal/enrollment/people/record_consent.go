package people

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// recordConsent stores that the actor agreed, for a patient that they may act
// for, to words that exist.
func (s *Service) recordConsent(ctx context.Context, actor audit.Actor, patient ids.PatientID, req *enrollmentv1.RecordConsentRequest) (*enrollmentv1.RecordConsentResponse, error) {
	doc, ok := s.docs.find(req.GetKind(), req.GetVersion(), req.GetLanguage())
	if !ok {
		return nil, errConsentUnknown()
	}
	var res *enrollmentv1.RecordConsentResponse
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "RecordConsent", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.RecordConsentResponse, error) {
			id := ids.NewUUID()
			return &enrollmentv1.RecordConsentResponse{ConsentId: id.String()}, s.insertConsent(ctx, tx, id, actor, patient, doc)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.Ring()
	return res, nil
}

func (s *Service) insertConsent(ctx context.Context, tx pgx.Tx, id uuid.UUID, actor audit.Actor, patient ids.PatientID, doc document) error {
	if err := s.lockOwn(ctx, tx, actor, patient); err != nil {
		return err
	}
	err := s.q.InsertConsent(ctx, tx, db.InsertConsentParams{
		ConsentID: id, PatientID: patient.UUID, Kind: doc.kind, Version: doc.version, Language: doc.language,
		DocumentHash: doc.hash, AccountID: actor.Account.UUID,
	})
	if err != nil {
		return fmt.Errorf("inserting a consent: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patient, Action: "consent.record", Subject: "consent/" + id.String(),
		Detail: map[string]string{"kind": doc.kind, "version": doc.version, "language": doc.language},
	})
	if err != nil {
		return err
	}
	return s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}
