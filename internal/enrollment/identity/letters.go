package identity

import (
	"strings"

	"github.com/bedside-health/bedside/internal/mail"
)

// letters writes the mails: in the person's language, saying what to do and
// never anything about health or about somebody's papers.
type letters struct{ baseURL, helpPhone string }

// code carries the code of a registration.
func (l letters) code(to, language, code, id string) mail.Message {
	shown := code[:len(code)/2] + " " + code[len(code)/2:]
	m := mail.Message{To: to, ID: "registration-" + id}
	if language == "es" {
		m.Subject = "Su código para abrir su cuenta de Bedside"
		m.Text = l.text(language, "Su código es:", shown,
			"Escríbalo en la página que lo pidió, en los próximos 15 minutos.",
			"Si usted no lo pidió, no tiene que hacer nada. No dé este código a nadie, tampoco a quien diga llamar de nuestra parte.")
		return m
	}
	m.Subject = "Your code to open your Bedside account"
	m.Text = l.text(language, "Your code is:", shown,
		"Type it on the page that asked for it, within 15 minutes.",
		"If you did not ask for it, there is nothing to do. Give this code to nobody, not even to somebody who says they are calling from us.")
	return m
}

// signIn answers a registration of somebody who has an account.
func (l letters) signIn(to, language, id string) mail.Message {
	m := mail.Message{To: to, ID: "registration-" + id}
	link := l.page("/sign-in")
	if language == "es" {
		m.Subject = "Ya tiene una cuenta de Bedside"
		m.Text = l.text(language, "Alguien, probablemente usted, quiso abrir una cuenta de Bedside con esta dirección. Ya tiene una.",
			"Entre aquí:", link, "Si no fue usted, no tiene que hacer nada: nadie puede entrar sin un código enviado a esta dirección.")
		return m
	}
	m.Subject = "You already have a Bedside account"
	m.Text = l.text(language, "Somebody, probably you, wanted to open a Bedside account with this address. You already have one.",
		"Sign in here:", link, "If that was not you, there is nothing to do: nobody can sign in without a code sent to this address.")
	return m
}

// linked tells that the plan is confirmed.
func (l letters) linked(to, language, id string) mail.Message {
	m := mail.Message{To: to, ID: "case-linked-" + id}
	link := l.page("/appointments")
	if language == "es" {
		m.Subject = "Su plan está confirmado"
		m.Text = l.text(language, "Hemos confirmado su plan. A partir de ahora puede pagar sus consultas con él.", "Sus citas están aquí:", link,
			"Si usted no nos llamó, llámenos enseguida.")
		return m
	}
	m.Subject = "Your plan is confirmed"
	m.Text = l.text(language, "We have confirmed your plan. From now on it can pay for your visits.", "Your appointments are here:", link,
		"If you did not call us, please call us right away.")
	return m
}

// closed tells that the plan could not be confirmed.
func (l letters) closed(to, language, reference, id string) mail.Message {
	m := mail.Message{To: to, ID: "case-closed-" + id}
	if language == "es" {
		m.Subject = "Sobre su cuenta de Bedside"
		m.Text = l.text(language, "No pudimos confirmar un plan para su cuenta. Su cuenta sigue abierta: puede reservar consultas y pagarlas usted.",
			"Si tiene preguntas, llámenos y diga la referencia "+reference+".")
		return m
	}
	m.Subject = "About your Bedside account"
	m.Text = l.text(language, "We could not confirm a plan for your account. Your account stays open: you can book visits and pay for them yourself.",
		"If you have questions, call us and say reference "+reference+".")
	return m
}

func (l letters) page(path string) string { return strings.TrimRight(l.baseURL, "/") + path }

func (l letters) text(language string, paragraphs ...string) string {
	if l.helpPhone != "" && language == "es" {
		paragraphs = append(paragraphs, "Ayuda: "+l.helpPhone+" (TTY 711)")
	} else if l.helpPhone != "" {
		paragraphs = append(paragraphs, "Help: "+l.helpPhone+" (TTY 711)")
	}
	return strings.Join(append(paragraphs, "Bedside"), "\n\n") + "\n"
}
