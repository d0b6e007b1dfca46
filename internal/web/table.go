package web

// Routes lists every page and form of the site: for tests that try all of them
// as everybody.
func (s *Web) Routes() []Route { return s.routes() }
