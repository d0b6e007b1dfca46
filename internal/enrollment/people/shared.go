package people

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What the other rooms of enrollment use of this one.

// Typed is what somebody typed about their membership.
type Typed struct {
	// Number has ASCII letters and digits alone.
	Number     string    `json:"number"`
	FamilyName string    `json:"family_name"`
	BirthDate  time.Time `json:"birth_date"`
}

// sealTyped keeps typed details for staff: strangers type them, and they may be
// about anybody.
func (s *Service) sealTyped(activation uuid.UUID, t typed) ([]byte, error) {
	plain, err := json.Marshal(Typed{Number: t.number, FamilyName: t.familyName, BirthDate: t.birthDate})
	if err != nil {
		return nil, fmt.Errorf("encoding typed details: %w", err)
	}
	sealed, err := s.seal.SealSecret(purposeTypedOf(activation), plain)
	if err != nil {
		return nil, fmt.Errorf("sealing typed details: %w", err)
	}
	return sealed, nil
}

// OpenTyped opens what was typed in an activation.
func (s *Service) OpenTyped(activation uuid.UUID, sealed []byte) (Typed, error) {
	plain, err := s.seal.OpenSecret(purposeTypedOf(activation), sealed)
	if err != nil {
		return Typed{}, fmt.Errorf("opening typed details: %w", err)
	}
	var t Typed
	if err := json.Unmarshal(plain, &t); err != nil {
		return Typed{}, fmt.Errorf("decoding typed details: %w", err)
	}
	return t, nil
}

func purposeTypedOf(activation uuid.UUID) string { return purposeTyped + "\n" + activation.String() }

// TellRoster queues the mail that tells the roster's address of a member that
// an account was opened, in the roster's language or else in the given one. An
// address that may be somebody else's as well is not told.
func (s *Service) TellRoster(ctx context.Context, tx pgx.Tx, actor audit.Actor, member uuid.UUID, patient ids.PatientID, language string) error {
	return s.jobs.Insert(ctx, tx, activatedMail{Member: member, Patient: patient.UUID, Language: language, Actor: actor}, nil)
}

// FoldNumber brings a member number to the form in which it is compared.
func FoldNumber(s string) string { return foldNumber(s) }

// SameFamilyName says whether two spellings may be one family name.
func SameFamilyName(a, b string) bool { return sameFamilyName(a, b) }

// NewCode makes a mailed code of eight digits.
func NewCode() (string, error) { return newCode() }

// CleanCode takes out what people and mail programs put between digits.
func CleanCode(typed string) string { return cleanCode(typed) }

// Day is the day that rights and ages are judged on, as midnight UTC.
func Day(at time.Time) time.Time { return ofage.Day(at) }

// AdultIfBornBy is the last birth date of those who are adults on a day.
func AdultIfBornBy(today time.Time) time.Time { return ofage.BornBy(today) }

// ParseBirthDate reads YYYY-MM-DD: a date of somebody who may be alive.
func ParseBirthDate(s string, today time.Time) (time.Time, bool) { return parseBirthDate(s, today) }

// LanguageOr is the first of two languages that we write, else English.
func LanguageOr(language, other string) string { return languageOr(language, other) }
