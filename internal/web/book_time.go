package web

import (
	"net/url"
	"sort"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// stripDays is how many days are shown at a time.
const stripDays = 7

// horizonDays is how far ahead times are offered.
const horizonDays = 60

// bookTimePath is the page of times while booking; moving has another.
const bookTimePath = "/book/time"

// bookTime shows free times: the soonest, and those of one day.
func (s *Web) bookTime(c *Call) error {
	d, ok := c.draft()
	if !ok {
		return c.See("/book?kept=no")
	}
	found, shown, err := s.showKept(c, d)
	if shown {
		return err
	}
	// An error comes again, and is told where the page is made.
	c.found = found
	return s.showTimes(c, d, c.Faults(), "")
}

// timesQuestion is what the page of times asks scheduling.
func (c *Call) timesQuestion(d draft) *schedulingv1.SearchRequest {
	day, from, n := isoDay(c.Query("day")), isoDay(c.Query("from")), c.narrowed()
	if from == "" && day != "" {
		from = c.web.weekOf(day, d.Zone)
	}
	return &schedulingv1.SearchRequest{
		ServiceId: d.Service, State: d.State, PhysicianId: n.with, TimeZone: d.Zone,
		FirstDay: from, Days: stripDays, Day: day, Language: n.language, Specialty: n.specialty,
	}
}

func (s *Web) showTimes(c *Call, d draft, f *Faults, chosen string) error {
	page, err := s.timesPage(c, d, bookTimePath, f, chosen)
	if errs.CodeOf(err) == errs.Invalid || errs.CodeOf(err) == errs.NotFound {
		// A service that is gone, or a day that is none: begin anew.
		return c.See("/book")
	}
	if err != nil {
		return err
	}
	if f.Any() {
		return c.Again(book.TimesView(page))
	}
	if name := c.keepAs(d); name != "" && page.Tag != "" && chosen == "" {
		page.Key = keptKey
		return s.showAndKeep(c, name, page.Tag, book.TimesView(page))
	}
	return c.Show(book.TimesView(page))
}

// timesPage is the free times of a choice; base is the page's own address.
func (s *Web) timesPage(c *Call, d draft, base string, f *Faults, chosen string) (book.Times, error) {
	ask, found, n := c.timesQuestion(d), c.found, c.narrowed()
	day, from := ask.GetDay(), ask.GetFirstDay()
	var err error
	if found == nil {
		if found, err = s.Scheduling.Search(c.Ctx(), ask); err != nil {
			return book.Times{}, err
		}
	}
	service := found.GetService()
	if service == nil { // a scheduling of the release before
		if service, err = s.service(c.Ctx(), d.Service); err != nil {
			return book.Times{}, err
		}
	}
	loc := location(d.Zone)
	page := book.Times{
		Told: c.Told(), Tag: found.GetTag(), Base: base, Problems: f.List, Error: f.By["slot"],
		Service: c.serviceName(service), State: c.T(i18n.Key("state." + d.State)),
		Price: c.L.Money(service.GetPriceCents()), Minutes: c.T("format.minutes", "n", service.GetMinutes()),
		Zone: c.L.Zone(d.Zone, s.zoneMoment(found, loc)), Key: c.Key(), Action: timesPath(base, from, day, n),
		Strip: c.strip(found, base, from, n, s.today(loc)),
	}
	c.fillFilter(&page, found.GetPhysicians(), n, base)
	if day == "" && from == "" && n.with == "" {
		page.Soonest = c.soonest(found.GetSoonest(), loc, chosen)
	}
	if t, err := time.ParseInLocation(time.DateOnly, found.GetDay(), loc); err == nil && len(found.GetSlots()) > 0 {
		page.Day, page.Legend = upperFirst(c.L.Day(t)), c.T("times.legend", "day", c.L.Day(t))
		page.Groups = c.groups(found.GetSlots(), loc, chosen)
		page.People = c.people(found.GetSlots(), d.State)
	}
	for _, d := range found.GetDays() {
		page.Full = page.Full || page.Day == "" && d.GetFree() > 0
	}
	if t, err := time.ParseInLocation(time.DateOnly, found.GetNextDay(), loc); err == nil {
		page.NextDay, page.NextHref = c.L.Day(t), timesPath(base, "", found.GetNextDay(), n)
	}
	return page, nil
}

// zoneMoment is the moment whose zone letters are shown: the first time listed.
func (s *Web) zoneMoment(found *schedulingv1.SearchResponse, loc *time.Location) time.Time {
	if slots := found.GetSlots(); len(slots) > 0 {
		return slots[0].GetStart().AsTime().In(loc)
	}
	return s.Clock.Now().In(loc)
}

func (s *Web) today(loc *time.Location) time.Time {
	now := s.Clock.Now().In(loc)
	return time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, loc)
}

// weekOf is the first day of the strip that a day is in, counted from today.
func (s *Web) weekOf(day, zone string) string {
	loc := location(zone)
	today := s.today(loc)
	t, err := time.ParseInLocation(time.DateOnly, day, loc)
	if err != nil || !t.After(today) {
		return ""
	}
	ahead := int(t.Add(12*time.Hour).Sub(today).Hours()/24 + .5)
	if ahead < stripDays {
		return ""
	}
	return today.AddDate(0, 0, ahead/stripDays*stripDays).Format(time.DateOnly)
}

