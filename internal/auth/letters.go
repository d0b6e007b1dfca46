package auth

import (
	"strings"

	"github.com/bedside-health/bedside/internal/mail"
)

// letters writes the mails that lead somewhere or warn. They carry no name and
// nothing about health; whoever did not ask for one is told whom to call.
type letters struct{ baseURL, helpPhone string }

// words is one mail in one language. The link stands between its two parts.
type words struct {
	subject       string
	before, after []string
}

func (l letters) write(to, lang, id, link string, en, es words) mail.Message {
	w := en
	if lang == "es" {
		w = es
	}
	parts := append([]string{}, w.before...)
	if link != "" {
		parts = append(parts, link)
	}
	parts = append(parts, w.after...)
	if l.helpPhone != "" && lang == "es" {
		parts = append(parts, "Ayuda: "+l.helpPhone+" (TTY 711)")
	} else if l.helpPhone != "" {
		parts = append(parts, "Help: "+l.helpPhone+" (TTY 711)")
	}
	return mail.Message{To: to, ID: id, Subject: w.subject, Text: strings.Join(append(parts, "Bedside"), "\n\n") + "\n"}
}

func (l letters) page(path, token string) string {
	return strings.TrimRight(l.baseURL, "/") + path + token
}

// link writes the mail that carries a link of that purpose.
func (l letters) link(to, lang, purpose, token, id string) mail.Message {
	id = "link-" + id
	switch purpose {
	case linkEnroll:
		return l.write(to, lang, id, l.page("/sign-in/invited/", token), words{
			"Set up your Bedside sign-in",
			[]string{"You work with Bedside from now on, or your sign-in was reset. Choose a password and set up your authenticator app with this link."},
			[]string{"The link works once, for 7 days. Do not pass it on: whoever has it can sign in as you. If you do not know what this is about, call us."},
		}, words{
			"Prepare su acceso a Bedside",
			[]string{"Desde ahora usted trabaja con Bedside, o se restableció su acceso. Elija una contraseña y prepare su aplicación de autenticación con este enlace."},
			[]string{"El enlace sirve una sola vez, durante 7 días. No lo comparta: quien lo tenga puede entrar en su lugar. Si no sabe de qué se trata, llámenos."},
		})
	case linkAddress:
		return l.write(to, lang, id, l.page("/sign-in/new-address/", token), words{
			"Confirm your new e-mail address for Bedside",
			[]string{"You asked us to use this address for your Bedside account. Open this link and press the button."},
			[]string{"The link works once, for 24 hours. If you did not ask for this, please delete this mail and call us."},
		}, words{
			"Confirme su nueva dirección de correo para Bedside",
			[]string{"Usted nos pidió usar esta dirección para su cuenta de Bedside. Abra este enlace y pulse el botón."},
			[]string{"El enlace sirve una sola vez, durante 24 horas. Si usted no lo pidió, borre este correo y llámenos."},
		})
	}
	return l.write(to, lang, id, l.page("/sign-in/reset/", token), words{
		"Set a new Bedside password",
		[]string{"Somebody, probably you, asked to set a new password for your Bedside account. Open this link to choose one."},
		[]string{"The link works once, for 30 minutes. If you did not ask for it, there is nothing to do: your password stays as it is."},
	}, words{
		"Establezca una nueva contraseña de Bedside",
		[]string{"Alguien, probablemente usted, pidió establecer una nueva contraseña para su cuenta de Bedside. Abra este enlace para elegirla."},
		[]string{"El enlace sirve una sola vez, durante 30 minutos. Si usted no lo pidió, no tiene que hacer nada: su contraseña sigue igual."},
	})
}

