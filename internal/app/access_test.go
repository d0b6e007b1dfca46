package app

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// limited is a patient whose account is limited: their details fit nobody.
const (
	limited     = "limited"
	limitedMail = "peverell.quillfeather@elsewhere.test"
)

// charge is a patient whom somebody acts for, or did, with a booked visit.
type charge struct {
	patient, consent, visit string
	// right is the guardian's right; hold is a time that they hold, with what they
	// typed about the patient, from a browser of its own.
	right, hold, browser string
}

// access lets everybody who acts for somebody, or did, or has nothing to do
// with them, try all that may be done for a patient. Whoever may not is refused
// in the words that refuse what does not exist.
func (j *journey) access(t *testing.T) {
	j.t = t
	j.sessions[patient], j.sessions[staff] = j.fresh(t, patient, rpcv1.Role_ROLE_PATIENT), j.fresh(t, staff, rpcv1.Role_ROLE_STAFF)
	j.sessions[other], j.sessions[typed] = j.ticketed(t, invitedMail), j.ticketed(t, typedMail)
	j.register(t)
	// Of their own for this part, an hour apart.
	kept := j.slots
	j.slots = nil
	j.run(t, []step{searchOn(time.Now().UTC().AddDate(0, 0, 4)), searchOn(time.Now().UTC().AddDate(0, 0, 5))})
	present, former, grown := j.childOf(t, "Petronella", "2018-05-06", 0), j.childOf(t, "Ferdinanda", "2016-07-08", 1), j.childOf(t, "Georgiana", "2014-09-10", 2)
	adult := charge{patient: j.patients[patient], consent: j.consents[patient], visit: j.bookFor(t, patient, j.patients[patient], j.consents[patient], 3)}
	for n, c := range []*charge{&present, &former, &grown} {
		j.holdFor(t, c, 10+n)
	}
	for n, who := range []string{typed, other, patient, limited} { // what they type about whomever they try
		j.browsers[who+" at the door"] = "browser " + ids.NewUUID().String()
		j.run(t, []step{{name: who + " holds a time", call: "scheduling.v1.SchedulingService/PlaceHold", req: place(who+" at the door", 4+n), keep: keepHold(who)}})
	}
	j.subscribe(t, present)
	j.endRight(t, former)
	j.ageOf(t, grown)
	care := j.care(t, &adult)
	for _, row := range []struct {
		name, who string
		of        *charge
		allowed   bool
	}{
		{"who was the guardian", typed, &former, false},
		{"the guardian of who has come of age", typed, &grown, false},
		{"the subscriber of the child's plan, no guardian", other, &present, false},
		{"a stranger", patient, &present, false},
		{"a limited account", limited, &present, false},
		{"the guardian", typed, &present, true},
		{"the caregiver", other, &adult, true},
	} {
		j.tries(t, row.name, row.who, row.of, row.allowed)
	}
	j.run(t, []step{{name: "the care ends", call: "enrollment.v1.ActingService/EndActing", as: patient, req: func(*journey) proto.Message {
		return &enrollmentv1.EndActingRequest{ActsForId: care, IdempotencyKey: ids.NewUUID().String()}
	}}})
	j.heard(t, other, &adult, false)
	j.tries(t, "who was the caregiver", other, &adult, false)
	j.slots = kept
}

// attempt is one thing that may be done for a patient, by the id of what it is
// done to.
type attempt struct {
	call, id string
	req      func(id string) proto.Message
}

