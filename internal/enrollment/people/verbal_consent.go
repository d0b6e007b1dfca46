package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Words names the words of a consent.
type Words struct{ Kind, Version, Language string }

// RecordVerbal stores, in the caller's transaction, that somebody agreed to
// words that staff read to them; ring after its commit. Of a child, a guardian
// must be on file: only they can agree. Codes: Invalid, NotFound, Precondition.
func (s *Service) RecordVerbal(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID, w Words) (uuid.UUID, error) {
	id := ids.NewUUID()
	doc, ok := s.docs.find(w.Kind, w.Version, w.Language)
	if !ok {
		return id, errConsentUnknown()
	}
	if err := s.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return id, err
	}
	all, err := s.facts(ctx, tx, []uuid.UUID{patient.UUID})
	if err != nil {
		return id, err
	}
	if len(all) == 0 {
		return id, errPatientUnknown()
	}
	if today := s.today(); all[0].GetBirthDate() > ofage.BornBy(today).Format(time.DateOnly) && !guarded(all[0], today) {
		return id, errs.New(errs.Precondition, "guardian_needed", "This patient is a child. A guardian must agree, and none is on file.")
	}
	err = s.q.InsertVerbalConsent(ctx, tx, db.InsertVerbalConsentParams{
		ConsentID: id, PatientID: patient.UUID, Kind: doc.kind, Version: doc.version, Language: doc.language,
		DocumentHash: doc.hash, AccountID: actor.Account.UUID,
	})
	if err != nil {
		return id, fmt.Errorf("inserting a verbal consent: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patient, Action: "consent.record_verbal", Subject: "consent/" + id.String(),
		Detail: map[string]string{"kind": doc.kind, "version": doc.version, "language": doc.language},
	})
	if err != nil {
		return id, err
	}
	return id, s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

// guarded says that somebody is a child's guardian on a day.
func guarded(f *enrollmentv1.PatientFacts, today time.Time) bool {
	day := today.Format(time.DateOnly)
	return slices.ContainsFunc(f.GetActsFor(), func(a *enrollmentv1.ActsFor) bool {
		return a.GetRelation() == "guardian" && a.GetFrom() <= day && (a.GetUntil() == "" || day <= a.GetUntil())
	})
}

// Today is the day that rights and ages are judged on.
func (s *Service) Today() time.Time { return s.today() }

// NumberHash is how attempts with a member number are found again: the number
// itself is not kept with them.
func (s *Service) NumberHash(number string) []byte {
	return s.seal.Hash(purposeNumber, foldNumber(number))
}
