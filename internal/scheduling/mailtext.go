package scheduling

import (
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/scheduling/calendar"
)

// language is one that mail is written in.
type language string

const (
	english language = "en"
	spanish language = "es"
)

// languageOf picks the language of a BCP 47 tag; English for those without
// texts yet.
func languageOf(tag string) language {
	if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base == string(spanish) {
		return spanish
	}
	return english
}

// words are what a mail is made of. None of them says why somebody sees a
// physician, or which one: mail is read over shoulders.
type words struct {
	event, reference, when, hello string
	bookedSubject, bookedText     string
	movedSubject, movedText       string
	paidSubject, paidText         string
	cancelSubject, cancelText     string
	seeIt, bookAgain, attached    string
	about                         string
	emergency                     string
	deskBooked, deskMoved         string
	deskCanceled, callUs, call    string
	consentDue                    string
	date                          func(t time.Time) string
}

func (l language) words() words {
	if l == spanish {
		return words{
			event: "Consulta por video", about: "Para", reference: "Referencia", when: "Cuándo", hello: "Hola, %s:",
			bookedSubject: "Su consulta por video está reservada: %s", bookedText: "Su consulta por video está reservada.",
			movedSubject: "Su consulta por video cambió de hora: %s", movedText: "Su consulta por video cambió de hora. La hora anterior ya no vale.",
			paidSubject: "Cambió la forma de pago de su consulta por video: %s", paidText: "Cambió la forma de pago de su consulta por video. La hora es la misma.",
			cancelSubject: "Su consulta por video fue cancelada: %s", cancelText: "Su consulta por video fue cancelada. Ya no tiene que hacer nada.",
			seeIt: "Puede verla, cambiarla de hora o cancelarla aquí", bookAgain: "Puede reservar otra aquí",
			attached:   "El archivo adjunto actualiza su calendario.",
			deskBooked: "Nuestro personal reservó esta visita para usted, por teléfono.", deskMoved: "Nuestro personal la cambió, por teléfono.",
			deskCanceled: "Nuestro personal la canceló, por teléfono.", callUs: "Si eso no es correcto, llámenos: %s (TTY 711).",
			call:       "Si eso no es correcto, llámenos.",
			consentDue: "Falta su consentimiento por escrito. Abra la visita en Bedside y fírmelo antes de que empiece.",
			emergency:  "Si es una emergencia, llame al 911. En una crisis de salud mental, llame o envíe un mensaje de texto al 988.",
			date:       spanishDate,
		}
	}
	return words{
		event: "Video visit", about: "For", reference: "Reference", when: "When", hello: "Hello %s,",
		bookedSubject: "Your video visit is booked: %s", bookedText: "Your video visit is booked.",
		movedSubject: "Your video visit was moved: %s", movedText: "Your video visit was moved. The time before no longer holds.",
		paidSubject: "You changed how you pay for your video visit: %s", paidText: "You changed how you pay for your video visit. The time is the same.",
		cancelSubject: "Your video visit was canceled: %s", cancelText: "Your video visit was canceled. There is nothing more to do.",
		seeIt: "See it, move it or cancel it here", bookAgain: "Book another one here",
		attached:   "The attached file updates your calendar.",
		deskBooked: "Our staff booked it for you, on the phone.", deskMoved: "Our staff moved it for you, on the phone.",
		deskCanceled: "Our staff canceled it for you, on the phone.", callUs: "If that is wrong, please call us: %s (TTY 711).",
		call:       "If that is wrong, please call us.",
		consentDue: "Your consent in writing is still due. Open the visit in Bedside and sign it before it begins.",
		emergency:  "If it is an emergency, call 911. In a mental health crisis, call or text 988.",
		date:       englishDate,
	}
}

func englishDate(t time.Time) string { return t.Format("Monday, January 2, 2006 at 3:04 PM MST") }

func spanishDate(t time.Time) string {
	weekdays := []string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	half := "a. m."
	if t.Hour() >= 12 {
		half = "p. m."
	}
	return fmt.Sprintf("%s %d de %s de %d, %s %s %s", weekdays[t.Weekday()], t.Day(), months[t.Month()-1], t.Year(),
		t.Format("3:04"), half, t.Format("MST"))
}

// visitMail is what a mail says of an appointment.
type visitMail struct {
	given, reference, zone, url string
	// about is for whom the visit is, where that is not the reader.
	about                 string
	start                 time.Time
	canceled, moved, paid bool
	// desk says that staff did it; consentDue that a signature is missing.
	desk, consentDue bool
	helpPhone        string
}

// write makes subject and text. The time is in the zone in which it was
// chosen, and names it.
func (m visitMail) write(l language) (subject, body string) {
	w := l.words()
	loc, err := calendar.LoadZone(m.zone)
	if err != nil {
		loc = time.UTC
	}
	subject, first, link := w.bookedSubject, w.bookedText, w.seeIt
	if m.moved {
		subject, first = w.movedSubject, w.movedText
	}
	if m.paid {
		subject, first = w.paidSubject, w.paidText
	}
	if m.canceled {
		subject, first, link = w.cancelSubject, w.cancelText, w.bookAgain
	}
	lines := []string{fmt.Sprintf(w.hello, m.given), "", strings.Join(append([]string{first}, m.atDesk(w)...), "\n"), ""}
	if m.about != "" {
		lines = append(lines, fmt.Sprintf("%s: %s", w.about, m.about))
	}
	lines = append(lines,
		fmt.Sprintf("%s: %s (%s)", w.when, w.date(m.start.In(loc)), loc),
		fmt.Sprintf("%s: %s", w.reference, m.reference), "",
	)
	if m.consentDue && !m.canceled {
		lines = append(lines, w.consentDue, "")
	}
	lines = append(lines,
		fmt.Sprintf("%s: %s", link, m.url), w.attached, "",
		w.emergency, "", "Bedside", "",
	)
	return fmt.Sprintf(subject, m.reference), strings.Join(lines, "\n")
}

// atDesk says what staff did, and what to do if nobody asked them to.
func (m visitMail) atDesk(w words) []string {
	if !m.desk {
		return nil
	}
	did, call := w.deskBooked, w.call
	if m.moved {
		did = w.deskMoved
	}
	if m.canceled {
		did = w.deskCanceled
	}
	if m.helpPhone != "" {
		call = fmt.Sprintf(w.callUs, m.helpPhone)
	}
	return []string{did, call}
}
