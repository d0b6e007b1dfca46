package jurisdiction

import (
	"slices"

	"github.com/bedside-health/bedside/internal/ids"
)

// Reason is a stable code for why; a key of the catalog of translations.
type Reason string

// The reasons.
const (
	ReasonOK                   Reason = "ok"
	ReasonInvalidAsk           Reason = "invalid_ask"
	ReasonNoRules              Reason = "no_rules"
	ReasonNoLicense            Reason = "no_license"
	ReasonLicenseExpired       Reason = "license_expired"
	ReasonLicenseNotYetValid   Reason = "license_not_yet_valid"
	ReasonLicenseSuspended     Reason = "license_suspended"
	ReasonLicenseRevoked       Reason = "license_revoked"
	ReasonLicenseSurrendered   Reason = "license_surrendered"
	ReasonLicensePending       Reason = "license_pending"
	ReasonLicenseUnconfirmed   Reason = "license_unconfirmed"
	ReasonBasisNotAllowed      Reason = "basis_not_allowed"
	ReasonPhysicianState       Reason = "no_license_where_physician_is"
	ReasonModalityNotAllowed   Reason = "modality_not_allowed"
	ReasonConsentNeeded        Reason = "consent_needed"
	ReasonControlledNotAllowed Reason = "controlled_not_allowed"
	ReasonInPersonNeeded       Reason = "in_person_needed"
)

// Citation is the rule that decided, with how well it is supported.
type Citation struct {
	Topic    Topic    `json:"topic"`
	Text     string   `json:"text,omitempty"`
	Source   string   `json:"source,omitempty"`
	AsOf     string   `json:"as_of,omitempty"`
	Evidence Evidence `json:"basis"`
}

// String is the citation for people, saying so where it was not read in the
// law itself; empty if there is none.
func (c Citation) String() string {
	switch {
	case c.Text == "":
		return ""
	case c.Evidence == EvidenceStatute:
		return c.Text
	case c.Evidence == EvidenceSecondary:
		return c.Text + " (secondary source)"
	}
	return c.Text + " (unverified)"
}

// Decision is the answer with all that it rests on. It marshals to JSON, to be
// stored beside the row that it authorizes.
type Decision struct {
	Allowed bool   `json:"allowed"`
	Reason  Reason `json:"reason"`

	PhysicianID  ids.PhysicianID `json:"physician_id"`
	FactsVersion int64           `json:"facts_version"`
	// The license used, or on a denial the one that came closest; empty if
	// there is none.
	LicenseID     string `json:"license_id,omitempty"`
	LicenseNumber string `json:"license_number,omitempty"`
	LicenseBasis  Basis  `json:"license_basis,omitempty"`

	RuleState      string   `json:"rule_state,omitempty"`
	RuleVersion    string   `json:"rule_version,omitempty"`
	FederalVersion string   `json:"federal_version,omitempty"`
	Citation       Citation `json:"citation"`
	// Day is the date that decided: the denied one, or the first.
	Day Date `json:"day,omitzero"`
	Ask Ask  `json:"ask"`
}

// verdict is the judgment of one day.
type verdict struct {
	reason  Reason
	license *License
	topic   Topic
	entry   Entry
	federal bool
}

// Decide answers the question. It never fails: what makes no sense is denied.
func Decide(facts Facts, rules Rules, ask Ask) Decision {
	d := Decision{PhysicianID: facts.PhysicianID, FactsVersion: facts.Version, Ask: ask}
	if !ask.valid() {
		d.Reason = ReasonInvalidAsk
		return d
	}
	if rules.State == "" || rules.State != ask.PatientState || len(rules.Zones) == 0 {
		d.Reason = ReasonNoRules
		return d
	}
	d.RuleState, d.RuleVersion = rules.State, rules.Version
	first, last := rules.dates(ask.At, ask.Until)
	for day := first; day <= last; day++ {
		v := judge(facts, rules, ask, day)
		if day == first || v.reason != ReasonOK {
			d.take(v, day)
		}
		if v.federal {
			d.FederalVersion = rules.Federal.Version
		}
		if v.reason != ReasonOK {
			return d
		}
	}
	d.Allowed = true
	return d
}

func (d *Decision) take(v verdict, day Date) {
	d.Reason, d.Day = v.reason, day
	d.LicenseID, d.LicenseNumber, d.LicenseBasis = "", "", ""
	if v.license != nil {
		d.LicenseID, d.LicenseNumber, d.LicenseBasis = v.license.ID, v.license.Number, v.license.Basis
	}
	d.Citation = Citation{
		Topic: v.topic, Text: v.entry.Citation, Source: v.entry.Source,
		AsOf: v.entry.AsOf, Evidence: v.entry.Evidence,
	}
}

// judge decides one day: the license first, because whoever lacks one need not
// read about consent.
func judge(facts Facts, rules Rules, ask Ask, day Date) verdict {
	v := bestLicense(facts.Licenses, rules, day)
	if v.reason != ReasonOK {
		return v
	}
	if !licensedWhereSitting(facts, rules, ask, day) {
		v.reason = ReasonPhysicianState
		return v
	}
	if !ask.WrittenConsent {
		return v.deny(ReasonConsentNeeded, TopicConsent, rules.On(TopicConsent, day))
	}
	if e := rules.On(TopicModality, day); !modalityAllowed(e, ask) {
		return v.deny(ReasonModalityNotAllowed, TopicModality, e)
	}
	if ask.Schedule != 0 {
		return judgeControlled(v, rules, ask, day)
	}
	return v
}

func (v verdict) deny(reason Reason, t Topic, e Entry) verdict {
	v.reason, v.topic, v.entry = reason, t, e
	return v
}

// licensedWhereSitting holds unless the state wants a license at both ends and
// the physician is known to sit where they have none. Unknown does not deny.
func licensedWhereSitting(facts Facts, rules Rules, ask Ask, day Date) bool {
	sits := ask.PhysicianState
	if sits == "" {
		sits = facts.PracticeState
	}
	if sits == "" || sits == rules.State || rules.On(TopicOutOfState, day).Value != valueBothPlaces {
		return true
	}
	return slices.ContainsFunc(facts.Licenses, func(l License) bool {
		return l.State == sits && (l.Basis == BasisFull || l.Basis == BasisIMLC) &&
			l.Status == StatusActive && l.ValidFrom <= day && day <= l.ValidTo &&
			(!l.NeedsConfirmation || !l.ConfirmedAt.IsZero())
	})
}

// modalityAllowed: live video always; sound alone or messages where the state
// grants them, but never for the first visit.
func modalityAllowed(e Entry, ask Ask) bool {
	if ask.Modality == Video {
		return true
	}
	if ask.FirstVisit || !e.Evidence.grants() {
		return false
	}
	switch ask.Modality {
	case Audio:
		return e.Value == valueAudioAllowed
	case Async:
		return e.Value == valueSyncOrAsync
	case Video:
	}
	return false
}
