package scheduling

import (
	"testing"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

// search finds the free times of one day with one physician.
func (b *bundle) search(state, zone string, d *doctor, day string) *schedulingv1.SearchResponse {
	b.t.Helper()
	res, err := b.s.Search(b.t.Context(), &schedulingv1.SearchRequest{
		ServiceId: "general", State: state, TimeZone: zone, PhysicianId: d.id.String(), FirstDay: day, Day: day,
	})
	must(b.t, err)
	return res
}

func TestLicenseAtSearchAndAtBooking(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(l *licensingv1.License){
		"expired":       func(l *licensingv1.License) { l.ValidTo = "2027-02-28" },
		"expired then":  func(l *licensingv1.License) { l.ValidTo = "2027-03-01" }, // good today, not on the day
		"not yet valid": func(l *licensingv1.License) { l.ValidFrom = "2027-03-03" },
		"suspended":     func(l *licensingv1.License) { l.Status = "suspended" },
		"wrong state":   func(l *licensingv1.License) { l.State = "NJ" },
		"unconfirmed":   func(l *licensingv1.License) { l.NeedsConfirmation = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, monday)
			b.addRules("NY", "America/New_York")
			b.addRules("NJ", "America/New_York")
			d, other, p := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en")
			b.withIndex()
			if res := b.search("NY", "America/New_York", d, "2027-03-02"); len(res.GetSlots()) == 0 || res.GetFromSql() {
				t.Fatalf("nothing is free before the change: %v", res)
			}
			h := p.hold(d, tomorrow)
			p.answer()

			// Between search and booking.
			b.license(d, "NY", change)
			b.follow()
			res := p.book(h)
			lost(t, res.GetLost(), LostLicense)
			for _, s := range res.GetNearest() {
				if s.GetPhysicianId() == d.id.String() {
					t.Fatal("a time is offered with the same physician")
				}
			}
			b.eventually("search has heard of it", func() bool {
				return len(b.search("NY", "America/New_York", d, "2027-03-02").GetSlots()) == 0
			})
			if res := b.search("NY", "America/New_York", other, "2027-03-02"); len(res.GetSlots()) == 0 {
				t.Fatal("nobody else is offered")
			}
			b.s.ix.SetReady(false) // and so has SQL
			if res := b.search("NY", "America/New_York", d, "2027-03-02"); len(res.GetSlots()) != 0 || !res.GetFromSql() {
				t.Fatalf("SQL offers it: %v", res)
			}
		})
	}
}

func TestSuspensionFindsAppointments(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	other := b.addDoctor("America/New_York", "NY")
	p.booked(d, tomorrow)
	p.booked(other, tomorrow.Add(time.Hour))
	q.booked(d, tomorrow.Add(time.Hour))
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	b.follow()
	for sql, want := range map[string]int{
		`SELECT count(*) FROM scheduling.affected WHERE reason = 'license_suspended' AND resolved_at IS NULL`: 2,
		`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`:                                3,
		`SELECT count(*) FROM audit.entries WHERE action = 'appointment.affected'`:                            2,
	} {
		if got := b.count(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	// The license comes back.
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "active" })
	b.follow()
	if n := b.count(`SELECT count(*) FROM scheduling.affected WHERE resolved_at IS NULL`); n != 0 {
		t.Fatalf("%d are still affected", n)
	}
	// The state's rules go: whoever is booked there is found as well.
	b.addRules("NY", "Pacific/Honolulu")
	b.license(d, "NY", func(l *licensingv1.License) { l.ValidTo = "2027-03-01" })
	b.follow()
	if n := b.count(`SELECT count(*) FROM scheduling.affected WHERE resolved_at IS NULL`); n != 2 {
		t.Fatalf("%d are affected by an earlier end", n)
	}
}

func TestUnreadableFactsChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	b.license(d, "NY", func(l *licensingv1.License) { l.ValidTo = "someday" })
	b.rules.publish("NY", &licensingv1.StateRules{State: "NY", Yaml: []byte("state: [")})
	b.follow()
	p.booked(d, tomorrow)
}
