package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// words are what the pages call things, in one language.
type words struct {
	general, where, pennsylvania, showTimes, timesTitle, physician, narrow, showTimesOf, nothing string
	aboutTitle, reason, checkTitle, agree, book, booked                                          string
	cancel, cancelYes, canceled                                                                  string
	memberID, familyName, month, day, year, active                                               string
}

func english() words {
	return words{
		general: "General visit", where: "Where will you be", pennsylvania: "Pennsylvania", showTimes: "Show free times", timesTitle: "Choose a time",
		physician: "Physician", narrow: "Choose a physician, language or specialty", showTimesOf: "Show times", nothing: "Nothing is free on these days",
		aboutTitle: "About the visit", reason: "What would you like to talk about", checkTitle: "Check your answers",
		agree: "I have read this and agree", book: "Book this visit", booked: "Your visit is booked",
		cancel: "Cancel this visit", cancelYes: "Cancel the visit", canceled: "The visit is canceled",
		memberID: "Member ID", familyName: "Last name", month: "Month", day: "Day", year: "Year", active: "Your account is active",
	}
}

// need fills the first page of booking.
func (b *tab) need(w words) {
	b.t.Helper()
	b.open("/book")
	b.choose(w.general)
	b.pick(w.where, w.pennsylvania)
	b.shot("book-1-" + b.name)
	b.axe()
	b.click(w.showTimes)
	b.sees(w.timesTitle)
}

// time chooses the nth free time of the day that shows, and returns its words.
func (b *tab) time(w words, nth int) string { return b.timeOn("book-2", nth) }

// timeOn does so on the page of that name: booking, or moving a visit.
func (b *tab) timeOn(page string, nth int) string {
	b.t.Helper()
	label := b.eval(`(() => {
		const all = [...document.querySelectorAll("main input[type=radio]")].filter(r => /T?\d/.test(r.value) && r.name !== "physician" && !r.disabled && r.labels[0].checkVisibility());
		const r = all[Math.min(` + string(rune('0'+nth)) + `, all.length - 1)];
		if (!r) return "";
		const l = r.labels[0];
		for (const e of document.querySelectorAll("[data-e2e]")) e.removeAttribute("data-e2e");
		l.setAttribute("data-e2e", "");
		l.scrollIntoView({block: "center"});
		return l.innerText.replace(/\s+/g, " ").trim();
	})()`)
	if label == "" {
		b.fail("no time is free")
	}
	b.shot(page + "-" + b.name)
	b.axe()
	b.tap()
	b.submit()
	return label
}

// submit presses the page's one big button, whatever its words.
func (b *tab) submit() {
	b.t.Helper()
	ok := b.eval(`(() => {
		for (const e of document.querySelectorAll("[data-e2e]")) e.removeAttribute("data-e2e");
		const all = [...document.querySelectorAll("main form button[type=submit], main form button:not([type])")].filter(e => e.getClientRects().length > 0 && !e.closest("header"));
		const e = all.findLast(e => e.classList.contains("btn") && !e.classList.contains("secondary") && !e.classList.contains("quiet")) || all.at(-1);
		if (!e) return "";
		e.setAttribute("data-e2e", "");
		e.scrollIntoView({block: "center"});
		return "ok";
	})()`)
	if ok != "ok" {
		b.fail("there is no button to go on")
	}
	b.press()
}

// finish goes from "about the visit" to the confirmation.
func (b *tab) finish(w words) string {
	b.t.Helper()
	b.sees(w.aboutTitle)
	b.fill(w.reason, "A cough since Thursday & some O'Hara-style \"quotes\"")
	b.shot("book-4-" + b.name)
	b.axe()
	b.submit()
	b.sees(w.checkTitle, "A cough since Thursday")
	b.choose(w.agree)
	b.shot("book-5-" + b.name)
	b.axe()
	b.click(w.book)
	b.sees(w.booked)
	b.shot("book-6-" + b.name)
	b.axe()
	ref := reference.FindString(b.text())
	if ref == "" {
		b.fail("the confirmation has no reference")
	}
	return ref
}

var (
	reference = regexp.MustCompile(`\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b`)
	mailCode  = regexp.MustCompile(`\b\d{4} \d{4}\b`)
	mailLink  = regexp.MustCompile(`http://\S+/activate/\S+`)
)

// codeFrom takes the code out of a mail.
func codeFrom(t *testing.T, text string) string {
	t.Helper()
	c := mailCode.FindString(text)
	if c == "" {
		t.Fatalf("no code in the mail:\n%s", text)
	}
	return strings.ReplaceAll(c, " ", "")
}
