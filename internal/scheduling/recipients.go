package scheduling

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/bedside-health/bedside/internal/ofage"
)

// recipient is somebody whom mail about a patient's appointment goes to.
type recipient struct {
	// patient is who they are themselves.
	patient                uuid.UUID
	given, language, email string
}

// recipientsOf chooses whom to write about a patient's appointment, on the day
// on which the mail leaves. An adult's mail goes to the adult alone: never to
// who was their guardian, never to the subscriber. A minor's goes to the
// guardians of that day, each at their own address, and to nobody else. Where
// there is no address, nobody is written to.
func recipientsOf(patient recipient, birthDate string, guardians []recipient, today time.Time) []recipient {
	candidates := guardians
	if ofAge(birthDate, today) {
		candidates = []recipient{patient}
	}
	var out []recipient
	told := map[string]bool{}
	for _, c := range candidates {
		if address := strings.ToLower(c.email); address != "" && !told[address] {
			told[address] = true
			out = append(out, c)
		}
	}
	return out
}

// today is the day that rights and ages are judged on.
func (s *Service) today() time.Time { return ofage.Day(s.d.Clock.Now()) }

// recipients reads what recipientsOf chooses from. The day is the
// one that the view of who may act today judges by.
func (s *Service) recipients(ctx context.Context, patient recipient, birthDate string) ([]recipient, error) {
	rows, err := s.q.GuardiansForMail(ctx, s.d.DB.W.DB(), patient.patient)
	if err != nil {
		return nil, fmt.Errorf("reading the guardians to mail: %w", err)
	}
	guardians := make([]recipient, len(rows))
	for i, g := range rows {
		guardians[i] = recipient{patient: g.PatientID, given: g.GivenName, language: g.Language, email: g.Email}
	}
	return recipientsOf(patient, birthDate, guardians, s.today()), nil
}

// toldByMail says whether anybody is written to about a patient's appointments.
// Staff must know it while the patient is on the phone: whoever is not written
// to is told by them, or by nobody.
func (s *Service) toldByMail(ctx context.Context, patient uuid.UUID) (bool, error) {
	row, err := s.q.DeskPatient(ctx, s.d.DB.W.DB(), patient)
	if err != nil {
		return false, fmt.Errorf("reading a patient to mail: %w", err)
	}
	to, err := s.recipients(ctx, recipient{patient: patient, email: row.Email}, row.BirthDate)
	return len(to) > 0, err
}
