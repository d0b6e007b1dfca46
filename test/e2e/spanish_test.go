package e2e

import (
	"regexp"
	"strings"
	"testing"
)

func spanish() words {
	return words{
		general: "Consulta general", where: "¿Dónde estará", pennsylvania: "Pensilvania", showTimes: "Ver horas libres", timesTitle: "Elija una hora",
		physician: "Médico", narrow: "Elegir médico, idioma o especialidad", showTimesOf: "Ver horas", nothing: "No hay nada libre en estos días",
		aboutTitle: "Sobre la consulta", reason: "¿De qué quiere hablar?", checkTitle: "Revise sus respuestas",
		agree: "He leído esto y acepto", book: "Reservar esta consulta", booked: "Su consulta está reservada",
		cancel: "Cancelar esta consulta", cancelYes: "Cancelar la consulta", canceled: "La consulta está cancelada",
		memberID: "Número de miembro", familyName: "Apellido", month: "Mes", day: "Día", year: "Año", active: "Su cuenta está activa",
	}
}

// englishWords would give away a text that nobody has translated.
var englishWords = regexp.MustCompile(`(?i)\b(the|your|you|and|with|will|for|visits?|physicians?|licensed|continue|choose|book|booked|times?|check|cancel|sign|back|monday|wednesday|january|december|eastern|today|tomorrow|reload|step)\b`)

// ownWords is what a page says in its own language: what is in another one, as
// laws and documents are, says so.
const ownWords = `(() => {
	const whole = document.body.innerText, other = [...document.querySelectorAll("body [lang]")].filter(e => e.lang !== document.documentElement.lang && !e.parentElement.closest("body [lang]"));
	return document.title + "\n" + other.reduce((text, e) => e.innerText.trim() ? text.replace(e.innerText.trim(), "") : text, whole);
})()`

// mailAddress is nobody's language.
var mailAddress = regexp.MustCompile(`\S+@\S+`)

// speaks fails unless the page says which language it is in, and keeps to it.
func (b *tab) speaks() {
	b.t.Helper()
	want, _, _ := strings.Cut(b.look.lang, "-")
	if got := b.eval(`document.documentElement.lang`); got != want {
		b.t.Errorf("%s is in %q, the browser asked for %q", b.path(), got, want)
	}
	if want == "en" || b.path() == gallery {
		return
	}
	text := mailAddress.ReplaceAllString(b.eval(ownWords), "")
	if found := englishWords.FindAllString(text, -1); len(found) > 0 {
		b.t.Errorf("%s has English words, %q:\n%s", b.path(), found, text)
	}
}

// In Spanish: the demo patient on a phone; then, at a dark desktop, a member
// whose roster says that she speaks Spanish, from her invitation to her mail.
func TestSpanish(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), spanish()
	small := phone()
	small.lang = "es-MX"
	b := newTab(t, p.base, small)
	b.open("/")
	b.shot("home-" + b.name)
	b.axe()
	b.click("Probar como paciente")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	b.open("/appointments")
	b.shot("appointments-" + b.name)
	b.axe()
	b.follow("/appointments/")
	b.sees(ref)
	b.axe()
	b.click(w.cancel)
	b.shot("cancel-" + b.name)
	b.axe()
	b.click(w.cancelYes)
	b.sees(w.canceled)

	p.run("roster", "payer", "--name", "Sample Payer", "--id", "555000111")
	p.run("roster", "import", "--test", "--payer", "Sample Payer", "testdata/speaks-spanish.834")
	dark := desktop()
	dark.lang, dark.scheme = "es", "dark"
	p.spanishMember(dark, w)
}

// spanishMember activates an account with the details on a card, books, and
// reads the mail.
func (p *portal) spanishMember(l look, w words) {
	p.t.Helper()
	const address = "lucia.ferrer@harborpine.test"
	b := newTab(p.t, p.base, l)
	b.open("/activate")
	b.shot("activate-" + b.name)
	b.axe()
	b.fill(w.memberID, "900123002")
	b.fill(w.familyName, "ferrer")
	b.fill(w.month, "5")
	b.fill(w.day, "9")
	b.fill(w.year, "1975")
	b.submit()
	b.sees("código")
	b.axe()
	m := p.mailTo(address, "código")
	b.fill("Código", codeFrom(p.t, m.Text))
	b.submit()
	b.sees(w.active)
	b.axe()
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	m = p.mailTo(address, ref)
	for _, want := range []string{"Su consulta por video está reservada", "Cuándo", "911", "988"} {
		if !strings.Contains(m.Subject+m.Text, want) {
			p.t.Errorf("the confirmation lacks %q:\n%s\n%s", want, m.Subject, m.Text)
		}
	}
	if found := englishWords.FindAllString(m.Subject+m.Text, -1); len(found) > 0 {
		p.t.Errorf("the confirmation has English words, %q:\n%s\n%s", found, m.Subject, m.Text)
	}
	if len(m.Files) != 1 || !strings.Contains(m.Files[0].Text, "Consulta por video") {
		p.t.Errorf("the calendar file is not in Spanish: %+v", m.Files)
	}
}
