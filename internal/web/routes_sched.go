package web

// schedRoutes is every page and form about what comes between a booked visit
// and its day.
func (s *Web) schedRoutes() []Route {
	return []Route{
		{Method: get, Path: "/appointments/{id}/payment", Permission: Patient, Area: AreaPatient, Handle: s.payment},
		{Method: post, Path: "/appointments/{id}/payment", Permission: Patient, Area: AreaPatient, Handle: s.paymentSent},
		{Method: get, Path: "/staff/affected", Permission: Staff, Area: AreaStaff, Handle: s.affected},
	}
}
