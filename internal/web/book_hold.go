package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// bookTimeSent keeps the chosen time for this browser.
func (s *Web) bookTimeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	d, ok := c.draft()
	if !ok {
		return c.See("/book")
	}
	physician, start, ok := readSlot(c.Value("slot"))
	if !ok {
		f := c.Faults()
		f.Add("slot", "field.slot")
		return s.showTimes(c, d, f, "")
	}
	return s.placeHold(c, d, physician, start, false)
}

func (s *Web) placeHold(c *Call, d draft, physician string, start time.Time, answered bool) error {
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
		return s.showLost(c, d, res.GetLost(), res.GetNearest(), answered || s.answered(c, browser))
	}
	return c.See(s.afterHold(c, browser))
}

// answered says whether the browser's hold has answers that a next one gets. It
// is for a kind word only, so that not knowing is no.
func (s *Web) answered(c *Call, browser string) bool {
	res, err := s.Scheduling.GetHold(c.Ctx(), &schedulingv1.GetHoldRequest{BrowserId: browser})
	return err == nil && res.GetHold().GetAnswers().GetReason() != ""
}

// afterHold is the next page with something to do.
func (s *Web) afterHold(c *Call, browser string) string {
	switch {
	case c.Who.Anonymous():
		return "/book/sign-in"
	case !s.answered(c, browser):
		return "/book/about"
	}
	return "/book/check"
}

// showLost says that somebody was quicker and offers the nearest times. What
// was typed stays with the hold and comes back with the next one.
func (s *Web) showLost(c *Call, d draft, why string, nearest []*schedulingv1.Slot, answered bool) error {
	page := book.Lost{
		Why: c.T("lost.taken"), Base: bookTimePath, Zone: c.L.ZoneName(d.Zone), Key: newKey(), Answered: answered,
	}
	if key := i18n.Key("lost." + why); c.L.Has(key) {
		page.Why = c.T(key)
	}
	switch why {
	case "coverage":
		page.Mend, page.MendHref = c.T("lost.to_pay"), "/book/about#payment"
	case "consent":
		page.Mend, page.MendHref = c.T("lost.to_consent"), "/book/check#consent"
	}
	page.Nearest = c.nearest(nearest, d)
	return c.Page(http.StatusConflict, book.LostView(page))
}

// nearest are the times that are offered to whoever lost one. They come by
// their distance; people read them as a day runs.
func (c *Call) nearest(slots []*schedulingv1.Slot, d draft) []ui.SlotChoice {
	slices.SortStableFunc(slots, func(a, b *schedulingv1.Slot) int { return a.GetStart().AsTime().Compare(b.GetStart().AsTime()) })
	var out []ui.SlotChoice
	for _, v := range slots {
		one := c.datedChoice(v, location(d.Zone))
		one.More = c.license(v, d.State)
		out = append(out, one)
	}
	return out
}

// hold reads what this browser holds. Without a hold that can go on it answers
// the request itself and returns nil.
func (s *Web) hold(c *Call) (*schedulingv1.Hold, error) {
	browser, err := c.Browser()
	if err != nil {
		return nil, err
	}
	res, err := s.Scheduling.GetHold(c.Ctx(), &schedulingv1.GetHoldRequest{BrowserId: browser})
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return nil, err
	}
	h := res.GetHold()
	switch {
	case h == nil:
		c.Tell(ui.Info, "hold.none", "")
		return nil, c.See("/book/time")
	case h.GetAppointmentId() != "":
		return nil, c.See("/appointments/" + h.GetAppointmentId())
	case h.GetExpired() || h.GetExpiresAt().AsTime().Before(s.Clock.Now()):
		return nil, c.Show(book.ExpiredView(book.Expired{
			When: c.when(h.GetSlot(), h.GetTimeZone()), Who: c.doctor(h.GetSlot()), Slot: slotValue(h.GetSlot()), Key: newKey(),
		}))
	}
	return h, nil
}

// bookAgain tries to keep the same time once more.
func (s *Web) bookAgain(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	res, err := s.Scheduling.GetHold(c.Ctx(), &schedulingv1.GetHoldRequest{BrowserId: browser})
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return err
	}
	physician, start, ok := readSlot(c.Value("slot"))
	h := res.GetHold()
	if !ok || h == nil {
		return c.See("/book/time")
	}
	d := draft{Service: h.GetServiceId(), State: h.GetState(), Zone: h.GetTimeZone()}
	return s.placeHold(c, d, physician, start, h.GetAnswers().GetReason() != "")
}

// extend gives ten more minutes if the form asked for it; the page is then
// shown again with what was typed.
func (s *Web) extend(c *Call, h *schedulingv1.Hold) (*schedulingv1.Hold, bool, error) {
	if c.Value("extend") == "" {
		return h, false, nil
	}
	browser, err := c.Browser()
	if err != nil {
		return h, false, err
	}
	res, err := s.Scheduling.ExtendHold(c.Ctx(), &schedulingv1.ExtendHoldRequest{BrowserId: browser})
	if errs.CodeOf(err) == errs.Precondition {
		return h, true, nil
	}
	if err != nil {
		return h, false, err
	}
	return res.GetHold(), true, nil
}

// kept says which time is held and for how long.
func (c *Call) kept(h *schedulingv1.Hold) ui.KeptProps {
	left := int(h.GetExpiresAt().AsTime().Sub(c.web.Clock.Now()).Seconds())
	return ui.KeptProps{
		What: c.when(h.GetSlot(), h.GetTimeZone()), Who: c.doctor(h.GetSlot()),
		Left: max(left, 0), CanExtend: h.GetExtensionsLeft() > 0, Again: "/book/time",
	}
}

// when is a slot's day and time in words.
func (c *Call) when(v *schedulingv1.Slot, zone string) string {
	return upperFirst(c.L.DayTime(v.GetStart().AsTime().In(location(zone))))
}

// sortOptions puts choices in the order of their labels, accents aside.
func sortOptions(list []ui.Option) {
	plain := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "nz")
	order := make(map[string]string, len(list))
	for _, o := range list {
		order[o.Label] = plain.Replace(strings.ToLower(o.Label))
	}
	slices.SortStableFunc(list, func(a, b ui.Option) int { return strings.Compare(order[a.Label], order[b.Label]) })
}

func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return ui.Initials(words[0], words[len(words)-1])
}
