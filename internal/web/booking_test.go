package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBookingFromTheFirstPageToTheLast(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	holdTime(t, b)
	if a := b.post("/book/sign-in", url.Values{"email": {"rosa@example.test"}}); a.location != "/sign-in/code" {
		t.Fatalf("asking for a code: %d %s", a.status, a.location)
	}
	wrong := b.post("/sign-in/code", url.Values{"code": {"111111"}})
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, "That code is not right") {
		t.Fatalf("a wrong code: %d", wrong.status)
	}
	if a := b.post("/sign-in/code", url.Values{"code": {" 482 913 "}}); a.location != "/book/about" {
		t.Fatalf("signing in leads to %d %s", a.status, a.location)
	}
	about := b.get("/book/about").body
	for _, want := range []string{"Lanternfield Mutual", "(215) 555-0147", "Kept for you"} {
		if !strings.Contains(about, want) {
			t.Errorf("page 4 lacks %s", want)
		}
	}
	a := b.post("/book/about", url.Values{
		"patient_id": {testPatient}, "reason": {"A rash"}, "interpreter": {"es"}, "captions": {"yes"}, "payment": {"coverage:" + testCoverage},
	})
	if a.location != "/book/check" {
		t.Fatalf("answers lead to %d %s", a.status, a.location)
	}
	check := b.get("/book/check").body
	for _, want := range []string{"A rash", "Interpreter (Spanish) and captions", "Lanternfield Mutual", "Consent to care by video", "2026-11"} {
		if !strings.Contains(check, want) {
			t.Errorf("page 5 lacks %s", want)
		}
	}
	form := checkForm(t, check)
	without := url.Values{"key": form["key"]}
	if a := b.post("/book/check", without); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Check the box to agree") {
		t.Errorf("without consent: %d", a.status)
	}
	first, second := b.post("/book/check", form), b.post("/book/check", form)
	if first.location == "" || first.location != second.location {
		t.Errorf("the same form led to %s and %s", first.location, second.location)
	}
	if n := len(s.sched.booked); n != 1 {
		t.Errorf("%d appointments", n)
	}
	last := b.get(first.location).body
	if !strings.Contains(last, "K7QM-2D9F") || !strings.Contains(last, "calendar.ics") {
		t.Error("page 6 lacks the reference or the calendar entry")
	}
	ics := b.get(strings.TrimSuffix(first.location, "/booked") + "/calendar.ics")
	if !strings.HasPrefix(ics.header.Get("Content-Type"), "text/calendar") || !strings.HasPrefix(ics.body, "BEGIN:VCALENDAR") {
		t.Errorf("calendar entry: %v %.20s", ics.header, ics.body)
	}
}

func TestFirstPageKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	a := b.post("/book", url.Values{"state": {"PA"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="PA" selected`) || !strings.Contains(a.body, `href="#service"`) {
		t.Errorf("status %d", a.status)
	}
	if a := b.post("/book", url.Values{"service": {"general"}, "state": {"PR"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a place that is no state: %d", a.status)
	}
}

// Continuing without a time keeps the day and the physician that were chosen.
func TestNoTimeChosenKeepsTheDay(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	chooseNeed(t, b)
	const path = "/book/time?from=2026-11-30&day=2026-12-01"
	if page := b.get(path).body; !strings.Contains(page, `action="/book/time?from=2026-11-30&amp;day=2026-12-01"`) {
		t.Error("the form forgets the day")
	}
	a := b.post(path, url.Values{})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Tuesday, December 1") || hidden(t, a.body, "back") != strings.ReplaceAll(path, "&", "&amp;") {
		t.Errorf("status %d, back %s", a.status, hidden(t, a.body, "back"))
	}
}

func TestAddressesHoldNothingAboutAPerson(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	chooseNeed(t, b)
	page := b.get("/book/time").body
	for _, word := range []string{"general", "state=", "service=", "PA&", "rosa"} {
		for _, part := range strings.Split(page, `href="`)[1:] {
			if href, _, _ := strings.Cut(part, `"`); strings.Contains(href, word) {
				t.Errorf("address %s holds %s", href, word)
			}
		}
	}
}

