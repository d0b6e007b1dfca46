package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/demo"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"google.golang.org/protobuf/proto"
)

// youngMail is the address of who comes of age.
const youngMail = "wilhelmina.quillfeather@roster.test"

// Everything that a birthday turns, turns in one instant, in whatever service:
// there is no hour in which nobody may act, nor one in which two may.
func TestBirthday(t *testing.T) {
	t.Parallel()
	b := &birthday{journey: newJourney(t, whole(t, ""))}
	b.prepare(t)
	instant := b.day.Add(4 * time.Hour) // as package ofage has it
	for _, one := range []struct {
		name  string
		at    time.Time
		minor bool
	}{
		{"the eve, at 7 pm in New York", b.day, true},
		{"two minutes before", instant.Add(-2 * time.Minute), true},
		{"the instant", instant, false},
		{"when the day has begun in Samoa", b.day.Add(11 * time.Hour), false},
		{"a day later", instant.AddDate(0, 0, 1), false},
	} {
		ok := t.Run(one.name, func(t *testing.T) { b.look(t, one.at, one.minor) })
		if !ok {
			return
		}
	}
	b.opens(t)
}

// birthday is a portal in which a young person comes of age in some days.
type birthday struct {
	*journey
	born, day time.Time
	child     string
	// visit stays booked; of the spare ones the guardian cancels each time one.
	visit  string
	spares []string
	moves  int
}

// prepare lets the demo patient be the guardian of a member with an address of
// their own, and books a visit for after the birthday.
func (b *birthday) prepare(t *testing.T) {
	t.Helper()
	b.born = ofage.Day(time.Now()).AddDate(-ofage.Years, 0, 3)
	b.day = b.born.AddDate(ofage.Years, 0, 0)
	b.sessions[patient], b.sessions[staff] = b.signIn(t, rpcv1.Role_ROLE_PATIENT), b.signIn(t, rpcv1.Role_ROLE_STAFF)
	key := func() string { return ids.NewUUID().String() }
	b.run(t, []step{
		{name: "the words of a guardian", call: "enrollment.v1.PeopleService/ReadConsent", req: func(*journey) proto.Message {
			return &enrollmentv1.ReadConsentRequest{Kind: "guardian", Language: "en"}
		}, keep: keepMet("attestation", (*enrollmentv1.ReadConsentResponse).GetVersion)},
		{name: "the words of a visit", call: "enrollment.v1.PeopleService/ReadConsent", req: func(*journey) proto.Message {
			return &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: "en"}
		}, keep: keepMet("consent", (*enrollmentv1.ReadConsentResponse).GetVersion)},
		{name: "a child is added", call: "enrollment.v1.ActingService/AddChild", as: patient, req: func(j *journey) proto.Message {
			return &enrollmentv1.AddChildRequest{
				GivenName: "Wilhelmina", FamilyName: "Quillfeather", BirthDate: b.born.Format(time.DateOnly),
				AttestationVersion: j.met["attestation"], AttestationLanguage: "en", IdempotencyKey: key(),
			}
		}, keep: keepMet("child", (*enrollmentv1.AddChildResponse).GetPatientId)},
		{name: "the guardian agrees", call: "enrollment.v1.PeopleService/RecordConsent", as: patient, req: func(j *journey) proto.Message {
			b.onRoster(t, j.met["child"])
			return &enrollmentv1.RecordConsentRequest{PatientId: j.met["child"], Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: key()}
		}, keep: keepMet("agreed", (*enrollmentv1.RecordConsentResponse).GetConsentId)},
		searchOn(b.day.AddDate(0, 0, 3)),
	})
	b.child = b.met["child"]
	b.visit = b.book(t, 0)
	for slot := range 3 {
		b.spares = append(b.spares, b.book(t, slot+3))
	}
}