func (j *journey) attempts(who string, of *charge) []attempt {
	key := func() string { return ids.NewUUID().String() }
	to := j.slots[8]
	if who == typed {
		to = j.slots[9]
	}
	return []attempt{
		{"enrollment.v1.PeopleService/SetLanguage", of.patient, func(id string) proto.Message {
			return &enrollmentv1.SetLanguageRequest{PatientId: id, Language: "en"}
		}},
		{"enrollment.v1.PeopleService/RecordConsent", of.patient, func(id string) proto.Message {
			return &enrollmentv1.RecordConsentRequest{PatientId: id, Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: key()}
		}},
		{"enrollment.v1.ContactService/ListContacts", of.patient, func(id string) proto.Message { return &enrollmentv1.ListContactsRequest{PatientId: id} }},
		{"enrollment.v1.ContactService/SetPhone", of.patient, func(id string) proto.Message {
			return &enrollmentv1.SetPhoneRequest{PatientId: id, Phone: "2155550188", IdempotencyKey: key()}
		}},
		{"enrollment.v1.ContactService/SetAddress", of.patient, func(id string) proto.Message {
			return &enrollmentv1.SetAddressRequest{PatientId: id, IdempotencyKey: key(), Address: &enrollmentv1.PostalAddress{
				Line1: "7 Gable Row", City: "Pittsburgh", State: "PA", Zip: "15201",
			}}
		}},
		{"enrollment.v1.ContactService/ListConsents", of.patient, func(id string) proto.Message { return &enrollmentv1.ListConsentsRequest{PatientId: id} }},
		{"scheduling.v1.SchedulingService/SaveAnswers", of.patient, func(id string) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers[who+" at the door"], Answers: &schedulingv1.Answers{PatientId: id, Reason: visitReason, Payment: "self_pay"}}
		}},
		{"scheduling.v1.SchedulingService/GetAppointment", of.visit, func(id string) proto.Message { return &schedulingv1.GetAppointmentRequest{AppointmentId: id} }},
		{"scheduling.v1.SchedulingService/ChangePayment", of.visit, func(id string) proto.Message {
			return &schedulingv1.ChangePaymentRequest{AppointmentId: id, Payment: "self_pay", IdempotencyKey: key()}
		}},
		{"scheduling.v1.SchedulingService/SignConsent", of.visit, func(id string) proto.Message {
			return &schedulingv1.SignConsentRequest{AppointmentId: id, ConsentId: of.consent, IdempotencyKey: key()}
		}},
		{"scheduling.v1.SchedulingService/Reschedule", of.visit, func(id string) proto.Message {
			return &schedulingv1.RescheduleRequest{AppointmentId: id, PhysicianId: to.GetPhysicianId(), Start: to.GetStart(), IdempotencyKey: key()}
		}},
	}
}

// tries lets somebody do everything for a patient, or prove that they cannot.
func (j *journey) tries(t *testing.T, name, who string, of *charge, allowed bool) {
	t.Helper()
	res, err := j.ask(who, methodNamed("/bedside.scheduling.v1.SchedulingService/ListAppointments"), &schedulingv1.ListAppointmentsRequest{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if has := strings.Contains(fmt.Sprint(res), of.patient); has != allowed {
		t.Errorf("the list of %s has the patient: %t", name, has)
	}
	for _, a := range j.attempts(who, of) {
		j.oneTry(t, name, who, a, allowed)
	}
	book := func(browser, hold string) attempt {
		return attempt{"scheduling.v1.SchedulingService/Book", hold, func(id string) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: browser, HoldId: id, ConsentId: of.consent, IdempotencyKey: ids.NewUUID().String()}
		}}
	}
	if !allowed {
		j.oneTry(t, name, who, attempt{"scheduling.v1.SchedulingService/Cancel", of.visit, cancelOf}, false)
		if of.hold != "" && who != typed {
			j.oneTry(t, name, who, book(of.browser, of.hold), false)
		} else if of.hold != "" { // the hold is theirs, and the patient no more
			again := book(of.browser, of.hold)
			if got, err := j.ask(who, methodNamed("/bedside."+again.call), again.req(of.hold)); errs.CodeOf(err) != errs.NotFound {
				t.Errorf("%s books what they held before: %v, %v", name, got, err)
			}
		}
		return
	}
	j.oneTry(t, name, who, book(j.browsers[who+" at the door"], j.met["door of "+who]), true)
	// It was moved: the row that is booked now is another.
	var visit ids.PatientID
	j.db.Query(t, `SELECT reservation_id FROM scheduling.reservations WHERE status = 'booked' AND patient_id = '`+of.patient+
		`' AND origin = '`+of.visit+`'`, &visit.UUID)
	of.visit = visit.String()
	j.oneTry(t, name, who, attempt{"scheduling.v1.SchedulingService/Cancel", of.visit, cancelOf}, true)
}

