package scheduling

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/once"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestOneHoldABrowser(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, e, p, q := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	p.hold(d, tomorrow)
	p.answer()
	second := p.hold(e, tomorrow.Add(2*time.Hour))
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'held'`); n != 1 {
		t.Fatalf("%d holds", n)
	}
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if got.GetHold().GetHoldId() != second.GetHoldId() || got.GetHold().GetAnswers().GetReason() == "" {
		t.Fatalf("the answers did not come along: %v", got)
	}
	q.hold(d, tomorrow) // free again

	// Losing an exchange leaves what was held.
	res, err := b.s.PlaceHold(t.Context(), p.wish(d, tomorrow))
	must(t, err)
	lost(t, res.GetLost(), LostTaken)
	if len(res.GetNearest()) != 3 {
		t.Fatalf("%d nearest", len(res.GetNearest()))
	}
	got, err = b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if got.GetHold().GetHoldId() != second.GetHoldId() || got.GetHold().GetExpired() {
		t.Fatalf("the hold before is gone: %v", got)
	}
	// Moving by a quarter of an hour overlaps one's own hold; that is no rival.
	p.hold(e, tomorrow.Add(2*time.Hour+15*time.Minute))
	// Choosing the same time again extends nothing.
	before, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	b.moveTo(monday.Add(5 * time.Minute))
	same := p.hold(e, tomorrow.Add(2*time.Hour+15*time.Minute))
	if same.GetHoldId() != before.GetHold().GetHoldId() || !proto.Equal(same.GetExpiresAt(), before.GetHold().GetExpiresAt()) {
		t.Fatalf("the hold changed: %v", same)
	}
}

func TestHoldsExpireByTheClock(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	p.hold(d, tomorrow)
	res, err := b.s.PlaceHold(t.Context(), q.wish(d, tomorrow))
	must(t, err)
	lost(t, res.GetLost(), LostTaken)

	b.moveTo(monday.Add(HoldFor + time.Second))
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if !got.GetHold().GetExpired() {
		t.Fatal("the hold did not expire")
	}
	q.hold(d, tomorrow) // no timer ran
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'expired'`); n != 1 {
		t.Fatalf("%d expired", n)
	}
	ext, err := b.s.ExtendHold(t.Context(), &schedulingv1.ExtendHoldRequest{BrowserId: p.browser})
	must(t, err)
	if !ext.GetHold().GetExpired() {
		t.Fatal("an expired hold came back to life")
	}
	b.moveTo(monday.Add(2*HoldFor + time.Minute))
	must(t, b.s.expireStale(t.Context()))
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'held'`); n != 0 {
		t.Fatalf("the timer left %d", n)
	}
}

func TestExtendTwiceAndRelease(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	req := &schedulingv1.ExtendHoldRequest{BrowserId: p.browser}
	_, err := b.s.ExtendHold(t.Context(), req)
	refused(t, err, errs.NotFound, "hold_missing")
	p.hold(d, tomorrow)
	for left := int32(1); left >= 0; left-- {
		b.moveTo(b.clock.Now().Add(9 * time.Minute))
		res, err := b.s.ExtendHold(t.Context(), req)
		must(t, err)
		if h := res.GetHold(); h.GetExtensionsLeft() != left || h.GetExpiresAt().AsTime().Before(b.clock.Now().Add(HoldFor-5*time.Second)) {
			t.Fatalf("got %v", h)
		}
	}
	_, err = b.s.ExtendHold(t.Context(), req)
	refused(t, err, errs.Precondition, "no_extension_left")
	for range 2 { // releasing twice is the same as once
		_, err = b.s.ReleaseHold(t.Context(), &schedulingv1.ReleaseHoldRequest{BrowserId: p.browser})
		must(t, err)
	}
	_, err = b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	refused(t, err, errs.NotFound, "hold_missing")
	b.addPatient("en").hold(d, tomorrow)
}

func TestHoldsAreCappedPerAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.s.d.HoldsPerAddress = 3
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	place := func(n int, address string) error {
		p := &someone{b: b, browser: b.key() + "-a-browser"}
		w := p.wish(d, tomorrow.Add(time.Duration(n)*time.Hour))
		w.Address = address
		_, err := b.s.PlaceHold(t.Context(), w)
		return err
	}
	for n := range 3 {
		// One subscriber's IPv6 network is one client.
		must(t, place(n, fmt.Sprintf("2001:db8:1:2::%x", n)))
	}
	err := place(3, "2001:db8:1:2:ffff::1")
	refused(t, err, errs.Throttled, "too_many_holds")
	if errs.RetryAfterOf(err) != HoldFor {
		t.Errorf("to wait %s", errs.RetryAfterOf(err))
	}
	must(t, place(3, "198.51.100.7"))
	b.moveTo(monday.Add(HoldFor + time.Minute))
	must(t, place(0, "2001:db8:1:2::9"))
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE position('198.51' in encode(address, 'escape')) > 0`); n != 0 {
		t.Fatal("addresses are kept in the clear")
	}
}

func TestRetriedHoldHasOneEffect(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	w := p.wish(d, tomorrow)
	first, err := b.s.PlaceHold(t.Context(), w)
	must(t, err)
	w.Address = "another network, the same phone"
	again, err := b.s.PlaceHold(t.Context(), w)
	must(t, err)
	if !proto.Equal(first, again) {
		t.Fatal("the repeat differs")
	}
	w.State = "NJ"
	_, err = b.s.PlaceHold(t.Context(), w)
	refused(t, err, errs.Conflict, once.ReasonReused)
}

