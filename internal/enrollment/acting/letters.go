package acting

import (
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/mail"
)

// letters writes the mails: in the person's language, with first names alone
// and never anything about health.
type letters struct{ baseURL, helpPhone string }

// link carries the invitation to a caregiver. It opens nothing for who is not
// signed in to an account of their own.
func (l letters) link(to, language, name, token, id string) mail.Message {
	m := mail.Message{To: to, ID: "caregiver-" + id}
	page := l.page("/people/accept/" + token)
	if language == "es" {
		m.Subject = name + " le pide ayuda en Bedside"
		m.Text = l.text(language, fmt.Sprintf("%s le invita a actuar en su nombre en Bedside: reservar, cambiar y cancelar consultas por video.", name),
			"Para responder, abra este enlace y entre con una cuenta propia:", page,
			"El enlace sirve una sola vez, durante 7 días.",
			"Si usted no conoce a esta persona, borre este correo. No tiene que hacer nada.")
		return m
	}
	m.Subject = name + " asks for your help at Bedside"
	m.Text = l.text(language, fmt.Sprintf("%s invites you to act for them at Bedside: to book, move and cancel video visits.", name),
		"To answer, open this link and sign in with an account of your own:", page,
		"The link works once, for 7 days.",
		"If you do not know this person, delete this mail. There is nothing to do.")
	return m
}

// onPlan tells a subscriber's address on the roster that a child on the plan has
// a guardian here. The address proves nothing, so that it names nobody.
func (l letters) onPlan(to, language, id string) mail.Message {
	m := mail.Message{To: to, ID: "acting-roster-" + id}
	if language == "es" {
		m.Subject = "Se añadió un padre, una madre o un tutor para un menor de su plan"
		m.Text = l.text(language, "Una persona declaró ser el padre, la madre o el tutor legal de un menor de su plan de salud. Ya puede reservar consultas por video en Bedside para ese menor.",
			"Si fue usted, o si ya lo sabe, no tiene que hacer nada.", "Si esto no es correcto, llámenos enseguida.")
		return m
	}
	m.Subject = "A parent or guardian was added for a child on your plan"
	m.Text = l.text(language, "Somebody stated that they are the parent or legal guardian of a child on your health plan. They can now book video visits at Bedside for this child.",
		"If it was you, or you know about it, there is nothing to do.", "If this is not right, please call us right away.")
	return m
}

// note is the subject and the sentences of a notice.
type note struct {
	subject string
	lines   []string
	link    string
}

// notice tells what changed. The name is that of the person whom it is about.
func (l letters) notice(what, to, language, name, reference, key string) mail.Message {
	n := english(what, name, reference)
	if language == "es" {
		n = spanish(what, name, reference)
	}
	if n.link != "" {
		n.lines = append(n.lines, l.page(n.link))
	}
	return mail.Message{To: to, ID: "acting-" + what + "-" + key, Subject: n.subject, Text: l.text(language, n.lines...)}
}

func english(what, name, reference string) note {
	if name == "" {
		name = "A person"
	}
	switch what {
	case noticeAsked:
		return note{"We are checking your request: " + reference, []string{
			"You asked to act for a child at Bedside. A person checks this, and we tell you by mail.",
			"If you call us, say this reference: " + reference,
		}, ""}
	case noticeRefused:
		return note{"About your request: " + reference, []string{
			"You asked to act for a child at Bedside. We could not confirm it with what we have.",
			"Please call us and say this reference: " + reference + ". We will tell you what is missing.",
		}, ""}
	case noticeBegun:
		return note{"You can now act for " + name, []string{
			fmt.Sprintf("You can now book video visits for %s, as parent or guardian.", name),
			"If you did not ask for this, please call us right away.", "See it here:",
		}, "/people"}
	case noticeAnother:
		return note{"Somebody else can now act for " + name, []string{
			fmt.Sprintf("Another parent or guardian was added for %s at Bedside, beside you. They can book, move and cancel video visits, and see them.", name),
			"If this is not right, please call us right away.",
		}, ""}
	case noticeCaring:
		return note{"You can now act for " + name, []string{
			fmt.Sprintf("You accepted the invitation. You can now book, move and cancel video visits for %s.", name), "You can end it at any time:",
		}, "/people"}
	case noticeAccepted:
		return note{name + " can now act for you", []string{
			fmt.Sprintf("%s accepted your invitation, and can now book, move and cancel your video visits.", name), "You can end it at any time:",
		}, "/people"}
	case noticeEnded:
		return note{"You no longer act for " + name, []string{
			fmt.Sprintf("You no longer act for %s at Bedside. You no longer see their visits.", name),
			"If you did not expect this, please call us.",
		}, ""}
	case noticeHeld:
		return note{"We need to see papers before you act for " + name, []string{
			fmt.Sprintf("For now you no longer act for %s at Bedside, and you no longer see their visits. Visits that are booked stay booked.", name),
			"Please call us. Have a photo ID ready, and a paper that names you, such as a birth certificate or a court order.",
		}, ""}
	case noticeBack:
		return note{"You act for " + name + " again", []string{
			fmt.Sprintf("You act for %s at Bedside again, as before.", name), "See it here:",
		}, "/people"}
	default:
		return note{name + " no longer acts for you", []string{
			fmt.Sprintf("%s no longer acts for you at Bedside, and no longer sees your visits.", name), "See who acts for you:",
		}, "/people"}
	}
}

