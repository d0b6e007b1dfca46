package letters

import "github.com/bedside-health/bedside/internal/errs"

// The refusals of those who are not signed in say neither whether somebody is a
// member nor which of the details was wrong.

func errLetterWrong() *errs.Error {
	return errs.New(errs.Invalid, "letter_wrong", "That code and date of birth do not go together. Look at the letter again.")
}

func errLetterOver() *errs.Error {
	return errs.New(errs.Precondition, "letter_over", "That letter is no longer good. You can ask for a new one.")
}

func errLetterActive() *errs.Error {
	return errs.New(errs.Precondition, "already_active", "You have an account already. Please sign in.")
}

func errActivationOver() *errs.Error {
	return errs.New(errs.Precondition, "letter_activation_over", "That took too long. Type the code of the letter again.")
}

func errCodeWrong() *errs.Error {
	return errs.New(errs.Invalid, "code_wrong", "That code is not right. Check the newest mail from us.")
}

func errCodeSpent() *errs.Error {
	return errs.New(errs.Precondition, "code_spent", "That code was tried too often. Start again to get a new one.")
}

func errBatchUnknown() *errs.Error {
	return errs.New(errs.NotFound, "batch_unknown", "There is no such batch of letters.")
}

func errBatchNotYours() *errs.Error {
	return errs.New(errs.Precondition, "batch_not_printable", "Only who made a batch can print it, for one day. Discard it and make a new one.")
}

func errBatchSettled() *errs.Error {
	return errs.New(errs.Conflict, "batch_settled", "This batch was mailed or discarded already.")
}
