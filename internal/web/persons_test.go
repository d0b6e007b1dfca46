package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func personsPages() []string {
	return []string{
		"/staff/duplicates", "/staff/duplicates?show=decided", "/staff/duplicates?show=open&after=" + openPair, "/staff/duplicates/" + openPair,
		"/staff/duplicates/" + mergedPair, "/staff/invitations", "/staff/invitations/undeliverable", "/staff/letters",
	}
}

func TestPersonsPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		o := newOffice(t)
		b := o.as(t, AreaStaff, lang)
		for _, path := range personsPages() {
			a := b.get(path)
			t.Run(lang+path, func(t *testing.T) {
				checkPage(t, a, lang, 0)
				if a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("cached as %q", a.header.Get("Cache-Control"))
				}
			})
		}
		checkPage(t, o.browser(t, lang).get("/activate/letter"), lang, 0)
	}
}

func TestPersonsPagesAreForStaff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, path := range append(personsPages(), "/staff/letters/"+madeBatch+"/print") {
		if a := o.browser(t, "en").get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/staff/sign-in") {
			t.Errorf("nobody at %s: %d to %q", path, a.status, a.location)
		}
		b := o.as(t, AreaPatient, "en")
		b.cookies[AreaStaff.secretCookie()], b.cookies[AreaStaff.tokenCookie()] = b.cookies[AreaPatient.secretCookie()], b.cookies[AreaPatient.tokenCookie()]
		if a := b.get(path); a.status != http.StatusForbidden || strings.Contains(a.body, "Quiroga") {
			t.Errorf("a patient at %s: %d", path, a.status)
		}
	}
}

func TestMergingInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	one := "/staff/duplicates/" + openPair
	if page := b.get(one).body; !strings.Contains(page, "Differs") || !strings.Contains(page, "iq@example.test") || !strings.Contains(page, "Whose account stays?") {
		t.Error("the page does not compare")
	}
	if a := b.post(one+"/merge", url.Values{}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose which patient goes on") {
		t.Errorf("nothing chosen: %d", a.status)
	}
	if a := b.post(one+"/merge", url.Values{"survivor": {oneSide}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose whose account stays") {
		t.Errorf("no account chosen: %d", a.status)
	}
	if page := b.get(one).body; !strings.Contains(page, "Who has the account?") || !strings.Contains(page, "Yes, not identified") {
		t.Error("the page does not ask for papers")
	}
	unseen := url.Values{"survivor": {oneSide}, "account": {oneSide}}
	if a := b.post(one+"/merge", unseen); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Record an identity check that passed first") {
		t.Errorf("an account that nobody identified: %d", a.status)
	}
	if a := b.follow(one+"/merge", url.Values{"survivor": {oneSide}, "account": {otherSide}, "key": {"0123456789"}}); a.status != http.StatusOK || !strings.Contains(a.body, "They are one person now") {
		t.Errorf("merging: %d", a.status)
	}
	if got := o.persons.merged; len(got) != 1 || got[0].GetSurvivorId() != oneSide || got[0].GetAccountOf() != otherSide || got[0].GetIdempotencyKey() != "0123456789" {
		t.Errorf("asked for %v", got)
	}
	unseen.Set("method", "video")
	unseen.Set("document", "passport")
	if b.follow(one+"/merge", unseen); len(o.persons.merged) != 2 || o.persons.merged[1].GetMethod() != "video" || o.persons.merged[1].GetDocument() != "passport" {
		t.Errorf("papers were seen: %v", o.persons.merged)
	}
	if page := b.get("/staff/duplicates/" + mergedPair).body; !strings.Contains(page, "Rosa Delgado, parent or guardian (Second patient)") {
		t.Error("the page does not say whose right was put aside")
	}
	if a := b.follow("/staff/duplicates/"+mergedPair+"/undo", url.Values{}); !strings.Contains(a.body, "The merge is undone") || o.persons.undone != 1 {
		t.Errorf("undoing: %d", a.status)
	}
	if a := b.post(one+"/dismiss", url.Values{}); a.status != http.StatusConflict || !strings.Contains(a.body, "Somebody has decided") {
		t.Errorf("too late: %d", a.status)
	}
	if a := b.get("/staff/duplicates/none"); a.status != http.StatusNotFound {
		t.Errorf("an unknown pair: %d", a.status)
	}
}

