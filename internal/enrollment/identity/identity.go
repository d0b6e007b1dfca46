package identity

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"golang.org/x/text/unicode/norm"
)

const (
	// codeLifetime is how long a mailed code is good.
	codeLifetime = 15 * time.Minute
	// maxTries is how often a code may be wrong.
	maxTries = 5
	// maxName is how long a name may be, in characters.
	maxName = 100
	// maxCandidates bounds whom a case shows.
	maxCandidates = 24
)

// How sure we are that an account is who it says.
const (
	certaintyFull    = "full"
	certaintyLimited = "limited"
)

// The outcomes of a case and of a check.
const (
	outcomeLinked = "linked"
	outcomeClosed = "closed"
	checkPassed   = "passed"
)

// What there is to say about a plan.
const (
	noteUnconfirmed = "unconfirmed"
	// noteAsked: another plan pays meanwhile.
	noteAsked = "asked"
	noteEnded = "ended"
)

// Methods are how staff may look at papers; the schema holds the same.
func Methods() []string { return []string{"video", "in_person", "mail"} }

// What else staff may say of a check, and why they close a case; the schema
// holds the same.
func outcomes() []string { return []string{checkPassed, "failed"} }
func documents() []string {
	return []string{"drivers_license", "state_id", "passport", "military_id", "tribal_id", "other_photo_id"}
}
func closeReasons() []string {
	return []string{"not_a_member", "not_shown", "asked_twice", "withdrawn", "guardian"}
}

// tidyName brings a typed name into one form: composed letters, single spaces,
// straight apostrophes. It is false for what is nobody's name: without a
// letter, too long, or with signs that names do not have.
func tidyName(typed string) (string, bool) {
	name := strings.Join(strings.Fields(norm.NFC.String(typed)), " ")
	name = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "`", "'", "´", "'").Replace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || names.Fold(name) == "" {
		return "", false
	}
	odd := strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !slices.Contains([]rune(" '-.,·"), r)
	})
	return name, !odd
}

// maskNumber shows the end of a member number or phone.
func maskNumber(number string) string {
	const shown = 4
	bare := []rune(strings.TrimSpace(number))
	switch {
	case len(bare) == 0:
		return ""
	case len(bare) <= shown:
		return "•••"
	}
	return "•••" + string(bare[len(bare)-shown:])
}
