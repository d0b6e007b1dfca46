package jurisdiction_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	j "github.com/bedside-health/bedside/internal/jurisdiction"
)

// plain is a state about which nothing more is known.
const plain = `
state: ZZ
name: Plainland
topics:
  imlc_membership: [{value: unknown, basis: unknown}]
  out_of_state_route: [{value: unknown, basis: unknown}]
  limited_exceptions: [{value: unknown, basis: unknown}]
  telehealth_consent: [{value: unknown, basis: unknown}]
  modality: [{value: unknown, basis: unknown}]
  controlled_prescribing: [{value: unknown, basis: unknown}]
  pdmp_query: [{value: unknown, basis: unknown}]
  recording_consent: [{value: unknown, basis: unknown}]
  time_zones: [{value: America/Chicago, basis: secondary, source: an atlas}]
`

const federal = `
state: US
name: United States
topics:
  controlled_telemedicine:
    - {value: in_person_not_needed, basis: statute, citation: Flexibility, source: register, effective_to: "2026-12-31"}
    - {value: in_person_needed, basis: statute, citation: Act, source: code, effective_from: "2027-01-01"}
`

// rulesWith replaces lines of the plain state: topic → flow-style entries.
func rulesWith(t testing.TB, changes map[string]string) j.Rules {
	t.Helper()
	lines := strings.Split(plain, "\n")
	for i, line := range lines {
		topic, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		if entries, ok := changes[topic]; ok {
			lines[i] = "  " + topic + ": [" + entries + "]"
		}
	}
	r, err := j.Parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	us, err := j.Parse([]byte(federal))
	if err != nil {
		t.Fatal(err)
	}
	r.Federal = &us
	return r
}

func day(t testing.TB, s string) j.Date {
	t.Helper()
	d, err := j.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func license(t testing.TB, basis j.Basis, status j.Status) j.License {
	t.Helper()
	return j.License{
		ID: "l-" + string(basis), State: "ZZ", Number: "M100", Board: "Plainland Medical Board", Basis: basis,
		Status: status, ValidFrom: day(t, "2026-01-01"), ValidTo: day(t, "2026-12-31"),
	}
}

func factsOf(licenses ...j.License) j.Facts {
	return j.Facts{PhysicianID: ids.New[ids.PhysicianID](), Version: 7, Licenses: licenses}
}

func ask() j.Ask {
	return j.Ask{
		Act: j.Treat, PatientState: "ZZ", At: time.Date(2026, 6, 1, 17, 0, 0, 0, time.UTC),
		Modality: j.Video, FirstVisit: true, WrittenConsent: true, Service: "general",
	}
}

func TestLicenseReasons(t *testing.T) {
	t.Parallel()
	rules := rulesWith(t, nil)
	full := func(change func(*j.License)) j.License {
		l := license(t, j.BasisFull, j.StatusActive)
		change(&l)
		return l
	}
	registration := license(t, j.BasisRegistration, j.StatusActive)
	for name, c := range map[string]struct {
		licenses []j.License
		want     j.Reason
	}{
		"full":               {[]j.License{full(func(*j.License) {})}, j.ReasonOK},
		"compact-issued":     {[]j.License{license(t, j.BasisIMLC, j.StatusActive)}, j.ReasonOK},
		"none":               {nil, j.ReasonNoLicense},
		"other state":        {[]j.License{full(func(l *j.License) { l.State = "YY" })}, j.ReasonNoLicense},
		"expired by date":    {[]j.License{full(func(l *j.License) { l.ValidTo = day(t, "2026-05-31") })}, j.ReasonLicenseExpired},
		"expired by board":   {[]j.License{license(t, j.BasisFull, j.StatusExpired)}, j.ReasonLicenseExpired},
		"not yet valid":      {[]j.License{full(func(l *j.License) { l.ValidFrom = day(t, "2026-06-02") })}, j.ReasonLicenseNotYetValid},
		"no dates":           {[]j.License{full(func(l *j.License) { l.ValidFrom, l.ValidTo = 0, 0 })}, j.ReasonLicenseNotYetValid},
		"suspended":          {[]j.License{license(t, j.BasisFull, j.StatusSuspended)}, j.ReasonLicenseSuspended},
		"revoked":            {[]j.License{license(t, j.BasisFull, j.StatusRevoked)}, j.ReasonLicenseRevoked},
		"surrendered":        {[]j.License{license(t, j.BasisFull, j.StatusSurrendered)}, j.ReasonLicenseSurrendered},
		"pending":            {[]j.License{license(t, j.BasisFull, j.StatusPending)}, j.ReasonLicensePending},
		"status of tomorrow": {[]j.License{license(t, j.BasisFull, "restricted")}, j.ReasonLicensePending},
		"unconfirmed":        {[]j.License{full(func(l *j.License) { l.NeedsConfirmation = true })}, j.ReasonLicenseUnconfirmed},
		"confirmed": {[]j.License{full(func(l *j.License) {
			l.NeedsConfirmation, l.ConfirmedAt = true, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		})}, j.ReasonOK},
		"registration not granted": {[]j.License{registration}, j.ReasonBasisNotAllowed},
		"waiver not granted":       {[]j.License{license(t, j.BasisWaiver, j.StatusActive)}, j.ReasonBasisNotAllowed},
		"exception never":          {[]j.License{license(t, j.BasisException, j.StatusActive)}, j.ReasonBasisNotAllowed},
		"unknown basis":            {[]j.License{license(t, "reciprocity", j.StatusActive)}, j.ReasonBasisNotAllowed},
		"suspension outranks another license": {
			[]j.License{license(t, j.BasisFull, j.StatusSuspended), license(t, j.BasisIMLC, j.StatusActive)}, j.ReasonLicenseSuspended,
		},
		"expired beside active": {
			[]j.License{license(t, j.BasisFull, j.StatusExpired), license(t, j.BasisIMLC, j.StatusActive)}, j.ReasonOK,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := j.Decide(factsOf(c.licenses...), rules, ask())
			if d.Reason != c.want || d.Allowed != (c.want == j.ReasonOK) {
				t.Fatalf("got %v (%s), want %s", d.Allowed, d.Reason, c.want)
			}
		})
	}
}

func TestUnknownDeniesTheExceptionOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*j.Ask)
		want   j.Reason
	}{
		"live video with consent": {func(*j.Ask) {}, j.ReasonOK},
		"no consent":              {func(a *j.Ask) { a.WrittenConsent = false }, j.ReasonConsentNeeded},
		"audio":                   {func(a *j.Ask) { a.Modality, a.FirstVisit = j.Audio, false }, j.ReasonModalityNotAllowed},
		"async":                   {func(a *j.Ask) { a.Modality, a.FirstVisit = j.Async, false }, j.ReasonModalityNotAllowed},
		"prescribe":               {func(a *j.Ask) { a.Act = j.Prescribe }, j.ReasonOK},
		"prescribe controlled":    {func(a *j.Ask) { a.Act, a.Schedule = j.Prescribe, 4 }, j.ReasonControlledNotAllowed},
		"schedule I":              {func(a *j.Ask) { a.Act, a.Schedule = j.Prescribe, 1 }, j.ReasonControlledNotAllowed},
		"another state's rules":   {func(a *j.Ask) { a.PatientState = "YY" }, j.ReasonNoRules},
		"no act":                  {func(a *j.Ask) { a.Act = "" }, j.ReasonInvalidAsk},
		"unknown modality":        {func(a *j.Ask) { a.Modality = "fax" }, j.ReasonInvalidAsk},
		"no time":                 {func(a *j.Ask) { a.At = time.Time{} }, j.ReasonInvalidAsk},
		"ends before it begins":   {func(a *j.Ask) { a.Until = a.At.Add(-time.Minute) }, j.ReasonInvalidAsk},
		"a week long":             {func(a *j.Ask) { a.Until = a.At.AddDate(0, 0, 7) }, j.ReasonInvalidAsk},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ask()
			c.change(&a)
			if d := j.Decide(factsOf(license(t, j.BasisFull, j.StatusActive)), rulesWith(t, nil), a); d.Reason != c.want {
				t.Fatalf("got %s, want %s", d.Reason, c.want)
			}
		})
	}
	if d := j.Decide(factsOf(license(t, j.BasisFull, j.StatusActive)), j.Rules{}, ask()); d.Allowed || d.Reason != j.ReasonNoRules {
		t.Fatalf("missing rules: got %+v", d)
	}
}