func spanish(what, name, reference string) note {
	if name == "" {
		name = "Una persona"
	}
	switch what {
	case noticeAsked:
		return note{"Estamos revisando su solicitud: " + reference, []string{
			"Usted pidió actuar por un menor en Bedside. Una persona lo revisa y le avisaremos por correo.",
			"Si nos llama, diga esta referencia: " + reference,
		}, ""}
	case noticeRefused:
		return note{"Sobre su solicitud: " + reference, []string{
			"Usted pidió actuar por un menor en Bedside. No pudimos confirmarlo con los datos que tenemos.",
			"Llámenos y diga esta referencia: " + reference + ". Le diremos qué falta.",
		}, ""}
	case noticeBegun:
		return note{"Ya puede actuar por " + name, []string{
			fmt.Sprintf("Ya puede reservar consultas por video para %s, como padre, madre o tutor.", name),
			"Si usted no lo pidió, llámenos enseguida.", "Véalo aquí:",
		}, "/people"}
	case noticeAnother:
		return note{"Otra persona ya puede actuar por " + name, []string{
			fmt.Sprintf("Además de usted, en Bedside se añadió a otro padre, madre o tutor para %s. Puede reservar, cambiar, cancelar y ver sus consultas por video.", name),
			"Si esto no es correcto, llámenos enseguida.",
		}, ""}
	case noticeCaring:
		return note{"Ya puede actuar por " + name, []string{
			fmt.Sprintf("Usted aceptó la invitación. Ya puede reservar, cambiar y cancelar consultas por video para %s.", name), "Puede dejarlo cuando quiera:",
		}, "/people"}
	case noticeAccepted:
		return note{name + " ya puede actuar por usted", []string{
			fmt.Sprintf("%s aceptó su invitación y ya puede reservar, cambiar y cancelar sus consultas por video.", name), "Puede retirarle este permiso cuando quiera:",
		}, "/people"}
	case noticeEnded:
		return note{"Ya no actúa por " + name, []string{
			fmt.Sprintf("Usted ya no actúa por %s en Bedside y ya no ve sus consultas.", name),
			"Si no lo esperaba, llámenos.",
		}, ""}
	case noticeHeld:
		return note{"Necesitamos ver documentos antes de que usted actúe por " + name, []string{
			fmt.Sprintf("Por ahora usted ya no actúa por %s en Bedside y ya no ve sus consultas. Las consultas reservadas siguen reservadas.", name),
			"Llámenos. Tenga a mano una identificación con foto y un documento que lo nombre a usted, como un acta de nacimiento o una orden judicial.",
		}, ""}
	case noticeBack:
		return note{"Usted vuelve a actuar por " + name, []string{
			fmt.Sprintf("Usted vuelve a actuar por %s en Bedside, como antes.", name), "Véalo aquí:",
		}, "/people"}
	default:
		return note{name + " ya no actúa por usted", []string{
			fmt.Sprintf("%s ya no actúa por usted en Bedside y ya no ve sus consultas.", name), "Vea quién actúa por usted:",
		}, "/people"}
	}
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
