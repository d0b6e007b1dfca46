package index_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

func physician(n byte) ids.PhysicianID {
	var id ids.PhysicianID
	id.UUID[0] = n
	return id
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02 15:04Z07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

// span is "2026-11-24 10:00Z/11:30" in UTC.
func span(t testing.TB, s string) calendar.Range {
	t.Helper()
	from := at(t, s[:17])
	to := at(t, s[:11]+s[18:]+"Z")
	return calendar.Range{From: from, To: to}
}

// anywhere is a license in two states without end.
func anywhere() map[string][]index.DateRange {
	return map[string][]index.DateRange{"AZ": {{}}, "NY": {{}}}
}

func starts(hits []index.Hit) string {
	var words []string
	for _, h := range hits {
		words = append(words, fmt.Sprintf("%s:%d", h.Start.Format("15:04"), h.Physician.UUID[0]))
	}
	return strings.Join(words, " ")
}

// newIndex is an index on the morning of 2026-11-24 in UTC.
func newIndex(t testing.TB) (*index.Index, index.Query) {
	t.Helper()
	now := at(t, "2026-11-24 06:00Z")
	x := index.New(index.Options{})
	x.Advance(now)
	return x, index.Query{State: "NY", Now: now, Service: index.ServiceShape{Minutes: 30}}
}

func TestBuffersLeadAndAlignment(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	x.SetPhysician(physician(1), index.Physician{
		Open: []calendar.Range{span(t, "2026-11-24 10:00Z/12:00")}, May: anywhere(), Data: "Dr. One",
	})
	x.Take(physician(1), span(t, "2026-11-24 11:00Z/11:10"))
	q.Service.Align = 10
	check := func(why, want string) {
		t.Helper()
		if got := starts(x.Find(q)); got != want {
			t.Errorf("%s: got %s, want %s", why, got, want)
		}
	}
	check("plain", "10:00:1 10:10:1 10:20:1 10:30:1 11:10:1 11:20:1 11:30:1")
	q.Service.BufferBefore, q.Service.BufferAfter = 10, 5
	check("buffers keep clear of taken time, not of closed time", "10:00:1 10:10:1 10:20:1 11:20:1 11:30:1")
	q.Service.LeadMinutes = 4*60 + 11
	check("lead", "10:20:1 11:20:1 11:30:1")
	q.To = at(t, "2026-11-24 11:30Z")
	check("to is excluded", "10:20:1 11:20:1")
	q.Limit = 1
	check("limit", "10:20:1")
	if hits := x.Find(q); hits[0].Data != "Dr. One" {
		t.Errorf("data is %v", hits[0].Data)
	}
}

func TestLightestDayIsOffered(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	open := []calendar.Range{span(t, "2026-11-24 05:00Z/10:00")}
	for n := byte(1); n <= 3; n++ {
		x.SetPhysician(physician(n), index.Physician{Open: open, May: anywhere()})
	}
	q.From, q.To = at(t, "2026-11-24 09:00Z"), at(t, "2026-11-24 10:00Z")
	check := func(why, want string) {
		t.Helper()
		if got := starts(x.Find(q)); got != want {
			t.Errorf("%s: got %s, want %s", why, got, want)
		}
	}
	check("equal: lowest id", "09:00:1 09:15:1 09:30:1")
	x.Take(physician(1), span(t, "2026-11-24 01:00Z/02:00"))
	check("what was before now counts", "09:00:2 09:15:2 09:30:2")
	x.Take(physician(2), span(t, "2026-11-24 09:45Z/10:00"))
	x.Take(physician(3), span(t, "2026-11-24 20:00Z/20:05"))
	check("each start goes to the lightest who has it", "09:00:3 09:15:3 09:30:3")
	x.Take(physician(3), span(t, "2026-11-24 09:00Z/09:15"))
	check("three, two, one", "09:00:2 09:15:2 09:30:3")
	q.Zone = zone(t, "America/New_York") // there 01:00Z is the day before
	check("the patient's day", "09:00:1 09:15:1 09:30:1")
}

func TestTakeAndFree(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	id := physician(1)
	// What is taken may be known before the physician is.
	x.Take(id, span(t, "2026-11-24 10:00Z/10:18"))
	x.SetPhysician(id, index.Physician{Open: []calendar.Range{span(t, "2026-11-24 10:00Z/11:00")}, May: anywhere()})
	q.Service.Align, q.Service.Minutes = 5, 20
	check := func(why, want string) {
		t.Helper()
		if got := starts(x.Find(q)); got != want {
			t.Errorf("%s: got %s, want %s", why, got, want)
		}
	}
	check("rounded outward", "10:20:1 10:25:1 10:30:1 10:35:1 10:40:1")
	x.Take(id, span(t, "2026-11-24 10:18Z/10:38"))
	x.Take(id, span(t, "2026-11-24 10:18Z/10:38"))
	check("taken twice", "10:40:1")
	x.Free(id, span(t, "2026-11-24 10:00Z/10:18"))
	check("the step that both touch stays taken", "10:40:1")
	x.Free(id, span(t, "2026-11-24 10:18Z/10:37"))
	x.Free(physician(9), span(t, "2026-11-24 10:18Z/10:38"))
	check("only exactly what was taken is freed", "10:40:1")
	x.Free(id, span(t, "2026-11-24 10:18Z/10:38"))
	x.Take(id, span(t, "2026-11-24 08:00Z/10:18"))
	x.Take(id, span(t, "2026-11-24 10:15Z/10:38"))
	x.Free(id, span(t, "2026-11-24 10:15Z/10:38"))
	check("nor is what a longer one took that began before", "10:20:1 10:25:1 10:30:1 10:35:1 10:40:1")
	x.Free(id, span(t, "2026-11-24 08:00Z/10:18"))
	x.Take(id, calendar.Range{From: q.Now, To: q.Now})
	check("all free", "10:00:1 10:05:1 10:10:1 10:15:1 10:20:1 10:25:1 10:30:1 10:35:1 10:40:1")
	x.SetPhysician(id, index.Physician{May: anywhere()})
	check("closed", "")
	x.Reset(id, []calendar.Range{span(t, "2026-11-24 10:00Z/11:00")}, []calendar.Range{span(t, "2026-11-24 10:00Z/10:35")})
	check("reset", "10:35:1 10:40:1")
	x.Remove(id)
	x.Remove(id)
	check("removed", "")
	if s := x.Stats(); s.Physicians != 0 || s.Taken != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestLicenseDatesAreThePatients(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	// Open from 04:00 to 06:00 UTC on the 25th: 23:00 to 01:00 in New York, 21:00
	// to 23:00 in Phoenix, on the 24th.
	open := []calendar.Range{span(t, "2026-11-25 04:00Z/06:00")}
	last := []index.DateRange{{To: date(t, "2026-11-24")}}
	next := []index.DateRange{{From: date(t, "2026-11-25")}}
	x.SetPhysician(physician(1), index.Physician{Open: open, May: map[string][]index.DateRange{"NY": last, "AZ": last}})
	x.SetPhysician(physician(2), index.Physician{Open: open, May: map[string][]index.DateRange{"NY": next, "AZ": next}})
	for _, c := range []struct{ state, zone, want string }{
		// From 23:31 on a visit touches both dates, and nobody may see it through.
		{"NY", "America/New_York", "04:00:1 04:15:1 04:30:1 05:00:2 05:15:2 05:30:2"},
		{"AZ", "America/Phoenix", "04:00:1 04:15:1 04:30:1 04:45:1 05:00:1 05:15:1 05:30:1"},
		{"CA", "America/Los_Angeles", ""},
		{"", "America/New_York", ""},
	} {
		q.State, q.Zone = c.state, zone(t, c.zone)
		if got := starts(x.Find(q)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.state, got, c.want)
		}
	}
	q.State = "NY"
	if got := x.Eligible(q); len(got) != 2 || got[0].Physician != physician(1) {
		t.Errorf("eligible: %v", got)
	}
	q.From, q.Zone = at(t, "2026-11-26 00:00Z"), time.UTC
	if got := x.Eligible(q); len(got) != 1 || got[0].Physician != physician(2) {
		t.Errorf("eligible from the 26th: %v", got)
	}
}

func TestDailyMaximumCountsThePhysiciansDay(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	x.SetPhysician(physician(1), index.Physician{
		Zone: zone(t, "America/Anchorage"), May: anywhere(), // midnight is 09:00 UTC
		Open: []calendar.Range{span(t, "2026-11-25 08:00Z/10:00")},
	})
	x.Take(physician(1), span(t, "2026-11-24 22:00Z/22:30"))
	x.Take(physician(1), span(t, "2026-11-25 09:00Z/09:10"))
	q.Service.DailyMax, q.Service.BufferBefore = 2, 5
	if got := starts(x.Find(q)); got != "08:00:1 08:15:1 08:30:1 09:15:1 09:30:1" {
		t.Errorf("two a day: %s", got)
	}
	x.Take(physician(1), span(t, "2026-11-24 21:00Z/21:30"))
	if got := starts(x.Find(q)); got != "09:15:1 09:30:1" {
		t.Errorf("the 24th is full: %s", got)
	}
}

func TestDaysAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, now, first string
		want             string
	}{
		{"America/New_York", "2026-10-30 12:00Z", "2026-10-31", "96 100 96"},
		{"America/New_York", "2027-03-12 12:00Z", "2027-03-13", "96 92 96"},
		{"America/Shiprock", "2027-03-12 12:00Z", "2027-03-13", "96 92 96"},
		{"America/Anchorage", "2026-10-30 12:00Z", "2026-10-31", "96 100 96"},
		{"America/Phoenix", "2027-03-12 12:00Z", "2027-03-13", "96 96 96"},
	} {
		x := index.New(index.Options{})
		x.Advance(at(t, c.now))
		x.SetPhysician(physician(1), index.Physician{Open: []calendar.Range{x.Window()}, May: anywhere()})
		q := index.Query{State: "AZ", Now: at(t, c.now), Service: index.ServiceShape{Minutes: 15}}
		var got []string
		for _, d := range x.Days(q, zone(t, c.zone), date(t, c.first), 3) {
			got = append(got, fmt.Sprint(d.Free))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s from %s: %s, want %s", c.zone, c.first, s, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	x.SetPhysician(physician(1), index.Physician{May: anywhere(), Open: []calendar.Range{
		span(t, "2026-11-24 10:00Z/10:45"), span(t, "2026-12-24 11:00Z/11:30"),
	}})
	if got := starts(x.Nearest(q, at(t, "2026-11-24 10:15Z"), 2)); got != "10:15:1 10:00:1" {
		t.Errorf("two: %s", got)
	}
	if got := starts(x.Nearest(q, at(t, "2026-11-24 10:00Z"), 3)); got != "10:00:1 10:15:1 11:00:1" {
		t.Errorf("three, one a month away: %s", got)
	}
	if got := x.Nearest(q, q.Now, 0); got != nil {
		t.Errorf("none: %v", got)
	}
}

