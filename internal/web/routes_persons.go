package web

// personsRoutes is what staff do about people (duplicates, invitations, letters)
// and how a letter opens an account.
func (s *Web) personsRoutes() []Route {
	return []Route{
		{Method: get, Path: "/staff/duplicates", Permission: Staff, Area: AreaStaff, Handle: s.duplicates},
		{Method: get, Path: "/staff/duplicates/{id}", Permission: Staff, Area: AreaStaff, Handle: s.duplicate},
		{Method: post, Path: "/staff/duplicates/{id}/merge", Permission: Staff, Area: AreaStaff, Handle: s.duplicateMerged},
		{Method: post, Path: "/staff/duplicates/{id}/undo", Permission: Staff, Area: AreaStaff, Handle: s.duplicateUndone},
		{Method: post, Path: "/staff/duplicates/{id}/dismiss", Permission: Staff, Area: AreaStaff, Handle: s.duplicateDismissed},

		{Method: get, Path: "/staff/invitations", Permission: Staff, Area: AreaStaff, Handle: s.invitations},
		{Method: post, Path: "/staff/invitations", Permission: Staff, Area: AreaStaff, Handle: s.waveSent},
		{Method: post, Path: "/staff/invitations/waves/{id}", Permission: Staff, Area: AreaStaff, Handle: s.waveSteered},
		{Method: get, Path: "/staff/invitations/undeliverable", Permission: Staff, Area: AreaStaff, Handle: s.undeliverable},
		{Method: post, Path: "/staff/invitations/undeliverable", Permission: Staff, Area: AreaStaff, Handle: s.undeliverableMarked},
		{Method: post, Path: "/staff/invitations/undeliverable/{id}/clear", Permission: Staff, Area: AreaStaff, Handle: s.undeliverableCleared},

		{Method: get, Path: "/staff/letters", Permission: Staff, Area: AreaStaff, Handle: s.letters},
		{Method: post, Path: "/staff/letters", Permission: Staff, Area: AreaStaff, Handle: s.lettersMade},
		{Method: get, Path: "/staff/letters/{id}/print", Permission: Staff, Area: AreaStaff, Handle: s.lettersPrint},
		{Method: post, Path: "/staff/letters/{id}", Permission: Staff, Area: AreaStaff, Handle: s.lettersSettled},

		{Method: get, Path: "/activate/letter", Permission: Public, Area: AreaPatient, Handle: s.byLetter},
		{Method: post, Path: "/activate/letter", Permission: Public, Area: AreaPatient, Handle: s.byLetterSent},
		{Method: get, Path: "/activate/letter/email", Permission: Public, Area: AreaPatient, Handle: s.letterEmail},
		{Method: post, Path: "/activate/letter/email", Permission: Public, Area: AreaPatient, Handle: s.letterEmailSent},
		{Method: get, Path: "/activate/letter/code", Permission: Public, Area: AreaPatient, Handle: s.letterCode},
		{Method: post, Path: "/activate/letter/code", Permission: Public, Area: AreaPatient, Handle: s.letterCodeSent},
		{Method: post, Path: "/activate/help/letter", Permission: Public, Area: AreaPatient, Handle: s.letterAsked},
	}
}
