package scheduling

import (
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// Status is where a reservation stands.
type Status string

// A hold goes from held to one of the next three; an appointment from booked
// to one of the last three. CHECK constraints say which columns each needs.
const (
	Held      Status = "held"
	Converted Status = "converted"
	Released  Status = "released"
	Expired   Status = "expired"

	Booked   Status = "booked"
	Canceled Status = "canceled"
	Moved    Status = "moved"
	Closed   Status = "closed"
)

// The terms that are the same for every service.
const (
	// HoldFor is how long a hold keeps a time, and what an extension adds.
	HoldFor = 10 * time.Minute
	// MaxExtensions bounds how often a hold may be extended.
	MaxExtensions = 2
	// Horizon is how far ahead times are offered.
	Horizon = 60 * 24 * time.Hour
	// Grid is what start times are aligned to, in UTC; every zone in use today
	// is a whole number of quarters of an hour away from it.
	Grid = 15 * time.Minute
	// nearestWanted is how many times are offered to whoever lost one.
	nearestWanted = 3
	// holdsPerAddress is the usual cap of Deps.HoldsPerAddress.
	holdsPerAddress = 20
)

// Why a time was not given.
const (
	LostTaken       = "taken"
	LostPatientBusy = "patient_busy"
	LostNotOffered  = "not_offered"
	LostLicense     = "license"
	LostTooLate     = "too_late"
	LostCoverage    = "coverage"
	LostConsent     = "consent"
)

// How a visit is paid.
const (
	PayCoverage = "coverage"
	PaySelf     = "self_pay"
)

// Terms are what a service asks of a calendar.
type Terms struct {
	ServiceID   string
	Name        string
	Duration    time.Duration
	Before      time.Duration
	After       time.Duration
	Lead        time.Duration
	PriceCents  int32
	Specialties []string
}

// Visit is the time that patient and physician spend together.
func (t Terms) Visit(start time.Time) calendar.Range {
	return calendar.Range{From: start, To: start.Add(t.Duration)}
}

// Occupied is the visit with the service's buffers around it: what must not
// overlap in the physician's calendar.
func (t Terms) Occupied(start time.Time) calendar.Range {
	return calendar.Range{From: start.Add(-t.Before), To: start.Add(t.Duration + t.After)}
}

// Earliest is the first time on the grid that may be offered at now.
func (t Terms) Earliest(now time.Time) time.Time {
	at := now.Add(t.Lead)
	if onGrid := at.Truncate(Grid); onGrid.Equal(at) {
		return onGrid
	}
	return at.Truncate(Grid).Add(Grid)
}

// OfferedBy says whether a physician with these specialties offers the service.
func (t Terms) OfferedBy(specialties []string) bool {
	return slices.ContainsFunc(specialties, func(s string) bool { return slices.Contains(t.Specialties, s) })
}

// Judge says why a start time cannot be taken at now, given the physician's
// open time around it; "" if nothing but another reservation can be in the way.
func (t Terms) Judge(start, now time.Time, open []calendar.Range) string {
	if start.Before(now.Add(t.Lead)) {
		return LostTooLate
	}
	if !start.Truncate(Grid).Equal(start) || start.After(now.Add(Horizon)) {
		return LostNotOffered
	}
	visit := t.Visit(start)
	for _, r := range open {
		if !visit.From.Before(r.From) && !visit.To.After(r.To) {
			return ""
		}
	}
	return LostNotOffered
}

// covers says whether an HD03 insurance line is health coverage, as opposed to
// dental or vision.
func covers(line string) bool {
	return slices.Contains([]string{"HLT", "HMO", "PPO", "POS", "EPO"}, line)
}
