package scheduling

import (
	"context"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

const (
	stripDays    = 7
	maxStripDays = 14
	soonestShown = 3
	maxCode      = 10 // NUCC codes have ten characters
)

// wanted is a search request that makes sense.
type wanted struct {
	terms  Terms
	state  string
	zone   *time.Location
	first  calendar.Date
	days   int
	day    calendar.Date // zero: the first with a free time
	filter filter
}

// Search lists free times with physicians licensed in a state. It returns
// errs.Invalid for fields that make no sense.
func (s *Service) Search(ctx context.Context, req *schedulingv1.SearchRequest) (*schedulingv1.SearchResponse, error) {
	w, err := s.readSearch(ctx, req)
	if err != nil {
		return nil, err
	}
	x, fromSQL, err := s.indexFor(ctx, w.terms, w.state, w.filter)
	if err != nil {
		return nil, err
	}
	res := &schedulingv1.SearchResponse{FromSql: fromSQL}
	if !fromSQL {
		// Before the index is read: what changes meanwhile belongs to the next tag.
		if res.Tag = s.tag(x); res.GetTag() == req.GetKnown() {
			res.Unchanged = true
			return res, nil
		}
	}
	res.Service = serviceMessage(w.terms)
	q := s.query(w.terms, w.state, w.filter, w.zone)
	for _, d := range x.Days(q, w.zone, w.first, w.days) {
		res.Days = append(res.Days, &schedulingv1.DayCount{Day: d.Day.String(), Free: int32(d.Free)}) //nolint:gosec // at most 96
		if w.day.IsZero() && d.Free > 0 {
			w.day = d.Day
		}
	}
	if w.day.IsZero() {
		res.NextDay = nextDay(x, q, w)
	} else {
		res.Day = w.day.String()
		res.Slots = slotsOf(w.terms, w.state, hitsOnDay(x, q, w.day, w.zone))
	}
	q.Limit = soonestShown
	res.Soonest = slotsOf(w.terms, w.state, x.Find(q))
	res.Physicians = s.choices(x, w)
	return res, nil
}

// nextDay is the first day after the strip with a free time, as its zone
// counts days.
func nextDay(x *index.Index, q index.Query, w wanted) string {
	q.From = calendar.DayRange(w.first.AddDays(w.days-1), w.zone).To
	q.Limit = 1
	hits := x.Find(q)
	if len(hits) == 0 {
		return ""
	}
	return calendar.DateOf(hits[0].Start, w.zone).String()
}

// choices are all physicians that could be picked, whichever is picked now.
func (s *Service) choices(x *index.Index, w wanted) []*schedulingv1.PhysicianChoice {
	var out []*schedulingv1.PhysicianChoice
	for _, c := range x.Eligible(s.query(w.terms, w.state, filter{}, w.zone)) {
		p, ok := c.Data.(*profile)
		if !ok { // taken time is known before the physician is
			continue
		}
		out = append(out, &schedulingv1.PhysicianChoice{
			PhysicianId: p.id.String(), Name: p.name, Specialty: specialtyFor(p.specialties, w.terms), Languages: p.languages,
			Specialties: p.specialties,
		})
	}
	return out
}

func slotsOf(t Terms, state string, hits []index.Hit) []*schedulingv1.Slot {
	out := make([]*schedulingv1.Slot, 0, len(hits))
	for _, h := range hits {
		if p, ok := h.Data.(*profile); ok {
			out = append(out, p.slot(t, state, t.Visit(h.Start)))
		}
	}
	return out
}

func (s *Service) readSearch(ctx context.Context, req *schedulingv1.SearchRequest) (wanted, error) {
	var bad []errs.Field
	refuse := func(field, reason string) { bad = append(bad, errs.Field{Name: field, Reason: reason}) }
	w := wanted{state: req.GetState(), days: int(req.GetDays())}
	if !isState(w.state) {
		refuse("state", "unknown")
	}
	var err error
	if w.zone, err = calendar.LoadZone(req.GetTimeZone()); err != nil {
		refuse("time_zone", "unknown")
		w.zone = time.UTC
	}
	if req.GetPhysicianId() != "" {
		if w.filter.physician, err = ids.Parse[ids.PhysicianID](req.GetPhysicianId()); err != nil {
			refuse("physician_id", "malformed")
		}
	}
	if w.filter.language = req.GetLanguage(); w.filter.language != "" && !languageTag.MatchString(w.filter.language) {
		refuse("language", "malformed")
	}
	if w.filter.specialty = req.GetSpecialty(); len(w.filter.specialty) > maxCode {
		refuse("specialty", "malformed")
	}
	if w.days == 0 {
		w.days = stripDays
	}
	if w.days < 1 || w.days > maxStripDays {
		refuse("days", "out_of_range")
	}
	if w.first, err = dayOr(req.GetFirstDay(), calendar.DateOf(s.d.Clock.Now(), w.zone)); err != nil {
		refuse("first_day", "malformed")
	}
	if w.day, err = dayOr(req.GetDay(), calendar.Date{}); err != nil {
		refuse("day", "malformed")
	}
	if len(bad) > 0 {
		return wanted{}, errs.InvalidFields(bad...)
	}
	w.terms, err = s.terms(ctx, s.d.DB.R.DB(ctx), req.GetServiceId())
	return w, err
}

// dayOr reads YYYY-MM-DD; an empty one is the other day.
func dayOr(day string, other calendar.Date) (calendar.Date, error) {
	if day == "" {
		return other, nil
	}
	return calendar.ParseDate(day)
}

// isState says whether s has the shape of a USPS code; whether anybody may
// practice there is for the rules to say.
func isState(s string) bool {
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	return len(s) == 2 && upper(s[0]) && upper(s[1])
}

// ListServices lists what can be booked.
func (s *Service) ListServices(ctx context.Context, _ *schedulingv1.ListServicesRequest) (*schedulingv1.ListServicesResponse, error) {
	all, err := s.services(ctx, s.d.DB.R.DB(ctx))
	if err != nil {
		return nil, err
	}
	res := &schedulingv1.ListServicesResponse{}
	for _, t := range all {
		res.Services = append(res.Services, serviceMessage(t))
	}
	return res, nil
}
