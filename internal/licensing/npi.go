package licensing

import (
	"strings"

	"github.com/bedside-health/bedside/internal/licensing/npi"
)

// npiFault says what is wrong with an NPI, or "". Numbers of invented people
// are accepted in demo only.
func npiFault(number string, demo bool) string {
	issued := strings.HasPrefix(number, "1") || strings.HasPrefix(number, "2")
	switch {
	case number == "":
		return faultMissing
	case len(number) != npi.Length || !npi.Digits(number):
		return faultMalformed
	case !issued && (!demo || !strings.HasPrefix(number, npi.InventedPrefix)):
		return faultMalformed
	case !npi.Valid(number):
		return faultCheckDigit
	}
	return ""
}
