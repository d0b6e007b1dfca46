package auth

import (
	"fmt"

	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
)

// The mails of auth carry no health data, no link to press and no name. The
// code stands in the body only: subjects show on locked screens.

// codeMail writes a sign-in code. The same challenge makes the same message id,
// so that a second delivery is recognized as one.
func codeMail(to, lang, code string, challenge uuid.UUID) mail.Message {
	shown := code
	if len(code) == codeDigits {
		shown = code[:codeDigits/2] + " " + code[codeDigits/2:]
	}
	m := mail.Message{
		To: to, ID: "code-" + challenge.String(),
		Subject: "Your Bedside sign-in code",
		Text: fmt.Sprintf(`Your sign-in code is

    %s

It works once, for 10 minutes, on the page where you asked for it.

We will never ask you for this code by phone or mail. If you did not ask for
it, you need not do anything: nobody can sign in without it.

Bedside
`, shown),
	}
	if lang == "es" {
		m.Subject = "Su código para entrar en Bedside"
		m.Text = fmt.Sprintf(`Su código para entrar es

    %s

Sirve una sola vez, durante 10 minutos, en la página donde lo pidió.

Nunca le pediremos este código por teléfono ni por correo. Si usted no lo
pidió, no tiene que hacer nada: nadie puede entrar sin él.

Bedside
`, shown)
	}
	return m
}

// passwordMail tells that a password was set.
func passwordMail(to, lang string, job int64) mail.Message {
	m := mail.Message{
		To: to, ID: fmt.Sprintf("password-%d", job),
		Subject: "Your Bedside password was set",
		Text: `The password of your Bedside account was just set, and every other device
was signed out.

If that was you, you need not do anything. If it was not, sign in with a code
sent to this address, set a new password, and call us.

Bedside
`,
	}
	if lang == "es" {
		m.Subject = "Se estableció su contraseña de Bedside"
		m.Text = `Se acaba de establecer la contraseña de su cuenta de Bedside y se cerró la
sesión en todos los demás dispositivos.

Si fue usted, no tiene que hacer nada. Si no fue usted, entre con un código
enviado a esta dirección, establezca una contraseña nueva y llámenos.

Bedside
`
	}
	return m
}