func TestAdvanceMakesRoom(t *testing.T) {
	t.Parallel()
	x := index.New(index.Options{Horizon: 60})
	now := at(t, "2026-11-24 23:50Z")
	q := index.Query{State: "NY", Now: now, Service: index.ServiceShape{Minutes: 30}}
	p := index.Physician{Open: []calendar.Range{{From: now, To: now.Add(1000 * time.Hour)}}, May: anywhere()}
	x.SetPhysician(physician(1), p)
	if got := x.Find(q); got != nil || x.Window().Duration() != 0 {
		t.Errorf("before the first Advance: %v in %v", got, x.Window())
	}
	if room := x.Advance(now); room != x.Window() || room.From != at(t, "2026-11-23 00:00Z") || room.To.Before(now.Add(60*24*time.Hour)) {
		t.Errorf("the first Advance makes room for %v", room)
	}
	if room := x.Advance(now.Add(time.Minute)); !room.Empty() {
		t.Errorf("the same day makes room for %v", room)
	}
	if room := x.Advance(now.Add(-1000 * time.Hour)); !room.Empty() {
		t.Errorf("backwards makes room for %v", room)
	}
	end := x.Window().To
	late := calendar.Range{From: end.Add(time.Hour), To: end.Add(2 * time.Hour)}
	x.Take(physician(1), late) // beyond the ring, remembered
	room := x.Advance(now.Add(time.Hour))
	if room.From != end || room.Duration() != 24*time.Hour {
		t.Errorf("the next day makes room for %v", room)
	}
	x.AddOpen(physician(1), []calendar.Range{{From: late.From.Add(-time.Hour), To: late.To}})
	q.Now = now.Add(72 * time.Hour)
	x.Advance(q.Now)
	if got := starts(x.Find(q)); got != "00:00:1 00:15:1 00:30:1" {
		t.Errorf("found %s", got)
	}
	x.Advance(q.Now.Add(60 * 24 * time.Hour))
	if s := x.Stats(); s.Taken != 1 {
		t.Errorf("%d taken while it is not past", s.Taken)
	}
	x.Advance(q.Now.Add(70 * 24 * time.Hour))
	if s := x.Stats(); s.Taken != 0 {
		t.Errorf("%d taken of the past are kept", s.Taken)
	}
}

