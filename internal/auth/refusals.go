package auth

import (
	"github.com/bedside-health/bedside/internal/errs"
)

// The refusals of auth. None says whether an address is known, nor which part
// of a sign-in was wrong.

func errWrong() *errs.Error {
	return errs.New(errs.Unauthenticated, "credentials_wrong", "That e-mail address and password do not go together.")
}

func errTOTPWrong() *errs.Error {
	return errs.New(errs.Unauthenticated, "totp_wrong", "That authenticator code is not right, or was used before. Wait for the next one.")
}

func errCodeWrong() *errs.Error {
	return errs.New(errs.Unauthenticated, "code_wrong", "That code is not right. Check the newest mail from us.")
}

func errCodeExpired() *errs.Error {
	return errs.New(errs.Unauthenticated, "code_expired", "That code is no longer good. Ask for a new one.")
}

func errCodeSpent() *errs.Error {
	return errs.New(errs.Unauthenticated, "code_spent", "That code was tried too often. Ask for a new one.")
}

func errTicketSpent() *errs.Error {
	return errs.New(errs.Unauthenticated, "ticket_spent", "That sign-in link is no longer good. Sign in with a code instead.")
}

func errSessionEnded() *errs.Error {
	return errs.New(errs.Unauthenticated, "session_ended", "You are signed out. Please sign in again.")
}

func errSessionIdle() *errs.Error {
	return errs.New(errs.Unauthenticated, "session_idle", "You were signed out because nothing happened for a while. Please sign in again.")
}

func errDemoOff() *errs.Error {
	return errs.New(errs.Forbidden, "demo_off", "Demo sign-in is not available here.")
}

func errBusy() *errs.Error {
	return errs.New(errs.Unavailable, "sign_in_busy", "Many people are signing in right now. Please try again in a few seconds.")
}

func errLinkGone() *errs.Error {
	return errs.New(errs.Precondition, "link_gone", "That link is no longer good. Ask for a new one.")
}

func errSecondFactorNeeded() *errs.Error {
	return errs.New(errs.Forbidden, "second_factor_needed", "Sign in with your authenticator to change what this account signs in with.")
}

func errEmailTaken() *errs.Error {
	return errs.New(errs.Conflict, "email_taken", "That address belongs to another account.")
}

func errAdministratorHelps() *errs.Error {
	return errs.New(errs.Precondition, "works_here", "That person works here. An administrator helps them.")
}

func errPasswordWrong() *errs.Error {
	return errs.New(errs.Unauthenticated, "password_wrong", "That is not the password of this account.")
}

func errAccountUnknown() *errs.Error {
	return errs.New(errs.NotFound, "account_unknown", "There is no such account among those who work here.")
}

func errOwnAccount() *errs.Error {
	return errs.New(errs.Precondition, "own_account", "You cannot do that to your own account. Ask another administrator.")
}
