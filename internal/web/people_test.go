package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

func (a answer) wants(t *testing.T, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func (s *site) patient(t *testing.T, lang string) *browser {
	t.Helper()
	b := s.browser(t, lang)
	if a := b.post("/demo/patient", url.Values{}); a.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", a.status)
	}
	return b
}

func TestPeopleIActFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.patient(t, "en")
	b.get("/people").wants(t, http.StatusOK, "Mateo Delgado", "12 years old", "parent or guardian", "K7QM-2D9F", "Ivor Birdsall", "una@example.test",
		"December 9, 2026", "Add a child", "Invite somebody")
	if strings.Contains(b.get("/people").body, ", 2032") {
		t.Error("an end that is far away is told")
	}
	s.patient(t, "es").get("/people").wants(t, http.StatusOK, "12 años", "Personas por las que actúo")
	b.get("/people/rights/"+testCarer+"/end").wants(t, http.StatusOK, "Ivor Birdsall will no longer act for you")
	b.get("/people/rights/"+testChild+"/end").wants(t, http.StatusNotFound)
	b.follow("/people/rights/"+testRight+"/end", url.Values{"key": {"key-of-the-form"}}).wants(t, http.StatusOK, "It is ended")
	if len(s.acting.ended) != 1 || s.acting.ended[0].GetActsForId() != testRight || s.acting.ended[0].GetIdempotencyKey() != "key-of-the-form" {
		t.Errorf("ended %v", s.acting.ended)
	}
	b.follow("/people/invitations/"+testInvitation+"/withdraw", url.Values{}).wants(t, http.StatusOK, "taken back")
	s.acting.empty = true
	b.get("/people").wants(t, http.StatusOK, "You act for nobody yet", "/activate")
	if strings.Contains(b.get("/people").body, "/people/child") {
		t.Error("who may not add a child is asked to")
	}
	if a := s.browser(t, "en").get("/people"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/sign-in") {
		t.Errorf("nobody: %d %s", a.status, a.location)
	}
}

func childForm(change func(url.Values)) url.Values {
	v := url.Values{
		"given_name": {"Mateo"}, "family_name": {"Delgado"}, "birth_date_month": {"9"}, "birth_date_day": {"3"}, "birth_date_year": {"2014"},
		"member_no": {"PM-100"}, "attest": {"yes"}, "version": {"2026-11"}, "key": {"key-of-the-form"},
	}
	if change != nil {
		change(v)
	}
	return v
}

// A session that ends while a child is typed in loses nothing of it.
func TestAddAChildAfterTheSessionEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	account := uuid.NewString()
	b.hold(AreaPatient, s.auth.openAs(account, rpcv1.Role_ROLE_PATIENT))
	s.auth.mu.Lock()
	clear(s.auth.sessions)
	s.auth.mu.Unlock()
	a := b.post("/people/child", childForm(nil))
	if a.status != http.StatusSeeOther {
		t.Fatalf("the form leads to %d", a.status)
	}
	b.get(a.location).wants(t, http.StatusOK, "What you typed is kept")
	b.hold(AreaPatient, s.auth.openAs(account, rpcv1.Role_ROLE_PATIENT))
	page := b.get("/people/child")
	for name, want := range childForm(nil) {
		if got := hidden(t, page.body, name); got != want[0] {
			t.Errorf("%s comes back as %q", name, got)
		}
	}
}

