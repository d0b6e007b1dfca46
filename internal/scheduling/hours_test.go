package scheduling

import (
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

// Of many who save upon the same version one wins; the others are told.
func TestHoursAreNotOverwrittenUnseen(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	own := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	read := func() *schedulingv1.GetAvailabilityResponse {
		res, err := b.s.GetAvailability(own, &schedulingv1.GetAvailabilityRequest{})
		must(t, err)
		return res
	}
	before := read()
	var mu sync.Mutex
	var all sync.WaitGroup
	saved, conflicts := 0, 0
	for n := range 6 {
		all.Go(func() {
			_, err := b.s.SetAvailability(own, &schedulingv1.SetAvailabilityRequest{
				PhysicianId: d.id.String(), Version: before.GetVersion(),
				Weekly: everyDay(&schedulingv1.WeeklyWindow{FromMinute: int32(60 * n), ToMinute: 1200}),
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				saved++
			case errs.ReasonOf(err) == "hours_changed" && errs.CodeOf(err) == errs.Conflict:
				conflicts++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if saved != 1 || conflicts != 5 {
		t.Fatalf("%d saved, %d were told", saved, conflicts)
	}
	now := read()
	if now.GetVersion() == before.GetVersion() {
		t.Fatal("other hours have the same version")
	}
	_, err := b.s.SetAvailability(own, &schedulingv1.SetAvailabilityRequest{
		PhysicianId: d.id.String(), Version: now.GetVersion(), Weekly: now.GetWeekly(), Exceptions: []*schedulingv1.DayException{{Date: "2027-03-09"}},
	})
	must(t, err)
	if read().GetVersion() == now.GetVersion() {
		t.Fatal("a day off makes no version")
	}
}

func TestPhysicianDayLooksAtOneVisit(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p, q := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	before := p.booked(d, monday.Add(time.Hour))
	p.booked(e, monday.Add(3*time.Hour)) // with somebody else
	mine, theirs := p.booked(d, tomorrow.Add(time.Hour)), q.booked(d, tomorrow)
	off := q.booked(d, tomorrow.Add(2*time.Hour))
	_, err := b.s.Cancel(q.ctx(), &schedulingv1.CancelRequest{AppointmentId: off.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	b.moveTo(tomorrow.Add(-time.Hour))
	own := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	day := func(chosen string) *schedulingv1.PhysicianDayResponse {
		res, err := b.s.PhysicianDay(own, &schedulingv1.PhysicianDayRequest{Chosen: chosen})
		must(t, err)
		return res
	}
	next := day("")
	if len(next.GetAppointments()) != 3 || next.GetChosen() != theirs.GetAppointmentId() || len(next.GetEarlier()) != 0 {
		t.Fatalf("got %v", next)
	}
	if last := next.GetAppointments()[2]; last.GetStatus() != "canceled" || last.GetAnswers() != nil || last.GetPatientName() == "" {
		t.Fatalf("the canceled one: %v", last)
	}
	res := day(mine.GetAppointmentId())
	if res.GetChosen() != mine.GetAppointmentId() || len(res.GetEarlier()) != 1 || res.GetEarlier()[0].GetAppointmentId() != before.GetAppointmentId() ||
		res.GetEarlier()[0].GetAnswers() != nil {
		t.Fatalf("chosen: %v", res)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.read' AND subject = '` + before.GetAppointmentId() + `'`); n != 1 {
		t.Errorf("%d reads of the earlier visit", n)
	}
	// Somebody else's visit cannot be looked at: the next one is.
	if res := day(e.id.String()); res.GetChosen() != theirs.GetAppointmentId() {
		t.Fatalf("got %v", res)
	}
}

func TestSearchByLanguageAndSpecialty(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	e := b.unseen("America/New_York", "NY")
	e.facts.Physician.Languages, e.facts.Physician.Specialties = []string{"en", "vi"}, []string{"207R00000X"}
	b.license(e, "NY", func(*licensingv1.License) {})
	b.follow()
	b.setWeek(e, &schedulingv1.WeeklyWindow{Weekday: 4, FromMinute: 540, ToMinute: 720})
	search := func(language, specialty string) *schedulingv1.SearchResponse {
		t.Helper()
		res, err := b.s.Search(t.Context(), &schedulingv1.SearchRequest{
			ServiceId: "general", State: "NY", TimeZone: "America/New_York", Language: language, Specialty: specialty,
		})
		must(t, err)
		for _, s := range append(res.GetSlots(), res.GetSoonest()...) {
			if want := map[string]string{"es": d.id.String(), "vi": e.id.String()}[language]; want != "" && s.GetPhysicianId() != want {
				t.Errorf("%s: offered %v", language, s)
			}
		}
		return res
	}
	check := func(from string) {
		t.Helper()
		if res := search("vi", ""); res.GetDay() != "2027-03-04" || len(res.GetSoonest()) != 3 {
			t.Errorf("%s: Vietnamese: %v", from, res)
		}
		if res := search("es", ""); res.GetDay() != "2027-03-01" {
			t.Errorf("%s: Spanish: %v", from, res)
		}
		if res := search("vi", "207Q00000X"); res.GetDay() != "" || res.GetNextDay() != "" || len(res.GetSoonest()) != 0 {
			t.Errorf("%s: nobody is both: %v", from, res)
		}
		if res := search("", "207R00000X"); res.GetDay() != "2027-03-04" {
			t.Errorf("%s: internal medicine: %v", from, res)
		}
	}
	check("SQL")
	b.withIndex()
	check("index")
	if res := search("vi", ""); len(res.GetPhysicians()) != 2 || res.GetFromSql() {
		t.Errorf("to choose from: %v", res.GetPhysicians())
	}
	for _, bad := range []*schedulingv1.SearchRequest{
		{ServiceId: "general", State: "NY", TimeZone: "UTC", Language: "'; --"}, {ServiceId: "general", State: "NY", TimeZone: "UTC", Specialty: "far too long a code"},
	} {
		if _, err := b.s.Search(t.Context(), bad); len(errs.FieldsOf(err)) != 1 {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
