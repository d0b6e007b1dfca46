package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// chooseMove posts a time of the page that moves a visit, and returns the address
// of the last question.
func chooseMove(t *testing.T, b *browser, path string) string {
	t.Helper()
	page := b.get(path + "/move")
	slots := regexp.MustCompile(`name="slot"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="slot"`).FindAllStringSubmatch(page.body, -1)
	if len(slots) == 0 {
		t.Fatalf("no times: %d", page.status)
	}
	last := slots[len(slots)-1]
	a := b.post(path+"/move", url.Values{"slot": {last[1] + last[2]}})
	if !strings.HasPrefix(a.location, path+"/move/check?slot=") {
		t.Fatalf("the choice leads to %d %s", a.status, a.location)
	}
	return a.location
}

func TestMove(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"Change the time", "Choose another time", "Move this visit?", "The visit was moved", "See the new time", "Moved"},
		"es": {"Cambiar la hora", "Elija otra hora", "¿Cambiar la hora de esta consulta?", "La consulta cambió de hora", "Ver la hora nueva", "Cambiada"},
	} {
		b := newSite(t).browser(t, lang)
		path := booked(t, b)
		if page := b.get(path).body; !strings.Contains(page, words[0]) || !strings.Contains(page, path+"/move") {
			t.Errorf("the appointment does not offer %q", words[0])
		}
		times := b.get(path + "/move")
		checkPage(t, times, lang, 0)
		if !strings.Contains(times.body, words[1]) || strings.Contains(times.body, `"/book/time`) || !strings.Contains(times.body, path+"/move?day=") {
			t.Error("the page of times leaves the move")
		}
		check := b.get(chooseMove(t, b, path))
		checkPage(t, check, lang, 0)
		if !strings.Contains(check.body, words[2]) {
			t.Errorf("lacks %q", words[2])
		}
		form := url.Values{"key": {hidden(t, check.body, "key")}, "slot": {hidden(t, check.body, "slot")}}
		sent := b.post(path+"/move/check", form)
		again := b.post(path+"/move/check", form) // sent twice
		if sent.location == path || !strings.HasPrefix(sent.location, "/appointments/") || again.location != sent.location {
			t.Fatalf("moved to %d %s, then %s", sent.status, sent.location, again.location)
		}
		if page := b.get(sent.location).body; !strings.Contains(page, words[3]) {
			t.Errorf("lacks %q", words[3])
		}
		old := b.get(path)
		checkPage(t, old, lang, 0)
		if !strings.Contains(old.body, words[4]) || !strings.Contains(old.body, sent.location) {
			t.Error("the old time does not lead to the new one")
		}
		if a := b.get(path + "/calendar.ics"); a.location != sent.location+"/calendar.ics" {
			t.Errorf("the old calendar file leads to %d %s", a.status, a.location)
		}
		if page := b.get("/appointments").body; !strings.Contains(page, words[5]) {
			t.Errorf("the list lacks %q", words[5])
		}
		for _, p := range []string{"/move", "/move/check"} {
			if a := b.get(path + p); a.location != path {
				t.Errorf("moving the old time again leads to %d %s", a.status, a.location)
			}
		}
	}
}

func TestLosingAMoveOffersTheNearest(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"Somebody was quicker and took it.", "Your visit stays as it was"},
		"es": {"Alguien fue más rápido y la tomó.", "Su consulta sigue como estaba"},
	} {
		s := newSite(t)
		b := s.browser(t, lang)
		path := booked(t, b)
		check := b.get(chooseMove(t, b, path))
		s.sched.lose = "taken"
		a := b.post(path+"/move/check", url.Values{"key": {hidden(t, check.body, "key")}, "slot": {hidden(t, check.body, "slot")}})
		checkPage(t, a, lang, http.StatusConflict)
		for _, want := range append(words, `action="`+path+`/move"`) {
			if !strings.Contains(a.body, want) {
				t.Errorf("lacks %q", want)
			}
		}
		if n := strings.Count(a.body, `name="slot"`); n != 3 {
			t.Errorf("%d times are offered", n)
		}
		if page := b.get(path).body; !strings.Contains(page, path+"/move") {
			t.Error("the old time is gone")
		}
	}
}

func TestMoveRefusesWhatIsNoTime(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	path := booked(t, b)
	if a := b.post(path+"/move", url.Values{}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose a time") {
		t.Errorf("no choice: %d", a.status)
	}
	for _, slot := range []string{"", "x", "x%7Cy", "0198a000-0000-7000-8000-00000000ffff%7C1796000000"} {
		if a := b.get(path + "/move/check?slot=" + slot); a.location != path+"/move" {
			t.Errorf("%q leads to %d %s", slot, a.status, a.location)
		}
	}
	if a := b.get("/appointments/0198a000-0000-7000-8000-00000000ffff/move"); a.status != http.StatusNotFound {
		t.Errorf("somebody else's appointment: %d", a.status)
	}
}
