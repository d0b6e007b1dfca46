package web

// deskRoutes is what staff use while somebody is on the phone, and the page on
// which the patient signs what was only said then.
func (s *Web) deskRoutes() []Route {
	staff := func(method, path string, handle func(*Call) error) Route {
		return Route{Method: method, Path: path, Permission: Staff, Area: AreaStaff, Handle: handle}
	}
	return []Route{
		staff(get, "/staff/patients", s.deskSearch),
		staff(post, "/staff/patients", s.deskSearched),
		staff(get, "/staff/patients/{id}", s.deskPatient),
		staff(get, "/staff/members/{id}", s.deskMember),
		staff(post, "/staff/members/{id}/invitation", s.deskInvite),

		staff(get, "/staff/patients/{id}/book", s.deskNeed),
		staff(post, "/staff/patients/{id}/book", s.deskNeedSent),
		staff(get, "/staff/patients/{id}/book/time", s.deskTime),
		staff(post, "/staff/patients/{id}/book/time", s.deskTimeSent),
		staff(get, "/staff/patients/{id}/book/about", s.deskAbout),
		staff(post, "/staff/patients/{id}/book/about", s.deskAboutSent),
		staff(get, "/staff/patients/{id}/book/check", s.deskCheck),
		staff(post, "/staff/patients/{id}/book/check", s.deskCheckSent),

		staff(get, "/staff/patients/{id}/appointments/{appointment}", s.deskVisit),
		staff(get, "/staff/patients/{id}/appointments/{appointment}/cancel", s.deskCancel),
		staff(post, "/staff/patients/{id}/appointments/{appointment}/cancel", s.deskCancelSent),
		staff(get, "/staff/patients/{id}/appointments/{appointment}/move", s.deskMove),
		staff(post, "/staff/patients/{id}/appointments/{appointment}/move", s.deskMoveChosen),
		staff(get, "/staff/patients/{id}/appointments/{appointment}/move/check", s.deskMoveCheck),
		staff(post, "/staff/patients/{id}/appointments/{appointment}/move/check", s.deskMoveSent),

		{Method: get, Path: "/appointments/{id}/consent", Permission: Patient, Area: AreaPatient, Handle: s.consentDue},
		{Method: post, Path: "/appointments/{id}/consent", Permission: Patient, Area: AreaPatient, Handle: s.consentSigned},
	}
}
