package web

// identityRoutes is every page and form about who somebody is: accounts with an
// address of one's own, and the cases that staff look at.
func (s *Web) identityRoutes() []Route {
	return []Route{
		{Method: get, Path: "/register", Permission: Public, Area: AreaPatient, Handle: s.register},
		{Method: post, Path: "/register", Permission: Public, Area: AreaPatient, Handle: s.registerSent},
		{Method: get, Path: "/register/code", Permission: Public, Area: AreaPatient, Handle: s.registerCode},
		{Method: post, Path: "/register/code", Permission: Public, Area: AreaPatient, Handle: s.registerCodeSent},
		{Method: get, Path: "/activate/own", Permission: Public, Area: AreaPatient, Handle: s.own},
		{Method: post, Path: "/activate/own", Permission: Public, Area: AreaPatient, Handle: s.ownSent},
		{Method: get, Path: "/activate/own/code", Permission: Public, Area: AreaPatient, Handle: s.ownCode},
		{Method: post, Path: "/activate/own/code", Permission: Public, Area: AreaPatient, Handle: s.ownCodeSent},

		{Method: get, Path: "/staff/activations/{reference}", Permission: Staff, Area: AreaStaff, Handle: s.identityCase},
		{Method: post, Path: "/staff/activations/{reference}/find", Permission: Staff, Area: AreaStaff, Handle: s.caseFind},
		{Method: post, Path: "/staff/activations/{reference}/check", Permission: Staff, Area: AreaStaff, Handle: s.caseCheck},
		{Method: post, Path: "/staff/activations/{reference}/link", Permission: Staff, Area: AreaStaff, Handle: s.caseLink},
		{Method: post, Path: "/staff/activations/{reference}/close", Permission: Staff, Area: AreaStaff, Handle: s.caseClose},
		{Method: post, Path: "/staff/activations/{reference}/address", Permission: Staff, Area: AreaStaff, Handle: s.caseAddress},
		{Method: post, Path: "/staff/patients/{id}/mailbox", Permission: Staff, Area: AreaStaff, Handle: s.lostMailbox},
	}
}