func TestExceptionsRestOnEvidence(t *testing.T) {
	t.Parallel()
	granted := `{value: registration, basis: statute, citation: ZZ 1, source: code, effective_from: "2026-03-01", effective_to: "2026-08-31"}`
	for name, c := range map[string]struct {
		route string
		basis j.Basis
		at    string
		want  j.Reason
	}{
		"granted":              {granted, j.BasisRegistration, "2026-06-01", j.ReasonOK},
		"before it began":      {granted, j.BasisRegistration, "2026-02-28", j.ReasonBasisNotAllowed},
		"on its last day":      {granted, j.BasisRegistration, "2026-08-31", j.ReasonOK},
		"after it ended":       {granted, j.BasisRegistration, "2026-09-01", j.ReasonBasisNotAllowed},
		"another kind":         {granted, j.BasisWaiver, "2026-06-01", j.ReasonBasisNotAllowed},
		"unread statute":       {`{value: registration, basis: unverified, citation: ZZ 1, source: a blog}`, j.BasisRegistration, "2026-06-01", j.ReasonBasisNotAllowed},
		"inferred":             {`{value: registration, basis: inferred, source: a count}`, j.BasisRegistration, "2026-06-01", j.ReasonBasisNotAllowed},
		"limited registration": {`{value: registration_limited, basis: statute, citation: ZZ 1, source: code}`, j.BasisRegistration, "2026-06-01", j.ReasonBasisNotAllowed},
		"waiver":               {`{value: waiver, basis: secondary, citation: ZZ 2, source: a site}`, j.BasisWaiver, "2026-06-01", j.ReasonOK},
		"special license":      {`{value: special_license, basis: statute, citation: ZZ 3, source: code}`, j.BasisRegistration, "2026-06-01", j.ReasonOK},
		"full license only":    {`{value: full_license_only, basis: statute, citation: ZZ 4, source: code}`, j.BasisRegistration, "2026-06-01", j.ReasonBasisNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ask()
			a.At = day(t, c.at).Start(time.UTC).Add(17 * time.Hour)
			rules := rulesWith(t, map[string]string{"out_of_state_route": c.route})
			if d := j.Decide(factsOf(license(t, c.basis, j.StatusActive)), rules, a); d.Reason != c.want {
				t.Fatalf("got %s, want %s", d.Reason, c.want)
			}
		})
	}
}

func TestModalityThatTheStateGrants(t *testing.T) {
	t.Parallel()
	facts := factsOf(license(t, j.BasisFull, j.StatusActive))
	for name, c := range map[string]struct {
		entry    string
		modality j.Modality
		first    bool
		want     bool
	}{
		"audio granted":            {`{value: audio_allowed, basis: statute, citation: ZZ 1, source: code}`, j.Audio, false, true},
		"audio granted, first":     {`{value: audio_allowed, basis: statute, citation: ZZ 1, source: code}`, j.Audio, true, false},
		"audio does not say async": {`{value: audio_allowed, basis: statute, citation: ZZ 1, source: code}`, j.Async, false, false},
		"audio on a condition":     {`{value: audio_if_no_video, basis: statute, citation: ZZ 1, source: code}`, j.Audio, false, false},
		"async granted":            {`{value: sync_or_async, basis: secondary, source: a site}`, j.Async, false, true},
		"async unverified":         {`{value: sync_or_async, basis: unverified, source: a site}`, j.Async, false, false},
		"video where restrictive":  {`{value: restrictive, basis: secondary, source: a survey}`, j.Video, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ask()
			a.Modality, a.FirstVisit = c.modality, c.first
			d := j.Decide(facts, rulesWith(t, map[string]string{"modality": c.entry}), a)
			if d.Allowed != c.want {
				t.Fatalf("got %v (%s)", d.Allowed, d.Reason)
			}
			if !c.want && (d.Reason != j.ReasonModalityNotAllowed || d.Citation.Topic != j.TopicModality) {
				t.Fatalf("got %s on %s", d.Reason, d.Citation.Topic)
			}
		})
	}
}

func TestControlledSubstancesFlipWithTheFederalRule(t *testing.T) {
	t.Parallel()
	follows := `{value: federal_rule_applies, basis: statute, citation: ZZ 9, source: code}`
	strict := `{value: in_person_within_12_months, basis: statute, citation: ZZ 8, source: code}`
	facts := factsOf(license(t, j.BasisFull, j.StatusActive))
	facts.Licenses[0].ValidTo = day(t, "2027-12-31")
	for name, c := range map[string]struct {
		entry, at, inPerson string
		schedule            int
		want                j.Reason
	}{
		"last day of the flexibility":           {follows, "2026-12-31", "", 2, j.ReasonOK},
		"first day after":                       {follows, "2027-01-01", "", 2, j.ReasonInPersonNeeded},
		"first day after, seen in person":       {follows, "2027-01-01", "2024-05-01", 2, j.ReasonOK},
		"examination still to come":             {follows, "2027-01-01", "2027-01-02", 2, j.ReasonInPersonNeeded},
		"state wants a recent visit":            {strict, "2026-12-30", "", 4, j.ReasonInPersonNeeded},
		"visit too long ago":                    {strict, "2026-12-30", "2025-12-29", 4, j.ReasonInPersonNeeded},
		"visit a year ago to the day":           {strict, "2026-12-30", "2025-12-30", 4, j.ReasonOK},
		"monitor registration is not known":     {`{value: pmp_registration_first, basis: statute, citation: ZZ 7, source: code}`, "2026-12-30", "", 4, j.ReasonControlledNotAllowed},
		"state unknown":                         {`{value: unknown, basis: unknown}`, "2026-12-30", "2026-12-01", 4, j.ReasonControlledNotAllowed},
		"state's word unverified":               {`{value: federal_rule_applies, basis: unverified, source: a blog}`, "2026-12-30", "", 4, j.ReasonControlledNotAllowed},
		"nothing controlled, after the flip":    {follows, "2027-01-01", "", 0, j.ReasonOK},
		"schedule V is a controlled substance":  {follows, "2027-01-01", "", 5, j.ReasonInPersonNeeded},
		"schedule I never, whatever is granted": {follows, "2026-12-30", "", 1, j.ReasonControlledNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ask()
			a.Act, a.Schedule = j.Prescribe, c.schedule
			a.At = day(t, c.at).Start(time.UTC).Add(18 * time.Hour)
			if c.inPerson != "" {
				a.InPerson = day(t, c.inPerson)
			}
			rules := rulesWith(t, map[string]string{"controlled_prescribing": c.entry})
			d := j.Decide(facts, rules, a)
			if d.Reason != c.want {
				t.Fatalf("got %s, want %s", d.Reason, c.want)
			}
			rules.Federal = nil
			if d := j.Decide(facts, rules, a); c.schedule != 0 && d.Allowed {
				t.Fatal("allowed without the federal file")
			}
		})
	}
}