// isoDay is s if it is a date, else empty.
func isoDay(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// timesPath is the address of a day or a week of times.
func timesPath(base, from, day string, n narrowed) string {
	path, sep := base, "?"
	for _, p := range [][2]string{{"from", from}, {"day", day}, {"with", n.with}, {"language", n.language}, {"specialty", n.specialty}} {
		if p[1] != "" {
			path += sep + p[0] + "=" + url.QueryEscape(p[1])
			sep = "&"
		}
	}
	return path
}

// strip is a week of days as links.
func (c *Call) strip(found *schedulingv1.SearchResponse, base, from string, n narrowed, today time.Time) ui.StripProps {
	var out ui.StripProps
	for _, d := range found.GetDays() {
		t, err := time.Parse(time.DateOnly, d.GetDay())
		if err != nil {
			continue
		}
		link := ui.DayLink{
			Weekday: c.L.ShortWeekday(t), Number: t.Format("2"), None: d.GetFree() == 0,
			Count: c.T("times.free", "n", d.GetFree()), Href: timesPath(base, from, d.GetDay(), n) + "#day",
			Current: d.GetDay() == found.GetDay() && d.GetFree() > 0,
		}
		if link.None {
			link.Count = c.T("times.none")
		}
		if t.Format(time.DateOnly) == today.Format(time.DateOnly) {
			link.Weekday = c.T("times.today")
		}
		link.Label = c.L.Day(t) + ": " + link.Count
		out.Days = append(out.Days, link)
	}
	if len(found.GetDays()) == 0 {
		return out
	}
	first, err := time.ParseInLocation(time.DateOnly, found.GetDays()[0].GetDay(), today.Location())
	if err != nil {
		return out
	}
	if before := first.AddDate(0, 0, -stripDays); first.After(today) {
		out.Earlier = timesPath(base, before.Format(time.DateOnly), "", n) + "#days"
	}
	if after := first.AddDate(0, 0, stripDays); after.Before(today.AddDate(0, 0, horizonDays)) {
		out.Later = timesPath(base, after.Format(time.DateOnly), "", n) + "#days"
	}
	return out
}

// slotTime writes a slot's time; with the zone's letters where the clock shows
// it twice.
func (c *Call) slotTime(t time.Time) string {
	if i18n.Ambiguous(t) {
		return c.L.TimeZoned(t)
	}
	return c.L.Time(t)
}

func (c *Call) choice(v *schedulingv1.Slot, loc *time.Location, chosen string) ui.SlotChoice {
	at, value := v.GetStart().AsTime().In(loc), slotValue(v)
	return ui.SlotChoice{
		ID: "slot-" + at.UTC().Format("0102-1504"), Value: value, When: at.Format(time.RFC3339),
		Time: c.slotTime(at), Said: c.slotTime(at), Who: c.doctor(v), Checked: value == chosen,
	}
}

// datedChoice is a time with its day before it: as it stands alone, and as it
// stands in a sentence.
func (c *Call) datedChoice(v *schedulingv1.Slot, loc *time.Location) ui.SlotChoice {
	one, at := c.choice(v, loc, ""), v.GetStart().AsTime().In(loc)
	day := c.L.ShortDay(at)
	said := day
	switch today := c.web.today(loc); at.Format(time.DateOnly) {
	case today.Format(time.DateOnly):
		day, said = c.T("times.today"), c.T("times.today_said")
	case today.AddDate(0, 0, 1).Format(time.DateOnly):
		day, said = c.T("times.tomorrow"), c.T("times.tomorrow_said")
	}
	one.Said = c.T("times.day_time", "day", said, "time", one.Time)
	one.Time = c.T("times.day_time", "day", day, "time", one.Time)
	return one
}

// soonest are the first free times with anybody, each with its day.
func (c *Call) soonest(slots []*schedulingv1.Slot, loc *time.Location, chosen string) []ui.SlotChoice {
	var out []ui.SlotChoice
	for _, v := range slots {
		one := c.datedChoice(v, loc)
		one.ID, one.Checked = "soon-"+one.ID, one.Value == chosen
		one.More = c.specialty(v.GetSpecialty())
		out = append(out, one)
	}
	return out
}

// groups sorts a day's times under parts of the day.
func (c *Call) groups(slots []*schedulingv1.Slot, loc *time.Location, chosen string) []ui.SlotGroup {
	all := []ui.SlotGroup{
		{ID: "night", Title: c.T("times.night")}, {ID: "morning", Title: c.T("times.morning")},
		{ID: "afternoon", Title: c.T("times.afternoon")}, {ID: "evening", Title: c.T("times.evening")},
	}
	for _, v := range slots {
		part := 0
		switch h := v.GetStart().AsTime().In(loc).Hour(); {
		case h >= 17:
			part = 3
		case h >= 12:
			part = 2
		case h >= 6:
			part = 1
		}
		all[part].Slots = append(all[part].Slots, c.choice(v, loc, chosen))
	}
	var out []ui.SlotGroup
	for _, g := range all {
		if len(g.Slots) == 0 {
			continue
		}
		// Few people want a visit at night: a long night folds away.
		if g.ID == "night" && len(g.Slots) > 4 && len(g.Slots) < len(slots) {
			g.Folded, g.Title = true, c.T("times.jump", "part", g.Title, "n", len(g.Slots))
		}
		out = append(out, g)
	}
	return out
}

// people are the physicians of a day, once each, by name.
func (c *Call) people(slots []*schedulingv1.Slot, state string) []book.Physician {
	seen := map[string]bool{}
	var out []book.Physician
	for _, v := range slots {
		if seen[v.GetPhysicianId()] {
			continue
		}
		seen[v.GetPhysicianId()] = true
		out = append(out, c.physician(v, state))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func (c *Call) physician(v *schedulingv1.Slot, state string) book.Physician {
	p := book.Physician{
		Initials: initials(v.GetPhysicianName()), Name: c.doctor(v),
		About: c.specialty(v.GetSpecialty()), License: c.license(v, state),
	}
	if words := c.languages(v.GetLanguages()); words != "" {
		p.Speaks = c.T("book.speaks", "languages", words)
	}
	return p
}
