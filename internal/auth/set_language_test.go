package auth

import (
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
)

// What is mailed about an account comes in the language that its owner chose
// last, not in that of the day it was made.
func TestMailAboutTheAccountFollowsItsLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	mine := b.as(b.signedIn("rosa@example.test"))
	set := func(lang string) error {
		_, err := b.own.SetLanguage(mine, &authv1.SetLanguageRequest{Language: lang})
		return err
	}
	for _, unknown := range []string{"", "fr", "ES", "es-MX", "english"} {
		refused(t, set(unknown), errs.Invalid, "invalid_fields")
	}
	_, err := b.own.SetLanguage(t.Context(), &authv1.SetLanguageRequest{Language: "es"})
	refused(t, err, errs.Unauthenticated, "sign_in_needed")
	must(t, set("en"))
	before := b.audited("auth.language")
	must(t, set("es"))
	must(t, set("es"))
	if n := b.audited("auth.language") - before; n != 1 {
		t.Errorf("%d changes on record", n)
	}
	must(t, b.setPassword(mine, &authv1.SetPasswordRequest{OldPassword: goodPassword}))
	eventually(t, "the notice", func() bool {
		mails := b.outbox.to("rosa@example.test")
		return len(mails) > 0 && mails[len(mails)-1].Subject == "Se estableció su contraseña de Bedside"
	})
}
