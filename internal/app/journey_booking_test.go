package app

import (
	"time"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/npi"
	"google.golang.org/protobuf/proto"
)

// visitReason is what a patient types; it may stand in no log.
const visitReason = "a cough like a rusty weathervane"

// licensingSteps put a physician with a license on file and correct it.
func licensingSteps() []step {
	license := func(j *journey, status string) *licensingv1.License {
		return &licensingv1.License{
			PhysicianId: j.met["added"], State: "PA", Number: "QF-1234", Board: "Pennsylvania State Board of Medicine", Basis: "full",
			Status: status, ValidFrom: "2024-01-01", ValidTo: "2030-12-31", Source: "board website",
		}
	}
	return []step{
		{name: "physicians are listed", call: "licensing.v1.LicensingService/ListPhysicians", as: officer,
			keep: func(j *journey, res proto.Message) {
				for _, f := range res.(*licensingv1.ListPhysiciansResponse).GetPhysicians() {
					j.met["somebody"] = f.GetPhysician().GetPhysicianId()
					if len(f.GetLicenses()) > 0 {
						return
					}
				}
			}},
		{name: "one is looked at", call: "licensing.v1.LicensingService/GetPhysician", as: staff, req: func(j *journey) proto.Message {
			return &licensingv1.GetPhysicianRequest{PhysicianId: j.met["somebody"]}
		}},
		{name: "one is added", call: "licensing.v1.LicensingService/AddPhysician", as: officer, req: func(*journey) proto.Message {
			return &licensingv1.AddPhysicianRequest{IdempotencyKey: ids.NewUUID().String(), Physician: &licensingv1.Physician{
				Npi: npi.Complete("999900000"), GivenName: "Ignatius", FamilyName: "Thistlewood", Credential: "MD", Specialties: []string{"207Q00000X"},
				Languages: []string{"en"}, TimeZone: "America/New_York", PracticeState: "PA",
			}}
		}, keep: keepMet("added", (*licensingv1.AddPhysicianResponse).GetPhysicianId)},
		{name: "a license is added", call: "licensing.v1.LicensingService/AddLicense", as: officer, req: func(j *journey) proto.Message {
			return &licensingv1.AddLicenseRequest{License: license(j, "active"), IdempotencyKey: ids.NewUUID().String()}
		}, keep: keepMet("license", (*licensingv1.AddLicenseResponse).GetLicenseId)},
		{name: "it is corrected", call: "licensing.v1.LicensingService/CorrectLicense", as: officer, req: func(j *journey) proto.Message {
			return &licensingv1.CorrectLicenseRequest{
				LicenseId: j.met["license"], License: license(j, "suspended"), Note: "Order of the board.", IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: keepMet("license", (*licensingv1.CorrectLicenseResponse).GetLicenseId)},
		{name: "a physician reads their licenses", call: "licensing.v1.LicensingService/GetMyLicenses", as: physician},
		{name: "rules are listed", call: "licensing.v1.LicensingService/ListRules", as: physician},
		{name: "licenses to look at are listed", call: "licensing.v1.LicensingService/ListLicenses", as: officer},
		{name: "rules are tried", call: "licensing.v1.LicensingService/TryRules", as: officer, req: func(*journey) proto.Message {
			return &licensingv1.TryRulesRequest{State: "PA", Day: "2027-01-04", Basis: "full"}
		}},
		{name: "a neighbor asks for physicians", call: "licensing.v1.LicensingService/Changes", as: service, req: func(*journey) proto.Message {
			return &feedv1.ChangesRequest{Topic: "physicians"}
		}},
		{name: "a neighbor asks for a state's rules", call: "licensing.v1.LicensingService/ReadKeys", as: service, req: func(*journey) proto.Message {
			return &feedv1.ReadKeysRequest{Topic: "rules", Keys: []string{"PA"}}
		}},
		{name: "a neighbor compares versions", call: "licensing.v1.LicensingService/Sweep", as: service, req: func(*journey) proto.Message {
			return &feedv1.SweepRequest{Topic: "physicians"}
		}},
	}
}

// bookingSteps book for three patients. Those of the demo patient and of the
// other stay booked; the one who typed their details cancels.
func bookingSteps() []step {
	steps := []step{
		{name: "services are listed", call: "scheduling.v1.SchedulingService/ListServices"},
		searchOn(time.Now().UTC().AddDate(0, 0, 2)), // the whole day lies ahead, in any zone
	}
	for i, who := range []string{patient, other, typed} {
		steps = append(steps, bookingOf(who, i)...)
	}
	return append(steps,
		step{name: "a hold is placed for nobody yet", call: "scheduling.v1.SchedulingService/PlaceHold", req: place(nobody, 3)},
		step{name: "it is released", call: "scheduling.v1.SchedulingService/ReleaseHold", req: func(j *journey) proto.Message {
			return &schedulingv1.ReleaseHoldRequest{BrowserId: j.browsers[nobody]}
		}},
		step{name: "an appointment is moved", call: "scheduling.v1.SchedulingService/Reschedule", as: typed, req: func(j *journey) proto.Message {
			return &schedulingv1.RescheduleRequest{
				AppointmentId: j.booked[typed].GetAppointmentId(), PhysicianId: j.slots[3].GetPhysicianId(), Start: j.slots[3].GetStart(),
				IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: func(j *journey, res proto.Message) {
			j.booked[typed] = res.(*schedulingv1.RescheduleResponse).GetAppointment()
		}},
		step{name: "it is paid in another way", call: "scheduling.v1.SchedulingService/ChangePayment", as: typed, req: func(j *journey) proto.Message {
			return &schedulingv1.ChangePaymentRequest{AppointmentId: j.booked[typed].GetAppointmentId(), Payment: "self_pay", IdempotencyKey: "paid of " + typed}
		}},
		step{name: "an appointment is canceled", call: "scheduling.v1.SchedulingService/Cancel", as: typed, req: func(j *journey) proto.Message {
			return &schedulingv1.CancelRequest{AppointmentId: j.booked[typed].GetAppointmentId(), IdempotencyKey: ids.NewUUID().String()}
		}},
		step{name: "appointments are listed", call: "scheduling.v1.SchedulingService/ListAppointments", as: patient},
		step{name: "canceled ones too", call: "scheduling.v1.SchedulingService/ListAppointments", as: typed},
		step{name: "one is looked at", call: "scheduling.v1.SchedulingService/GetAppointment", as: patient, req: func(j *journey) proto.Message {
			return &schedulingv1.GetAppointmentRequest{AppointmentId: j.booked[patient].GetAppointmentId()}
		}},
		step{name: "a physician looks at a day", call: "scheduling.v1.SchedulingService/PhysicianDay", as: physician, req: func(*journey) proto.Message {
			return &schedulingv1.PhysicianDayRequest{Day: "2026-11-01"}
		}},
		step{name: "a physician reads their week", call: "scheduling.v1.SchedulingService/GetAvailability", as: physician},
		step{name: "staff look for affected visits", call: "scheduling.v1.SchedulingService/ListAffected", as: staff},
		step{name: "a physician tries a week", call: "scheduling.v1.SchedulingService/PreviewAvailability", as: physician, req: func(*journey) proto.Message {
			return &schedulingv1.PreviewAvailabilityRequest{Weekly: []*schedulingv1.WeeklyWindow{{Weekday: 1, FromMinute: 540, ToMinute: 720}}}
		}},
		step{name: "a physician sets their week", call: "scheduling.v1.SchedulingService/SetAvailability", as: physician, req: func(j *journey) proto.Message {
			return week(j.own(physician))
		}},
		step{name: "a neighbor sets somebody's week", call: "scheduling.v1.SchedulingService/SetAvailability", as: service, req: func(j *journey) proto.Message {
			return week(j.met["added"])
		}},
		step{name: "a neighbor asks for the calendar", call: "scheduling.v1.SchedulingService/Changes", as: service, req: func(*journey) proto.Message {
			return &feedv1.ChangesRequest{Topic: "calendar"}
		}},
		step{name: "a neighbor asks for one calendar", call: "scheduling.v1.SchedulingService/ReadKeys", as: service, req: func(j *journey) proto.Message {
			return &feedv1.ReadKeysRequest{Topic: "calendar", Keys: []string{j.met["added"]}}
		}},
	)
}

// searchOn looks for times on a day, and keeps some.
func searchOn(at time.Time) step {
	return step{name: "a time is searched", call: "scheduling.v1.SchedulingService/Search", req: func(*journey) proto.Message {
		day := at.Format(time.DateOnly)
		return &schedulingv1.SearchRequest{ServiceId: "general", State: "PA", TimeZone: "America/New_York", FirstDay: day, Day: day}
	}, done: func(res proto.Message) bool { // once the index answers, both portals say the same
		r := res.(*schedulingv1.SearchResponse)
		return !r.GetFromSql() && len(r.GetSlots()) > 40
	}, keep: func(j *journey, res proto.Message) {
		// An hour apart, so that none is in the way of another.
		for _, s := range res.(*schedulingv1.SearchResponse).GetSlots() {
			if n := len(j.slots); n == 0 || s.GetStart().AsTime().Sub(j.slots[n-1].GetStart().AsTime()) >= time.Hour {
				j.slots = append(j.slots, s)
			}
		}
	}}
}

func week(physician string) proto.Message {
	return &schedulingv1.SetAvailabilityRequest{
		PhysicianId: physician, Weekly: []*schedulingv1.WeeklyWindow{{Weekday: 1, FromMinute: 540, ToMinute: 720}},
		Exceptions: []*schedulingv1.DayException{{Date: "2027-01-01"}},
	}
}

// own is the physician whose account a caller has.
func (j *journey) own(who string) string {
	j.t.Helper()
	var id ids.PhysicianID
	j.db.Query(j.t, `SELECT physician_id FROM licensing.physicians WHERE account_id = '`+j.sessions[who].GetAccountId()+`'`, &id.UUID)
	return id.String()
}

func place(who string, slot int) func(j *journey) proto.Message {
	return func(j *journey) proto.Message {
		s := j.slots[slot]
		return &schedulingv1.PlaceHoldRequest{
			BrowserId: j.browsers[who], ServiceId: "general", PhysicianId: s.GetPhysicianId(), Start: s.GetStart(),
			State: "PA", TimeZone: "America/New_York", Address: j.address(), IdempotencyKey: ids.NewUUID().String(),
		}
	}
}

// bookingOf is the way of one patient from a free time to an appointment.
func bookingOf(who string, slot int) []step {
	return []step{
		{name: who + " holds a time", call: "scheduling.v1.SchedulingService/PlaceHold", req: place(who, slot),
			keep: keepMet("hold of "+who, func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })},
		{name: who + " needs more time", call: "scheduling.v1.SchedulingService/ExtendHold", req: func(j *journey) proto.Message {
			return &schedulingv1.ExtendHoldRequest{BrowserId: j.browsers[who]}
		}},
		{name: who + " says why", call: "scheduling.v1.SchedulingService/SaveAnswers", as: who, req: func(j *journey) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers[who], Answers: &schedulingv1.Answers{
				PatientId: j.patients[who], Reason: visitReason, Phone: "215 555 0142", Payment: "coverage", CoverageId: j.met["coverage of "+who],
			}}
		}},
		{name: who + " looks at the hold", call: "scheduling.v1.SchedulingService/GetHold", as: who, req: func(j *journey) proto.Message {
			return &schedulingv1.GetHoldRequest{BrowserId: j.browsers[who]}
		}, keep: func(j *journey, res proto.Message) {
			if got := res.(*schedulingv1.GetHoldResponse).GetHold().GetAnswers().GetReason(); got != visitReason {
				j.t.Fatalf("%s reads the reason %q", who, got)
			}
		}},
		{name: who + " books", call: "scheduling.v1.SchedulingService/Book", as: who, req: func(j *journey) proto.Message {
			return &schedulingv1.BookRequest{
				BrowserId: j.browsers[who], HoldId: j.met["hold of "+who], ConsentId: j.consents[who], IdempotencyKey: "booking of " + who,
			}
		}, keep: func(j *journey, res proto.Message) {
			r := res.(*schedulingv1.BookResponse)
			if r.GetAppointment() == nil {
				j.t.Fatalf("%s lost the time: %s", who, r.GetLost())
			}
			j.booked[who] = r.GetAppointment()
		}},
	}
}
