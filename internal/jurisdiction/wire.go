package jurisdiction

import (
	"fmt"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// FactsOf reads what licensing publishes about a physician. It stands here so
// that every consumer reads it in the same way.
func FactsOf(m *licensingv1.PhysicianFacts) (Facts, error) {
	p := m.GetPhysician()
	id, err := ids.Parse[ids.PhysicianID](p.GetPhysicianId())
	if err != nil {
		return Facts{}, fmt.Errorf("reading physician facts: %w", err)
	}
	f := Facts{PhysicianID: id, Version: p.GetVersion(), PracticeState: p.GetPracticeState()}
	for _, l := range m.GetLicenses() {
		license, err := licenseOf(l)
		if err != nil {
			return Facts{}, fmt.Errorf("reading license %s of physician %s: %w", l.GetLicenseId(), p.GetPhysicianId(), err)
		}
		f.Licenses = append(f.Licenses, license)
	}
	return f, nil
}

func licenseOf(l *licensingv1.License) (License, error) {
	from, err := ParseDate(l.GetValidFrom())
	if err != nil {
		return License{}, fmt.Errorf("valid_from: %w", err)
	}
	to, err := ParseDate(l.GetValidTo())
	if err != nil {
		return License{}, fmt.Errorf("valid_to: %w", err)
	}
	out := License{
		ID: l.GetLicenseId(), State: l.GetState(), Number: l.GetNumber(), Board: l.GetBoard(),
		Basis: Basis(l.GetBasis()), Status: Status(l.GetStatus()),
		ValidFrom: from, ValidTo: to, NeedsConfirmation: l.GetNeedsConfirmation(),
	}
	if l.GetVerifiedAt() != nil {
		out.VerifiedAt = l.GetVerifiedAt().AsTime()
	}
	if l.GetConfirmedAt() != nil {
		out.ConfirmedAt = l.GetConfirmedAt().AsTime()
	}
	return out, nil
}