// Of a guardian who vouched for one alone, papers are asked for; without them the
// page says what becomes of the right.
func TestMergingWithAGuardianInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	one := "/staff/duplicates/" + openPair
	if page := b.get(one).body; !strings.Contains(page, "Papers of Rosa Delgado") || !strings.Contains(page, "puts their right aside until it is undone") {
		t.Error("the page does not ask for papers")
	}
	form := func(method, record string) url.Values {
		return url.Values{"survivor": {oneSide}, "account": {otherSide}, guardianMethod + someRight: {method}, guardianRecord + someRight: {record}}
	}
	if a := b.post(one+"/merge", form("video", "")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose which document it was") {
		t.Errorf("no paper: %d", a.status)
	}
	if a := b.post(one+"/merge", form(unseen, "court_order")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose how you looked at it") {
		t.Errorf("a paper that nobody saw: %d", a.status)
	}
	b.follow(one+"/merge", form(unseen, ""))
	b.follow(one+"/merge", form("video", "court_order"))
	got := o.persons.merged
	if len(got) != 2 || len(got[0].GetGuardians()) != 0 || len(got[1].GetGuardians()) != 1 {
		t.Fatalf("asked for %v", got)
	}
	if k := got[1].GetGuardians()[0]; k.GetActsForId() != someRight || k.GetMethod() != "video" || k.GetDocument() != "court_order" {
		t.Errorf("papers: %v", k)
	}
}

func TestWavesInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	good := func() url.Values {
		return url.Values{"payer": {testPayer}, "audience": {"new"}, "most": {"500"}, "per_minute": {"60"}}
	}
	for field, bad := range map[string]string{"payer": "", "audience": "", "most": "many", "per_minute": "-1", "starts_time": "noon"} {
		form := good()
		form.Set(field, bad)
		if a := b.post("/staff/invitations", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s %q: %d", field, bad, a.status)
		}
	}
	form := good()
	form.Set("audience", "again")
	if a := b.post("/staff/invitations", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Another wave of this payer is at work") {
		t.Errorf("a second wave: %d", a.status)
	}
	if len(o.invitations.started) != 0 {
		t.Fatal("something bad reached the service")
	}
	form = good()
	form.Set("starts_month", "11")
	form.Set("starts_day", "30")
	form.Set("starts_year", "2026")
	form.Set("starts_time", "9:30")
	if a := b.follow("/staff/invitations", form); !strings.Contains(a.body, "The wave is set up") {
		t.Fatalf("starting: %d", a.status)
	}
	got := o.invitations.started[0]
	if got.GetMost() != 500 || got.GetPerMinute() != 60 || got.GetStartsAt().AsTime().Format("2006-01-02T15:04Z") != "2026-11-30T14:30Z" {
		t.Errorf("asked for %v", got)
	}
	if a := b.follow("/staff/invitations/waves/"+someWave, url.Values{"action": {"pause"}}); !strings.Contains(a.body, "The wave is paused") || o.invitations.steered[0].GetAction() != "pause" {
		t.Errorf("pausing: %d", a.status)
	}
	if a := b.post("/staff/invitations/undeliverable", url.Values{"email": {"who@example.test"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "No roster has this address") {
		t.Errorf("an unknown address: %d", a.status)
	}
	if a := b.follow("/staff/invitations/undeliverable", url.Values{"email": {"ada@example.test"}}); !strings.Contains(a.body, "The address is marked") {
		t.Errorf("marking: %d", a.status)
	}
	if a := b.follow("/staff/invitations/undeliverable/"+openPair+"/clear", url.Values{}); !strings.Contains(a.body, "The address is used again") {
		t.Errorf("clearing: %d", a.status)
	}
}

func TestLettersInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	if a := b.post("/staff/letters", url.Values{"audience": {"everybody"}, "most": {"501"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("bad answers: %d", a.status)
	}
	if a := b.follow("/staff/letters", url.Values{"payer": {testPayer}, "audience": {"requested"}, "most": {"10"}}); !strings.Contains(a.body, "Nobody needs a letter") {
		t.Errorf("nobody: %d", a.status)
	}
	if a := b.follow("/staff/letters", url.Values{"payer": {testPayer}, "audience": {"everybody"}, "most": {"10"}}); !strings.Contains(a.body, "The letters are ready") {
		t.Errorf("making: %d", a.status)
	}
	a := b.get("/staff/letters/" + madeBatch + "/print")
	for _, want := range []string{`<article class="sheet" lang="es">`, "K7QM-2D9F-4R8T", "Abra su cuenta", "WXYZ-2345-6789", "Open your Bedside account", "LINCOLN, NE 68502", "/activate/letter"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the print lacks %q", want)
		}
	}
	if a.header.Get("Cache-Control") != "no-store" || strings.Count(a.body, "<h1") != 1 {
		t.Errorf("the print may be kept: %q", a.header.Get("Cache-Control"))
	}
	if a := b.get("/staff/letters/" + openPair + "/print"); a.status != http.StatusConflict || !strings.Contains(a.body, "Only the person who made these letters") {
		t.Errorf("somebody else's: %d", a.status)
	}
	if a := b.follow("/staff/letters/"+madeBatch, url.Values{"state": {"mailed"}}); !strings.Contains(a.body, "on their way") || o.letters.settled[0] != "mailed" {
		t.Errorf("mailed: %d", a.status)
	}
}

func TestActivatingByLetterInPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	for _, path := range []string{"/activate/letter/email", "/activate/letter/code"} {
		if a := b.get(path); a.location != "/activate/letter" {
			t.Errorf("%s before the letter: %d", path, a.status)
		}
	}
	born := url.Values{"letter_code": {"K7QM-2D9F-4R8T"}, "birth_date_month": {"5"}, "birth_date_day": {"7"}, "birth_date_year": {"1980"}}
	if a := b.post("/activate/letter", born); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "do not go together") {
		t.Errorf("a wrong birth date: %d", a.status)
	}
	born.Set("birth_date_day", "6")
	if a := b.post("/activate/letter", born); a.location != "/activate/letter/email" {
		t.Fatalf("the letter: %d %s", a.status, a.location)
	}
	if a := b.post("/activate/letter/email", url.Values{"email": {"no address"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad address: %d", a.status)
	}
	if a := b.follow("/activate/letter/email", url.Values{"email": {"ines@example.test"}}); !strings.Contains(a.body, "ines@example.test") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("naming an address: %d, %s", a.status, a.header.Get("Cache-Control"))
	}
	if a := b.post("/activate/letter/code", url.Values{"code": {"0000 0000"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.status)
	}
	if a := b.post("/activate/letter/code", url.Values{"code": {"4829 1357"}}); a.status != http.StatusSeeOther || b.cookies[AreaPatient.secretCookie()] == "" || b.cookies[cookieLetter] != "" {
		t.Errorf("the code: %d", a.status)
	}
}

// Whoever asks for a letter sees the same page.
func TestAskingForALetterInPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	if a := b.post("/activate/help/letter", nil); a.location != "/activate" || s.letters.asked != 0 {
		t.Errorf("without details: %d %s", a.status, a.location)
	}
	b.post("/activate", url.Values{"member_id": {"W1"}, "family_name": {"Quiroga"}, "birth_date_month": {"5"}, "birth_date_day": {"6"}, "birth_date_year": {"1980"}})
	if a := b.get("/activate/code"); !strings.Contains(a.body, "/activate/help") {
		t.Error("the page of the code does not lead to help")
	}
	if a := b.follow("/activate/help/letter", url.Values{}); a.status != http.StatusOK || !strings.Contains(a.body, "We have noted") || s.letters.asked != 1 {
		t.Errorf("asking: %d", a.status)
	}
}