func TestWhatCannotBeHeld(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	b.addRules("NJ", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	// Mondays 9:00 to 17:00 in New York.
	b.setWeek(d, &schedulingv1.WeeklyWindow{Weekday: 1, FromMinute: 540, ToMinute: 1020})
	nine := time.Date(2027, 3, 8, 14, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(w *schedulingv1.PlaceHoldRequest)
		want   string
	}{
		"offered":              {func(*schedulingv1.PlaceHoldRequest) {}, ""},
		"before work":          {at(nine.Add(-15 * time.Minute)), LostNotOffered},
		"last that ends":       {at(nine.Add(7*time.Hour + 30*time.Minute)), ""},
		"would end too late":   {at(nine.Add(7*time.Hour + 45*time.Minute)), LostNotOffered},
		"off the grid":         {at(nine.Add(5 * time.Minute)), LostNotOffered},
		"past":                 {at(monday.Add(-time.Hour)), LostTooLate},
		"within the lead":      {at(monday), LostTooLate},
		"beyond the horizon":   {at(nine.Add(63 * 24 * time.Hour)), LostNotOffered},
		"another specialty":    {func(w *schedulingv1.PlaceHoldRequest) { w.ServiceId = "mental_health" }, LostNotOffered},
		"no license there":     {func(w *schedulingv1.PlaceHoldRequest) { w.State = "NJ" }, LostLicense},
		"no rules there":       {func(w *schedulingv1.PlaceHoldRequest) { w.State = "WY" }, LostLicense},
		"an unknown physician": {func(w *schedulingv1.PlaceHoldRequest) { w.PhysicianId = p.patient.String() }, LostNotOffered},
	} {
		w := p.wish(d, nine)
		c.change(w)
		res, err := b.s.PlaceHold(t.Context(), w)
		must(t, err)
		if res.GetLost() != c.want {
			t.Errorf("%s: lost %q, want %q", name, res.GetLost(), c.want)
		}
	}
	_, err := b.s.PlaceHold(t.Context(), &schedulingv1.PlaceHoldRequest{BrowserId: p.browser, IdempotencyKey: b.key()})
	if fields := errs.FieldsOf(err); len(fields) != 4 {
		t.Fatalf("refused fields: %v", err)
	}
}

func at(start time.Time) func(*schedulingv1.PlaceHoldRequest) {
	return func(w *schedulingv1.PlaceHoldRequest) { w.Start = timestamppb.New(start) }
}

// Two browsers that want each other's times, over and over: whoever exchanges
// holds two times for a moment, which is how deadlocks are made.
func TestExchangingTimesNeverDeadlocks(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	doctors := []*doctor{b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")}
	var wg sync.WaitGroup
	failed := make(chan error, 8)
	for n := range 8 {
		p := &someone{b: b, browser: b.key() + "-a-browser"}
		wg.Go(func() {
			for i := range 25 {
				w := p.wish(doctors[(n+i)%2], tomorrow.Add(time.Duration((n*3+i)%4)*15*time.Minute))
				if _, err := b.s.PlaceHold(context.Background(), w); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
	if n := b.count(`SELECT count(*) FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0`); n != 0 {
		t.Fatal("there were deadlocks")
	}
}

func TestHoldChecksTheLicense(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	b.license(d, "NY", func(l *licensingv1.License) { l.Status = "suspended" })
	b.follow()
	res, err := b.s.PlaceHold(t.Context(), p.wish(d, tomorrow))
	must(t, err)
	lost(t, res.GetLost(), LostLicense)
}

// The browser's id alone shows a time, never what somebody typed about it, and
// reading that is on record.
func TestAnswersOfAHoldAreTheAccountsAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p, q := b.addDoctor("America/New_York", "NY"), b.addPatient("en"), b.addPatient("en")
	h := p.hold(d, tomorrow)
	p.answer()
	for name, ctx := range map[string]context.Context{"nobody": t.Context(), "another account": q.ctx()} {
		got, err := b.s.GetHold(ctx, &schedulingv1.GetHoldRequest{BrowserId: p.browser})
		must(t, err)
		if got.GetHold().GetAnswers() != nil {
			t.Errorf("%s reads the answers", name)
		}
	}
	_, err := b.s.Book(q.ctx(), &schedulingv1.BookRequest{BrowserId: p.browser, HoldId: h.GetHoldId(), ConsentId: q.consent, IdempotencyKey: b.key()})
	refused(t, err, errs.NotFound, "hold_missing")
	reads := `SELECT count(*) FROM audit.entries WHERE action = 'hold.read' AND patient_id IS NOT NULL`
	if n := b.count(reads); n != 0 {
		t.Errorf("%d reads of nothing recorded", n)
	}
	got, err := b.s.GetHold(p.ctx(), &schedulingv1.GetHoldRequest{BrowserId: p.browser})
	must(t, err)
	if got.GetHold().GetAnswers().GetReason() == "" || b.count(reads) != 1 {
		t.Errorf("own answers: %v, %d reads recorded", got.GetHold().GetAnswers() != nil, b.count(reads))
	}
}