// keepHold remembers whose time is held at the door.
func keepHold(who string) func(j *journey, res proto.Message) {
	return keepMet("door of "+who, func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })
}

// holdFor lets the guardian hold a time, and type what the visit is about.
func (j *journey) holdFor(t *testing.T, c *charge, slot int) {
	t.Helper()
	c.browser = "browser " + ids.NewUUID().String()
	j.browsers["guardian"] = c.browser
	j.run(t, []step{
		{name: "another time is held", call: "scheduling.v1.SchedulingService/PlaceHold", req: place("guardian", slot), keep: func(_ *journey, res proto.Message) {
			c.hold = res.(*schedulingv1.PlaceHoldResponse).GetHold().GetHoldId()
		}},
		{name: "and told about", call: "scheduling.v1.SchedulingService/SaveAnswers", as: typed, req: func(*journey) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: c.browser, Answers: &schedulingv1.Answers{PatientId: c.patient, Reason: visitReason, Payment: "self_pay"}}
		}},
	})
}

func cancelOf(id string) proto.Message {
	return &schedulingv1.CancelRequest{AppointmentId: id, IdempotencyKey: ids.NewUUID().String()}
}

func (j *journey) oneTry(t *testing.T, name, who string, a attempt, allowed bool) {
	t.Helper()
	m := methodNamed("/bedside." + a.call)
	got, err := j.ask(who, m, a.req(a.id))
	if allowed {
		if err != nil {
			t.Errorf("%s is refused %s: %s", name, a.call, failure(err))
		} else if b, ok := got.(*schedulingv1.BookResponse); ok && b.GetAppointment() == nil {
			t.Errorf("%s loses what they book: %s", name, b.GetLost())
		}
		return
	}
	_, missing := j.ask(who, m, a.req(ids.NewUUID().String()))
	switch code := errs.CodeOf(err); {
	case err == nil:
		t.Errorf("%s may use %s: %v", name, a.call, got)
	case failure(err) != failure(missing):
		t.Errorf("%s uses %s and is told %s; of what does not exist, %s", name, a.call, failure(err), failure(missing))
	case code != errs.NotFound && code != errs.Invalid:
		t.Errorf("%s uses %s and is told %s", name, a.call, failure(err))
	}
}

// ticketed is a new session of a patient with a mailbox.
func (j *journey) ticketed(t *testing.T, email string) *authv1.Session {
	t.Helper()
	res, err := j.ask(service, methodNamed("/bedside.auth.v1.AuthService/EnsureAccount"), &authv1.EnsureAccountRequest{
		Email: email, Role: rpcv1.Role_ROLE_PATIENT, Language: "en", Proof: ids.NewUUID().String(),
	})
	if err != nil {
		t.Fatalf("asking for a ticket: %v", err)
	}
	return j.redeemed(t, res.(*authv1.EnsureAccountResponse).GetTicket())
}

func (j *journey) redeemed(t *testing.T, ticket string) *authv1.Session {
	t.Helper()
	res, err := j.ask(nobody, methodNamed("/bedside.auth.v1.AuthService/SignInWithTicket"), &authv1.SignInWithTicketRequest{Ticket: ticket, Client: j.client()})
	if err != nil {
		t.Fatalf("redeeming a ticket: %v", err)
	}
	return res.(*authv1.SignInWithTicketResponse).GetSession()
}

