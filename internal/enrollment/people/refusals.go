package people

import (
	"github.com/bedside-health/bedside/internal/errs"
)

// The refusals of activation. None says whether somebody is a member, nor which
// of the details was wrong.

func errCodeWrong() *errs.Error {
	return errs.New(errs.Invalid, "code_wrong", "That code is not right. Check the newest mail from us.")
}

func errCodeExpired() *errs.Error {
	return errs.New(errs.Precondition, "code_expired", "That code is no longer good. Start again to get a new one.")
}

func errCodeSpent() *errs.Error {
	return errs.New(errs.Precondition, "code_spent", "That code was tried too often. Start again to get a new one.")
}

func errInvitationUnknown() *errs.Error {
	return errs.New(errs.NotFound, "invitation_unknown", "That link is not complete. Open it from the mail again, or type your member details.")
}

func errInvitationExpired() *errs.Error {
	return errs.New(errs.Precondition, "invitation_expired", "That link is no longer good. You can type your member details instead.")
}

func errInvitationSpent() *errs.Error {
	return errs.New(errs.Precondition, "invitation_spent", "That link was tried too often. Please call us.")
}

func errBirthDateWrong() *errs.Error {
	return errs.New(errs.Invalid, "birth_date_wrong", "That date of birth does not go with this link.")
}

func errAlreadyActive() *errs.Error {
	return errs.New(errs.Precondition, "already_active", "You have an account already. Please sign in.")
}

func errPatientUnknown() *errs.Error {
	return errs.New(errs.NotFound, "patient_unknown", "We cannot find that person among those you act for.")
}

func errConsentUnknown() *errs.Error {
	return errs.InvalidFields(errs.Field{Name: "version", Reason: "unknown"})
}