func TestAddAChild(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.patient(t, "es")
	b.get("/people/child").wants(t, http.StatusOK, "Agregar a un menor", "2026-11", "tutor legal de este menor")
	for name, one := range map[string]struct {
		words  string
		change func(url.Values)
	}{
		"no first name":       {"Escriba el nombre del menor", func(v url.Values) { v.Set("given_name", " ") }},
		"no last name":        {"Escriba el apellido del menor", func(v url.Values) { v.Del("family_name") }},
		"a date that is none": {"Escriba la fecha de nacimiento", func(v url.Values) { v.Set("birth_date_day", "31") }},
		"no plan, and a plan": {"Escriba el número de miembro", func(v url.Values) { v.Set("no_plan", "yes") }},
		"neither":             {"Escriba el número de miembro", func(v url.Values) { v.Del("member_no") }},
		"no word":             {"Marque la casilla", func(v url.Values) { v.Del("attest") }},
	} {
		a := b.post("/people/child", childForm(one.change))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, one.words) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if len(s.acting.added) != 0 {
		t.Fatalf("added %v", s.acting.added)
	}
	b.follow("/people/child", childForm(nil)).wants(t, http.StatusOK, "Se agregó al menor")
	b.follow("/people/child", childForm(func(v url.Values) { v.Set("given_name", "Lucía") })).wants(t, http.StatusOK, "Lo estamos revisando")
	r := s.acting.added[0]
	if r.GetBirthDate() != "2014-09-03" || r.GetAttestationLanguage() != "es" || r.GetAttestationVersion() != "2026-11" || r.GetIdempotencyKey() != "key-of-the-form" {
		t.Errorf("sent %v", r)
	}
	for words, refusal := range map[string]error{
		"18 años o más":             errs.InvalidFields(errs.Field{Name: "birth_date", Reason: "adult"}),
		"El texto ha cambiado":      errs.InvalidFields(errs.Field{Name: "attestation_version", Reason: "unknown"}),
		"Escriba el nombre":         errs.InvalidFields(errs.Field{Name: "given_name", Reason: "length"}),
		"Active primero una cuenta": errs.New(errs.Precondition, "own_patient_needed", "x"),
		"demasiadas veces":          errs.New(errs.Throttled, "too_many_tries", "x"),
	} {
		s.acting.refuse = refusal
		status := http.StatusUnprocessableEntity
		if errs.CodeOf(refusal) == errs.Throttled {
			status = http.StatusTooManyRequests
		}
		b.post("/people/child", childForm(nil)).wants(t, status, words)
	}
}

func TestInviteAndAccept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.patient(t, "en")
	b.get("/people/invite").wants(t, http.StatusOK, "Invite somebody to act for you")
	b.post("/people/invite", url.Values{}).wants(t, http.StatusUnprocessableEntity, "Enter an e-mail address")
	b.follow("/people/invite", url.Values{"email": {"una@example.test"}}).wants(t, http.StatusOK, "on its way")
	s.acting.refuse = errs.InvalidFields(errs.Field{Name: "email", Reason: "own"})
	b.post("/people/invite", url.Values{"email": {"rosa@example.test"}}).wants(t, http.StatusUnprocessableEntity, "your own address")
	s.acting.refuse = nil

	guest := s.browser(t, "en")
	if a := guest.get("/people/accept/bad"); a.location != "/sign-in" {
		t.Errorf("a bad link leads to %q", a.location)
	}
	guest.get("/sign-in").wants(t, http.StatusOK, "no longer good")
	if a := guest.get("/people/accept/" + goodCareLink); a.location != "/people/accept" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("a good link leads to %q, %v", a.location, a.header)
	}
	a := guest.get("/people/accept")
	a.wants(t, http.StatusOK, "Vera asks for your help", "/sign-in?next=/people/accept")
	if a.header.Get("Cache-Control") != "no-store" || strings.Contains(a.body, goodCareLink) {
		t.Errorf("the page keeps the link: %v", a.header)
	}
	if a := guest.post("/people/accept", url.Values{}); a.status != http.StatusSeeOther || len(s.acting.accepted) != 0 {
		t.Errorf("nobody accepts: %d", a.status)
	}
	guest.post("/demo/patient", url.Values{})
	s.acting.refuse = errs.New(errs.Precondition, "caregiver_link_own", "x")
	guest.post("/people/accept", url.Values{}).wants(t, http.StatusUnprocessableEntity, "You sent that invitation yourself")
	s.acting.refuse = nil
	guest.follow("/people/accept", url.Values{}).wants(t, http.StatusOK, "You accepted the invitation")
	if len(s.acting.accepted) != 1 || s.acting.accepted[0] != goodCareLink {
		t.Errorf("accepted %v", s.acting.accepted)
	}
	if a := guest.get("/people/accept"); a.location != "/people" {
		t.Errorf("the link is still there: %q", a.location)
	}
}

