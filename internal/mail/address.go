package mail

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// MaxAddress is the longest address that SMTP can carry.
const MaxAddress = 254

// Address brings an e-mail address into the one form that is stored and
// written to: lower case, with an international domain in its ASCII form. It
// is false for what is not a plain address, and for letters beyond ASCII before
// the @, which most mail servers do not take.
func Address(raw string) (string, bool) {
	email := strings.ToLower(strings.TrimSpace(raw))
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || strings.Contains(domain, "@") || strings.ContainsFunc(local, func(r rune) bool { return r > '~' }) {
		return "", false
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r > '~' }) {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", false
		}
		domain = ascii
	}
	email = local + "@" + domain
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > MaxAddress || strings.ContainsAny(email, " \t\r\n\"<>(),;:\\") {
		return "", false
	}
	return email, true
}
