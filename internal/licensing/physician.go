package licensing

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/nucc"
	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

const (
	maxName      = 60
	maxZone      = 60
	maxPerson    = 10 // specialties, languages
	maxCode      = 35 // longest well-formed BCP 47 tag that we keep
	credentialMD = "MD"
	credentialDO = "DO"
)

// physician is a person as an officer enters them, checked and normalized.
type physician struct {
	account       *uuid.UUID
	npi           string
	given, family string
	credential    string
	specialties   []string
	languages     []string
	zone          string
	state         string
}

// readPhysician checks what an officer entered and reports every fault.
func readPhysician(p *licensingv1.Physician, states []string, demo bool) (physician, error) {
	var f fields
	out := physician{
		npi:        strings.TrimSpace(p.GetNpi()),
		given:      f.text("given_name", p.GetGivenName(), maxName, true),
		family:     f.text("family_name", p.GetFamilyName(), maxName, true),
		credential: p.GetCredential(),
		zone:       f.text("time_zone", p.GetTimeZone(), maxZone, true),
		state:      strings.ToUpper(strings.TrimSpace(p.GetPracticeState())),
	}
	f.add("npi", npiFault(out.npi, demo))
	if out.credential != credentialMD && out.credential != credentialDO {
		f.add("credential", missingOr(out.credential, faultUnknown))
	}
	if !slices.Contains(states, out.state) {
		f.add("practice_state", missingOr(out.state, faultUnknown))
	}
	if _, err := time.LoadLocation(out.zone); out.zone != "" && (err != nil || out.zone == "Local") {
		f.add("time_zone", faultUnknown)
	}
	if a := p.GetAccountId(); a != "" {
		id, err := ids.Parse[ids.AccountID](a)
		if err != nil {
			f.add("account_id", faultMalformed)
		}
		out.account = &id.UUID
	}
	out.specialties = f.codes("specialties", p.GetSpecialties(), func(s string) (string, bool) { return s, nucc.Valid(s) })
	out.languages = f.codes("languages", p.GetLanguages(), languageCode)
	return out, f.err()
}

func missingOr(value, fault string) string {
	if value == "" {
		return faultMissing
	}
	return fault
}

func languageCode(s string) (string, bool) {
	tag, err := language.Parse(s)
	return tag.String(), err == nil && len(s) <= maxCode && tag != language.Und
}

// codes checks a list of codes: at least one, each readable, none twice.
func (f *fields) codes(name string, values []string, read func(string) (string, bool)) []string {
	var out []string
	for _, v := range values {
		code, ok := read(strings.TrimSpace(v))
		if !ok {
			f.add(name, faultMalformed)
			return nil
		}
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	switch {
	case len(out) == 0:
		f.add(name, faultMissing)
	case len(out) > maxPerson:
		f.add(name, faultTooLong)
	}
	return out
}

// searchText is what the search column keeps of a name: in either order.
func searchText(given, family string) string {
	return fold(given + " " + family + " " + given)
}

// fold makes names comparable: lower case, without accents, one space.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(s), " ")
}

func taken(npi, account bool) error {
	var f fields
	if npi {
		f.add("npi", faultTaken)
	}
	if account {
		f.add("account_id", faultTaken)
	}
	if len(f) == 0 {
		return errs.New(errs.Conflict, "physician_exists", "That physician is already on file.")
	}
	return f.err()
}
