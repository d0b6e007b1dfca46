package auth

import (
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/mail"
)

const (
	// sessionLife is the absolute limit of every session.
	sessionLife = 12 * time.Hour
	// touchEvery is how often the idle touch is written at most.
	touchEvery = time.Minute
	// maxUserAgent is what is kept of a User-Agent header, in characters.
	maxUserAgent = 200
)

// method is how a session was opened.
type method string

const (
	byCode         method = "code"
	byPassword     method = "password"
	byPasswordTOTP method = "password_totp"
	byRecovery     method = "password_recovery"
	byTicket       method = "ticket"
	byDemo         method = "demo"
)

// The roles as the schema spells them.
const (
	rolePatient          = "patient"
	rolePhysician        = "physician"
	roleStaff            = "staff"
	roleLicensingOfficer = "licensing_officer"
	roleAdministrator    = "administrator"
)

// roleName spells a role as the schema does; empty for none that exists.
func roleName(r rpcv1.Role) string {
	switch r {
	case rpcv1.Role_ROLE_PATIENT:
		return rolePatient
	case rpcv1.Role_ROLE_PHYSICIAN:
		return rolePhysician
	case rpcv1.Role_ROLE_STAFF:
		return roleStaff
	case rpcv1.Role_ROLE_LICENSING_OFFICER:
		return roleLicensingOfficer
	case rpcv1.Role_ROLE_ADMINISTRATOR:
		return roleAdministrator
	default:
		return ""
	}
}

// rolesFrom reads the schema's spelling; what it does not know grants nothing.
func rolesFrom(names []string) []rpcv1.Role {
	out := make([]rpcv1.Role, 0, len(names))
	for _, r := range []rpcv1.Role{
		rpcv1.Role_ROLE_PATIENT, rpcv1.Role_ROLE_PHYSICIAN,
		rpcv1.Role_ROLE_STAFF, rpcv1.Role_ROLE_LICENSING_OFFICER, rpcv1.Role_ROLE_ADMINISTRATOR,
	} {
		if slices.Contains(names, roleName(r)) {
			out = append(out, r)
		}
	}
	return out
}

// roleNames spells several roles; it refuses one that does not exist.
func roleNames(roles []rpcv1.Role) ([]string, error) {
	out := make([]string, 0, len(roles))
	for _, r := range roles {
		name := roleName(r)
		if name == "" {
			return nil, errs.InvalidFields(errs.Field{Name: "role", Reason: "unknown"})
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// needsSecondFactor says whether a password alone is too little for an account.
func needsSecondFactor(roles []string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return r != rolePatient })
}

// intersect keeps what both lists have, in the order of the first.
func intersect(a, b []string) []string {
	out := make([]string, 0, len(a))
	for _, r := range a {
		if slices.Contains(b, r) {
			out = append(out, r)
		}
	}
	return out
}

// idleLimit is how long a session with these roles may rest: the strictest of
// its roles decides.
func idleLimit(roles []string) time.Duration {
	limit := time.Hour
	for _, r := range roles {
		if r != rolePhysician {
			limit = 30 * time.Minute
		}
	}
	return limit
}

// standing is what the database knows about a session at one moment.
type standing struct {
	now, lastSeen, endsAt time.Time
	idle                  time.Duration
	revoked, disabled     bool
	demoAccount           bool
	method                method
	roles, accountRoles   []string
}

// judge says whether a session is still good, and with which roles. The
// reasons tell a person why they have to sign in again, nothing else.
func (s standing) judge(demo bool) ([]string, error) {
	roles := intersect(s.roles, s.accountRoles)
	switch {
	case s.revoked, s.disabled, len(roles) == 0, (s.demoAccount || s.method == byDemo) && !demo, !s.now.Before(s.endsAt):
		return nil, errSessionEnded()
	case s.now.Sub(s.lastSeen) >= s.idle:
		return nil, errSessionIdle()
	}
	return roles, nil
}

// touchDue says whether the idle touch is worth a write.
func (s standing) touchDue() bool { return s.now.Sub(s.lastSeen) >= touchEvery }

// normalizeEmail brings an address into the one form that is stored. It
// refuses what is not a plain address.
func normalizeEmail(raw string) (string, error) {
	email, ok := mail.Address(raw)
	if !ok {
		return "", errs.InvalidFields(errs.Field{Name: "email", Reason: "not_an_address"})
	}
	return email, nil
}

// language keeps to the languages that pages and mails exist in.
func language(tag string) string {
	if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base == "es" {
		return "es"
	}
	return "en"
}

// cutUserAgent keeps the start of a User-Agent header, printable.
func cutUserAgent(ua string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, ua)
	if runes := []rune(clean); len(runes) > maxUserAgent {
		return string(runes[:maxUserAgent])
	}
	return clean
}