func TestCompactWithdrawalTakesTheWholeClass(t *testing.T) {
	t.Parallel()
	rules := rulesWith(t, map[string]string{"imlc_membership": `{value: member, basis: secondary, source: list, effective_to: "2026-03-28"}, ` +
		`{value: not_member, basis: statute, citation: ZZ 5, source: code, effective_from: "2026-03-29"}`})
	l := license(t, j.BasisIMLC, j.StatusActive)
	at := func(s string) j.Ask {
		a := ask()
		a.At = day(t, s).Start(time.UTC).Add(18 * time.Hour)
		return a
	}
	if d := j.Decide(factsOf(l), rules, at("2026-03-28")); !d.Allowed {
		t.Fatalf("last day of membership: %s", d.Reason)
	}
	if d := j.Decide(factsOf(l), rules, at("2026-03-29")); d.Reason != j.ReasonLicenseUnconfirmed || d.Citation.Text != "ZZ 5" {
		t.Fatalf("after withdrawal: %s, cites %q", d.Reason, d.Citation.Text)
	}
	l.ConfirmedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if d := j.Decide(factsOf(l), rules, at("2026-03-29")); d.Allowed {
		t.Fatal("a confirmation from before the withdrawal still counts")
	}
	l.ConfirmedAt = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	if d := j.Decide(factsOf(l), rules, at("2026-04-02")); !d.Allowed {
		t.Fatalf("confirmed since: %s", d.Reason)
	}
	if d := j.Decide(factsOf(license(t, j.BasisFull, j.StatusActive)), rules, at("2026-04-02")); !d.Allowed {
		t.Fatalf("full license: %s", d.Reason)
	}
}

func TestBothPlaces(t *testing.T) {
	t.Parallel()
	rules := rulesWith(t, map[string]string{"out_of_state_route": `{value: full_license_both_places, basis: secondary, citation: ZZ 6, source: a board}`})
	here, there := license(t, j.BasisFull, j.StatusActive), license(t, j.BasisFull, j.StatusActive)
	there.State = "YY"
	a := ask()
	if d := j.Decide(factsOf(here), rules, a); !d.Allowed {
		t.Fatalf("seat unknown: %s", d.Reason)
	}
	a.PhysicianState = "YY"
	if d := j.Decide(factsOf(here), rules, a); d.Reason != j.ReasonPhysicianState {
		t.Fatalf("no license at the seat: %s", d.Reason)
	}
	if d := j.Decide(factsOf(here, there), rules, a); !d.Allowed {
		t.Fatalf("license at both: %s", d.Reason)
	}
	there.Status = j.StatusSuspended
	if d := j.Decide(factsOf(here, there), rules, a); d.Allowed {
		t.Fatal("suspended at the seat")
	}
}

func TestDecisionCarriesWhatItRestsOn(t *testing.T) {
	t.Parallel()
	rules := rulesWith(t, map[string]string{"out_of_state_route": `{value: full_license_only, basis: unverified, citation: ZZ 4, source: a blog, as_of: "2025"}`})
	facts := factsOf(license(t, j.BasisIMLC, j.StatusActive), license(t, j.BasisFull, j.StatusActive))
	d := j.Decide(facts, rules, ask())
	if d.LicenseID != "l-full" || d.LicenseNumber != "M100" || d.LicenseBasis != j.BasisFull {
		t.Errorf("the full license should be named, got %+v", d)
	}
	if d.RuleState != "ZZ" || d.RuleVersion != rules.Version || d.FactsVersion != 7 || d.PhysicianID != facts.PhysicianID {
		t.Errorf("versions: %+v", d)
	}
	if got := d.Citation.String(); got != "ZZ 4 (unverified)" {
		t.Errorf("citation %q", got)
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back j.Decision
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back != d {
		t.Errorf("after JSON %+v, before %+v", back, d)
	}
}
