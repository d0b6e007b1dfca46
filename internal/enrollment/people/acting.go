package people

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Document says whether the words of a kind, version and language exist, and
// what their hash is.
func (s *Service) Document(kind, version, language string) (hash []byte, ok bool) {
	d, ok := s.docs.find(kind, version, language)
	return d.hash, ok
}

// PatientOfMember is the patient that a member is, made now if they are none
// yet: without an account, reached by what the roster says. The caller adds who
// acts for them, and publishes.
func (s *Service) PatientOfMember(ctx context.Context, tx pgx.Tx, member uuid.UUID, language string) (ids.PatientID, error) {
	m, err := s.q.LockMember(ctx, tx, member)
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("locking the member: %w", err)
	}
	if m.PatientID != nil {
		return ids.PatientID{UUID: *m.PatientID}, nil
	}
	patient := ids.New[ids.PatientID]()
	if err := s.insertPatient(ctx, tx, m, patient, language); err != nil {
		return ids.PatientID{}, err
	}
	if err := s.q.PutRosterContacts(ctx, tx, []uuid.UUID{member}); err != nil {
		return ids.PatientID{}, fmt.Errorf("keeping the roster's contact points: %w", err)
	}
	return patient, nil
}
