package people

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What follows is for the room that keeps who acts for others: it judges
// members, days and words as this one does.

// FoldNumber brings a member number to the form that is compared.
func FoldNumber(s string) string { return foldNumber(s) }

// SameFamilyName says whether two spellings may be one family name; it never
// decides alone.
func SameFamilyName(a, b string) bool { return sameFamilyName(a, b) }

// Day is the day that rights and ages are judged on.
func Day(at time.Time) time.Time { return day(at) }

// AdultIfBornBy is the last birth date of those who are adults on a day.
func AdultIfBornBy(today time.Time) time.Time { return adultIfBornBy(today) }

// ParseBirthDate reads YYYY-MM-DD of somebody who may be alive.
func ParseBirthDate(s string, today time.Time) (time.Time, bool) { return parseBirthDate(s, today) }

// LanguageOf is a language that people are written to in, English for others.
func LanguageOf(tag string) string { return languageOr(tag, "") }

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
