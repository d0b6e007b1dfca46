package identity

import (
	"github.com/bedside-health/bedside/internal/errs"
)

func errCodeWrong() *errs.Error {
	return errs.New(errs.Invalid, "code_wrong", "That code is not right. Check the newest mail from us.")
}

func errCodeExpired() *errs.Error {
	return errs.New(errs.Precondition, "code_expired", "That code is no longer good. Start again to get a new one.")
}

func errCodeSpent() *errs.Error {
	return errs.New(errs.Precondition, "code_spent", "That code was tried too often. Start again to get a new one.")
}

func errAlreadyActive() *errs.Error {
	return errs.New(errs.Precondition, "already_active", "You have an account already. Please sign in.")
}

func errCaseUnknown() *errs.Error {
	return errs.New(errs.NotFound, "case_unknown", "There is no case with that reference.")
}

func errCaseClosed() *errs.Error {
	return errs.New(errs.Conflict, "case_closed", "Somebody closed this case in the meantime.")
}

func errCaseChanged() *errs.Error {
	return errs.New(errs.Conflict, "case_changed", "Somebody else worked on this case in the meantime. Look at it again.")
}

func errClaimantMissing() *errs.Error {
	return errs.New(errs.Precondition, "claimant_missing", "Nobody has opened an account with this reference yet.")
}

func errCheckMissing() *errs.Error {
	return errs.New(errs.Precondition, "check_missing", "Record an identity check that passed first.")
}

func errAccountMissing() *errs.Error {
	return errs.New(errs.Precondition, "account_missing", "This person has no account of their own.")
}

func errNotAboutMail() *errs.Error {
	return errs.New(errs.Precondition, "not_about_mail", "That case is not about a lost mailbox.")
}

func errOwn() *errs.Error {
	return errs.New(errs.Precondition, "own_request", "You cannot decide about yourself. Ask a colleague.")
}

func errMemberMinor() *errs.Error {
	return errs.New(errs.Precondition, "member_minor", "That member is under 18. A parent or guardian acts for them.")
}

func errPossibleDuplicate() *errs.Error {
	return errs.New(errs.Precondition, "possible_duplicate", "That member is another patient already. They may be one person: see Duplicates.")
}
