package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
)

const rosaPath = "/staff/patients/" + testPatient

// deskOffice is an office with its fake of the desk at hand.
func deskOffice(t *testing.T, lang string) (*office, *fakeDesk, *browser) {
	t.Helper()
	o, d := newOffice(t), newFakeDesk()
	o.web.Desk = d
	return o, d, o.as(t, AreaStaff, lang)
}

// deskHeld chooses need and time for Rosa.
func deskHeld(t *testing.T, b *browser) {
	t.Helper()
	if a := b.post(rosaPath+"/book", url.Values{"service": {"general"}, "state": {"PA"}}); a.location != rosaPath+"/book/time" {
		t.Fatalf("choosing a need: %d %s", a.status, a.location)
	}
	page := b.get(rosaPath + "/book/time").body
	if a := b.post(rosaPath+"/book/time", url.Values{"slot": {firstSlot(t, page)}, "key": {hidden(t, page, "key")}}); a.location != rosaPath+"/book/about" {
		t.Fatalf("holding a time: %d %s", a.status, a.location)
	}
}

func deskAnswered(t *testing.T, b *browser) {
	t.Helper()
	deskHeld(t, b)
	if a := b.post(rosaPath+"/book/about", url.Values{"reason": {"A rash & <itch>"}, "payment": {"coverage:" + testCoverage}}); a.location != rosaPath+"/book/check" {
		t.Fatalf("answering: %d %s", a.status, a.location)
	}
}

// deskBooked books and gives the path of the appointment.
func deskBooked(t *testing.T, b *browser) string {
	t.Helper()
	deskAnswered(t, b)
	page := b.get(rosaPath + "/book/check").body
	form := url.Values{"said": {"yes"}, "key": {hidden(t, page, "key")}, "hold_id": {hidden(t, page, "hold_id")}, "consent_version": {hidden(t, page, "consent_version")}}
	a := b.post(rosaPath+"/book/check", form)
	if !strings.HasPrefix(a.location, rosaPath+"/appointments/") {
		t.Fatalf("booking: %d %s", a.status, a.location)
	}
	return a.location
}

// Whoever has searched too often is told when to go on, and whom to tell.
func TestTooManySearches(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"your searches pause", "You can search again at Nov", "tell your administrator"},
		"es": {"sus búsquedas se detienen", "Podrá volver a buscar el", "avise a su administrador"},
	} {
		_, d, b := deskOffice(t, lang)
		refusal := errs.TooOften(40 * time.Minute)
		refusal.Reason = "too_many_searches"
		d.err = refusal
		a := b.post("/staff/patients", url.Values{"family_name": {"Delgado"}, "zip": {"19103"}})
		checkPage(t, a, lang, http.StatusTooManyRequests)
		if a.header.Get("Retry-After") != "2400" {
			t.Errorf("%s: Retry-After is %q", lang, a.header.Get("Retry-After"))
		}
		for _, want := range words {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
}

// A visit of somebody whom the patient goes on for is listed, and leads to
// where it is kept.
func TestTheRecordListsVisitsOfTheAbsorbed(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	id := strings.TrimPrefix(deskBooked(t, b), rosaPath+"/appointments/")
	o.sched.mu.Lock()
	o.sched.booked[id].PatientId = otherSide
	o.sched.mu.Unlock()
	if page := b.get(rosaPath).body; !strings.Contains(page, `"/staff/patients/`+otherSide+`/appointments/`+id+`"`) {
		t.Error("the visit is not listed under the patient whose it is")
	}
}

func TestEveryDeskPageInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		o, _, b := deskOffice(t, lang)
		show := func(path string, a answer, status int) {
			t.Run(lang+path, func(t *testing.T) {
				checkPage(t, a, lang, status)
				if a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("cached as %q", a.header.Get("Cache-Control"))
				}
			})
		}
		show("/staff/patients", b.get("/staff/patients"), 0)
		found := url.Values{"family_name": {"del"}, "birth_date_month": {"2"}, "birth_date_day": {"3"}, "birth_date_year": {"1961"}}
		show("/staff/patients?found", b.post("/staff/patients", found), 0)
		show("/staff/patients?one", b.post("/staff/patients", url.Values{"family_name": {"del"}}), http.StatusUnprocessableEntity)
		show("/staff/members", b.get("/staff/members/"+deskMember), 0)
		show(rosaPath+"/book", b.get(rosaPath+"/book"), 0)
		deskHeld(t, b)
		show(rosaPath+"/book/about", b.get(rosaPath+"/book/about"), 0)
		visit := deskBooked(t, b)
		show(visit, b.get(visit), 0)
		for _, path := range []string{rosaPath, rosaPath + "?on_month=6&on_day=1&on_year=2027", visit + "/cancel", visit + "/move"} {
			show(path, b.get(path), 0)
		}
		slot := url.QueryEscape(firstSlot(t, b.get(visit+"/move").body))
		show(visit+"/move/check", b.get(visit+"/move/check?slot="+slot), 0)
		show("bad date", b.get(rosaPath+"?on_month=2&on_day=31&on_year=2027"), http.StatusUnprocessableEntity)
		p := o.browser(t, lang)
		signedIn(t, p)
		path := "/appointments/" + strings.TrimPrefix(visit, rosaPath+"/appointments/") + "/consent"
		show("consent due", p.get(path), 0)
	}
}