// Who acts for several people says for whom, and consents in their name.
func TestBookingForAChild(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.people.others = append(s.people.others, mateo())
	b := s.patient(t, "en")
	holdTime(t, b)
	if a := b.get("/book/about"); a.location != "/book/who" {
		t.Fatalf("about leads to %q, %d", a.location, a.status)
	}
	b.get("/book/who").wants(t, http.StatusOK, "Who is the visit for?", "Rosa Delgado", "Mateo Delgado", "12 years old")
	for _, bad := range []string{"", testMember} {
		b.post("/book/who", url.Values{"patient_id": {bad}}).wants(t, http.StatusUnprocessableEntity, "Choose who the visit is for")
	}
	a := b.follow("/book/who", url.Values{"patient_id": {testChild}})
	a.wants(t, http.StatusOK, "About the visit", "Mateo Delgado", `value="`+testChild+`"`, `value="self_pay"`)
	if strings.Contains(a.body, "Lanternfield") {
		t.Error("Rosa's coverage is offered for Mateo")
	}
	a = b.follow("/book/about", url.Values{"patient_id": {testChild}, "reason": {"A cough"}, "payment": {"self_pay"}})
	a.wants(t, http.StatusOK, "consent for Mateo Delgado, as parent or legal guardian", "/book/who")
	// Rosa again: what was said about Mateo is not for her.
	a = b.follow("/book/who", url.Values{"patient_id": {testPatient}})
	a.wants(t, http.StatusOK, "Lanternfield")
	if strings.Contains(a.body, "A cough") {
		t.Error("what was said about Mateo is shown for Rosa")
	}
	b.get("/appointments").wants(t, http.StatusOK)
}

func TestGuardianRequestsOfStaff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	b.get("/staff/guardians").wants(t, http.StatusOK, "K7QM-2D9F", "Ivor Birdsall", "another family")
	page := "/staff/guardians/" + testRequest
	b.get(page).wants(t, http.StatusOK, "Prairie Mutual", "one guardian today", "None of these", "PM100")
	b.get("/staff/guardians/"+testMember).wants(t, http.StatusNotFound)
	b.post(page, url.Values{"decision": {"approve"}}).wants(t, http.StatusUnprocessableEntity, "Choose the child", "Write a reason")
	b.post(page, url.Values{"decision": {"refuse"}}).wants(t, http.StatusUnprocessableEntity, "Write a reason")
	o.acting.refuse = errs.InvalidFields(errs.Field{Name: "member_id", Reason: "unknown"})
	b.post(page, url.Values{"decision": {"approve"}, "member_id": {testMember}, "note": {"Seen."}}).wants(t, http.StatusUnprocessableEntity, "under 18")
	o.acting.refuse = nil
	b.follow(page, url.Values{"decision": {"approve"}, "member_id": {testMember}, "note": {"Seen."}}).wants(t, http.StatusOK, "approved")
	b.follow(page, url.Values{"decision": {"approve"}, "member_id": {withoutPlan}, "note": {"Seen."}}).wants(t, http.StatusOK, "approved")
	b.follow(page, url.Values{"decision": {"refuse"}, "note": {"No papers."}}).wants(t, http.StatusOK, "refused")
	d := o.acting.decided
	if len(d) != 3 || !d[0].GetApprove() || d[0].GetMemberId() != testMember || d[1].GetMemberId() != "" || d[2].GetApprove() {
		t.Errorf("decided %v", d)
	}
	if a := b.get("/staff/guardians"); strings.Contains(a.body, "more wait") {
		t.Error("more wait than are listed")
	}
	o.acting.hidden = 7
	b.get("/staff/guardians").wants(t, http.StatusOK, "7 more wait")
	o.acting.empty = true
	b.get("/staff/guardians").wants(t, http.StatusOK, "Nothing waits")
	if a := o.patient(t, "en").get("/staff/guardians"); a.status == http.StatusOK {
		t.Error("a patient sees what waits for staff")
	}
}