// newEmail carries the code that proves a new address.
func (l letters) newEmail(to, lang, code, id string) mail.Message {
	shown := code[:codeDigits/2] + " " + code[codeDigits/2:]
	return l.write(to, lang, "new-email-"+id, "", words{
		"Your code for a new e-mail address",
		[]string{"To use this address with Bedside, type this code on the page that asked for it:", "    " + shown},
		[]string{"It works once, for 10 minutes. We will never ask you for it by phone or mail. If you did not ask for it, there is nothing to do."},
	}, words{
		"Su código para una nueva dirección de correo",
		[]string{"Para usar esta dirección en Bedside, escriba este código en la página que lo pidió:", "    " + shown},
		[]string{"Sirve una sola vez, durante 10 minutos. Nunca se lo pediremos por teléfono ni por correo. Si usted no lo pidió, no tiene que hacer nada."},
	})
}

// emailInUse answers a new address that is somebody's already: only the
// mailbox learns that.
func (l letters) emailInUse(to, lang, id string) mail.Message {
	return l.write(to, lang, "new-email-"+id, l.page("/sign-in", ""), words{
		"This address already has a Bedside account",
		[]string{"Somebody, probably you, wanted to use this address for another Bedside account. It has an account already. Sign in here:"},
		[]string{"If that was not you, there is nothing to do."},
	}, words{
		"Esta dirección ya tiene una cuenta de Bedside",
		[]string{"Alguien, probablemente usted, quiso usar esta dirección para otra cuenta de Bedside. Ya tiene una cuenta. Inicie sesión aquí:"},
		[]string{"Si no fue usted, no tiene que hacer nada."},
	})
}

// notice tells that something about an account has changed.
func (l letters) notice(to, lang, kind, id string) mail.Message {
	id = "notice-" + id
	switch kind {
	case noticeEmailChanged:
		return l.write(to, lang, id, "", words{
			"Your Bedside e-mail address was changed",
			[]string{"Your Bedside account uses another e-mail address from now on. This one no longer opens it."},
			[]string{"If this was not you, call us right away: we can give your account back to you."},
		}, words{
			"Se cambió su dirección de correo de Bedside",
			[]string{"Desde ahora su cuenta de Bedside usa otra dirección de correo. Con esta ya no se puede entrar."},
			[]string{"Si no fue usted, llámenos enseguida: podemos devolverle su cuenta."},
		})
	case noticeLocked:
		return l.write(to, lang, id, l.page("/sign-in/forgotten", ""), words{
			"Your Bedside password was tried too often",
			[]string{"The password of your Bedside account was typed wrong 100 times in a row, so it opens nothing any more. Set a new one here:"},
			[]string{"If that was not you, somebody may be guessing. They did not get in."},
		}, words{
			"Se intentó su contraseña de Bedside demasiadas veces",
			[]string{"La contraseña de su cuenta de Bedside se escribió mal 100 veces seguidas y ya no abre nada. Establezca una nueva aquí:"},
			[]string{"Si no fue usted, es posible que alguien la esté adivinando. No pudo entrar."},
		})
	case noticeEnrolled:
		return l.write(to, lang, id, "", words{
			"Your Bedside sign-in was set up",
			[]string{"A password and an authenticator were set up for your Bedside account, and every other device was signed out."},
			[]string{"If that was not you, call us right away."},
		}, words{
			"Se preparó su acceso a Bedside",
			[]string{"Se establecieron una contraseña y una aplicación de autenticación para su cuenta de Bedside, y se cerró la sesión en los demás dispositivos."},
			[]string{"Si no fue usted, llámenos enseguida."},
		})
	}
	return l.write(to, lang, id, "", words{
		"A Bedside recovery code was used",
		[]string{"Somebody signed in to your Bedside account with one of your recovery codes. It works no more."},
		[]string{"If that was not you, call us right away."},
	}, words{
		"Se usó un código de recuperación de Bedside",
		[]string{"Alguien entró en su cuenta de Bedside con uno de sus códigos de recuperación. Ese código ya no sirve."},
		[]string{"Si no fue usted, llámenos enseguida."},
	})
}