func TestLostRaceOffersTheNearestAndKeepsAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	answered(t, b)
	page := b.get("/book/check").body
	s.sched.lose = "taken"
	lost := b.post("/book/check", checkForm(t, page))
	if lost.status != http.StatusConflict || strings.Count(lost.body, `name="slot"`) != 3 || !strings.Contains(lost.body, "answers are kept") {
		t.Fatalf("status %d, %d times", lost.status, strings.Count(lost.body, `name="slot"`))
	}
	again := b.post("/book/time", url.Values{"slot": {firstSlot(t, lost.body)}, "key": {hidden(t, lost.body, "key")}})
	if again.location != "/book/check" {
		t.Fatalf("a nearest time leads to %s", again.location)
	}
	if !strings.Contains(b.get("/book/check").body, "A rash &amp; &lt;itch&gt;") {
		t.Error("the answers are gone")
	}
}

func TestLostRaceAtTheHold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "es")
	chooseNeed(t, b)
	page := b.get("/book/time").body
	s.sched.lose = "license"
	a := b.post("/book/time", url.Values{"slot": {firstSlot(t, page)}})
	if a.status != http.StatusConflict || !strings.Contains(a.body, "licencia del médico") {
		t.Errorf("status %d", a.status)
	}
	for _, slot := range []string{"", "x", "x|y", "|12"} {
		if a := b.post("/book/time", url.Values{"slot": {slot}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Elija una hora") {
			t.Errorf("slot %q: %d", slot, a.status)
		}
	}
}

func TestExpiredHoldIsToldAndTakenAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	answered(t, b)
	s.clock.Move(s.clock.Moved() + 11*time.Minute)
	page := b.get("/book/check")
	if page.status != http.StatusOK || !strings.Contains(page.body, "We no longer keep that time") {
		t.Fatalf("status %d", page.status)
	}
	a := b.post("/book/again", url.Values{"slot": {hidden(t, page.body, "slot")}, "key": {hidden(t, page.body, "key")}})
	if a.location != "/book/check" {
		t.Errorf("taking it again leads to %d %s", a.status, a.location)
	}
}

func TestMoreTimeKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	signedIn(t, b)
	holdTime(t, b)
	s.clock.Move(s.clock.Moved() + 9*time.Minute)
	if page := b.get("/book/about").body; !strings.Contains(page, `class="kept no-print soon"`) {
		t.Error("the end of the hold is not announced")
	}
	a := b.post("/book/about", url.Values{"extend": {"1"}, "reason": {"half a sent"}, "phone": {"12"}})
	if a.status != http.StatusOK || !strings.Contains(a.body, "half a sent") || !strings.Contains(a.body, `class="kept no-print"`) {
		t.Errorf("status %d", a.status)
	}
}

func TestAnswersAreChecked(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	signedIn(t, b)
	holdTime(t, b)
	a := b.post("/book/about", url.Values{"reason": {strings.Repeat("é", reasonLimit+1)}, "phone": {"555 01"}})
	for _, want := range []string{"Use 1000 characters or fewer", "Choose how to pay", "phone number with area code"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("lacks %q", want)
		}
	}
}

func TestWithoutAHoldTheLaterPagesLeadBack(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	for _, path := range []string{"/book/time", "/book/zone"} {
		if a := b.get(path); !strings.HasPrefix(a.location, "/book") || strings.HasPrefix(a.location, "/book/") {
			t.Errorf("%s leads to %s", path, a.location)
		}
	}
	if a := b.get("/book/sign-in"); a.location != "/book/time" {
		t.Errorf("sign-in leads to %s", a.location)
	}
	signedIn(t, b)
	for _, path := range []string{"/book/about", "/book/check"} {
		if a := b.get(path); a.location != "/book/time" {
			t.Errorf("%s leads to %s", path, a.location)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	path := booked(t, b)
	page := b.get(path + "/cancel").body
	a := b.follow(path+"/cancel", url.Values{"key": {hidden(t, page, "key")}})
	if !strings.Contains(a.body, "The visit is canceled") || !strings.Contains(a.body, "This visit was canceled") {
		t.Errorf("status %d", a.status)
	}
	if a := b.get(path + "/cancel"); a.location != path {
		t.Errorf("canceling again leads to %d %s", a.status, a.location)
	}
	if again := b.get(path).body; strings.Contains(again, "The visit is canceled") {
		t.Error("the remark is shown twice")
	}
	if a := b.get("/appointments/0198a000-0000-7000-8000-00000000ffff"); a.status != http.StatusNotFound {
		t.Errorf("somebody else's appointment: %d", a.status)
	}
}