// book lets the guardian book for the child.
func (b *birthday) book(t *testing.T, slot int) string {
	t.Helper()
	var id string
	b.run(t, []step{
		{name: "a time is held", call: "scheduling.v1.SchedulingService/PlaceHold", req: place(patient, slot),
			keep: keepMet("hold", func(res *schedulingv1.PlaceHoldResponse) string { return res.GetHold().GetHoldId() })},
		{name: "the guardian says why", call: "scheduling.v1.SchedulingService/SaveAnswers", as: patient, req: func(j *journey) proto.Message {
			return &schedulingv1.SaveAnswersRequest{BrowserId: j.browsers[patient], Answers: &schedulingv1.Answers{PatientId: b.child, Reason: visitReason, Payment: "self_pay"}}
		}},
		{name: "the guardian books", call: "scheduling.v1.SchedulingService/Book", as: patient, req: func(j *journey) proto.Message {
			return &schedulingv1.BookRequest{BrowserId: j.browsers[patient], HoldId: j.met["hold"], ConsentId: j.met["agreed"], IdempotencyKey: ids.NewUUID().String()}
		}, keep: func(_ *journey, res proto.Message) {
			id = res.(*schedulingv1.BookResponse).GetAppointment().GetAppointmentId()
		}},
	})
	return id
}

// onRoster makes the child a member whose address is theirs alone and proven.
func (b *birthday) onRoster(t *testing.T, child string) {
	t.Helper()
	payer := ids.NewUUID()
	b.db.Exec(t, `INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Quillfeather Coming of Age', '{QUILL-AGE}')`, payer)
	b.db.Exec(t, `INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, relationship, given_name, family_name,
		given_search, family_search, name_search, birth_date, language, email, patient_id, version)
		VALUES ($1, $2, 'QA1', 'WILHELMINA', true, '18', 'WILHELMINA', 'QUILLFEATHER', 'WILHELMINA', 'QUILLFEATHER', 'QUILLFEATHER WILHELMINA', $3, 'en', $4, $5, 1)`,
		ids.NewUUID(), payer, b.born, youngMail, child)
	b.db.Exec(t, `INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
		VALUES ($1, $2, 'email', 'patient', $3, clock.now())`, ids.NewUUID(), child, youngMail)
}

// look goes to an instant and asks everything that judges by age.
func (b *birthday) look(t *testing.T, at time.Time, minor bool) {
	b.t = t
	by := time.Until(at)
	b.clock.Move(by)
	b.db.MoveClock(t, by)
	// Days may have gone by: both sign in anew.
	b.sessions[patient], b.sessions[staff] = b.signIn(t, rpcv1.Role_ROLE_PATIENT), b.signIn(t, rpcv1.Role_ROLE_STAFF)
	b.sees(t, minor)
	b.mails(t, minor)
	b.activates(t, minor)
}

// sees asks what the guardian still reads and may change.
func (b *birthday) sees(t *testing.T, minor bool) {
	t.Helper()
	ask := func(name string, req proto.Message) (proto.Message, error) {
		return b.ask(patient, methodNamed("/bedside."+name), req)
	}
	// Writes first: their positions let replicas know the new time.
	for _, one := range []struct {
		name string
		req  proto.Message
	}{
		{"enrollment.v1.PeopleService/SetLanguage", &enrollmentv1.SetLanguageRequest{PatientId: b.child, Language: "en"}},
		{"enrollment.v1.ContactService/SetPhone", &enrollmentv1.SetPhoneRequest{PatientId: b.child, Phone: "2155550188", IdempotencyKey: ids.NewUUID().String()}},
		{"scheduling.v1.SchedulingService/Cancel", &schedulingv1.CancelRequest{AppointmentId: b.spares[0], IdempotencyKey: ids.NewUUID().String()}},
		{"scheduling.v1.SchedulingService/GetAppointment", &schedulingv1.GetAppointmentRequest{AppointmentId: b.visit}},
		{"enrollment.v1.ContactService/ListContacts", &enrollmentv1.ListContactsRequest{PatientId: b.child}},
	} {
		if _, err := ask(one.name, one.req); minor && err != nil {
			t.Errorf("the guardian of a minor is refused %s: %v", one.name, err)
		} else if !minor && errs.CodeOf(err) != errs.NotFound {
			t.Errorf("who was the guardian asks %s and is told %v", one.name, err)
		}
	}
	if minor {
		b.spares = b.spares[1:]
	}
	lists := map[string]func() (proto.Message, error){
		"Me": func() (proto.Message, error) { return ask("enrollment.v1.PeopleService/Me", &enrollmentv1.MeRequest{}) },
		"ListPeople": func() (proto.Message, error) {
			return ask("enrollment.v1.ActingService/ListPeople", &enrollmentv1.ListPeopleRequest{})
		},
		"ListAppointments": func() (proto.Message, error) {
			return ask("scheduling.v1.SchedulingService/ListAppointments", &schedulingv1.ListAppointmentsRequest{})
		},
	}
	for name, list := range lists {
		res, err := list()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if has := strings.Contains(fmt.Sprint(res), b.child); has != minor {
			t.Errorf("%s of the guardian has the patient: %t", name, has)
		}
	}
}

