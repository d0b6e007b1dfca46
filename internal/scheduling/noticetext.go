package scheduling

import (
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// notice is what a mail says when something has come between a visit and its
// day. Like all mail it names neither physician nor reason.
type notice struct {
	given, reference, zone, url string
	// about is for whom the visit is, where that is not the reader.
	about string
	start time.Time

	// Of a coverage.
	reason     string
	ended      *time.Time
	priceCents int32
}

// noticeWords are what such mails are made of.
type noticeWords struct {
	affectedSubject, affectedText, affectedDo string
	coverageSubject, stays                    string
	ended, notBegun, gone                     string // %s in ended is the last covered day
	payDo                                     string // %s is the price
	move, pay                                 string
	day                                       func(t time.Time) string
}

func (l language) noticeWords() noticeWords {
	if l == spanish {
		return noticeWords{
			affectedSubject: "Por favor, elija otra hora para su consulta por video: %s",
			affectedText:    "El médico de su consulta por video ya no puede atenderle ese día en el estado donde usted estará.",
			affectedDo:      "Su consulta no se canceló. Por favor, elija otra hora; también puede elegir otro médico.",
			coverageSubject: "Por favor, revise cómo paga su consulta por video: %s",
			stays:           "Su consulta sigue reservada.",
			ended:           "Su plan nos dice que su cobertura terminó el %s.",
			notBegun:        "Su plan nos dice que su cobertura aún no habrá empezado ese día.",
			gone:            "Su plan nos dice que su cobertura ya no está vigente.",
			payDo:           "Puede pagarla usted (%s) o usar otro plan.",
			move:            "Elija otra hora aquí", pay: "Elija aquí cómo pagar",
			day: func(t time.Time) string {
				date, _, _ := strings.Cut(spanishDate(t), ", ")
				_, date, _ = strings.Cut(date, " ")
				return date
			},
		}
	}
	return noticeWords{
		affectedSubject: "Please choose another time for your video visit: %s",
		affectedText:    "The physician of your video visit can no longer see you on that day in the state where you will be.",
		affectedDo:      "Your visit was not canceled. Please choose another time; you can choose another physician, too.",
		coverageSubject: "Please check how you pay for your video visit: %s",
		stays:           "Your visit stays booked.",
		ended:           "Your plan says that your coverage ended on %s.",
		notBegun:        "Your plan says that your coverage will not have begun on that day.",
		gone:            "Your plan says that your coverage is no longer active.",
		payDo:           "You can pay for it yourself (%s), or use another plan.",
		move:            "Choose another time here", pay: "Choose how to pay here",
		day: func(t time.Time) string { return t.Format("January 2, 2006") },
	}
}

// affected makes subject and text for a visit whose physician may not.
func (n notice) affected(l language) (subject, body string) {
	w := l.noticeWords()
	return fmt.Sprintf(w.affectedSubject, n.reference), n.write(l, []string{w.affectedText, w.affectedDo}, w.move)
}

// uncovered makes subject and text for a visit whose coverage does not cover
// its day.
func (n notice) uncovered(l language) (subject, body string) {
	w := l.noticeWords()
	why := w.gone
	switch {
	case n.reason == lapsedEnded && n.ended != nil:
		why = fmt.Sprintf(w.ended, w.day(*n.ended))
	case n.reason == lapsedNotBegun:
		why = w.notBegun
	}
	return fmt.Sprintf(w.coverageSubject, n.reference), n.write(l, []string{why, w.stays, fmt.Sprintf(w.payDo, dollars(n.priceCents))}, w.pay)
}

func (n notice) write(l language, text []string, link string) string {
	w := l.words()
	loc, err := calendar.LoadZone(n.zone)
	if err != nil {
		loc = time.UTC
	}
	lines := []string{fmt.Sprintf(w.hello, n.given), "", strings.Join(text, " "), ""}
	if n.about != "" {
		lines = append(lines, fmt.Sprintf("%s: %s", w.about, n.about))
	}
	return strings.Join(append(lines,
		fmt.Sprintf("%s: %s (%s)", w.when, w.date(n.start.In(loc)), loc),
		fmt.Sprintf("%s: %s", w.reference, n.reference), "",
		fmt.Sprintf("%s: %s", link, n.url), "",
		w.emergency, "", "Bedside", "",
	), "\n")
}

// dollars writes a price; cents only where there are any.
func dollars(cents int32) string {
	if cents%100 == 0 {
		return fmt.Sprintf("$%d", cents/100)
	}
	return fmt.Sprintf("$%d.%02d", cents/100, cents%100)
}
