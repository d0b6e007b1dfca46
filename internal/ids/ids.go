// Package ids holds the identifiers of people and sessions: one Go type each,
// so that a patient's id can never stand where an account's is meant.
package ids

import (
	"crypto/rand"
	"fmt"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/google/uuid"
)

type (
	// AccountID names an account of auth: somebody who can sign in.
	AccountID struct{ uuid.UUID }
	// PatientID names a patient of enrollment: somebody who is treated.
	PatientID struct{ uuid.UUID }
	// MemberID names a member of a payer's roster.
	MemberID struct{ uuid.UUID }
	// PhysicianID names a physician of licensing.
	PhysicianID struct{ uuid.UUID }
	// SessionID names a durable session of auth.
	SessionID struct{ uuid.UUID }
)

// New makes a time-ordered identifier (UUID version 7, RFC 9562).
func New[T ~struct{ uuid.UUID }]() T {
	return T{NewUUID()}
}

// NewUUID makes a bare time-ordered UUID, for rows that need no type of their
// own.
func NewUUID() uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil { // crypto/rand does not fail on supported platforms
		return uuid.New()
	}
	return id
}

// Parse reads an identifier. It returns errs.Invalid for anything else.
func Parse[T ~struct{ uuid.UUID }](s string) (T, error) {
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil {
		var zero T
		return zero, errs.New(errs.Invalid, "id_malformed", "That link or identifier is not complete.").
			With(fmt.Errorf("parsing identifier: %w", err))
	}
	return T{id}, nil
}

// alphabet leaves out the letters and digits that are misread or misheard on
// the phone (0 O 1 I L U).
const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// Reference makes a short reference to read out on the phone, such as
// "K7QM-2D9F": 30^8, about 39 bits.
func Reference() string {
	const n = 8
	out := make([]byte, 0, n+1)
	buf := make([]byte, 1)
	for len(out) < n+1 {
		if len(out) == n/2 {
			out = append(out, '-')
		}
		_, _ = rand.Read(buf) // never fails: crypto/rand aborts the program instead
		// Values past the largest multiple of the alphabet would bias it.
		if int(buf[0]) >= 256/len(alphabet)*len(alphabet) {
			continue
		}
		out = append(out, alphabet[int(buf[0])%len(alphabet)])
	}
	return string(out)
}
