package people

import (
	"time"

	"github.com/google/uuid"

	"github.com/bedside-health/bedside/internal/ofage"
)

// The states of an activation by typed details; the schema holds the same.
//
//	started ── mailed ──▶ code_sent ── right code ──▶ confirmed
//	   │                     │  └──── account taken, or the roster changed ──▶ to_staff
//	   │                     └─────── 15 minutes ─────▶ expired
//	   └── nobody, or nobody for certain (from the first) ─▶ to_staff
const (
	stateStarted   = "started"
	stateCodeSent  = "code_sent"
	stateConfirmed = "confirmed"
	stateToStaff   = "to_staff"
	stateExpired   = "expired"
)

// The states of an invitation.
const (
	invitationQueued   = "queued"
	invitationSent     = "sent"
	invitationAccepted = "accepted"
)

// Why an activation went to staff.
const (
	reasonNoMatch       = "no_match"
	reasonSeveral       = "several"
	reasonMinor         = "minor"
	reasonNoEmail       = "no_email"
	reasonSharedEmail   = "shared_email"
	reasonAlreadyActive = "already_active"
	reasonAccountTaken  = "account_taken"
	reasonDetailsDiffer = "details_differ"
)

const (
	// codeLifetime is how long a mailed code is good.
	codeLifetime = 15 * time.Minute
	// maxTries is how often a code or a birth date may be wrong.
	maxTries = 5
	// invitationLifetime is how long a link is good after it was sent.
	invitationLifetime = 30 * 24 * time.Hour
	// maxCandidates bounds the members that one number may mean; more of them
	// are nobody for certain.
	maxCandidates = 64
)

// candidate is a member whom a typed number may mean.
type candidate struct {
	member     uuid.UUID
	familyName string
	birthDate  time.Time
	email      string
	// active: the member is a patient who has an account.
	active bool
	// sharedEmail: a code to the address would prove nothing.
	sharedEmail bool
}

// decide finds the one member whom typed details mean, with an empty reason if
// a code may go out. Otherwise the reason says why staff must look, with the
// member where exactly one fits. Whoever is not certain is never guessed.
func decide(candidates []candidate, familyName string, birthDate, today time.Time) (*candidate, string) {
	var fits *candidate
	for i := range candidates {
		c := &candidates[i]
		if !sameFamilyName(familyName, c.familyName) || !c.birthDate.Equal(birthDate) {
			continue
		}
		if fits != nil {
			return nil, reasonSeveral
		}
		fits = c
	}
	switch {
	case len(candidates) >= maxCandidates:
		return nil, reasonSeveral
	case fits == nil:
		return nil, reasonNoMatch
	case fits.birthDate.After(ofage.BornBy(today)):
		return fits, reasonMinor
	case fits.active:
		return fits, reasonAlreadyActive
	case fits.email == "":
		return fits, reasonNoEmail
	case fits.sharedEmail:
		return fits, reasonSharedEmail
	default:
		return fits, ""
	}
}
