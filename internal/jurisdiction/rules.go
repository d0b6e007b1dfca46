package jurisdiction

import (
	"slices"
	"time"
)

// Topic is one subject on which a state has a rule.
type Topic string

// The topics of a state file.
const (
	TopicIMLC        Topic = "imlc_membership"
	TopicOutOfState  Topic = "out_of_state_route"
	TopicExceptions  Topic = "limited_exceptions"
	TopicConsent     Topic = "telehealth_consent"
	TopicModality    Topic = "modality"
	TopicControlled  Topic = "controlled_prescribing"
	TopicPDMP        Topic = "pdmp_query"
	TopicRecording   Topic = "recording_consent"
	TopicTimeZones   Topic = "time_zones"
	TopicFederalCtrl Topic = "controlled_telemedicine"
)

// FederalState is the state code of the federal rule file.
const FederalState = "US"

// StateTopics lists the topics that every state file must have.
func StateTopics() []Topic {
	return []Topic{
		TopicIMLC, TopicOutOfState, TopicExceptions, TopicConsent, TopicModality,
		TopicControlled, TopicPDMP, TopicRecording, TopicTimeZones,
	}
}

// FederalTopics lists the topics that the federal file must have.
func FederalTopics() []Topic { return []Topic{TopicFederalCtrl} }

// Values that decide something. Every other permitted value informs people.
const (
	valueMember            = "member"
	valueMemberNonSPL      = "member_non_spl"
	valueNotMember         = "not_member"
	valueRegistration      = "registration"
	valueSpecialLicense    = "special_license"
	valueCertification     = "certification"
	valueWaiver            = "waiver"
	valueLicenseOrReg      = "license_or_registration"
	valueBothPlaces        = "full_license_both_places"
	valueAudioAllowed      = "audio_allowed"
	valueSyncOrAsync       = "sync_or_async"
	valueInPersonYear      = "in_person_within_12_months"
	valueFederalRule       = "federal_rule_applies"
	valueInPersonNotNeeded = "in_person_not_needed"
	valueInPersonNeeded    = "in_person_needed"
	valueUnknown           = "unknown"
)

// valuesOf lists what an entry of a topic may say; nil for time zones, whose
// value is a list of zone names.
func valuesOf(t Topic) []string {
	switch t {
	case TopicIMLC:
		return []string{
			valueMember, valueMemberNonSPL, "member_implementing", "inferred_member",
			"inferred_not_member", valueNotMember, "verify", valueUnknown,
		}
	case TopicOutOfState:
		return []string{
			valueRegistration, "registration_limited", valueSpecialLicense, valueCertification,
			valueWaiver, valueLicenseOrReg, "full_license_only", valueBothPlaces, valueUnknown,
		}
	case TopicExceptions:
		return []string{"described", valueUnknown}
	case TopicConsent:
		return []string{"required", "no_rule_found", valueUnknown}
	case TopicModality:
		return []string{
			valueSyncOrAsync, valueAudioAllowed, "audio_if_no_video", "live_only", "restrictive", valueUnknown,
		}
	case TopicControlled:
		return []string{valueInPersonYear, "pmp_registration_first", valueFederalRule, valueUnknown}
	case TopicPDMP:
		return []string{"required", valueUnknown}
	case TopicRecording:
		return []string{"all_party", "not_listed", valueUnknown}
	case TopicFederalCtrl:
		return []string{valueInPersonNotNeeded, valueInPersonNeeded}
	case TopicTimeZones:
		return nil
	}
	return []string{}
}

// Evidence is how well an entry is supported.
type Evidence string

// The grades of evidence: read in the law itself, read in an account of it,
// concluded from something else, seen but not checked, or nothing.
const (
	EvidenceStatute    Evidence = "statute"
	EvidenceSecondary  Evidence = "secondary"
	EvidenceInferred   Evidence = "inferred"
	EvidenceUnverified Evidence = "unverified"
	EvidenceUnknown    Evidence = "unknown"
)

// grants reports whether an exception may rest on this evidence.
func (e Evidence) grants() bool { return e == EvidenceStatute || e == EvidenceSecondary }

// Entry is what a topic says during a span of days. Zero ends are open.
type Entry struct {
	Value         string
	Detail        string
	Citation      string
	Source        string
	AsOf          string // YYYY, YYYY-MM or YYYY-MM-DD, as the source gives it
	Evidence      Evidence
	EffectiveFrom Date
	EffectiveTo   Date
}

func (e Entry) on(d Date) bool {
	return e.EffectiveFrom <= d && (e.EffectiveTo == 0 || d <= e.EffectiveTo)
}

// Rules is one parsed rule file. The zero value denies everything.
type Rules struct {
	State   string // USPS code, or FederalState
	Name    string
	Version string // content hash of the file
	Zones   []*time.Location
	Topics  map[Topic][]Entry
	// Federal is the federal file, needed for controlled substances only; nil
	// denies those.
	Federal *Rules
}

// On is the topic's entry of a day; an unknown one if the file has none.
func (r Rules) On(t Topic, d Date) Entry {
	for _, e := range r.Topics[t] {
		if e.on(d) {
			return e
		}
	}
	return Entry{Value: valueUnknown, Evidence: EvidenceUnknown}
}

// KnownMember reports whether the state is known to be in the compact on a
// day. A compact-issued license of any other state waits for an officer.
func (r Rules) KnownMember(d Date) bool {
	e := r.On(TopicIMLC, d)
	return slices.Contains([]string{valueMember, valueMemberNonSPL}, e.Value) && e.Evidence.grants()
}

// Window is the instants at which every time zone of the state has a date
// within the range: from the first, up to but without the second. It is empty
// (until not after from) where the range is too short for the state's zones.
func (r Rules) Window(d DateRange) (from, until time.Time) {
	for i, zone := range r.Zones {
		start, end := d.From.Start(zone), (d.To + 1).Start(zone)
		if i == 0 || start.After(from) {
			from = start
		}
		if i == 0 || end.Before(until) {
			until = end
		}
	}
	return from.UTC(), until.UTC()
}

// dates are the first and last date that [at, until) touches in any zone.
func (r Rules) dates(at, until time.Time) (first, last Date) {
	end := at
	if until.After(at) {
		end = until.Add(-1)
	}
	for i, zone := range r.Zones {
		a, b := DateOf(at.In(zone)), DateOf(end.In(zone))
		if i == 0 || a < first {
			first = a
		}
		if i == 0 || b > last {
			last = b
		}
	}
	return first, last
}
