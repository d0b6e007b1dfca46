package web

import (
	"net/url"
	"strings"
	"testing"
)

// A page of times is kept, but only for as long as scheduling says so, only
// for those who see the same, and never with somebody's idempotency key.
func TestPagesOfTimesAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sched.tag.Store("first")
	b, other, spanish := s.browser(t, "en"), s.browser(t, "en"), s.browser(t, "es")
	for _, who := range []*browser{b, other, spanish} {
		chooseNeed(t, who)
	}
	written := b.get("/book/time")
	kept := other.get("/book/time")
	if n := s.sched.unchanged.Load(); n != 1 {
		t.Fatalf("%d pages were kept", n)
	}
	if a, b := hidden(t, written.body, "key"), hidden(t, kept.body, "key"); a == b || a == keptKey || b == keptKey || len(b) != len(a) {
		t.Errorf("keys %q and %q", a, b)
	}
	strip := func(a answer) string { return strings.ReplaceAll(a.body, hidden(t, a.body, "key"), "") }
	if strip(written) != strip(kept) {
		t.Error("the kept page is another one")
	}
	for _, name := range []string{"Cache-Control", "Content-Type", "Content-Security-Policy"} {
		if written.header.Get(name) != kept.header.Get(name) {
			t.Errorf("%s: %q and %q", name, written.header.Get(name), kept.header.Get(name))
		}
	}
	if es := spanish.get("/book/time").body; strings.Contains(es, "Choose a time") || strip(kept) == es {
		t.Error("the page of one language was shown in the other")
	}
	if other.get("/book/time?with="); s.sched.unchanged.Load() != 1 {
		t.Error("the page of one address was shown at another")
	}
	// The key of a kept page holds a time as any does.
	if a := other.post("/book/time", url.Values{"slot": {firstSlot(t, kept.body)}, "key": {hidden(t, kept.body, "key")}}); a.location != "/book/sign-in" {
		t.Errorf("choosing a time of a kept page leads to %d %s", a.status, a.location)
	}
	s.sched.tag.Store("second")
	before := s.sched.unchanged.Load()
	if b.get("/book/time"); s.sched.unchanged.Load() != before {
		t.Error("a page outlived the calendars that it was made from")
	}
	s.sched.tag.Store("")
	b.get("/book/time")
	if b.get("/book/time"); s.sched.unchanged.Load() != before {
		t.Error("an answer that may not be kept was kept")
	}
}

// Who is signed in gets a page of their own.
func TestPagesOfTimesAreNotKeptForSomebody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sched.tag.Store("first")
	b := s.browser(t, "en")
	chooseNeed(t, b)
	b.post("/demo/patient", url.Values{})
	b.get("/book/time")
	if page := b.get("/book/time").body; s.sched.unchanged.Load() != 0 || !strings.Contains(page, "/sign-out") {
		t.Error("a page of somebody who is signed in was kept")
	}
}
