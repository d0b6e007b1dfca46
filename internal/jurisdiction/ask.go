package jurisdiction

import "time"

// Act is what the physician wants to do.
type Act string

// The acts.
const (
	Treat     Act = "treat"
	Prescribe Act = "prescribe"
)

// Modality is how physician and patient meet.
type Modality string

// The modalities: live video, live sound alone, and messages or forms.
const (
	Video Modality = "video"
	Audio Modality = "audio"
	Async Modality = "async"
)

// Ask is the question. It is stored with the Decision.
type Ask struct {
	Act Act `json:"act"`
	// PatientState is where the patient is, as attested; USPS code.
	PatientState string `json:"patient_state"`
	// PhysicianState is where the physician sits; empty means the practice
	// state of the facts, and if that is empty too, unknown.
	PhysicianState string `json:"physician_state,omitempty"`
	// The encounter is [At, Until); Until may be zero for a single instant.
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"`

	Modality       Modality `json:"modality"`
	FirstVisit     bool     `json:"first_visit"`
	WrittenConsent bool     `json:"written_consent"`
	// Schedule is the highest DEA schedule among what is prescribed: 0 for
	// none, else 2 to 5.
	Schedule int `json:"schedule,omitempty"`
	// InPerson is the latest day on which this physician examined the patient
	// in person; none if unknown.
	InPerson Date `json:"in_person,omitzero"`
	// Service is the slug of what was booked, for the record.
	Service string `json:"service,omitempty"`
}

// longestEncounter bounds the days that one question can touch.
const longestEncounter = 48 * time.Hour

func (a Ask) valid() bool {
	if a.Act != Treat && a.Act != Prescribe {
		return false
	}
	if a.Modality != Video && a.Modality != Audio && a.Modality != Async {
		return false
	}
	if a.At.IsZero() || a.Schedule < 0 {
		return false
	}
	return a.Until.IsZero() || (!a.Until.Before(a.At) && a.Until.Sub(a.At) <= longestEncounter)
}
