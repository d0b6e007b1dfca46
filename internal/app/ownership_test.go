package app

import (
	"slices"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// claim is a try at something that is somebody else's. It must be refused in
// the very words that refuse what does not exist at all.
type claim struct {
	name, call, as string
	theirs         string
	req            func(id string) proto.Message
}

// claims are what the other patient tries at the demo patient's things, and
// the demo physician at another's.
func (j *journey) claims() []claim {
	key := func() string { return ids.NewUUID().String() }
	answers := func(of, coverage string) *schedulingv1.Answers {
		return &schedulingv1.Answers{PatientId: of, Reason: "curious", Payment: "coverage", CoverageId: coverage}
	}
	return []claim{
		{"reads an appointment", "scheduling.v1.SchedulingService/GetAppointment", other, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.GetAppointmentRequest{AppointmentId: id}
		}},
		{"cancels an appointment", "scheduling.v1.SchedulingService/Cancel", other, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.CancelRequest{AppointmentId: id, IdempotencyKey: key()}
		}},
		{"moves an appointment", "scheduling.v1.SchedulingService/Reschedule", other, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.RescheduleRequest{AppointmentId: id, PhysicianId: j.slots[4].GetPhysicianId(), Start: j.slots[4].GetStart(), IdempotencyKey: key()}
		}},
		{"pays for an appointment", "scheduling.v1.SchedulingService/ChangePayment", other, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.ChangePaymentRequest{AppointmentId: id, Payment: "self_pay", IdempotencyKey: key()}
		}},
		{"signs for an appointment", "scheduling.v1.SchedulingService/SignConsent", other, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.SignConsentRequest{AppointmentId: id, ConsentId: j.consents[other], IdempotencyKey: key()}
		}},
		// With the other patient on the phone, staff touch nobody else's.
		{"reads by phone", "scheduling.v1.DeskService/GetAppointmentFor", staff, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.GetAppointmentForRequest{PatientId: j.patients[other], AppointmentId: id}
		}},
		{"cancels by phone", "scheduling.v1.DeskService/CancelFor", staff, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.CancelForRequest{PatientId: j.patients[other], AppointmentId: id, IdempotencyKey: key()}
		}},
		{"moves by phone", "scheduling.v1.DeskService/RescheduleFor", staff, j.booked[patient].GetAppointmentId(), func(id string) proto.Message {
			return &schedulingv1.RescheduleForRequest{
				PatientId: j.patients[other], AppointmentId: id, PhysicianId: j.slots[4].GetPhysicianId(), Start: j.slots[4].GetStart(), IdempotencyKey: key(),
			}
		}},
		{"books a patient's own hold by phone", "scheduling.v1.DeskService/BookFor", staff, j.met["hold of live"], func(id string) proto.Message {
			return &schedulingv1.BookForRequest{PatientId: j.patients[patient], BrowserId: j.browsers["live"], HoldId: id, ConsentId: j.consents[patient], IdempotencyKey: key()}
		}},
		{"books a hold from another browser", "scheduling.v1.SchedulingService/Book", other, j.met["hold of live"], func(id string) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: j.browsers[other], HoldId: id, ConsentId: j.consents[other], IdempotencyKey: key()}
		}},
		{"books a hold from its own browser", "scheduling.v1.SchedulingService/Book", other, j.met["hold of live"], func(id string) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: j.browsers["live"], HoldId: id, ConsentId: j.consents[other], IdempotencyKey: key()}
		}},
		{"repeats a booking", "scheduling.v1.SchedulingService/Book", other, j.met["hold of "+patient], func(id string) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: j.browsers[patient], HoldId: id, ConsentId: j.consents[patient], IdempotencyKey: "booking of " + patient}
		}},
		{"answers for a patient", "scheduling.v1.SchedulingService/SaveAnswers", other, j.patients[patient], func(id string) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers["mine"], Answers: answers(id, j.met["coverage of "+other])}
		}},
		{"pays with a coverage", "scheduling.v1.SchedulingService/SaveAnswers", other, j.met["coverage of "+patient], func(id string) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers["mine"], Answers: answers(j.patients[other], id)}
		}},
		{"sets a patient's language", "enrollment.v1.PeopleService/SetLanguage", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.SetLanguageRequest{PatientId: id, Language: "es"}
		}},
		{"agrees for a patient", "enrollment.v1.PeopleService/RecordConsent", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.RecordConsentRequest{PatientId: id, Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: key()}
		}},
		{"reads how a patient is reached", "enrollment.v1.ContactService/ListContacts", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.ListContactsRequest{PatientId: id}
		}},
		{"sets a patient's phone", "enrollment.v1.ContactService/SetPhone", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.SetPhoneRequest{PatientId: id, Phone: "3125550188", IdempotencyKey: key()}
		}},
		{"sets a patient's address", "enrollment.v1.ContactService/SetAddress", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.SetAddressRequest{PatientId: id, IdempotencyKey: key()}
		}},
		{"reads what was agreed to", "enrollment.v1.ContactService/ListConsents", other, j.patients[patient], func(id string) proto.Message {
			return &enrollmentv1.ListConsentsRequest{PatientId: id}
		}},
		{"signs a device out", "auth.v1.AuthService/RevokeSession", other, j.sessions[patient].GetSessionId(), func(id string) proto.Message {
			return &authv1.RevokeSessionRequest{SessionId: id}
		}},
		{"sets a physician's week", "scheduling.v1.SchedulingService/SetAvailability", physician, j.met["added"], week},
	}
}