func TestBadShapesFindNothing(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	x.SetPhysician(physician(1), index.Physician{Open: []calendar.Range{x.Window()}, May: anywhere()})
	for _, s := range []index.ServiceShape{
		{}, {Minutes: -5}, {Minutes: 13 * 60}, {Minutes: 5, BufferBefore: -1},
		{Minutes: 5, BufferAfter: 13 * 60}, {Minutes: 5, Specialties: []string{"none"}},
	} {
		q.Service = s
		if got := x.Find(q); got != nil {
			t.Errorf("%+v found %d", s, len(got))
		}
	}
}

func TestMoreWindowsThanAreKept(t *testing.T) {
	t.Parallel()
	x, q := newIndex(t)
	x.SetPhysician(physician(1), index.Physician{Open: []calendar.Range{span(t, "2026-11-24 10:00Z/20:00")}, May: anywhere()})
	for range 2 {
		for n := 1; n <= 100; n++ {
			q.Service.Minutes, q.Service.Align = 5*n, 5
			if got := len(x.Find(q)); got != 121-n {
				t.Fatalf("%d minutes fit %d times", q.Service.Minutes, got)
			}
		}
	}
	s := x.Stats()
	if s.Windows != 32 || s.Physicians != 1 || s.Bytes < 34*8*288 || s.Version == 0 {
		t.Errorf("stats %+v", s)
	}
	if x.Ready() {
		t.Error("ready before anybody said so")
	}
	if x.SetReady(true); !x.Ready() {
		t.Error("not ready")
	}
}
