package web

import (
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
	"github.com/bedside-health/bedside/internal/web/view/desk"
)

// deskDraft is what was chosen first, for whom.
type deskDraft struct {
	Patient string `json:"p"`
	Need    draft  `json:"n"`
}

// deskDraft is the choice for the patient of the path. One that was made for
// somebody else does not count.
func (c *Call) deskDraft() (draft, bool) {
	var d deskDraft
	ok := c.Kept(cookieDeskDraft, &d) && d.Patient == c.R.PathValue("id") && zonesOf(d.Need.State) != nil && d.Need.Zone != ""
	return d.Need, ok
}

func bookPath(c *Call, step string) string {
	return deskPath + "/" + c.R.PathValue("id") + "/book" + step
}

// caller reads the patient of the path; whoever books sees on every page for
// whom.
func (s *Web) caller(c *Call) (*enrollmentv1.DeskPatient, error) {
	res, err := s.Desk.GetPatient(c.Ctx(), &enrollmentv1.GetPatientRequest{PatientId: c.R.PathValue("id")})
	return res.GetPatient(), err
}

// calling is for whom, in words.
func (c *Call) calling(p *enrollmentv1.DeskPatient) string {
	return c.T("desk.for", "name", personName(p.GetGivenName(), p.GetFamilyName()), "day", c.L.ISODate(p.GetBirthDate()))
}

// deskNeed asks what the visit is for, and where the patient will be.
func (s *Web) deskNeed(c *Call) error {
	p, err := s.caller(c)
	if err != nil {
		return err
	}
	d, ok := c.deskDraft()
	if !ok {
		d.State = homeState(p)
	}
	return s.showDeskNeed(c, p, d, c.Faults())
}

func homeState(p *enrollmentv1.DeskPatient) string {
	for _, v := range p.GetContacts() {
		if v.GetState() != "" {
			return v.GetState()
		}
	}
	return ""
}

func (s *Web) showDeskNeed(c *Call, p *enrollmentv1.DeskPatient, d draft, f *Faults) error {
	res, err := s.Scheduling.ListServices(c.Ctx(), &schedulingv1.ListServicesRequest{})
	if err != nil {
		return err
	}
	page := desk.Need{
		For: c.calling(p), Base: bookPath(c, ""), Back: deskPath + "/" + p.GetPatientId(),
		Service: d.Service, State: d.State, States: c.stateOptions(), Zone: d.Zone, Zones: c.zoneOptions(), Problems: f.List, Errors: f.By,
	}
	for _, v := range res.GetServices() {
		page.Services = append(page.Services, ui.Option{
			Value: v.GetServiceId(), Label: c.serviceName(v), Hint: c.T("book.service_minutes", "minutes", c.T("format.minutes", "n", v.GetMinutes())),
			Aside: c.L.Money(v.GetPriceCents()),
		})
	}
	if f.Any() {
		return c.Again(desk.NeedView(page))
	}
	return c.Show(desk.NeedView(page))
}

// zoneOptions lists the zones in which times can be read.
func (c *Call) zoneOptions() []ui.Option {
	var out []ui.Option
	for _, z := range i18n.Zones() {
		out = append(out, ui.Option{Value: z, Label: c.L.ZoneName(z)})
	}
	return out
}

// deskNeedSent keeps the choice.
func (s *Web) deskNeedSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	p, err := s.caller(c)
	if err != nil {
		return err
	}
	d, f := draft{Service: c.Value("service"), State: c.Value("state"), Zone: c.Value("zone")}, c.Faults()
	f.Need("service", d.Service, "desk.fault_service")
	if zonesOf(d.State) == nil {
		f.Add("state", "desk.fault_state")
	}
	if f.Any() {
		return s.showDeskNeed(c, p, d, f)
	}
	d.Zone = zoneFor(d.State, c.Value("zone"))
	if err := c.Keep(cookieDeskDraft, deskDraft{p.GetPatientId(), d}, draftLife); err != nil {
		return err
	}
	return c.See(bookPath(c, "/time"))
}

// deskTime shows the free times.
func (s *Web) deskTime(c *Call) error {
	d, ok := c.deskDraft()
	if !ok {
		return c.See(bookPath(c, ""))
	}
	return s.showDeskTimes(c, d, c.Faults())
}

func (s *Web) showDeskTimes(c *Call, d draft, f *Faults) error {
	p, err := s.caller(c)
	if err != nil {
		return err
	}
	page, err := s.timesPage(c, d, bookPath(c, "/time"), f, "")
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.NotFound) {
		return c.See(bookPath(c, "")) // a service that is gone, or a day that is none
	}
	if err != nil {
		return err
	}
	page.For, page.Back = c.calling(p), bookPath(c, "")
	if f.Any() {
		return c.Again(book.TimesView(page))
	}
	return c.Show(book.TimesView(page))
}

