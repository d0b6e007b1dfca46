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

func errLimited() *errs.Error {
	return errs.New(errs.Precondition, "account_limited", "The account that stays is limited: link its case first.")
}

func errCheckMissing() *errs.Error {
	return errs.New(errs.Precondition, "check_missing", "Nobody has identified whoever has the account that stays: record an identity check.")
}

func errRightsChanged() *errs.Error {
	return errs.New(errs.Conflict, "rights_changed", "Who acts for them has changed in the meantime. Look at the pair again.")
}

func errOwn() *errs.Error {
	return errs.New(errs.Precondition, "own_request", "You cannot decide about yourself, or about somebody you act for. Ask a colleague.")
}