// register opens a limited account, beside a card that fits nobody.
func (j *journey) register(t *testing.T) {
	t.Helper()
	j.run(t, []step{
		{name: "a card that fits nobody", call: "enrollment.v1.PeopleService/StartActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartActivationRequest{MemberId: "QF7000060", FamilyName: "Quillfeather", BirthDate: "1949-08-09", Language: "en", Address: j.address()}
		}, keep: keepMet("no card", (*enrollmentv1.StartActivationResponse).GetActivationId)},
		{name: "an account beside it", call: "enrollment.v1.IdentityService/StartRegistration", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartRegistrationRequest{
				GivenName: "Peverell", FamilyName: "Quillfeather", BirthDate: "1949-08-09", Email: limitedMail, Language: "en", Address: j.address(),
				ActivationId: j.met["no card"], IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: keepMet("registration", (*enrollmentv1.StartRegistrationResponse).GetRegistrationId)},
		{name: "its code", call: "enrollment.v1.IdentityService/ConfirmRegistration", req: func(j *journey) proto.Message {
			return &enrollmentv1.ConfirmRegistrationRequest{RegistrationId: j.met["registration"], Code: j.code(limitedMail, "code to open"), Address: j.address()}
		}, keep: keepMet("limited ticket", (*enrollmentv1.ConfirmRegistrationResponse).GetTicket)},
	})
	j.sessions[limited] = j.redeemed(t, j.met["limited ticket"])
}

// childOf adds a child of the one who typed their details, and books for them.
func (j *journey) childOf(t *testing.T, given, born string, slot int) charge {
	t.Helper()
	var c charge
	j.run(t, []step{
		{name: given + " is added", call: "enrollment.v1.ActingService/AddChild", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.AddChildRequest{
				GivenName: given, FamilyName: "Quillfeather", BirthDate: born,
				AttestationVersion: j.met["attestation"], AttestationLanguage: "en", IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: func(_ *journey, res proto.Message) { c.patient = res.(*enrollmentv1.AddChildResponse).GetPatientId() }},
		{name: given + "'s guardian agrees", call: "enrollment.v1.PeopleService/RecordConsent", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.RecordConsentRequest{PatientId: c.patient, Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: ids.NewUUID().String()}
		}, keep: func(_ *journey, res proto.Message) {
			c.consent = res.(*enrollmentv1.RecordConsentResponse).GetConsentId()
		}},
		{name: "the right for " + given, call: "enrollment.v1.ActingService/ListPeople", as: typed, keep: func(_ *journey, res proto.Message) {
			for _, p := range res.(*enrollmentv1.ListPeopleResponse).GetActedFor() {
				if p.GetPatientId() == c.patient {
					c.right = p.GetActsForId()
				}
			}
		}},
	})
	c.visit = j.bookFor(t, typed, c.patient, c.consent, slot)
	return c
}

// bookFor books for a patient by whoever may.
func (j *journey) bookFor(t *testing.T, who, of, consent string, slot int) string {
	t.Helper()
	var id string
	j.run(t, []step{
		{name: "a time is held", call: "scheduling.v1.SchedulingService/PlaceHold", req: place(who, slot),
			keep: keepMet("hold", func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })},
		{name: "the visit is told about", call: "scheduling.v1.SchedulingService/SaveAnswers", as: who, req: func(j *journey) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers[who], Answers: &schedulingv1.Answers{PatientId: of, Reason: visitReason, Payment: "self_pay"}}
		}},
		{name: "it is booked", call: "scheduling.v1.SchedulingService/Book", as: who, req: func(j *journey) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: j.browsers[who], HoldId: j.met["hold"], ConsentId: consent, IdempotencyKey: ids.NewUUID().String()}
		}, keep: func(_ *journey, res proto.Message) {
			id = res.(*schedulingv1.BookResponse).GetAppointment().GetAppointmentId()
		}},
	})
	return id
}

