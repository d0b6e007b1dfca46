package acting

import (
	"strings"
	"time"
	"unicode"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/google/uuid"
)

// The states of a request to act for a child; the schema holds the same.
const (
	stateRequested = "requested"
	stateApproved  = "approved"
)

// The states of an invitation to a caregiver.
const (
	invitationQueued   = "queued"
	invitationAccepted = "accepted"
)

const relationCaregiver = "caregiver"

// Why staff must look at a request.
const (
	whyNoMatch       = "no_match"
	whySeveral       = "several"
	whyNameDiffers   = "name_differs"
	whyOtherFamily   = "other_family"
	whyOtherGuardian = "other_guardian"
	whyHasAccount    = "has_account"
	whyEnded         = "ended"
)

const (
	// attestation is the kind of the document that a guardian vouches with.
	attestation = "guardian"
	// linkLifetime is how long an invitation to a caregiver is good.
	linkLifetime = 7 * 24 * time.Hour
	// maxCandidates bounds the members that one number may mean.
	maxCandidates = 64
	// maxChildren and maxInvitations bound what one account may have.
	maxChildren    = 20
	maxInvitations = 5
	// maxListed bounds one answer to staff.
	maxListed = 200
	// maxNote is how many characters a note of staff may have.
	maxNote = 1000
)

// child is whom somebody asks to act for, as typed and checked.
type child struct {
	givenName, familyName string
	birthDate             time.Time
	// number is folded; empty without a plan.
	number string
}

// candidate is a member whom a typed number may mean.
type candidate struct {
	member                            uuid.UUID
	givenName, middleName, familyName string
	birthDate                         time.Time
	// sameFamily: who asks is confirmed to be of the same family.
	sameFamily bool
	// hasAccount: the member is a patient who acts for themselves.
	hasAccount bool
	// otherGuardian: somebody of another family acts for them already.
	otherGuardian bool
	// ended: staff ended the right of who asks.
	ended bool
}

// judge finds the one member who is the child, with an empty reason if the
// family may be joined at once. Otherwise the reason says why staff must look.
// Whoever is not certain is never guessed.
func judge(candidates []candidate, c child) (*candidate, string) {
	var fits *candidate
	for i := range candidates {
		m := &candidates[i]
		if !people.SameFamilyName(c.familyName, m.familyName) || !m.birthDate.Equal(c.birthDate) {
			continue
		}
		if fits != nil {
			return nil, whySeveral
		}
		fits = m
	}
	switch {
	case len(candidates) >= maxCandidates:
		return nil, whySeveral
	case fits == nil:
		return nil, whyNoMatch
	case !sameGivenName(c.givenName, fits.givenName) && !sameGivenName(c.givenName, fits.givenName+" "+fits.middleName):
		return nil, whyNameDiffers
	case !fits.sameFamily:
		return nil, whyOtherFamily
	case fits.hasAccount:
		return nil, whyHasAccount
	case fits.otherGuardian:
		return nil, whyOtherGuardian
	case fits.ended:
		return nil, whyEnded
	default:
		return fits, ""
	}
}

// sameGivenName says whether two spellings are one given name, the whole of it:
// case, accents and punctuation do not count. "Mary Ann" and "Mary Beth" may be
// twins.
func sameGivenName(a, b string) bool { return names.Fold(a) == names.Fold(b) }

// likeness is how much two children without a plan seem to be one.
type likeness int

const (
	different likeness = iota
	uncertain
	same
)

// alike compares a typed child with one whom the account has already. Whoever
// was born on the same day and shares a part of the given name may be a twin, or
// the same child spelled in another way.
func alike(c child, givenName, familyName string, birthDate time.Time) likeness {
	given := sameGivenName(c.givenName, givenName)
	switch {
	case !c.birthDate.Equal(birthDate) || !given && firstWord(c.givenName) != firstWord(givenName):
		return different
	case given && names.Fold(c.familyName) == names.Fold(familyName):
		return same
	default:
		return uncertain
	}
}

// firstWord is where a given name begins: up to the first space or hyphen.
func firstWord(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) }); i > 0 {
		s = s[:i]
	}
	return names.Fold(s)
}
