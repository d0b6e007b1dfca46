package duplicates

import "github.com/bedside-health/bedside/internal/errs"

func errUnknown() *errs.Error {
	return errs.New(errs.NotFound, "duplicate_unknown", "There is no such pair.")
}

func errDecided() *errs.Error {
	return errs.New(errs.Conflict, "duplicate_decided", "Somebody has decided about this pair in the meantime.")
}

func errNotMerged() *errs.Error {
	return errs.New(errs.Conflict, "duplicate_not_merged", "These two are not merged.")
}

func errChain() *errs.Error {
	return errs.New(errs.Precondition, "merge_chain",
		"One of them is part of another merge. Choose the one who already goes on for others, or undo the other merge first.")
}

func errAccountInUse() *errs.Error {
	return errs.New(errs.Precondition, "merge_account_in_use", "The account that was put aside belongs to somebody else now.")
}
