package scheduling

import (
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
)

// calendarFile is an appointment for the patient's calendar: in UTC, with a
// UID that never changes and a sequence that rises with every version, so that
// a later file replaces an earlier one. It names neither physician nor reason.
func calendarFile(r db.SchedulingReservation, baseURL string, lang language) []byte {
	words := lang.words()
	cal := ics.NewCalendarFor("Bedside")
	cal.SetMethod(icsMethod(r))
	e := cal.AddEvent(originOf(r).String() + "@bedside")
	e.SetSequence(int(r.Version))
	e.SetDtStampTime(r.UpdatedAt.UTC())
	when := rangeOf(r.During)
	e.SetStartAt(when.From)
	e.SetEndAt(when.To)
	e.SetSummary(words.event)
	e.SetDescription(words.reference + ": " + text(r.Reference))
	e.SetURL(appointmentsURL(baseURL))
	e.SetClass(ics.ClassificationPrivate)
	e.SetStatus(ics.ObjectStatusConfirmed)
	if Status(r.Status) == Canceled {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

// originOf is the appointment as which a visit was first booked: it has many
// rows if it was moved, and stays one visit.
func originOf(r db.SchedulingReservation) uuid.UUID {
	if r.Origin != nil {
		return *r.Origin
	}
	return r.ReservationID
}

func icsMethod(r db.SchedulingReservation) ics.Method {
	if Status(r.Status) == Canceled {
		return ics.MethodCancel
	}
	return ics.MethodPublish
}

func appointmentsURL(baseURL string) string {
	return strings.TrimSuffix(baseURL, "/") + "/appointments"
}
