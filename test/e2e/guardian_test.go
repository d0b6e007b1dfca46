package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// family is what the pages of a parent call things, in one language.
type family struct {
	words
	try, people, add, given, family, wrong, attest, addIt, added, who, consent, mail, end string
}

func englishFamily() family {
	return family{
		words: english(), try: "Try as patient", people: "People I act for", add: "Add a child", given: "The child's first name",
		family: "The child's last name", wrong: "Check the box to confirm", attest: "I have read this, and I confirm", addIt: "Add the child",
		added: "The child is added", who: "Who is the visit for?",
		consent: "consent for Mateo Delgado, as parent or legal guardian", mail: "For: Mateo", end: "no longer act for Mateo",
	}
}

func spanishFamily() family {
	return family{
		words: spanish(), try: "Probar como paciente", people: "Personas por las que actúo", add: "Agregar a un menor", given: "Nombre del menor",
		family: "Apellido del menor", wrong: "Marque la casilla", attest: "He leído esto y confirmo", addIt: "Agregar al menor",
		added: "Se agregó al menor", who: "¿Para quién es la consulta?",
		consent: "doy mi consentimiento por Mateo Delgado", mail: "For: Mateo", end: "ya no actuará por Mateo",
	}
}

// A parent adds her son, books for him, consents in his name and sees the
// visit; the mail goes to her. Being the subscriber was not enough.
func TestParentBooksForAChild(t *testing.T) {
	t.Parallel()
	small := phone()
	small.lang, small.scheme = "es-MX", "dark"
	for _, one := range []struct {
		look  look
		words family
	}{{desktop(), englishFamily()}, {small, spanishFamily()}} {
		t.Run(one.look.lang, func(t *testing.T) {
			t.Parallel()
			p := start(t, options{})
			p.parent(newTab(t, p.base, one.look), one.words)
		})
	}
}

// childsAge reads how old the child is: the demo's Mateo grows.
var childsAge = regexp.MustCompile(`\d+ (years old|años)`)

func (p *portal) parent(b *tab, w family) {
	b.t.Helper()
	b.open("/")
	b.click(w.try)
	b.open("/people")
	b.sees(w.people)
	b.lacks("Mateo")
	b.shot("people-empty-" + b.name)
	b.axe()
	b.click(w.add)
	b.fill(w.given, "Mateo")
	b.fill(w.family, "Delgado")
	b.fill(w.month, "9")
	b.fill(w.day, "3")
	b.fill(w.year, "2014")
	b.fill(w.memberID, "TW 7000001")
	b.click(w.addIt)
	b.sees(w.wrong)
	b.shot("child-wrong-" + b.name)
	b.axe()
	b.choose(w.attest)
	b.shot("child-" + b.name)
	b.click(w.addIt)
	b.sees(w.added, "Mateo Delgado")
	if !childsAge.MatchString(b.text()) {
		b.fail("the page does not say how old Mateo is")
	}
	b.shot("people-" + b.name)
	b.axe()

	b.need(w.words)
	b.time(w.words, 0)
	b.sees(w.who, "Rosa Delgado", "Mateo Delgado")
	b.choose("Mateo Delgado")
	b.shot("book-who-" + b.name)
	b.axe()
	b.submit()
	b.sees(w.aboutTitle, "Mateo Delgado")
	b.fill(w.reason, "An earache since Tuesday")
	b.shot("book-4-child-" + b.name)
	b.axe()
	b.submit()
	b.sees(w.checkTitle, "Everyday HMO")
	b.choose(w.consent)
	b.shot("book-5-child-" + b.name)
	b.axe()
	b.click(w.book)
	b.sees(w.booked)
	ref := reference.FindString(b.text())
	b.open("/appointments")
	b.sees("Mateo Delgado")
	b.shot("appointments-child-" + b.name)
	b.axe()
	b.follow("/appointments/")
	b.sees(ref, "Mateo Delgado")
	m := p.mailTo("rosa.delgado@demo.test", ref)
	if !strings.Contains(m.Text, w.mail) || strings.Contains(m.Text, "earache") {
		b.t.Errorf("the mail to the mother says:\n%s", m.Text)
	}

	// She lets go; the visit stays, and she does not see it any more.
	b.open("/people")
	b.follow("/people/rights/")
	b.sees(w.end)
	b.shot("people-end-" + b.name)
	b.axe()
	b.submit()
	b.lacks("Mateo")
	b.reopensWithout("/appointments", ref)
}
