package scheduling

import (
	"context"
	"sync"
	"testing"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

// A suspension arrives while many people book: each of them is either refused
// or found. The lock on (physician, state) leaves nothing in between.
func TestSuspensionAmongBookingsMissesNobody(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	type ready struct {
		p   *someone
		req *schedulingv1.BookRequest
	}
	var all []ready
	for n := range 40 {
		p := b.newPatient("en")
		h := p.hold(d, tomorrow.Add(time.Duration(n)*30*time.Minute))
		p.answer()
		all = append(all, ready{p, p.bookRequest(h)})
	}
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	var wg sync.WaitGroup
	var mu sync.Mutex
	booked, refusals := 0, 0
	through := make(chan struct{}, len(all))
	for worker := range 3 { // few enough that the change finds its turn
		wg.Go(func() {
			for n := worker; n < len(all); n += 3 {
				res, err := b.s.Book(all[n].p.ctx(), all[n].req)
				through <- struct{}{}
				mu.Lock()
				switch {
				case err != nil:
					t.Error(err)
				case res.GetAppointment() != nil:
					booked++
				case res.GetLost() == LostLicense:
					refusals++
				default:
					t.Errorf("lost for %q", res.GetLost())
				}
				mu.Unlock()
			}
		})
	}
	for range 5 {
		<-through
	}
	must(t, b.s.physicians.Round(t.Context(), 0))
	wg.Wait()
	if found := b.count(`SELECT count(*) FROM scheduling.affected WHERE resolved_at IS NULL`); found != booked {
		t.Errorf("%d booked, %d of them found", booked, found)
	}
	if booked < 5 || booked+refusals != len(all) {
		t.Errorf("%d booked, %d refused", booked, refusals)
	}
}

// One key, many at once: a nervous thumb makes one appointment.
func TestTheSameFormSentManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	h := p.hold(d, tomorrow)
	p.answer()
	req := p.bookRequest(h)
	ids := make(chan string, 8)
	var wg sync.WaitGroup
	for range cap(ids) {
		wg.Go(func() {
			res, err := b.s.Book(p.ctx(), req)
			if err != nil {
				t.Error(err)
			}
			ids <- res.GetAppointment().GetAppointmentId()
		})
	}
	wg.Wait()
	close(ids)
	first := <-ids
	for id := range ids {
		if id != first || id == "" {
			t.Fatalf("%q and %q", first, id)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.book'`); n != 1 {
		t.Fatalf("%d bookings in the audit trail", n)
	}
}

// Many holds of one browser at once: one is left.
func TestOneBrowserManyHoldsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			if _, err := b.s.PlaceHold(context.Background(), p.wish(d, tomorrow.Add(time.Duration(n)*time.Hour))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'held'`); n != 1 {
		t.Fatalf("%d holds", n)
	}
}

// The index begins anew and knows what happened meanwhile; while it is away,
// nothing stops.
func TestIndexComesBack(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.s.keepIndex(ctx) }()
	b.eventually("the index is ready", b.s.ix.Ready)
	all := len(b.search("NY", "America/New_York", d, "2027-03-02").GetSlots())
	cancel()
	must(t, <-done)
	p.booked(d, tomorrow)
	if res := b.search("NY", "America/New_York", d, "2027-03-02"); !res.GetFromSql() || len(res.GetSlots()) != all-3 {
		t.Fatalf("from SQL: %v, %d of %d", res.GetFromSql(), len(res.GetSlots()), all)
	}
	b.withIndex()
	if res := b.search("NY", "America/New_York", d, "2027-03-02"); res.GetFromSql() || len(res.GetSlots()) != all-3 {
		t.Fatalf("from the index: %d of %d", len(res.GetSlots()), all)
	}
	// Days go by; tomorrow's page is there.
	b.moveTo(monday.Add(5 * 24 * time.Hour))
	b.eventually("the index has turned its pages", func() bool {
		return len(b.search("NY", "America/New_York", d, "2027-05-04").GetSlots()) > 0
	})
	q.booked(d, monday.Add(6*24*time.Hour))
}