// mails lets staff move the visit, and sees whom that is written to.
func (b *birthday) mails(t *testing.T, minor bool) {
	t.Helper()
	const moved = "was moved"
	told, other := demo.Accounts()[0].Email, youngMail
	if !minor {
		told, other = other, told
	}
	before, quiet := b.mailsTo(told, moved), b.mailsTo(other, moved)
	b.moves++
	to := b.slots[b.moves%2+1]
	res, err := b.ask(staff, methodNamed("/bedside.scheduling.v1.DeskService/RescheduleFor"), &schedulingv1.RescheduleForRequest{
		PatientId: b.child, AppointmentId: b.visit, PhysicianId: to.GetPhysicianId(), Start: to.GetStart(), IdempotencyKey: ids.NewUUID().String(),
	})
	if err != nil {
		t.Fatalf("staff move the visit: %v", err)
	}
	b.visit = res.(*schedulingv1.RescheduleForResponse).GetAppointment().GetAppointmentId()
	until(t, "mail to "+told, patience, func() bool { return b.mailsTo(told, moved) > before })
	if n := b.mailsTo(other, moved); n != quiet {
		t.Errorf("%s got %d mails as well", other, n-quiet)
	}
}

// activates lets the young person type their details.
func (b *birthday) activates(t *testing.T, minor bool) {
	t.Helper()
	codes := b.mailsTo(youngMail, "code to open")
	res, err := b.ask(nobody, methodNamed("/bedside.enrollment.v1.PeopleService/StartActivation"), &enrollmentv1.StartActivationRequest{
		MemberId: "QA1", FamilyName: "Quillfeather", BirthDate: b.born.Format(time.DateOnly), Language: "en", Address: b.address(),
	})
	if err != nil {
		t.Fatal(err)
	}
	var state string
	b.db.Query(t, `SELECT state FROM enrollment.activations WHERE activation_id = '`+res.(*enrollmentv1.StartActivationResponse).GetActivationId()+`'`, &state)
	if (state == "to_staff") != minor {
		t.Errorf("the activation is %s", state)
	}
	b.met["activation"] = res.(*enrollmentv1.StartActivationResponse).GetActivationId()
	if !minor {
		until(t, "the code", patience, func() bool { return b.mailsTo(youngMail, "code to open") > codes })
		all := b.mail.Messages(youngMail)
		found := mailedCode.FindStringSubmatch(all[len(all)-1].Text)
		b.met["code"] = found[1] + found[2]
	}
}

// opens lets the young adult open an account at last, and read the visit that
// the guardian booked.
func (b *birthday) opens(t *testing.T) {
	t.Helper()
	b.run(t, []step{
		{name: "the code opens the account", call: "enrollment.v1.PeopleService/ConfirmActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.ConfirmActivationRequest{ActivationId: j.met["activation"], Code: b.met["code"], Address: j.address()}
		}, keep: keepMet("ticket", (*enrollmentv1.ConfirmActivationResponse).GetTicket)},
		{name: "the young adult signs in", call: "auth.v1.AuthService/SignInWithTicket", keep: keepSession(typed), req: func(j *journey) proto.Message {
			return &authv1.SignInWithTicketRequest{Ticket: j.met["ticket"], Client: j.client()}
		}},
		{name: "they see the visit", call: "scheduling.v1.SchedulingService/ListAppointments", as: typed, done: func(res proto.Message) bool {
			return strings.Contains(fmt.Sprint(res), b.visit) // once scheduling has heard
		}},
	})
}

// mailsTo counts the mails to an address by their subject.
func (b *birthday) mailsTo(address, subject string) int {
	n := 0
	for _, m := range b.mail.Messages("") {
		if slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, address) }) && strings.Contains(m.Subject, subject) {
			n++
		}
	}
	return n
}
