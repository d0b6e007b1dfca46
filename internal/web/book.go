package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// draft is what was chosen on the first page. It travels in a sealed cookie: a
// kind of care is about a person and stays out of addresses and logs.
type draft struct {
	Service string `json:"s"`
	State   string `json:"w"`
	Zone    string `json:"z"`
	// Patient is who the visit is for, where somebody acts for several.
	Patient string `json:"p,omitempty"`
}

const draftLife = 2 * time.Hour

func (c *Call) draft() (draft, bool) {
	var d draft
	ok := c.Kept(cookieDraft, &d) && zonesOf(d.State) != nil && d.Zone != ""
	return d, ok
}

// bookNeed asks what the visit is for and where the patient will be.
func (s *Web) bookNeed(c *Call) error {
	d, _ := c.draft()
	return s.showNeed(c, d, c.Faults())
}

func (s *Web) showNeed(c *Call, d draft, f *Faults) error {
	res, err := s.Scheduling.ListServices(c.Ctx(), &schedulingv1.ListServicesRequest{})
	if err != nil {
		return err
	}
	page := book.Need{NotKept: c.Query("kept") == "no", Service: d.Service, State: d.State, Problems: f.List, Errors: f.By}
	for _, v := range res.GetServices() {
		page.Services = append(page.Services, ui.Option{
			Value: v.GetServiceId(), Label: c.serviceName(v), Hint: c.serviceHint(v),
			Aside: c.L.Money(v.GetPriceCents()),
		})
	}
	for _, code := range states() {
		page.States = append(page.States, ui.Option{Value: code, Label: c.T(i18n.Key("state." + code))})
	}
	sortOptions(page.States)
	if f.Any() {
		return c.Again(book.NeedView(page))
	}
	return c.Show(book.NeedView(page))
}

// bookNeedSent keeps the choice and goes on to the times.
func (s *Web) bookNeedSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	d, f := draft{Service: c.Value("service"), State: c.Value("state")}, c.Faults()
	f.Need("service", d.Service, "field.service")
	if zonesOf(d.State) == nil {
		f.Add("state", "field.state")
	}
	if f.Any() {
		return s.showNeed(c, d, f)
	}
	d.Zone = zoneFor(d.State, c.Value("zone"))
	if err := c.Keep(cookieDraft, d, draftLife); err != nil {
		return err
	}
	return c.See("/book/time")
}

// bookZone asks in which zone times are to be shown.
func (s *Web) bookZone(c *Call) error {
	d, ok := c.draft()
	if !ok {
		return c.See("/book")
	}
	page := book.Zone{Zone: d.Zone}
	for _, z := range i18n.Zones() {
		loc, err := time.LoadLocation(z)
		if err != nil {
			continue
		}
		page.Zones = append(page.Zones, ui.Option{Value: z, Label: c.L.ZoneName(z), Aside: c.L.Time(s.Clock.Now().In(loc))})
	}
	return c.Show(book.ZoneView(page))
}

// bookZoneSent keeps the zone.
func (s *Web) bookZoneSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	d, ok := c.draft()
	if !ok {
		return c.See("/book")
	}
	for _, z := range i18n.Zones() {
		if z == c.Value("zone") {
			d.Zone = z
		}
	}
	if err := c.Keep(cookieDraft, d, draftLife); err != nil {
		return err
	}
	return c.See("/book/time")
}

// serviceName is a service's name in the caller's language.
func (c *Call) serviceName(v *schedulingv1.Service) string {
	if key := i18n.Key("service." + v.GetServiceId()); c.L.Has(key) {
		return c.T(key)
	}
	return v.GetName()
}

func (c *Call) serviceHint(v *schedulingv1.Service) string {
	minutes := c.T("format.minutes", "n", v.GetMinutes())
	if key := i18n.Key("service_hint." + v.GetServiceId()); c.L.Has(key) {
		return c.T(key) + " " + c.T("book.service_minutes", "minutes", minutes)
	}
	return c.T("book.service_minutes", "minutes", minutes)
}

// service finds a service by its slug.
func (s *Web) service(ctx context.Context, id string) (*schedulingv1.Service, error) {
	res, err := s.Scheduling.ListServices(ctx, &schedulingv1.ListServicesRequest{})
	if err != nil {
		return nil, err
	}
	for _, v := range res.GetServices() {
		if v.GetServiceId() == id {
			return v, nil
		}
	}
	return nil, errs.New(errs.NotFound, "service_unknown", "There is no such service.")
}

// slotValue is how a time travels in a form: physician and instant.
func slotValue(s *schedulingv1.Slot) string {
	return s.GetPhysicianId() + "|" + strconv.FormatInt(s.GetStart().AsTime().Unix(), 10)
}

// readSlot undoes slotValue.
func readSlot(value string) (physician string, start time.Time, ok bool) {
	physician, unix, found := strings.Cut(value, "|")
	n, err := strconv.ParseInt(unix, 10, 64)
	if !found || err != nil || physician == "" {
		return "", time.Time{}, false
	}
	return physician, time.Unix(n, 0).UTC(), true
}

// doctor is how a physician is named: "Dr. Maya Okafor".
func (c *Call) doctor(s *schedulingv1.Slot) string {
	return c.T("book.doctor", "name", s.GetPhysicianName())
}

// specialty names a NUCC code; empty for one without words.
func (c *Call) specialty(code string) string {
	if key := i18n.Key("specialty." + code); c.L.Has(key) {
		return c.T(key)
	}
	return c.T("specialty.other")
}

func (c *Call) languages(codes []string) string {
	var words []string
	for _, code := range codes {
		if key := i18n.Key("language." + code); c.L.Has(key) {
			words = append(words, c.T(key))
		}
	}
	return c.L.List(words)
}

// license says since when the license is known to be good.
func (c *Call) license(s *schedulingv1.Slot, state string) string {
	where := c.T(i18n.Key("state." + state))
	if day := c.L.ISOShortDate(s.GetLicenseVerifiedOn()); day != "" {
		return c.T("book.licensed_checked", "state", where, "day", day)
	}
	return c.T("book.licensed", "state", where)
}

// location is a zone that is known to exist, else UTC.
func location(zone string) *time.Location {
	loc, err := i18n.Location(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}
