package scheduling

import (
	"context"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/scheduling/index"
)

// twin is a second process of the service beside the same database. There is
// no Redis between them, so that it never hears the first one's doorbell.
func (b *bundle) twin() *Service {
	b.t.Helper()
	d := b.s.d
	d.Bell = cache.NewBell(cache.New("", d.Log))
	s, err := New(d)
	must(b.t, err)
	return s
}

// offers says whether an index has a general visit in New York at a time.
func (b *bundle) offers(x *index.Index, d *doctor, at time.Time) bool {
	t, err := b.s.terms(b.t.Context(), b.s.d.DB.W.DB(), "general")
	must(b.t, err)
	q := b.s.query(t, "NY", filter{physician: d.id}, time.UTC)
	q.From, q.To = at, at.Add(time.Minute)
	return len(x.Find(q)) == 1
}

// With every doorbell lost, the other process hears of a booking and of its
// end by polling.
func TestIndexHearsWithoutDoorbells(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	other := b.twin()
	k, err := other.fillIndex(t.Context())
	must(t, err)
	must(t, k.follower.Start(t.Context()))
	t.Cleanup(func() { must(t, k.follower.Stop(context.Background())) })
	b.eventually("the other process has caught up", k.follower.CaughtUp)
	if !b.offers(other.ix, d, tomorrow) {
		t.Fatal("the time is not offered before it is booked")
	}
	a := p.booked(d, tomorrow)
	b.eventually("the other process knows of the booking", func() bool { return !b.offers(other.ix, d, tomorrow) })
	_, err = b.s.Cancel(p.ctx(), &schedulingv1.CancelRequest{AppointmentId: a.GetAppointmentId(), IdempotencyKey: b.key()})
	must(t, err)
	b.eventually("the other process knows of the end", func() bool { return b.offers(other.ix, d, tomorrow) })
}

// A batch of the feed gets lost. The next change of the same calendar shows the
// gap, and where none comes the sweep finds it.
func TestIndexRecoversFromALostBatch(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	other := b.twin()
	k, err := other.fillIndex(t.Context())
	must(t, err)
	round := func() { must(t, k.follower.Round(t.Context(), 0)) }
	sweep := func(want int) {
		t.Helper()
		n, err := k.sweep(t.Context())
		must(t, err)
		if n != want {
			t.Fatalf("the sweep mended %d calendars, want %d", n, want)
		}
	}
	sweep(0)
	p.booked(d, tomorrow)
	p.booked(e, tomorrow.Add(2*time.Hour))
	b.database.Exec(t, `DELETE FROM scheduling.feed WHERE topic = 'calendar'`)
	round()
	if !b.offers(other.ix, d, tomorrow) || !b.offers(other.ix, e, tomorrow.Add(2*time.Hour)) {
		t.Fatal("the batch was not lost: the test proves nothing")
	}
	p.booked(d, tomorrow.Add(4*time.Hour))
	round()
	if b.offers(other.ix, d, tomorrow) || b.offers(other.ix, d, tomorrow.Add(4*time.Hour)) {
		t.Fatal("the gap did not make the other process read again")
	}
	sweep(0) // what the feed may be about to bring
	if !b.offers(other.ix, e, tomorrow.Add(2*time.Hour)) {
		t.Fatal("mended before its time")
	}
	sweep(1)
	if b.offers(other.ix, e, tomorrow.Add(2*time.Hour)) {
		t.Fatal("the sweep has not mended the calendar")
	}
	sweep(0)
	// What comes later is applied as ever.
	p.booked(e, tomorrow.Add(6*time.Hour))
	round()
	if b.offers(other.ix, e, tomorrow.Add(6*time.Hour)) {
		t.Fatal("a booking after the sweep is not known")
	}
}
