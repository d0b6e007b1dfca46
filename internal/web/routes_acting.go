package web

// actingRoutes is every page and form about people who act for others.
func (s *Web) actingRoutes() []Route {
	return []Route{
		{Method: get, Path: "/people", Permission: Patient, Area: AreaPatient, Handle: s.people},
		{Method: get, Path: "/people/child", Permission: Patient, Area: AreaPatient, Handle: s.child},
		{Method: post, Path: "/people/child", Permission: Patient, Area: AreaPatient, Handle: s.childSent},
		{Method: get, Path: "/people/invite", Permission: Patient, Area: AreaPatient, Handle: s.caregiver},
		{Method: post, Path: "/people/invite", Permission: Patient, Area: AreaPatient, Handle: s.caregiverSent},
		{Method: post, Path: "/people/invitations/{id}/withdraw", Permission: Patient, Area: AreaPatient, Handle: s.withdrawCaregiver},
		{Method: get, Path: "/people/rights/{id}/end", Permission: Patient, Area: AreaPatient, Handle: s.endActing},
		{Method: post, Path: "/people/rights/{id}/end", Permission: Patient, Area: AreaPatient, Handle: s.endActingSent},
		{Method: get, Path: "/people/accept", Permission: Public, Area: AreaPatient, Handle: s.care},
		{Method: post, Path: "/people/accept", Permission: Patient, Area: AreaPatient, Handle: s.careSent},
		{Method: get, Path: "/people/accept/{token}", Permission: Public, Area: AreaPatient, Handle: s.openCare},

		{Method: get, Path: "/book/who", Permission: Patient, Area: AreaPatient, Handle: s.bookWho},
		{Method: post, Path: "/book/who", Permission: Patient, Area: AreaPatient, Handle: s.bookWhoSent},

		{Method: get, Path: "/staff/guardians", Permission: Staff, Area: AreaStaff, Handle: s.guardians},
		{Method: get, Path: "/staff/guardians/{id}", Permission: Staff, Area: AreaStaff, Handle: s.guardian},
		{Method: post, Path: "/staff/guardians/{id}", Permission: Staff, Area: AreaStaff, Handle: s.guardianSent},
		{Method: post, Path: "/staff/guardians/rights/{id}/end", Permission: Staff, Area: AreaStaff, Handle: s.guardianEnded},
	}
}