// adminClaims are what an administrator does to an account that is only a
// patient's: for them there is none.
func (j *journey) adminClaims() []claim {
	key := func() string { return ids.NewUUID().String() }
	return []claim{
		{"disables a patient's account", "auth.v1.AdminService/DisableAccount", administrator, j.sessions[patient].GetAccountId(), func(id string) proto.Message {
			return &authv1.DisableAccountRequest{AccountId: id, IdempotencyKey: key()}
		}},
		{"moves a patient's address", "auth.v1.AdminService/ChangeEmail", administrator, j.sessions[patient].GetAccountId(), func(id string) proto.Message {
			return &authv1.ChangeEmailRequest{AccountId: id, NewEmail: "nobody.else@work.test", IdCheck: "video", EmailVersion: "none", IdempotencyKey: key()}
		}},
	}
}

func (j *journey) ownership(t *testing.T) {
	j.t = t
	j.sessions[patient] = j.fresh(t, patient, rpcv1.Role_ROLE_PATIENT)
	j.sessions[other] = j.fresh(t, other, rpcv1.Role_ROLE_PATIENT)
	j.sessions[physician] = j.fresh(t, physician, rpcv1.Role_ROLE_PHYSICIAN)
	j.sessions[administrator] = j.fresh(t, administrator, rpcv1.Role_ROLE_ADMINISTRATOR)
	j.sessions[staff] = j.fresh(t, staff, rpcv1.Role_ROLE_STAFF)
	j.browsers["live"], j.browsers["mine"] = "browser "+ids.NewUUID().String(), "browser "+ids.NewUUID().String()
	// Two live holds: one with the demo patient's answers, one with the other's.
	j.run(t, []step{
		{name: "a live hold", call: "scheduling.v1.SchedulingService/PlaceHold", req: place("live", 4),
			keep: keepMet("hold of live", func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })},
		{name: "its answers", call: "scheduling.v1.SchedulingService/SaveAnswers", as: patient, req: func(j *journey) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers["live"], Answers: &schedulingv1.Answers{
				PatientId: j.patients[patient], Reason: visitReason, Payment: "self_pay",
			}}
		}},
		{name: "a hold of the other's", call: "scheduling.v1.SchedulingService/PlaceHold", req: place("mine", 5)},
	})
	for _, c := range slices.Concat(j.claims(), j.adminClaims(), j.actingClaims()) {
		m := methodNamed("/bedside." + c.call)
		got, err := j.ask(c.as, m, c.req(c.theirs))
		_, missing := j.ask(c.as, m, c.req(ids.NewUUID().String()))
		if err == nil {
			t.Errorf("%s %s that is not theirs: %v", c.as, c.name, got)
		} else if failure(err) != failure(missing) {
			t.Errorf("%s %s that is not theirs and is told %s; of one that does not exist, %s", c.as, c.name, failure(err), failure(missing))
		} else if code := errs.CodeOf(err); code != errs.NotFound && code != errs.Invalid {
			t.Errorf("%s %s that is not theirs and is told %s", c.as, c.name, failure(err))
		}
	}
	j.onlyOwn(t)
	j.untouched(t)
}

// onlyOwn looks at lists, where somebody else's things must not appear.
func (j *journey) onlyOwn(t *testing.T) {
	t.Helper()
	list := func(as, name string, req proto.Message) proto.Message {
		res, err := j.ask(as, methodNamed("/bedside."+name), req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return res
	}
	appointments := list(other, "scheduling.v1.SchedulingService/ListAppointments", &schedulingv1.ListAppointmentsRequest{}).(*schedulingv1.ListAppointmentsResponse)
	for _, a := range append(appointments.GetUpcoming(), appointments.GetPast()...) {
		if a.GetPatientId() != j.patients[other] {
			t.Errorf("the other patient's list has an appointment of %s", a.GetPatientId())
		}
	}
	if len(appointments.GetUpcoming()) != 1 {
		t.Errorf("the other patient has %d appointments to come", len(appointments.GetUpcoming()))
	}
	for _, d := range list(other, "auth.v1.AuthService/ListSessions", &authv1.ListSessionsRequest{}).(*authv1.ListSessionsResponse).GetDevices() {
		if d.GetSessionId() == j.sessions[patient].GetSessionId() {
			t.Error("the other patient's devices include the demo patient's")
		}
	}
	// Whoever sits at the same browser sees the held time, and no answers.
	for _, as := range []string{other, nobody} {
		hold := list(as, "scheduling.v1.SchedulingService/GetHold", &schedulingv1.GetHoldRequest{BrowserId: j.browsers["live"]}).(*schedulingv1.GetHoldResponse).GetHold()
		if hold.GetHoldId() != j.met["hold of live"] || hold.GetAnswers() != nil {
			t.Errorf("%q reads the hold of another: %v", as, hold)
		}
	}
}

// untouched proves that nothing of all that had an effect.
func (j *journey) untouched(t *testing.T) {
	t.Helper()
	for _, who := range []string{patient, other} {
		res, err := j.ask(who, methodNamed("/bedside.scheduling.v1.SchedulingService/GetAppointment"), &schedulingv1.GetAppointmentRequest{AppointmentId: j.booked[who].GetAppointmentId()})
		if err != nil {
			t.Fatalf("%s reads their appointment: %v", who, err)
		}
		if a := res.(*schedulingv1.GetAppointmentResponse).GetAppointment(); a.GetStatus() != "booked" || a.GetAnswers().GetReason() != visitReason {
			t.Errorf("the appointment of %s is now %s, for %q", who, a.GetStatus(), a.GetAnswers().GetReason())
		}
	}
	res, err := j.ask(patient, methodNamed("/bedside.enrollment.v1.PeopleService/Me"), &enrollmentv1.MeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if me := res.(*enrollmentv1.MeResponse).GetPatients(); len(me) != 1 || me[0].GetLanguage() != "en" || len(me[0].GetConsents()) != 1 {
		t.Errorf("the demo patient is now %v", me)
	}
}