// subscribe makes a child a dependent on the plan of the other patient.
func (j *journey) subscribe(t *testing.T, c charge) {
	t.Helper()
	j.db.Exec(t, `INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, subscriber_member_id, relationship,
			given_name, family_name, given_search, family_search, name_search, birth_date, patient_id, version)
		SELECT $1, m.payer_id, m.subscriber_no, 'PETRONELLA', false, m.member_id, '19', 'PETRONELLA', 'QUILLFEATHER', 'PETRONELLA', 'QUILLFEATHER',
			'QUILLFEATHER PETRONELLA', '2018-05-06', $2, 1
		FROM enrollment.members m WHERE m.subscriber_no = 'QF7000002' AND m.is_subscriber`, ids.NewUUID(), c.patient)
}

// endRight lets staff end a guardian's right.
func (j *journey) endRight(t *testing.T, c charge) {
	t.Helper()
	j.run(t, []step{{name: "staff end a right", call: "enrollment.v1.ActingService/EndGuardian", as: staff, req: func(*journey) proto.Message {
		return &enrollmentv1.EndGuardianRequest{ActsForId: c.right, Reason: "court_order", IdempotencyKey: ids.NewUUID().String()}
	}}})
	j.heard(t, typed, &c, false)
}

// ageOf lets a child have come of age yesterday. What staff record on the phone
// brings it to the neighbors.
func (j *journey) ageOf(t *testing.T, c charge) {
	t.Helper()
	j.db.Exec(t, `UPDATE enrollment.patients SET birth_date = (enrollment.day_of(clock.now()) - interval '18 years')::date - 1 WHERE patient_id = $1`, c.patient)
	j.db.Exec(t, `UPDATE enrollment.acts_for a SET until_date = enrollment.minor_until(p.birth_date), from_date = enrollment.minor_until(p.birth_date) - 30
		FROM enrollment.patients p WHERE p.patient_id = a.patient_id AND a.acts_for_id = $1`, c.right)
	j.run(t, []step{{name: "the young adult agrees on the phone", call: "enrollment.v1.DeskService/RecordVerbalConsent", as: staff, req: func(*journey) proto.Message {
		return &enrollmentv1.RecordVerbalConsentRequest{PatientId: c.patient, Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: ids.NewUUID().String()}
	}}})
	j.heard(t, typed, &c, false)
}

// care lets the other patient act for the demo patient; it gives the right.
func (j *journey) care(t *testing.T, adult *charge) string {
	t.Helper()
	var right string
	j.run(t, []step{
		{name: "the other is asked for help", call: "enrollment.v1.ActingService/InviteCaregiver", as: patient, req: func(*journey) proto.Message {
			return &enrollmentv1.InviteCaregiverRequest{Email: invitedMail, Language: "en", IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "they accept", call: "enrollment.v1.ActingService/AcceptCaregiverInvitation", as: other, req: func(j *journey) proto.Message {
			for _, link := range j.letter(invitedMail, "Rosa asks for your help").Links {
				if strings.Contains(link, "/people/accept/") {
					j.met["care"] = path.Base(link)
				}
			}
			return &enrollmentv1.AcceptCaregiverInvitationRequest{Token: j.met["care"]}
		}},
		{name: "who acts for the demo patient", call: "enrollment.v1.ActingService/ListPeople", as: patient, keep: func(_ *journey, res proto.Message) {
			right = res.(*enrollmentv1.ListPeopleResponse).GetCaregivers()[0].GetActsForId()
		}},
	})
	j.heard(t, other, adult, true)
	return right
}

// heard waits until scheduling knows that somebody may act for a patient, or
// may not any more.
func (j *journey) heard(t *testing.T, who string, of *charge, may bool) {
	t.Helper()
	until(t, "the news about a right", patience, func() bool {
		_, err := j.ask(who, methodNamed("/bedside.scheduling.v1.SchedulingService/GetAppointment"), &schedulingv1.GetAppointmentRequest{AppointmentId: of.visit})
		return (err == nil) == may
	})
}
