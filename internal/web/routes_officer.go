package web

// officerRoutes is what licensing officers begin their day with, and the
// browser of rules.
func (s *Web) officerRoutes() []Route {
	return []Route{
		{Method: get, Path: "/licensing/licenses", Permission: Officer, Area: AreaLicensing, Handle: s.licensesToLookAt},
		{Method: get, Path: "/licensing/rules/{state}", Permission: Officer, Area: AreaLicensing, Handle: s.stateRules},
	}
}
