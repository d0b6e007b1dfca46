package jurisdiction

import (
	"time"

	"github.com/bedside-health/bedside/internal/ids"
)

// Basis is the kind of permission that a license row is.
type Basis string

// The bases. An IMLC license is an ordinary state license that was issued
// through the Interstate Medical Licensure Compact.
const (
	BasisFull         Basis = "full"
	BasisIMLC         Basis = "imlc"
	BasisRegistration Basis = "telehealth_registration"
	BasisWaiver       Basis = "waiver"
	BasisException    Basis = "exception"
)

// Bases lists every basis, the strongest first.
func Bases() []Basis {
	return []Basis{BasisFull, BasisIMLC, BasisRegistration, BasisWaiver, BasisException}
}

// Status is what the board says about a license now.
type Status string

// The statuses.
const (
	StatusActive      Status = "active"
	StatusSuspended   Status = "suspended"
	StatusRevoked     Status = "revoked"
	StatusExpired     Status = "expired"
	StatusSurrendered Status = "surrendered"
	StatusPending     Status = "pending"
)

// Statuses lists every status.
func Statuses() []Status {
	return []Status{StatusActive, StatusSuspended, StatusRevoked, StatusExpired, StatusSurrendered, StatusPending}
}

// License is the current row of one license.
type License struct {
	ID     string
	State  string // USPS code
	Number string
	Board  string
	Basis  Basis
	Status Status
	// Both days included.
	ValidFrom, ValidTo Date
	VerifiedAt         time.Time
	// NeedsConfirmation is set where an officer must look before the license
	// may be used; ConfirmedAt is when one did, zero if none has.
	NeedsConfirmation bool
	ConfirmedAt       time.Time
}

// Facts is what is known of one physician.
type Facts struct {
	PhysicianID ids.PhysicianID
	Version     int64
	// PracticeState is where the physician sits unless the question says
	// otherwise; empty if unknown.
	PracticeState string
	// Licenses are current rows only, of any state.
	Licenses []License
}