func TestTwoIdentifiersAreNeeded(t *testing.T) {
	t.Parallel()
	_, d, b := deskOffice(t, "en")
	for _, form := range []url.Values{
		{}, {"family_name": {"Delgado"}}, {"zip": {" "}, "phone": {"2155550147"}}, {"reference": {"K7QM-2D9F"}},
		{"birth_date_month": {"2"}, "birth_date_day": {"31"}, "birth_date_year": {"1961"}, "zip": {"19103"}},
		{"birth_date_month": {"2"}, "birth_date_day": {"3"}, "birth_date_year": {"2961"}, "zip": {"19103"}},
	} {
		if a := b.post("/staff/patients", form); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "Margaret") {
			t.Errorf("%v: %d", form, a.status)
		}
	}
	if len(d.asked) != 0 {
		t.Errorf("%d searches were made", len(d.asked))
	}
	a := b.post("/staff/patients", url.Values{"reference": {"K7QM-2D9F"}, "family_name": {"O'Delgado ✓"}})
	if a.status != http.StatusOK || len(d.asked) != 1 || d.asked[0].GetPatientId() != testPatient || !d.asked[0].GetByAppointment() {
		t.Errorf("by reference: %d %v", a.status, d.asked)
	}
	for _, want := range []string{"3 people fit", "Margaret Okonkwo", "March 14, 1958", "/staff/members/" + deskMember, rosaPath, "Patient with an account", "no patient yet", "No plan"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the result lacks %q", want)
		}
	}
	d.people, d.more = d.people[:1], true
	if a := b.post("/staff/patients", url.Values{"zip": {"19103"}, "family_name": {"De"}}); !strings.Contains(a.body, "Ask for one more") || !strings.Contains(a.body, "One person fits") {
		t.Error("more people are not told of")
	}
	d.people, d.more = nil, false
	if a := b.post("/staff/patients", url.Values{"zip": {"19103"}, "family_name": {"De"}}); a.status != http.StatusOK || !strings.Contains(a.body, "Nobody fits") {
		t.Errorf("nobody: %d", a.status)
	}
	d.err = errs.InvalidFields(errs.Field{Name: "zip", Reason: "unreadable"})
	if a := b.post("/staff/patients", url.Values{"zip": {"1"}, "family_name": {"De"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#zip"`) {
		t.Errorf("a bad ZIP: %d", a.status)
	}
}

func TestTheRecordSaysWhatACallNeeds(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	visit := deskBooked(t, b)
	b.get(visit) // where the remark is shown
	body := b.get(rosaPath).body
	for _, want := range []string{
		"Rosa Delgado", "Pays for visits until May 31, 2027", "Paid for visits until December 31, 2025", "Pays for visits from June 1, 2027", "Does not pay for visits",
		"(215)\u00a0555-0147", "Proven", "Until September 2, 2032", "Could not be delivered", "/staff/activations/K7QM-2D9F", "A wrong code was typed 3 times",
		"This person has an account", "Consent in writing is due", "Care by video, said to staff",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the record lacks %q", want)
		}
	}
	for _, secret := range []string{"A rash", "itch", "Send the invitation again"} {
		if strings.Contains(body, secret) || strings.Contains(b.get(visit).body, secret) {
			t.Errorf("staff read %q", secret)
		}
	}
	if body := b.get(rosaPath + "?on_month=6&on_day=2&on_year=2027").body; !strings.Contains(body, "Coverage on June 2, 2027") || !strings.Contains(body, "Paid for visits until May 31, 2027") {
		t.Error("another date shows the same")
	}
	for _, path := range []string{"/staff/patients/none", "/staff/members/none", "/staff/patients/none/book", rosaPath + "/appointments/none", rosaPath + "/appointments/none/move", "/staff/patients/none/book/about"} {
		if a := b.get(path); a.status != http.StatusNotFound && a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	// A patient and a physician see none of it.
	for _, area := range []Area{AreaPatient, AreaPhysician, AreaLicensing} {
		x := o.as(t, area, "en")
		x.cookies[AreaStaff.secretCookie()], x.cookies[AreaStaff.tokenCookie()] = x.cookies[area.secretCookie()], x.cookies[area.tokenCookie()]
		for _, path := range []string{"/staff/patients", rosaPath, "/staff/members/" + deskMember, visit, rosaPath + "/book"} {
			if a := x.get(path); a.status != http.StatusForbidden || strings.Contains(a.body, "Delgado") {
				t.Errorf("%s at %s: %d", area, path, a.status)
			}
		}
	}
}

func TestStaffBookByPhone(t *testing.T) {
	t.Parallel()
	o, d, b := deskOffice(t, "en")
	if a := b.post(rosaPath+"/book", url.Values{"service": {"general"}, "state": {"XX"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no such state: %d", a.status)
	}
	if a := b.get(rosaPath + "/book/about"); a.location != rosaPath+"/book/time" {
		t.Errorf("without a hold: %d %s", a.status, a.location)
	}
	// El Paso reads other times than the rest of Texas; no state has a zone of
	// somewhere else.
	for zone, want := range map[string]string{"": "Central time", "America/Denver": "Mountain time", "Pacific/Honolulu": "Central time"} {
		b.post(rosaPath+"/book", url.Values{"service": {"general"}, "state": {"TX"}, "zone": {zone}})
		if a := b.get(rosaPath + "/book/time"); !strings.Contains(a.body, want) {
			t.Errorf("%q is not %s", zone, want)
		}
	}
	deskHeld(t, b)
	if a := b.post(rosaPath+"/book/about", url.Values{"phone": {"12"}}); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, `href="#reason"`) || !strings.Contains(a.body, `href="#phone"`) || !strings.Contains(a.body, `href="#payment"`) {
		t.Errorf("nothing answered: %d", a.status)
	}
	deskAnswered(t, b)
	page := b.get(rosaPath + "/book/check").body
	if !strings.Contains(page, "A rash &amp; &lt;itch&gt;") || !strings.Contains(page, `lang="es"`) || !strings.Contains(page, "For Rosa Delgado, born February 3, 1961") {
		t.Error("the page to read back lacks the answers, or for whom they are")
	}
	form := url.Values{"key": {hidden(t, page, "key")}, "hold_id": {hidden(t, page, "hold_id")}, "consent_version": {"2026-11"}}
	if a := b.post(rosaPath+"/book/check", form); a.status != http.StatusUnprocessableEntity || len(o.sched.booked) != 0 {
		t.Errorf("without consent: %d", a.status)
	}
	form.Set("said", "yes")
	d.err = errs.New(errs.Precondition, "guardian_needed", "A child.")
	if a := b.post(rosaPath+"/book/check", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "no guardian is on file") {
		t.Errorf("a child: %d", a.status)
	}
	d.err, o.sched.lose = nil, "taken"
	if a := b.post(rosaPath+"/book/check", form); a.status != http.StatusConflict || strings.Count(a.body, `name="slot"`) != 3 || !strings.Contains(a.body, rosaPath+"/book/time") {
		t.Errorf("a lost time: %d", a.status)
	}
	first := b.post(rosaPath+"/book/check", form)
	if !strings.HasPrefix(first.location, rosaPath+"/appointments/") || len(o.sched.booked) != 1 {
		t.Fatalf("booking: %d %s", first.status, first.location)
	}
	if a := b.get(first.location); !strings.Contains(a.body, "K7QM-2D9F") || !strings.Contains(a.body, "ask them to sign") {
		t.Error("the visit lacks its reference, or what is due")
	}
	if len(d.said) == 0 || d.said[0].GetLanguage() != "es" {
		t.Errorf("what was said: %v", d.said)
	}
	// Whoever signed before is not asked again.
	d.signed, d.said = true, nil
	deskAnswered(t, b)
	page = b.get(rosaPath + "/book/check").body
	if strings.Contains(page, `name="said"`) || !strings.Contains(page, "They agreed in writing on") {
		t.Error("a signed consent is asked for again")
	}
	form = url.Values{"key": {hidden(t, page, "key")}, "hold_id": {hidden(t, page, "hold_id")}, "consent_version": {"2026-11"}}
	if a := b.post(rosaPath+"/book/check", form); a.status != http.StatusSeeOther || len(d.said) != 0 {
		t.Errorf("with a signed consent: %d %v", a.status, d.said)
	}
	// What a guardian signed before the 18th birthday is not enough.
	d.over = true
	deskHeld(t, b)
	deskAnswered(t, b)
	page = b.get(rosaPath + "/book/check").body
	if !strings.Contains(page, `name="said"`) || strings.Contains(page, "They agreed in writing on") {
		t.Error("a guardian's consent is shown as the young adult's")
	}
	if body := b.get(rosaPath).body; !strings.Contains(body, "Given by a guardian") || !strings.Contains(body, "Not good any more since their 18th birthday") {
		t.Error("the record does not say that a consent is over")
	}
	form = url.Values{"key": {hidden(t, page, "key")}, "hold_id": {hidden(t, page, "hold_id")}, "consent_version": {"2026-11"}}
	if a := b.post(rosaPath+"/book/check", form); a.status != http.StatusUnprocessableEntity {
		t.Errorf("with a guardian's consent: %d", a.status)
	}
}

// What was typed for one caller is not shown while another is on the phone.
func TestAnswersOfAnotherCallerAreNotShown(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	deskAnswered(t, b)
	for _, h := range o.sched.hold {
		h.Answers.PatientId = deskMember
	}
	if a := b.get(rosaPath + "/book/check"); a.location != rosaPath+"/book/about" {
		t.Errorf("the answers of another: %d %s", a.status, a.location)
	}
	if a := b.get(rosaPath + "/book/about"); strings.Contains(a.body, "itch") {
		t.Error("the answers of another are shown")
	}
}

func TestStaffMoveAndCancelByPhone(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	visit := deskBooked(t, b)
	slot := firstSlot(t, b.get(visit+"/move").body)
	if a := b.post(visit+"/move", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no time chosen: %d", a.status)
	}
	a := b.post(visit+"/move", url.Values{"slot": {slot}})
	page := b.get(a.location).body
	form := url.Values{"slot": {slot}, "key": {hidden(t, page, "key")}}
	o.sched.lose = "license"
	if a := b.post(visit+"/move/check", form); a.status != http.StatusConflict || !strings.Contains(a.body, "Their visit stays as it was") {
		t.Errorf("a lost time: %d", a.status)
	}
	moved := b.post(visit+"/move/check", form)
	if !strings.HasPrefix(moved.location, rosaPath+"/appointments/") || moved.location == visit {
		t.Fatalf("moving: %d %s", moved.status, moved.location)
	}
	if a := b.get(visit + "/move"); a.location != visit {
		t.Errorf("one that was moved: %d %s", a.status, a.location)
	}
	page = b.get(moved.location + "/cancel").body
	if a := b.follow(moved.location+"/cancel", url.Values{"key": {hidden(t, page, "key")}}); !strings.Contains(a.body, "The visit was canceled") {
		t.Errorf("canceling: %d", a.status)
	}
}

// Staff are told what will happen: a mail goes out, or they alone tell whoever
// is on the phone.
func TestDeskSaysWhoTellsThePatient(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string]struct{ mail, none string }{
		"en": {"by mail", "No mail goes out"}, "es": {"por correo", "No se envía ningún correo"},
	} {
		for _, unproven := range []bool{false, true} {
			o, _, b := deskOffice(t, lang)
			o.sched.unproven = unproven
			says := func(what, body string) {
				t.Helper()
				if strings.Contains(body, words.none) != unproven {
					t.Errorf("%s, without a proven address %t: %s does not say who tells them", lang, unproven, what)
				}
			}
			deskAnswered(t, b)
			check := b.get(rosaPath + "/book/check").body
			says("the consent", check)
			booked := b.post(rosaPath+"/book/check", url.Values{
				"key": {hidden(t, check, "key")}, "hold_id": {hidden(t, check, "hold_id")}, "consent_version": {"2026-11"}, "said": {"yes"},
			})
			says("the booking", b.get(booked.location).body)
			visit := booked.location
			slot := firstSlot(t, b.get(visit+"/move").body)
			moving := b.get(b.post(visit+"/move", url.Values{"slot": {slot}}).location).body
			visit = b.post(visit+"/move/check", url.Values{"slot": {slot}, "key": {hidden(t, moving, "key")}}).location
			moved := b.get(visit).body
			says("the move", moved)
			if !unproven && !strings.Contains(moved, words.mail) {
				t.Error("nobody says that a mail goes out")
			}
			cancel := b.get(visit + "/cancel")
			checkPage(t, cancel, lang, 0)
			says("the question", cancel.body)
			says("the cancellation", b.follow(visit+"/cancel", url.Values{"key": {hidden(t, cancel.body, "key")}}).body)
		}
	}
}

func TestResendingSaysWhyNot(t *testing.T) {
	t.Parallel()
	_, d, b := deskOffice(t, "en")
	path := "/staff/members/" + deskMember
	page := b.get(path).body
	if a := b.follow(path+"/invitation", url.Values{"key": {hidden(t, page, "key")}}); !strings.Contains(a.body, "An invitation is on its way") || len(d.sent) != 1 {
		t.Errorf("resending: %d", a.status)
	}
	for why, words := range map[string]string{"too_soon": "can go out tomorrow", "minor": "under 18", "shared_email": "the same e-mail address", "something_new": "No invitation can go out now"} {
		d.refuse = why
		if a := b.follow(path+"/invitation", url.Values{"key": {newKey()}}); !strings.Contains(a.body, words) || !strings.Contains(a.body, "No invitation was sent") {
			t.Errorf("%s is told as:\n%s", why, a.body)
		}
	}
}

func TestThePatientSignsWhatWasSaid(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	id := strings.TrimPrefix(deskBooked(t, b), rosaPath+"/appointments/")
	p := o.browser(t, "en")
	signedIn(t, p)
	path := "/appointments/" + id
	if body := p.get(path).body; !strings.Contains(body, "Your consent in writing is due") || !strings.Contains(body, path+"/consent") {
		t.Error("the visit does not say that consent is due")
	}
	page := p.get(path + "/consent").body
	form := url.Values{"key": {hidden(t, page, "key")}, "consent_version": {hidden(t, page, "consent_version")}}
	if a := p.post(path+"/consent", form); a.status != http.StatusUnprocessableEntity || o.people.consents != 0 {
		t.Errorf("unsigned: %d", a.status)
	}
	form.Set("consent", "yes")
	if a := p.follow(path+"/consent", form); !strings.Contains(a.body, "Your consent is signed") || strings.Contains(a.body, "is due") || o.people.consents != 1 {
		t.Errorf("signed: %d", a.status)
	}
	if a := p.post(path+"/consent", form); a.location != path || o.people.consents != 1 {
		t.Errorf("signed twice: %d %s", a.status, a.location)
	}
	if a := p.get(path + "/consent"); a.location != path {
		t.Errorf("with nothing due: %d %s", a.status, a.location)
	}
}

// A guardian's right ends for a reason alone.
func TestEndingAGuardianAtTheDesk(t *testing.T) {
	t.Parallel()
	o, _, b := deskOffice(t, "en")
	path := "/staff/guardians/rights/" + testRight + "/end"
	if page := b.get(rosaPath).body; strings.Count(page, `action="`+path+`"`) != 1 || !strings.Contains(page, "A court order") {
		t.Error("the record does not offer to end the guardian's right")
	}
	if a := b.post(path, url.Values{"patient": {testPatient}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose why the right ends") {
		t.Errorf("without a reason: %d", a.status)
	}
	form := url.Values{"patient": {testPatient}, "reason_" + testRight: {"court_order"}, "key": {"0123456789"}}
	if a := b.follow(path, form); a.status != http.StatusOK || !strings.Contains(a.body, "were told by mail") {
		t.Errorf("ending: %d", a.status)
	}
	if got := o.acting.stopped; len(got) != 1 || got[0].GetActsForId() != testRight || got[0].GetReason() != "court_order" || got[0].GetIdempotencyKey() != "0123456789" {
		t.Errorf("asked for %v", got)
	}
	form.Set("reason_"+testRight, "other")
	if a := b.follow(path, form); !strings.Contains(a.body, "No mail goes out") {
		t.Errorf("ending the right of somebody without an address: %d", a.status)
	}
}
