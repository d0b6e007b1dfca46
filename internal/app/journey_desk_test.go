package app

import (
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// deskMay is the contract of the desk once more, as whoMay has the rest.
func deskMay() map[string]string {
	return map[string]string{
		"/bedside.enrollment.v1.DeskService/FindPeople":          "staff",
		"/bedside.enrollment.v1.DeskService/GetPatient":          "staff",
		"/bedside.enrollment.v1.DeskService/GetMember":           "staff",
		"/bedside.enrollment.v1.DeskService/ResendInvitation":    "staff *",
		"/bedside.enrollment.v1.DeskService/RecordVerbalConsent": "staff *",
		"/bedside.scheduling.v1.DeskService/SaveAnswersFor":      "staff *",
		"/bedside.scheduling.v1.DeskService/BookFor":             "staff *",
		"/bedside.scheduling.v1.DeskService/CancelFor":           "staff *",
		"/bedside.scheduling.v1.DeskService/RescheduleFor":       "staff *",
		"/bedside.scheduling.v1.DeskService/ListAppointmentsFor": "staff",
		"/bedside.scheduling.v1.DeskService/GetAppointmentFor":   "staff",
		"/bedside.scheduling.v1.DeskService/FindByReference":     "staff",
	}
}

// deskSteps let staff find people and act for the one who typed their details,
// on the phone.
func deskSteps() []step {
	return append(lookingSteps(),
		step{name: "staff hold a time", call: "scheduling.v1.SchedulingService/PlaceHold", as: staff, req: place(staff, 6),
			keep: keepMet("hold of staff", func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })},
		step{name: "a consent is said", call: "enrollment.v1.DeskService/RecordVerbalConsent", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.RecordVerbalConsentRequest{
				PatientId: j.patients[typed], Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: keepMet("said", (*enrollmentv1.RecordVerbalConsentResponse).GetConsentId)},
		step{name: "staff type what is said", call: "scheduling.v1.DeskService/SaveAnswersFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.SaveAnswersForRequest{BrowserId: j.browsers[staff], Answers: &schedulingv1.Answers{
				PatientId: j.patients[typed], Reason: visitReason, Payment: "self_pay",
			}}
		}},
		step{name: "staff book", call: "scheduling.v1.DeskService/BookFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.BookForRequest{
				PatientId: j.patients[typed], BrowserId: j.browsers[staff], HoldId: j.met["hold of staff"], ConsentId: j.met["said"], IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: func(j *journey, res proto.Message) {
			r := res.(*schedulingv1.BookForResponse)
			if !r.GetAppointment().GetConsentDue() {
				j.t.Fatalf("staff booked %v", r)
			}
			j.met["by phone"] = r.GetAppointment().GetAppointmentId()
		}},
		step{name: "staff list a patient's appointments", call: "scheduling.v1.DeskService/ListAppointmentsFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.ListAppointmentsForRequest{PatientId: j.patients[typed]}
		}},
		step{name: "staff move it", call: "scheduling.v1.DeskService/RescheduleFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.RescheduleForRequest{
				PatientId: j.patients[typed], AppointmentId: j.met["by phone"], PhysicianId: j.slots[7].GetPhysicianId(), Start: j.slots[7].GetStart(),
				IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: keepMet("by phone", func(res *schedulingv1.RescheduleForResponse) string { return res.GetAppointment().GetAppointmentId() })},
		step{name: "staff look at it", call: "scheduling.v1.DeskService/GetAppointmentFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.GetAppointmentForRequest{PatientId: j.patients[typed], AppointmentId: j.met["by phone"]}
		}, keep: func(j *journey, res proto.Message) {
			if a := res.(*schedulingv1.GetAppointmentForResponse).GetAppointment(); a.GetAnswers() != nil {
				j.t.Fatalf("staff read %v", a.GetAnswers())
			}
		}},
		step{name: "the patient signs", call: "scheduling.v1.SchedulingService/SignConsent", as: typed, req: func(j *journey) proto.Message {
			return &schedulingv1.SignConsentRequest{AppointmentId: j.met["by phone"], ConsentId: j.consents[typed], IdempotencyKey: ids.NewUUID().String()}
		}},
		step{name: "staff cancel it", call: "scheduling.v1.DeskService/CancelFor", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.CancelForRequest{PatientId: j.patients[typed], AppointmentId: j.met["by phone"], IdempotencyKey: ids.NewUUID().String()}
		}},
	)
}

func lookingSteps() []step {
	return []step{
		{name: "staff look for a member", call: "enrollment.v1.DeskService/FindPeople", as: staff, req: func(*journey) proto.Message {
			return &enrollmentv1.FindPeopleRequest{FamilyName: "delg", BirthDate: "2014-09-03"}
		}, keep: func(j *journey, res proto.Message) {
			all := res.(*enrollmentv1.FindPeopleResponse).GetPeople()
			if len(all) != 1 || all[0].GetPatientId() != "" {
				j.t.Fatalf("staff find %v", all)
			}
			j.met["member"] = all[0].GetMemberId()
		}},
		{name: "staff open the member", call: "enrollment.v1.DeskService/GetMember", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetMemberRequest{MemberId: j.met["member"]}
		}},
		{name: "no invitation goes to a child", call: "enrollment.v1.DeskService/ResendInvitation", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.ResendInvitationRequest{MemberId: j.met["member"], IdempotencyKey: ids.NewUUID().String()}
		}, keep: func(j *journey, res proto.Message) {
			if why := res.(*enrollmentv1.ResendInvitationResponse).GetRefused(); why != "minor" {
				j.t.Fatalf("a child was invited: %q", why)
			}
		}},
		{name: "staff look for a reference", call: "scheduling.v1.DeskService/FindByReference", as: staff, req: func(j *journey) proto.Message {
			return &schedulingv1.FindByReferenceRequest{Reference: j.booked[typed].GetReference()}
		}, keep: func(j *journey, res proto.Message) {
			if id := res.(*schedulingv1.FindByReferenceResponse).GetPatientId(); id != j.patients[typed] {
				j.t.Fatalf("the reference leads to %q", id)
			}
		}},
		{name: "staff open a patient", call: "enrollment.v1.DeskService/GetPatient", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetPatientRequest{PatientId: j.patients[typed]}
		}},
	}
}
