package scheduling

import (
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// termsOf reads a service's row.
func termsOf(r db.SchedulingService) Terms {
	minutes := func(n int32) time.Duration { return time.Duration(n) * time.Minute }
	return Terms{
		ServiceID: r.ServiceID, Name: r.Name, Duration: minutes(r.Minutes),
		Before: minutes(r.BufferBefore), After: minutes(r.BufferAfter), Lead: minutes(r.LeadMinutes),
		PriceCents: r.PriceCents, Specialties: r.Specialties,
	}
}

// rangeOf reads a time range; the schema says that it is bounded and half open.
func rangeOf(r pgtype.Range[pgtype.Timestamptz]) calendar.Range {
	return calendar.Range{From: r.Lower.Time.UTC(), To: r.Upper.Time.UTC()}
}

// stale says whether a hold's time is over, by our clock; the database's is
// asked wherever that decides something.
func stale(r db.SchedulingReservation, now time.Time) bool {
	return Status(r.Status) == Expired || (r.ExpiresAt != nil && !now.Before(*r.ExpiresAt))
}

// belongsTo says whether a reservation is an account's.
func belongsTo(r db.SchedulingReservation, account ids.AccountID) bool {
	return account.UUID != uuid.Nil && r.AccountID != nil && *r.AccountID == account.UUID
}

// patientOf is whom a reservation's answers are about; zero if there are none.
func patientOf(r db.SchedulingReservation) ids.PatientID {
	if r.AnswersAbout == nil {
		return ids.PatientID{}
	}
	return ids.PatientID{UUID: *r.AnswersAbout}
}

// interval is a duration for SQL.
func interval(d time.Duration) pgtype.Interval {
	return pgtype.Interval{Microseconds: d.Microseconds(), Valid: true}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