// deskTimeSent keeps the chosen time for this browser, as anybody's is kept.
func (s *Web) deskTimeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	d, ok := c.deskDraft()
	if !ok {
		return c.See(bookPath(c, ""))
	}
	physician, start, ok := readSlot(c.Value("slot"))
	if !ok {
		f := c.Faults()
		f.Add("slot", "field.slot")
		return s.showDeskTimes(c, d, f)
	}
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	res, err := s.Scheduling.PlaceHold(c.Ctx(), &schedulingv1.PlaceHoldRequest{
		BrowserId: browser, ServiceId: d.Service, PhysicianId: physician, Start: timestamppb.New(start),
		State: d.State, TimeZone: d.Zone, Address: c.Address(), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	if res.GetHold() == nil {
		return s.showDeskLost(c, d, res.GetLost(), res.GetNearest())
	}
	return c.See(bookPath(c, "/about"))
}

// showDeskLost says that the time is gone, and which are near.
func (s *Web) showDeskLost(c *Call, d draft, why string, nearest []*schedulingv1.Slot) error {
	page := book.Lost{
		Why: c.word(i18n.Key("desk.lost."), why, c.T("desk.lost.taken")), Base: bookPath(c, "/time"), Zone: c.L.ZoneName(d.Zone), Key: newKey(),
		Nearest: c.nearest(nearest, d),
	}
	switch why {
	case "coverage":
		page.Mend, page.MendHref = c.T("lost.to_pay"), bookPath(c, "/about#payment")
	case "consent":
		page.Mend, page.MendHref = c.T("lost.to_consent"), bookPath(c, "/check")
	}
	return c.Page(http.StatusConflict, book.LostView(page))
}

// deskHold reads what this browser holds for the patient of the path, with the
// answers if they are about this patient. Without a hold that can go on it
// answers the request itself and returns nil.
func (s *Web) deskHold(c *Call) (*schedulingv1.Hold, error) {
	browser, err := c.Browser()
	if err != nil {
		return nil, err
	}
	res, err := s.Scheduling.GetHold(c.Ctx(), &schedulingv1.GetHoldRequest{BrowserId: browser})
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return nil, err
	}
	h := res.GetHold()
	_, chosen := c.deskDraft()
	switch {
	case h.GetAppointmentId() != "" && !chosen: // the form was sent twice
		return nil, c.See(visitPath(c.R.PathValue("id"), h.GetAppointmentId()))
	case h == nil || !chosen || h.GetAppointmentId() != "":
		c.Tell(ui.Info, "desk.hold_none", "")
		return nil, c.See(bookPath(c, "/time"))
	case h.GetExpired() || h.GetExpiresAt().AsTime().Before(s.Clock.Now()):
		return nil, c.Show(desk.ExpiredView(desk.Expired{
			Action: bookPath(c, "/time"), When: c.when(h.GetSlot(), h.GetTimeZone()), Who: c.doctor(h.GetSlot()), Slot: slotValue(h.GetSlot()), Key: newKey(),
		}))
	}
	if h.GetAnswers().GetPatientId() != c.R.PathValue("id") {
		h.Answers = nil
	}
	return h, nil
}

// deskKept says which time is held.
func (c *Call) deskKept(h *schedulingv1.Hold) ui.KeptProps {
	k := c.kept(h)
	k.Again, k.Form = bookPath(c, "/time"), "page"
	return k
}

// payingFor lists how a visit can be paid: coverage on its day, or the price.
func (c *Call) payingFor(p *enrollmentv1.DeskPatient, h *schedulingv1.Hold, price int32) []ui.Option {
	day := h.GetSlot().GetStart().AsTime().In(location(h.GetTimeZone())).Format(time.DateOnly)
	var out []ui.Option
	for _, m := range p.GetMembers() {
		for _, v := range m.GetCoverages() {
			if paysForVisits(v.GetLine()) && v.GetFrom() <= day && (v.GetTo() == "" || day <= v.GetTo()) {
				out = append(out, ui.Option{Value: "coverage:" + v.GetCoverageId(), Label: m.GetPayerName(), Hint: c.T("about.coverage_hint", "plan", v.GetPlan())})
			}
		}
	}
	return append(out, ui.Option{Value: "self_pay", Label: c.T("about.self_pay"), Aside: c.L.Money(price)})
}
