package acting

import "github.com/bedside-health/bedside/internal/errs"

func errOwnPatientNeeded() *errs.Error {
	return errs.New(errs.Precondition, "own_patient_needed", "Please activate an account of your own first.")
}

func errAdultNeeded() *errs.Error {
	return errs.New(errs.Precondition, "adult_needed", "Only adults can act for others, or ask others to act for them.")
}

func errRightUnknown() *errs.Error {
	return errs.New(errs.NotFound, "right_unknown", "We cannot find that person in your list.")
}

func errTooManyChildren() *errs.Error {
	return errs.New(errs.Precondition, "too_many_children", "You act for many children already. Please call us to add another.")
}

func errTooManyInvitations() *errs.Error {
	return errs.New(errs.Precondition, "too_many_invitations", "Several of your invitations are open already. Take one back first.")
}

func errInvitationUnknown() *errs.Error {
	return errs.New(errs.NotFound, "caregiver_invitation_unknown", "We cannot find that invitation in your list.")
}

func errLinkUnknown() *errs.Error {
	return errs.New(errs.NotFound, "caregiver_link_unknown", "That link is not complete. Open it from the mail again.")
}

func errLinkOver() *errs.Error {
	return errs.New(errs.Precondition, "caregiver_link_over", "That link is no longer good. Ask the person who invited you for a new one.")
}

func errLinkOwn() *errs.Error {
	return errs.New(errs.Precondition, "caregiver_link_own", "You sent that invitation yourself. Somebody else has to accept it.")
}

func errRequestUnknown() *errs.Error {
	return errs.New(errs.NotFound, "guardian_request_unknown", "There is no such request, or it is decided.")
}

func errOwnRequest() *errs.Error {
	return errs.New(errs.Precondition, "own_request", "You cannot decide about yourself. Ask a colleague.")
}
