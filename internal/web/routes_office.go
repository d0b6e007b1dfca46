package web

// officeRoutes is every page and form of those who work here: staff, licensing
// officers and physicians.
func (s *Web) officeRoutes() []Route {
	return []Route{
		{Method: get, Path: "/staff/rosters", Permission: Staff, Area: AreaStaff, Handle: s.rosters},
		{Method: post, Path: "/staff/rosters", Permission: Staff, Area: AreaStaff, Handle: s.rosterUpload, Body: rosterBody},
		{Method: get, Path: "/staff/rosters/{id}", Permission: Staff, Area: AreaStaff, Handle: s.rosterImport},
		{Method: post, Path: "/staff/rosters/{id}/invitations", Permission: Staff, Area: AreaStaff, Handle: s.invite},
		{Method: get, Path: "/staff/rosters/{id}/rejects", Permission: Staff, Area: AreaStaff, Handle: s.rejects},
		{Method: get, Path: "/staff/rosters/{id}/rejects.csv", Permission: Staff, Area: AreaStaff, Handle: s.rejectsFile},
		{Method: get, Path: "/staff/activations", Permission: Staff, Area: AreaStaff, Handle: s.activations},

		{Method: get, Path: "/licensing/physicians", Permission: Officer, Area: AreaLicensing, Handle: s.physicians},
		{Method: post, Path: "/licensing/physicians", Permission: Officer, Area: AreaLicensing, Handle: s.physiciansSearched},
		{Method: get, Path: "/licensing/physicians/new", Permission: Officer, Area: AreaLicensing, Handle: s.newPhysician},
		{Method: post, Path: "/licensing/physicians/new", Permission: Officer, Area: AreaLicensing, Handle: s.newPhysicianSent},
		{Method: get, Path: "/licensing/physicians/{id}", Permission: Officer, Area: AreaLicensing, Handle: s.physician},
		{Method: get, Path: "/licensing/physicians/{id}/licenses/new", Permission: Officer, Area: AreaLicensing, Handle: s.newLicense},
		{Method: post, Path: "/licensing/physicians/{id}/licenses/new", Permission: Officer, Area: AreaLicensing, Handle: s.newLicenseSent},
		{Method: get, Path: "/licensing/physicians/{id}/licenses/{license}/correct", Permission: Officer, Area: AreaLicensing, Handle: s.correctLicense},
		{Method: post, Path: "/licensing/physicians/{id}/licenses/{license}/correct", Permission: Officer, Area: AreaLicensing, Handle: s.correctLicenseSent},
		{Method: get, Path: "/licensing/rules", Permission: Officer, Area: AreaLicensing, Handle: s.rules},

		{Method: get, Path: "/physician/day", Permission: Physician, Area: AreaPhysician, Handle: s.physicianDay},
		{Method: get, Path: "/physician/availability", Permission: Physician, Area: AreaPhysician, Handle: s.availability},
		{Method: post, Path: "/physician/availability", Permission: Physician, Area: AreaPhysician, Handle: s.availabilitySent},
		{Method: get, Path: "/physician/licenses", Permission: Physician, Area: AreaPhysician, Handle: s.myLicenses},
	}
}
