package people

import (
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/mail"
)

// letters writes the mails: in the person's language, saying what to do and
// never anything about health.
type letters struct{ baseURL, helpPhone string }

// invitation carries the link. Without the birth date it opens nothing.
func (l letters) invitation(to, language, givenName, payer, token, id string) mail.Message {
	link := l.page("/activate/" + token)
	m := mail.Message{To: to, ID: "invitation-" + id}
	if language == "es" {
		m.Subject = "Su invitación a Bedside"
		m.Text = l.text(language, fmt.Sprintf("Hola, %s:", givenName),
			fmt.Sprintf("%s le da acceso a Bedside, donde puede ver a un médico por video.", payer),
			"Abra su cuenta con este enlace. Le pediremos su fecha de nacimiento.", link,
			"El enlace sirve una sola vez, durante 30 días.",
			fmt.Sprintf("Si usted no es %s, borre este correo: sin la fecha de nacimiento, el enlace no abre nada.", givenName))
		return m
	}
	m.Subject = "Your invitation to Bedside"
	m.Text = l.text(language, fmt.Sprintf("Hello %s,", givenName),
		fmt.Sprintf("%s gives you access to Bedside, where you can see a physician by video.", payer),
		"Open your account with this link. We will ask for your date of birth.", link,
		"The link works once, for 30 days.",
		fmt.Sprintf("If you are not %s, please delete this mail: without the date of birth the link opens nothing.", givenName))
	return m
}

// code carries the code of an activation by typed details.
func (l letters) code(to, language, code, id string) mail.Message {
	shown := code[:len(code)/2] + " " + code[len(code)/2:]
	m := mail.Message{To: to, ID: "activation-" + id}
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

// signIn answers typed details of somebody who has an account: only the
// mailbox learns that.
func (l letters) signIn(to, language, id string) mail.Message {
	m := mail.Message{To: to, ID: "activation-" + id}
	link := l.page("/sign-in")
	if language == "es" {
		m.Subject = "Ya tiene una cuenta de Bedside"
		m.Text = l.text(language, "Alguien, probablemente usted, escribió los datos de su plan para abrir una cuenta de Bedside. Ya tiene una.",
			"Entre aquí:", link, "Si no fue usted, llámenos.")
		return m
	}
	m.Subject = "You already have a Bedside account"
	m.Text = l.text(language, "Somebody, probably you, typed the details of your plan to open a Bedside account. You already have one.",
		"Sign in here:", link, "If that was not you, please call us.")
	return m
}

// activated tells the roster's address that an account was opened.
func (l letters) activated(to, language, id string) mail.Message {
	m := mail.Message{To: to, ID: "activated-" + id}
	link := l.page("/sign-in")
	if language == "es" {
		m.Subject = "Se abrió su cuenta de Bedside"
		m.Text = l.text(language, "Se abrió una cuenta de Bedside con los datos de su plan.", "Entre aquí:", link,
			"Si no fue usted, llámenos enseguida.")
		return m
	}
	m.Subject = "Your Bedside account was opened"
	m.Text = l.text(language, "A Bedside account was opened with the details of your plan.", "Sign in here:", link,
		"If that was not you, please call us right away.")
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
